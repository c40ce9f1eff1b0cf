package simulator

import (
	"crypto/md5"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

const imageName = "image"

// glance keeps images, not their data.
type glance struct {
	*Simulator
	service *service
	images  []*image // oldest first
}

// image is a stemcell's disk, or a template of the cloud.
type image struct {
	id, owner                   string
	name                        *string
	status                      string
	diskFormat, containerFormat *string
	visibility                  string
	protected, hidden           bool
	minDisk, minRAM             int // GiB, MiB
	tags                        []string
	properties                  map[string]string
	size                        int64 // bytes, once there are data
	checksum, hash              string
	created, updated            time.Time
}

func startGlance(s *Simulator, adminProject string) *glance {
	g := &glance{Simulator: s}
	g.service = &service{
		name: imageName, root: "/image", version: "/v2",
		refuse:       refuseGlance,
		unknownRoute: unknownGlanceRoute,
		badType: func(c *call, _ badValue) error {
			return g.refuse(c, http.StatusBadRequest, "Malformed JSON in request body.")
		},
		requestIDHeaders: []string{"X-Openstack-Request-Id"},
	}
	g.addFixture(adminProject)
	s.handle(g.service, "POST /images", g.create)
	s.handle(g.service, "GET /images", g.list, "*")
	s.handle(g.service, "GET /images/{id}", g.show)
	s.handle(g.service, "DELETE /images/{id}", g.delete)
	s.handle(g.service, "GET /images/{id}/file", g.download)
	s.handle(g.service, "PUT /images/{id}/file", g.upload).stream = true
	for _, path := range []string{"", "/", "/versions"} {
		g.handleRoot(g.service, "GET "+path, g.versions)
	}
	s.inventory = append(s.inventory, g.listAll)
	return g
}

// addFixture makes the public image of the cloud.
func (g *glance) addFixture(owner string) {
	name, diskFormat, containerFormat := "tiny-public", "qcow2", "bare"
	img := &image{
		id: g.newID(), owner: owner, name: &name, status: "active", diskFormat: &diskFormat,
		containerFormat: &containerFormat, visibility: "public", properties: map[string]string{"architecture": "x86_64"}, tags: []string{},
		created: g.now, updated: g.now,
	}
	img.fill(newDigest())
	g.images = append(g.images, img)
	g.fixtures.Images[name] = img.id
}

// find returns an image that the caller may see, nil when there is none.
func (g *glance) find(c caller, id string) *image {
	i := slices.IndexFunc(g.images, func(img *image) bool { return img.id == id && g.visible(c, img) })
	if i < 0 {
		return nil
	}
	return g.images[i]
}

// Image returns an image that the caller may see.
func (g *glance) Image(c caller, id string) (img image, found bool) {
	p := g.find(c, id)
	if p == nil {
		return image{}, false
	}
	return *p, true
}

func (g *glance) visible(c caller, img *image) bool {
	return img.owner == c.Project || c.Admin || img.visibility == "public" || img.visibility == "community"
}

// digest counts and hashes the data of an image without keeping them.
type digest struct {
	size        int64
	md5, sha512 hash.Hash
	limit       int64 // bytes that may be stored, -1 for any number
}

func newDigest() *digest {
	return &digest{md5: md5.New(), sha512: sha512.New(), limit: -1}
}

// Write takes data in; more than the limit is an error.
func (d *digest) Write(data []byte) (int, error) {
	d.size += int64(len(data))
	if d.limit >= 0 && d.size > d.limit {
		return 0, errStorageQuota
	}
	return io.MultiWriter(d.md5, d.sha512).Write(data)
}

// fill gives the image its data.
func (img *image) fill(d *digest) {
	img.size = d.size
	img.checksum, img.hash = hex.EncodeToString(d.md5.Sum(nil)), hex.EncodeToString(d.sha512.Sum(nil))
}

// document is the image as the API shows it.
func (img *image) document() object {
	document := object{}
	for key, value := range img.properties {
		document[key] = value
	}
	path := "/v2/images/" + img.id
	maps.Copy(document, object{
		"name": img.name, "disk_format": img.diskFormat, "container_format": img.containerFormat, "visibility": img.visibility,
		"size": nil, "virtual_size": nil, "status": img.status, "checksum": nil, "protected": img.protected, "min_ram": img.minRAM,
		"min_disk": img.minDisk, "owner": img.owner, "os_hidden": img.hidden, "os_hash_algo": nil, "os_hash_value": nil, "id": img.id,
		"created_at": seconds(img.created), "updated_at": seconds(img.updated), "tags": img.tags, "self": path, "file": path + "/file",
		"schema": "/v2/schemas/image",
	})
	if img.hash != "" {
		document["size"], document["checksum"] = img.size, img.checksum
		document["os_hash_algo"], document["os_hash_value"] = "sha512", img.hash
	}
	return document
}

// unfitFor tells why a volume of some GiB cannot be made from the image, "" when it can.
func (img *image) unfitFor(size int) string {
	const gib = 1 << 30
	needed := int((img.size + gib - 1) / gib)
	switch {
	case img.status != "active":
		return "Image " + img.id + " is not active."
	case needed > size:
		return "Size of specified image " + itoa(needed) + "GB is larger than volume size " + itoa(size) + "GB."
	case img.minDisk > size:
		return "Volume size " + itoa(size) + "GB cannot be smaller than the image minDisk size " + itoa(img.minDisk) + "GB."
	}
	return ""
}

// volumeMetadata is what Cinder remembers of the image that a volume was made from.
func (img *image) volumeMetadata() object {
	data := object{
		"image_id": img.id, "image_name": deref(img.name), "checksum": img.checksum, "container_format": deref(img.containerFormat),
		"disk_format": deref(img.diskFormat), "min_disk": itoa(img.minDisk), "min_ram": itoa(img.minRAM), "size": itoa(int(img.size)),
	}
	for key, value := range img.properties {
		data[key] = value
	}
	return data
}

// listAll is Glance's part of the inventory.
func (g *glance) listAll(add describe) {
	for _, img := range g.images {
		add("image", img.id, deref(img.name), object{
			"status": img.status, "size": img.size, "checksum": img.checksum, "visibility": img.visibility,
			"disk format": img.diskFormat, "container format": img.containerFormat, "minimum disk": img.minDisk,
			"minimum ram": img.minRAM, "protected": img.protected, "hidden": img.hidden, "tags": img.tags,
			"properties": img.properties,
		})
	}
}
