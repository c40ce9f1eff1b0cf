package simulator

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
)

func (g *glance) create(c *call) (answer, error) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return answer{}, g.refuse(c, http.StatusBadRequest, "Body expected in request.")
	}
	members, err := orderedMembers(c.body)
	if err != nil {
		return answer{}, c.wrongBody(err)
	}
	img := &image{
		owner: c.Project, status: "queued", visibility: "shared", properties: map[string]string{}, tags: []string{},
		created: g.now, updated: g.now,
	}
	for _, m := range members {
		if err := g.set(c, img, m.name, m.value); err != nil {
			return answer{}, err
		}
	}
	if err := g.checkCount(c); err != nil {
		return answer{}, err
	}
	if img.id == "" {
		img.id = g.newID()
	}
	g.images = append(g.images, img)
	a, err := reply(http.StatusCreated, img.document())
	a = a.withHeader("Location", c.base+"/image/v2/images/"+img.id)
	return a.withHeader("Openstack-Image-Import-Methods", "glance-direct,web-download,copy-image"), err
}

// checkCount refuses an image when the project has as many as it may have.
func (g *glance) checkCount(c *call) error {
	count := 0
	for _, img := range g.images {
		if img.owner == c.Project {
			count++
		}
	}
	if !g.exceeds("images", count+1) {
		return nil
	}
	return g.refuse(c, http.StatusRequestEntityTooLarge, "The request returned a 413 Request Entity Too Large. This generally means that "+
		"rate limiting or a quota threshold was breached.\n\nThe response body:\nProject %s is over a limit for [Resource "+
		"image_count_total is over limit of %d due to current usage %d and delta 1]", c.Project, g.quota("images"), count)
}

// wanted finds the image of the path.
func (g *glance) wanted(c *call, sentence string) (*image, error) {
	if img := g.find(c.caller, c.path["id"]); img != nil {
		return img, nil
	}
	return nil, g.refuse(c, http.StatusNotFound, sentence, c.path["id"])
}

const noImage = "No image found with ID %s"

func (g *glance) show(c *call) (answer, error) {
	img, err := g.wanted(c, noImage)
	if err != nil {
		return answer{}, err
	}
	return ok(img.document())
}

func (g *glance) delete(c *call) (answer, error) {
	img, err := g.wanted(c, "Failed to find image %s to delete")
	if err != nil {
		return answer{}, err
	}
	if img.owner != c.Project && !c.Admin {
		return answer{}, g.refuse(c, http.StatusForbidden, "You do not own this image")
	}
	if img.protected {
		return answer{}, g.refuse(c, http.StatusForbidden, "Image %s is protected and cannot be deleted.", img.id)
	}
	if _, applies := g.takeStateFault("image", "delete", ""); applies {
		return answer{}, g.refuse(c, http.StatusConflict, "Image %s could not be deleted because it is in use: The image cannot be deleted "+
			"because it is in use through the backend store outside of Glance.", img.id)
	}
	g.drop(img)
	return g.nothing()
}

func (g *glance) drop(img *image) {
	g.images = slices.DeleteFunc(g.images, func(other *image) bool { return other == img })
}

// upload takes the data of an image in. The status is "saving" meanwhile; data that do not arrive whole leave the image "queued".
func (g *glance) upload(c *call) (answer, error) {
	img, err := g.mayUpload(c)
	if err != nil {
		return answer{}, err
	}
	data := newDigest()
	if limit := g.quota("image_bytes"); limit >= 0 {
		data.limit = int64(limit) - g.storedBytes(c.Project)
	}
	if data.limit >= 0 && c.request.ContentLength > data.limit {
		return answer{}, g.overStorage(c, c.request.ContentLength, data.limit)
	}
	img.status, img.updated = "saving", g.now
	_, err = c.drain(data)
	switch {
	case !slices.Contains(g.images, img):
		return answer{}, g.refuse(c, http.StatusGone, "Image %s could not be found after upload. The image may have been deleted during "+
			"the upload, cleaning up the chunks uploaded.", img.id)
	case err != nil:
		img.status, img.updated = "queued", g.now
		if data.limit >= 0 && data.size > data.limit {
			return answer{}, g.overStorage(c, data.size, data.limit)
		}
		return answer{}, g.refuse(c, http.StatusBadRequest, "The data did not arrive whole.")
	}
	g.save(img, data)
	return g.nothing()
}

// nothing is Glance's answer without a body.
func (g *glance) nothing() (answer, error) {
	a, err := reply(http.StatusNoContent, nil)
	return a.withHeader("Content-Type", "text/html; charset=UTF-8"), err
}

// save ends an upload: as a rule at once, as Glance answers when the data are stored.
func (g *glance) save(img *image, data *digest) {
	usual := g.options.Latencies.ImageSave
	if usual == 0 {
		usual = -1
	}
	g.progress("image", "create", "", usual, func() {
		img.fill(data)
		img.status, img.updated = "active", g.now
	}, func(string) { img.status, img.updated = "killed", g.now })
}

func (g *glance) mayUpload(c *call) (*image, error) {
	if kind := c.request.Header.Get("Content-Type"); kind != "application/octet-stream" {
		g.violate(c, "data of an image need the Content-Type application/octet-stream")
		return nil, g.unsupportedType(c, kind)
	}
	img, err := g.wanted(c, noImage)
	switch {
	case err != nil:
		return nil, err
	case img.owner != c.Project && !c.Admin:
		return nil, g.refuse(c, http.StatusForbidden, "Not allowed to upload image data for image %s", img.id)
	case img.status != "queued":
		return nil, g.refuse(c, http.StatusConflict, "Image status transition from %s to saving is not allowed", img.status)
	case img.diskFormat == nil && img.containerFormat == nil:
		return nil, g.refuse(c, http.StatusBadRequest, "Properties disk_format, container_format must be set prior to saving data.")
	case img.diskFormat == nil:
		return nil, g.refuse(c, http.StatusBadRequest, "Property disk_format must be set prior to saving data.")
	case img.containerFormat == nil:
		return nil, g.refuse(c, http.StatusBadRequest, "Property container_format must be set prior to saving data.")
	}
	return img, nil
}

func (g *glance) unsupportedType(c *call, kind string) error {
	message := fmt.Sprintf("The request media type %s is not supported by this server.\n", kind)
	return &answerError{webobBare(c, http.StatusUnsupportedMediaType, message)}
}

func (g *glance) overStorage(c *call, size, remaining int64) error {
	return g.refuse(c, http.StatusRequestEntityTooLarge, "Image exceeds the storage quota: The size of the data %d will exceed the "+
		"limit. %d bytes remaining.", size, remaining)
}

func (g *glance) storedBytes(project string) int64 {
	var sum int64
	for _, img := range g.images {
		if img.owner == project {
			sum += img.size
		}
	}
	return sum
}
