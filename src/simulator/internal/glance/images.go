package glance

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

func (g *Service) create(c *api.Call) (api.Answer, error) {
	if len(bytes.TrimSpace(c.Body)) == 0 {
		return api.Answer{}, g.refuse(c, http.StatusBadRequest, "Body expected in request.")
	}
	members, err := api.OrderedMembers(c.Body)
	if err != nil {
		return api.Answer{}, c.WrongBody(err)
	}
	img := &Image{
		owner: c.Project, Status: "queued", visibility: "shared", properties: map[string]string{}, tags: []string{},
		created: g.world.Now(), updated: g.world.Now(),
	}
	for _, m := range members {
		if err := g.set(c, img, m.Name, m.Value); err != nil {
			return api.Answer{}, err
		}
	}
	if err := g.checkCount(c); err != nil {
		return api.Answer{}, err
	}
	if img.ID == "" {
		img.ID = g.world.NewID()
	}
	g.images = append(g.images, img)
	a, err := api.Reply(http.StatusCreated, img.document())
	a = a.WithHeader("Location", c.Base+"/image/v2/images/"+img.ID)
	return a.WithHeader("Openstack-Image-Import-Methods", strings.Join(g.world.Options.ImportMethods, ",")), err
}

// checkCount returns an error when the project has as many images as it may
// have.
func (g *Service) checkCount(c *api.Call) error {
	count := 0
	for _, img := range g.images {
		if img.owner == c.Project {
			count++
		}
	}
	if !g.world.Exceeds("images", count+1) {
		return nil
	}
	return g.refuse(c, http.StatusRequestEntityTooLarge, "The request returned a 413 Request Entity Too Large. This generally means that "+
		"rate limiting or a quota threshold was breached.\n\nThe response body:\nProject %s is over a limit for [Resource "+
		"image_count_total is over limit of %d due to current usage %d and delta 1]", c.Project, g.world.Quota("images"), count)
}

// wanted returns the image of the path.
func (g *Service) wanted(c *api.Call, sentence string) (*Image, error) {
	if img := g.find(c.Caller, c.Path["id"]); img != nil {
		return img, nil
	}
	return nil, g.refuse(c, http.StatusNotFound, sentence, c.Path["id"])
}

const noImage = "No image found with ID %s"

func (g *Service) show(c *api.Call) (api.Answer, error) {
	img, err := g.wanted(c, noImage)
	if err != nil {
		return api.Answer{}, err
	}
	return api.OK(img.document())
}

func (g *Service) delete(c *api.Call) (api.Answer, error) {
	img, err := g.wanted(c, "Failed to find image %s to delete")
	if err != nil {
		return api.Answer{}, err
	}
	if img.owner != c.Project && !c.Admin {
		return api.Answer{}, g.refuse(c, http.StatusForbidden, "You do not own this image")
	}
	if img.protected {
		return api.Answer{}, g.refuse(c, http.StatusForbidden, "Image %s is protected and cannot be deleted.", img.ID)
	}
	if _, applies := g.world.TakeStateFault("image", "delete", ""); applies {
		return api.Answer{}, g.refuse(c, http.StatusConflict, "Image %s could not be deleted because it is in use: The image cannot be deleted "+
			"because it is in use through the backend store outside of Glance.", img.ID)
	}
	g.drop(img)
	return g.nothing()
}

func (g *Service) drop(img *Image) {
	g.images = slices.DeleteFunc(g.images, func(other *Image) bool { return other == img })
	g.deleted = append(g.deleted, img.ID)
}

// deactivate makes the data of an image unavailable to all but administrators.
func (g *Service) deactivate(c *api.Call) (api.Answer, error) {
	img, err := g.wanted(c, noImage)
	switch {
	case err != nil:
		return api.Answer{}, err
	case img.owner != c.Project && !c.Admin:
		return api.Answer{}, g.refuse(c, http.StatusForbidden, "You are not authorized to complete deactivate action.")
	case img.Status != "active" && img.Status != "deactivated":
		return api.Answer{}, g.refuse(c, http.StatusForbidden, "Not allowed to deactivate image in status '%s'", img.Status)
	}
	img.Status, img.updated = "deactivated", g.world.Now()
	return g.nothing()
}

