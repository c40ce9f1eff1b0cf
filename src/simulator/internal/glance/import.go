package glance

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

const webDownload = "web-download"

// startImport accepts the import of an image from a URL, which a task does later.
func (g *Service) startImport(c *api.Call) (api.Answer, error) {
	var body struct {
		Method struct {
			Name string `json:"name"`
			URI  string `json:"uri"`
		} `json:"method"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if name := body.Method.Name; !slices.Contains(g.world.Options.ImportMethods, name) {
		return api.Answer{}, g.refuse(c, http.StatusBadRequest, "Unknown import method name '%s'.", name)
	} else if name != webDownload {
		c.Violate("the import method " + name + " is not simulated")
	}
	img, err := g.mayImport(c)
	if err != nil {
		return api.Answer{}, err
	}
	if source, err := url.Parse(body.Method.URI); err != nil || source.Scheme != "http" && source.Scheme != "https" || source.Host == "" {
		return api.Answer{}, g.refuse(c, http.StatusBadRequest, "URI for web-download does not pass filtering: %s", body.Method.URI)
	}
	g.scheduleImport(img, body.Method.URI)
	a, err := api.Reply(http.StatusAccepted, nil)
	return a.WithHeader("Content-Type", "text/html; charset=UTF-8"), err
}

// mayImport returns the image of the path if it can be imported.
func (g *Service) mayImport(c *api.Call) (*Image, error) {
	img, err := g.wanted(c, noImage)
	switch {
	case err != nil:
		return nil, err
	case img.Status == "active":
		return nil, g.refuse(c, http.StatusConflict, "Image with status active cannot be target for import")
	case img.Status != "queued":
		return nil, g.refuse(c, http.StatusConflict, "Image needs to be in 'queued' state to use '%s' method", webDownload)
	case img.containerFormat == nil:
		return nil, g.refuse(c, http.StatusConflict, "'container_format' needs to be set before import")
	case img.diskFormat == nil:
		return nil, g.refuse(c, http.StatusConflict, "'disk_format' needs to be set before import")
	case img.owner != c.Project && !c.Admin:
		return nil, g.refuse(c, http.StatusForbidden, "You are not authorized to complete modify_image action.")
	case img.importTask != "":
		return nil, g.refuse(c, http.StatusConflict, "New operation on image '%s' is not permitted as prior operation is still in progress", img.ID)
	}
	return img, nil
}

// scheduleImport begins the import within a second, and ends it. After a failure
// the image is queued again.
func (g *Service) scheduleImport(img *Image, from string) {
	task := g.world.NewID()
	img.importTask = task
	unlessDeleted := func(change func()) func() {
		return func() {
			if slices.Contains(g.images, img) && img.importTask == task {
				change()
				img.updated = g.world.Now()
			}
		}
	}
	end := func(status string) { img.Status, img.importTask = status, "" }
	latency := g.world.Options.Latencies.ImageImport
	g.world.AfterOrNow(min(latency/10, time.Second), unlessDeleted(func() { img.Status, img.imported = "importing", true }))
	g.world.Progress("image", "import", "", latency, unlessDeleted(func() {
		if g.download(img, from) != nil {
			end("queued")
			return
		}
		end("active")
	}), func(string) { unlessDeleted(func() { end("queued") })() })
}

// download gives the image the data at the URL, converted if the cloud does that.
func (g *Service) download(img *Image, from string) error {
	body, err := g.world.Options.Download(from)
	if err != nil {
		return err
	}
	data := newDigest()
	if limit := g.world.Quota("image_bytes"); limit >= 0 {
		data.limit = int64(limit) - g.storedBytes(img.owner)
	}
	_, err = io.Copy(data, body)
	if err = errors.Join(err, body.Close()); err != nil {
		return err
	}
	if format := g.world.Options.ConvertImages; format != "" && *img.diskFormat != format {
		img.diskFormat = &format
		data = newDigest()
		_, err = io.WriteString(data, "converted to "+format)
	}
	img.fill(data)
	return err
}
