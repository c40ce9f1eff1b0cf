// Package glance simulates Glance: images.
package glance

import (
	"crypto/md5"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Service is Glance: images without their data.
type Service struct {
	world    *world.World
	Frontend *api.Frontend
	images   []*Image // oldest first
	deleted  []string // ids of deleted images; Glance keeps their records
}

// Image is the disk of a stemcell, or an image of the cloud.
type Image struct {
	ID, owner                   string
	name                        *string
	Status                      string
	diskFormat, containerFormat *string
	visibility                  string
	protected, hidden           bool
	MinDisk, MinRAM             int // GiB, MiB
	tags                        []string
	properties                  map[string]string
	Size                        int64 // bytes, once there are data
	checksum, hash              string
	importTask                  string // while there is one
	imported                    bool   // or failed to be
	created, updated            time.Time
}

// New returns the service with its routes and fixtures.
func New(w *world.World, adminProject string) *Service {
	g := &Service{world: w}
	g.Frontend = &api.Frontend{
		Name: "image", Root: "/image", Version: "/v2",
		Refuse:       refuse,
		UnknownRoute: unknownRoute,
		Unauthorized: func(c *api.Call) api.Answer { return api.WebobError(c, http.StatusUnauthorized, api.WebobUnauthorized) },
		BadType: func(c *api.Call, _ api.BadValue) error {
			return g.refuse(c, http.StatusBadRequest, "Malformed JSON in request body.")
		},
		RequestIDHeaders: []string{"X-Openstack-Request-Id"},
		AdoptsRequestID:  true,
	}
	g.addFixture(adminProject)
	g.Frontend.Handle("POST /images", g.create)
	g.Frontend.Handle("GET /images", g.list, "*")
	g.Frontend.Handle("GET /images/{id}", g.show)
	g.Frontend.Handle("GET /schemas/image", g.showSchema)
	g.Frontend.Handle("DELETE /images/{id}", g.delete)
	g.Frontend.Handle("POST /images/{id}/actions/deactivate", g.deactivate)
	g.Frontend.Handle("POST /images/{id}/import", g.startImport)
	g.Frontend.Handle("GET /images/{id}/file", g.showData)
	g.Frontend.Handle("PUT /images/{id}/file", g.upload).Stream = true
	for _, path := range []string{"", "/", "/versions"} {
		g.Frontend.HandleRoot("GET "+path, g.versions)
	}
	w.AddInventory(g.listAll)
	return g
}

// addFixture creates the public image of the cloud.
func (g *Service) addFixture(owner string) {
	name, diskFormat, containerFormat := "tiny-public", "qcow2", "bare"
	img := &Image{
		ID: g.world.NewID(), owner: owner, name: &name, Status: "active", diskFormat: &diskFormat,
		containerFormat: &containerFormat, visibility: "public", properties: map[string]string{"architecture": "x86_64"}, tags: []string{},
		created: g.world.Now(), updated: g.world.Now(),
	}
	img.fill(newDigest())
	g.images = append(g.images, img)
	g.world.Fixtures.Images[name] = img.ID
}

// find returns an image that the caller may see, nil for none.
func (g *Service) find(c api.Caller, id string) *Image {
	i := slices.IndexFunc(g.images, func(img *Image) bool { return img.ID == id && g.visible(c, img) })
	if i < 0 {
		return nil
	}
	return g.images[i]
}

// Image returns an image that the caller may see.
func (g *Service) Image(c api.Caller, id string) (img Image, found bool) {
	p := g.find(c, id)
	if p == nil {
		return Image{}, false
	}
	return *p, true
}

// SetSize sets the size of an image in bytes without its data.
func (g *Service) SetSize(id string, size int64) {
	for _, img := range g.images {
		if img.ID == id {
			img.Size = size
		}
	}
}

func (g *Service) visible(c api.Caller, img *Image) bool {
	return img.owner == c.Project || c.Admin || img.visibility == "public" || img.visibility == "community"
}

// digest counts and hashes the data of an image.
type digest struct {
	size        int64
	md5, sha512 hash.Hash
	limit       int64 // bytes that may be stored, -1 for any number
}

func newDigest() *digest {
	return &digest{md5: md5.New(), sha512: sha512.New(), limit: -1}
}

// Write adds data. More than the limit is an error.
func (d *digest) Write(data []byte) (int, error) {
	d.size += int64(len(data))
	if d.limit >= 0 && d.size > d.limit {
		return 0, errStorageQuota
	}
	return io.MultiWriter(d.md5, d.sha512).Write(data)
}

// fill sets what follows from the data of an image.
func (img *Image) fill(d *digest) {
	img.Size = d.size
	img.checksum, img.hash = hex.EncodeToString(d.md5.Sum(nil)), hex.EncodeToString(d.sha512.Sum(nil))
}

// document returns the image as the API shows it.
func (img *Image) document() api.Object {
	document := api.Object{}
	for key, value := range img.properties {
		document[key] = value
	}
	path := "/v2/images/" + img.ID
	maps.Copy(document, api.Object{
		"name": img.name, "disk_format": img.diskFormat, "container_format": img.containerFormat, "visibility": img.visibility,
		"size": nil, "virtual_size": nil, "status": img.Status, "checksum": nil, "protected": img.protected, "min_ram": img.MinRAM,
		"min_disk": img.MinDisk, "owner": img.owner, "os_hidden": img.hidden, "os_hash_algo": nil, "os_hash_value": nil, "id": img.ID,
		"created_at": world.Seconds(img.created), "updated_at": world.Seconds(img.updated), "tags": img.tags, "self": path, "file": path + "/file",
		"schema": "/v2/schemas/image",
	})
	if img.importTask != "" {
		document["os_glance_import_task"] = img.importTask
	}
	if img.imported { // the cloud has one store, which has no name
		document["os_glance_importing_to_stores"], document["os_glance_failed_import"] = "", ""
	}
	if img.hash != "" {
		document["size"], document["checksum"] = img.Size, img.checksum
		document["os_hash_algo"], document["os_hash_value"] = "sha512", img.hash
	}
	return document
}

// UnfitFor returns the reason why a volume of size GiB cannot be created from
// the image, "" when it can.
func (img *Image) UnfitFor(size int) string {
	const gib = 1 << 30
	needed := int((img.Size + gib - 1) / gib)
	switch {
	case img.Status != "active":
		return "Image " + img.ID + " is not active."
	case needed > size:
		return "Size of specified image " + strconv.Itoa(needed) + "GB is larger than volume size " + strconv.Itoa(size) + "GB."
	case img.MinDisk > size:
		return "Volume size " + strconv.Itoa(size) + "GB cannot be smaller than the image minDisk size " + strconv.Itoa(img.MinDisk) + "GB."
	}
	return ""
}

// VolumeMetadata returns what Cinder stores about the image of a volume.
func (img *Image) VolumeMetadata() api.Object {
	data := api.Object{
		"image_id": img.ID, "image_name": api.Deref(img.name), "checksum": img.checksum, "container_format": api.Deref(img.containerFormat),
		"disk_format": api.Deref(img.diskFormat), "min_disk": strconv.Itoa(img.MinDisk), "min_ram": strconv.Itoa(img.MinRAM), "size": strconv.Itoa(int(img.Size)),
	}
	for key, value := range img.properties {
		data[key] = value
	}
	return data
}

// listAll adds Glance's part of the inventory.
func (g *Service) listAll(add world.Describe) {
	for _, img := range g.images {
		add("image", img.ID, api.Deref(img.name), api.Object{
			"status": img.Status, "size": img.Size, "checksum": img.checksum, "visibility": img.visibility,
			"disk format": img.diskFormat, "container format": img.containerFormat, "minimum disk": img.MinDisk,
			"minimum ram": img.MinRAM, "protected": img.protected, "hidden": img.hidden, "tags": img.tags,
			"properties": img.properties,
		})
	}
}