// upload reads the data of an image. The status is "saving" meanwhile. After
// incomplete data it is "queued" again.
func (g *Service) upload(c *api.Call) (api.Answer, error) {
	img, err := g.mayUpload(c)
	if err != nil {
		return api.Answer{}, err
	}
	data := newDigest()
	if limit := g.world.Quota("image_bytes"); limit >= 0 {
		data.limit = int64(limit) - g.storedBytes(c.Project)
	}
	if data.limit >= 0 && c.Request.ContentLength > data.limit {
		return api.Answer{}, g.overStorage(c, c.Request.ContentLength, data.limit)
	}
	img.Status, img.updated = "saving", g.world.Now()
	_, err = c.Drain(data)
	switch {
	case !slices.Contains(g.images, img):
		return api.Answer{}, g.refuse(c, http.StatusGone, "Image %s could not be found after upload. The image may have been deleted during "+
			"the upload, cleaning up the chunks uploaded.", img.ID)
	case err != nil:
		img.Status, img.updated = "queued", g.world.Now()
		if data.limit >= 0 && data.size > data.limit {
			return api.Answer{}, g.overStorage(c, data.size, data.limit)
		}
		return api.Answer{}, g.refuse(c, http.StatusBadRequest, "The data did not arrive whole.")
	}
	g.save(img, data)
	return g.nothing()
}

// nothing returns Glance's answer without a body.
func (g *Service) nothing() (api.Answer, error) {
	a, err := api.Reply(http.StatusNoContent, nil)
	return a.WithHeader("Content-Type", "text/html; charset=UTF-8"), err
}

// save completes an upload. Glance usually answers when the data are stored, so
// the change is immediate by default.
func (g *Service) save(img *Image, data *digest) {
	g.world.Progress("image", "create", "", g.world.Options.Latencies.ImageSave, func() {
		img.fill(data)
		img.Status, img.updated = "active", g.world.Now()
	}, func(string) { img.Status, img.updated = "killed", g.world.Now() })
}

func (g *Service) mayUpload(c *api.Call) (*Image, error) {
	if kind := c.Request.Header.Get("Content-Type"); kind != "application/octet-stream" {
		c.Violate("data of an image need the Content-Type application/octet-stream")
		return nil, g.unsupportedType(c, kind)
	}
	img, err := g.wanted(c, noImage)
	switch {
	case err != nil:
		return nil, err
	case img.owner != c.Project && !c.Admin:
		return nil, g.refuse(c, http.StatusForbidden, "Not allowed to upload image data for image %s", img.ID)
	case img.Status != "queued":
		return nil, g.refuse(c, http.StatusConflict, "Image status transition from %s to saving is not allowed", img.Status)
	case img.diskFormat == nil && img.containerFormat == nil:
		return nil, g.refuse(c, http.StatusBadRequest, "Properties disk_format, container_format must be set prior to saving data.")
	case img.diskFormat == nil:
		return nil, g.refuse(c, http.StatusBadRequest, "Property disk_format must be set prior to saving data.")
	case img.containerFormat == nil:
		return nil, g.refuse(c, http.StatusBadRequest, "Property container_format must be set prior to saving data.")
	}
	return img, nil
}

func (g *Service) unsupportedType(c *api.Call, kind string) error {
	message := fmt.Sprintf("The request media type %s is not supported by this server.\n", kind)
	return &api.AnswerError{Answer: api.WebobBare(c, http.StatusUnsupportedMediaType, message)}
}

func (g *Service) overStorage(c *api.Call, size, remaining int64) error {
	return g.refuse(c, http.StatusRequestEntityTooLarge, "Image exceeds the storage quota: The size of the data %d will exceed the "+
		"limit. %d bytes remaining.", size, remaining)
}

func (g *Service) storedBytes(project string) int64 {
	var sum int64
	for _, img := range g.images {
		if img.owner == project {
			sum += img.Size
		}
	}
	return sum
}
