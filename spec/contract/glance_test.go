package contract_test

import (
	"crypto/md5"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// imageBytes is the data of uploaded images.
const imageBytes = "not an operating system"

// createImage sends POST /images and returns any response.
func (c *cloud) createImage(given object) response {
	c.t.Helper()
	spec := merge(object{"name": c.name("image"), "disk_format": "raw", "container_format": "bare", "visibility": "private"}, given)
	made := c.image.post("/images", spec)
	if made.status == http.StatusCreated {
		c.deleteAtEnd(c.image, "/images/"+made.text("id"))
	}
	return made
}

// queuedImage returns the path of an image without data.
func (c *cloud) queuedImage(given object) string {
	c.t.Helper()
	return "/images/" + c.createImage(given).expect(http.StatusCreated).text("id")
}

// upload sends an image's data.
func (c *cloud) upload(image string) response {
	c.t.Helper()
	return c.image.with("Content-Type", "application/octet-stream").
		request(http.MethodPut, image+"/file", strings.NewReader(imageBytes))
}

// activeImage returns the path of an image with data.
func (c *cloud) activeImage() string {
	c.t.Helper()
	image := c.queuedImage(nil)
	c.upload(image).expect(http.StatusNoContent)
	c.waitFor(c.image, image, "status", "active")
	return image
}

// imagesWith returns the sorted ids of the images that match a filter.
func (c *cloud) imagesWith(filter url.Values) []string {
	c.t.Helper()
	return slices.Sorted(slices.Values(c.image.list("/images", filter).expect(http.StatusOK).each("images", "id")))
}

// expectWebError fails the claim unless the response is an error in the format
// of WebOb, which Glance uses, and other services for unknown routes: the
// status as text and a message in HTML.
func (r response) expectWebError(status int, words ...string) response {
	r.t.Helper()
	return r.expect(status).contains("code", fmt.Sprint(status)).expectKeys("", "title").contains("message", words...)
}

var glanceClaims = []claim{
	{
		id:        "glance-schema-disk-formats",
		statement: "The schema of images lists the disk formats that the cloud accepts.",
		proof:     glance + "glance/api/v2/images.py#L1933",
		varies:    true, // administrators add properties
		check: func(c *cloud) response {
			seen := c.image.get("/schemas/image").expect(http.StatusOK)
			formats, _ := seen.value("properties.disk_format.enum").([]any)
			require.Subset(c.t, formats, []any{"raw", "qcow2"}, seen.excerpt())
			return seen
		},
	},
	{
		id:        "glance-create-201-queued",
		statement: "POST of an image returns 201 with status queued and without size and hash; additional fields become image properties.",
		proof:     glance + "glance/api/v2/images.py#L95",
		check: func(c *cloud) response {
			return c.createImage(object{"hypervisor_type": "kvm", "bosh_stemcell": "1.234"}).expect(http.StatusCreated).
				is("status", "queued").is("size", nil).is("checksum", nil).is("os_hash_value", nil).
				is("hypervisor_type", "kvm").is("bosh_stemcell", "1.234").is("visibility", "private").is("owner", c.projectID).
				expectKeys("", "id", "name", "disk_format", "container_format", "min_disk", "min_ram", "protected", "tags", "created_at").
				expectHeader("Location")
		},
	},
	{
		id:        "glance-create-property-not-string-400",
		statement: "An image property that is not a string returns 400.",
		proof:     glance + "glance/schema.py#L110",
		invalid:   true,
		check: func(c *cloud) response {
			return c.createImage(object{"auto_disk_config": true}).expectWebError(http.StatusBadRequest, "Provided object does not match schema")
		},
	},
	{
		id:        "glance-create-unknown-format-400",
		statement: "An unknown disk format returns 400.",
		proof:     glance + "glance/api/v2/images.py#L1930",
		invalid:   true,
		check: func(c *cloud) response {
			return c.createImage(object{"disk_format": "floppy"}).expectWebError(http.StatusBadRequest, "disk_format")
		},
	},
	{
		id:        "glance-create-public-403",
		statement: "POST of a public image by an ordinary member returns 403, unless the cloud's policy allows it.",
		proof:     glance + "glance/policies/image.py#L95",
		check: func(c *cloud) response {
			made := c.createImage(object{"visibility": "public"})
			if made.status == http.StatusCreated {
				return made.is("visibility", "public")
			}
			return made.expectWebError(http.StatusForbidden, "publicize_image")
		},
	},
	{
		id:        "glance-create-same-name",
		statement: "Image names need not be unique; the name filter matches exactly and returns all images of that name.",
		proof:     glance + "glance/db/sqlalchemy/api.py#L474",
		check: func(c *cloud) response {
			name := c.name("image")
			paths := []string{c.queuedImage(object{"name": name}), c.queuedImage(object{"name": name})}
			c.queuedImage(object{"name": name + "0"})
			ids := []string{strings.TrimPrefix(paths[0], "/images/"), strings.TrimPrefix(paths[1], "/images/")}
			require.Equal(c.t, slices.Sorted(slices.Values(ids)), c.imagesWith(url.Values{"name": {name}}))
			return c.image.list("/images", url.Values{"name": {name}})
		},
	},
	{
		id:        "glance-create-id",
		statement: "POST of an image accepts an id; the id of an existing image returns 409.",
		proof:     glance + "glance/api/v2/images.py#L109",
		check: func(c *cloud) response {
			id := director.NewUUID()
			c.createImage(object{"id": id}).expect(http.StatusCreated).is("id", id)
			return c.createImage(object{"id": id}).expectWebError(http.StatusConflict, "Image ID "+id+" already exists!")
		},
	},
	{
		id:        "glance-create-deleted-id-409",
		statement: "POST of an image with the id of a deleted image returns 409; GET of that image returns 404.",
		proof:     "https://docs.openstack.org/api-ref/image/v2/#create-image",
		check: func(c *cloud) response {
			image := c.queuedImage(nil)
			c.image.delete(image).expect(http.StatusNoContent)
			c.image.get(image).expect(http.StatusNotFound)
			return c.createImage(object{"id": idOf(image)}).expectWebError(http.StatusConflict, "Image ID "+idOf(image)+" already exists!")
		},
	},
	{
		id:        "glance-download-range-206",
		statement: "GET of image data with Range: bytes=0-0 returns 206 with the first byte only.",
		proof:     "https://docs.openstack.org/api-ref/image/v2/#download-binary-image-data",
		check: func(c *cloud) response {
			image := c.activeImage()
			part := c.image.with("Range", "bytes=0-0").with("Accept", "application/octet-stream").get(image + "/file").expect(http.StatusPartialContent)
			require.Len(c.t, part.body, 1)
			require.Equal(c.t, fmt.Sprintf("bytes 0-0/%d", len(imageBytes)), part.header.Get("Content-Range"))
			return c.image.get(image)
		},
	},
	{
		id:        "glance-download-no-data-204",
		statement: "GET of the data of an image without data returns 204; with a Range, it may return 500.",
		proof:     "https://docs.openstack.org/api-ref/image/v2/#download-binary-image-data",
		check: func(c *cloud) response {
			return c.image.with("Accept", "application/octet-stream").get(c.queuedImage(nil) + "/file").expect(http.StatusNoContent)
		},
	},
	{
		id:        "glance-filter-property",
		statement: "Images can be filtered by any property; several filters must all match.",
		proof:     glance + "glance/api/v2/images.py#L1559",
		check: func(c *cloud) response {
			mark := c.name("mark")
			first := c.queuedImage(object{"bosh_mark": mark, "bosh_hash": "1"})
			c.queuedImage(object{"bosh_mark": mark, "bosh_hash": "2"})
			require.Len(c.t, c.imagesWith(url.Values{"bosh_mark": {mark}}), 2)
			filter := url.Values{"bosh_mark": {mark}, "bosh_hash": {"1"}}
			require.Equal(c.t, []string{strings.TrimPrefix(first, "/images/")}, c.imagesWith(filter))
			return c.image.list("/images", filter)
		},
	},
	{
		id:        "glance-filter-unknown-property",
		statement: "A filter by a property that no image has returns an empty list, not an error.",
		proof:     glance + "glance/api/v2/images.py#L1559",
		check: func(c *cloud) response {
			return c.image.list("/images", url.Values{"bosh_nonsense": {"1"}}).expect(http.StatusOK).is("images", list{})
		},
	},
	{
		id:        "glance-pages",
		statement: "An image list truncated by limit contains next, a path with the last id as marker.",
		proof:     glance + "glance/api/v2/images.py#L1839",
		check: func(c *cloud) response {
			name := c.name("image")
			c.queuedImage(object{"name": name})
			c.queuedImage(object{"name": name})
			seen := c.image.list("/images", url.Values{"name": {name}, "limit": {"1"}}).expect(http.StatusOK)
			return seen.contains("next", "/v2/images?", "marker="+seen.text("images.0.id"))
		},
	},
	{
		id:        "glance-upload-204",
		statement: "PUT of image data returns 204; the image is then active with the data's size, MD5 and SHA-512.",
		proof:     glance + "glance/api/v2/image_data.py#L108",
		check: func(c *cloud) response {
			image := c.queuedImage(nil)
			uploaded := c.upload(image).expect(http.StatusNoContent)
			weak, strong := md5.Sum([]byte(imageBytes)), sha512.Sum512([]byte(imageBytes))
			c.waitFor(c.image, image, "status", "active").is("size", len(imageBytes)).
				is("checksum", hex.EncodeToString(weak[:])).
				is("os_hash_algo", "sha512").is("os_hash_value", hex.EncodeToString(strong[:]))
			return uploaded
		},
	},
	{
		id:        "glance-upload-twice-409",
		statement: "PUT of data for an image that already has data returns 409.",
		proof:     glance + "glance/api/v2/image_data.py#L229",
		check: func(c *cloud) response {
			return c.upload(c.activeImage()).expectWebError(http.StatusConflict)
		},
	},
	{
		id:        "glance-upload-unknown-404",
		statement: "PUT of data for an unknown image returns 404.",
		proof:     glance + "glance/api/v2/image_data.py#L240",
		check: func(c *cloud) response {
			return c.upload("/images/"+unknownID).expectWebError(http.StatusNotFound, unknownID)
		},
	},
	{
		id:        "glance-upload-type-415",
		statement: "PUT of data with a content type other than application/octet-stream returns 415.",
		proof:     glance + "glance/api/v2/image_data.py#L470",
		invalid:   true,
		check: func(c *cloud) response {
			return c.image.put(c.queuedImage(nil)+"/file", object{"not": "an image"}).
				expect(http.StatusUnsupportedMediaType)
		},
	},
	{
		id:        "glance-deactivate-204",
		statement: "POST of the action deactivate of an active image returns 204; the status is deactivated and members cannot read its data.",
		proof:     "https://docs.openstack.org/api-ref/image/v2/#deactivate-image",
		check: func(c *cloud) response {
			image := c.activeImage()
			deactivated := c.image.post(image+"/actions/deactivate", nil)
			if deactivated.status == http.StatusForbidden {
				return deactivated // older clouds allow it to administrators only
			}
			deactivated.expect(http.StatusNoContent)
			c.image.get(image).expect(http.StatusOK).is("status", "deactivated")
			if data := c.image.with("Accept", "application/octet-stream").get(image + "/file"); data.status != http.StatusForbidden {
				data.expect(http.StatusOK) // an administrator
			}
			return deactivated
		},
	},
	{
		id:        "glance-image-unknown-404",
		statement: "GET and DELETE of an unknown image return 404 with its id.",
		proof:     glance + "glance/api/v2/images.py#L926",
		check: func(c *cloud) response {
			c.image.get("/images/"+unknownID).expectWebError(http.StatusNotFound, "No image found with ID "+unknownID)
			return c.image.delete("/images/"+unknownID).expectWebError(http.StatusNotFound, "Failed to find image "+unknownID+" to delete")
		},
	},
	{
		id:        "glance-delete-204",
		statement: "DELETE of an active image returns 204; the image is removed immediately.",
		proof:     glance + "glance/api/v2/images.py#L853",
		check: func(c *cloud) response {
			image := c.activeImage()
			deleted := c.image.delete(image).expect(http.StatusNoContent)
			c.image.get(image).expectWebError(http.StatusNotFound)
			c.image.delete(image).expectWebError(http.StatusNotFound)
			return deleted
		},
	},
	{
		id:        "glance-delete-queued-204",
		statement: "DELETE of an image without data returns 204.",
		proof:     glance + "glance/api/v2/images.py#L853",
		check: func(c *cloud) response {
			image := c.queuedImage(nil)
			deleted := c.image.delete(image).expect(http.StatusNoContent)
			c.image.get(image).expectWebError(http.StatusNotFound)
			return deleted
		},
	},
	{
		id:        "glance-private-listed",
		statement: "A private image is listed with visibility=private and not with visibility=public.",
		proof:     glance + "glance/db/sqlalchemy/api.py#L334",
		check: func(c *cloud) response {
			name := c.name("image")
			c.queuedImage(object{"name": name})
			require.Empty(c.t, c.imagesWith(url.Values{"name": {name}, "visibility": {"public"}}))
			require.Len(c.t, c.imagesWith(url.Values{"name": {name}, "visibility": {"private"}}), 1)
			return c.image.list("/images", url.Values{"name": {name}, "visibility": {"private"}})
		},
	},
}
