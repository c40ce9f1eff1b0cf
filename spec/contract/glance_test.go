package contract_test

import (
	"crypto/md5"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// imageBytes is what the claims upload.
const imageBytes = "not an operating system"

// createImage asks glance for an image and hands its answer back, whatever it is.
func (c *cloud) createImage(given object) answer {
	c.t.Helper()
	spec := object{"name": c.name("image"), "disk_format": "raw", "container_format": "bare", "visibility": "private"}
	maps.Copy(spec, given)
	made := c.image.post("/images", spec)
	if made.status == http.StatusCreated {
		c.atTheEnd(c.image, "/images/"+made.text("id"))
	}
	return made
}

// queuedImage returns the path of an image without data.
func (c *cloud) queuedImage(given object) string {
	c.t.Helper()
	return "/images/" + c.createImage(given).wants(http.StatusCreated).text("id")
}

// upload sends an image's data.
func (c *cloud) upload(image string) answer {
	c.t.Helper()
	return c.image.with("Content-Type", "application/octet-stream").
		ask(http.MethodPut, image+"/file", strings.NewReader(imageBytes))
}

// activeImage returns the path of an image with data.
func (c *cloud) activeImage() string {
	c.t.Helper()
	image := c.queuedImage(nil)
	c.upload(image).wants(http.StatusNoContent)
	c.becomes(c.image, image, "status", "active")
	return image
}

// imagesWith lists the ids of the images that a filter finds, sorted.
func (c *cloud) imagesWith(filter url.Values) []string {
	c.t.Helper()
	return slices.Sorted(slices.Values(c.image.list("/images", filter).wants(http.StatusOK).each("images", "id")))
}

// wantsWebError fails the claim unless the answer is the error of glance, or of what routes requests
// in other services: the status once more as text, and words in HTML.
func (a answer) wantsWebError(status int, words ...string) answer {
	a.t.Helper()
	return a.wants(status).says("code", fmt.Sprint(status)).wantsKeys("", "title").says("message", words...)
}

var glanceClaims = []claim{
	{
		id:    "glance-create-201-queued",
		says:  "A new image is answered 201, queued, without size and hash; unknown fields become properties beside the others.",
		proof: glance + "glance/api/v2/images.py#L95",
		check: func(c *cloud) answer {
			return c.createImage(object{"hypervisor_type": "kvm", "bosh_stemcell": "1.234"}).wants(http.StatusCreated).
				is("status", "queued").is("size", nil).is("checksum", nil).is("os_hash_value", nil).
				is("hypervisor_type", "kvm").is("bosh_stemcell", "1.234").is("visibility", "private").is("owner", c.projectID).
				wantsKeys("", "id", "name", "disk_format", "container_format", "min_disk", "min_ram", "protected", "tags", "created_at").
				wantsHeader("Location")
		},
	},
	{
		id:      "glance-create-property-not-string-400",
		says:    "A property that is no string is answered 400.",
		proof:   glance + "glance/schema.py#L110",
		offends: true,
		check: func(c *cloud) answer {
			return c.createImage(object{"auto_disk_config": true}).wantsWebError(http.StatusBadRequest, "Provided object does not match schema")
		},
	},
	{
		id:      "glance-create-unknown-format-400",
		says:    "An unknown disk format is answered 400.",
		proof:   glance + "glance/api/v2/images.py#L1930",
		offends: true,
		check: func(c *cloud) answer {
			return c.createImage(object{"disk_format": "floppy"}).wantsWebError(http.StatusBadRequest, "disk_format")
		},
	},
	{
		id:    "glance-create-public-403",
		says:  "A public image is refused to an ordinary member with 403, unless the cloud's policy allows it.",
		proof: glance + "glance/policies/image.py#L95",
		check: func(c *cloud) answer {
			made := c.createImage(object{"visibility": "public"})
			if made.status == http.StatusCreated {
				return made.is("visibility", "public")
			}
			return made.wantsWebError(http.StatusForbidden, "publicize_image")
		},
	},
	{
		id:    "glance-create-same-name",
		says:  "Two images may have one name; the name filter is exact and finds both.",
		proof: glance + "glance/db/sqlalchemy/api.py#L474",
		check: func(c *cloud) answer {
			name := c.name("image")
			paths := []string{c.queuedImage(object{"name": name}), c.queuedImage(object{"name": name})}
			c.queuedImage(object{"name": name + "0"})
			ids := []string{strings.TrimPrefix(paths[0], "/images/"), strings.TrimPrefix(paths[1], "/images/")}
			require.Equal(c.t, slices.Sorted(slices.Values(ids)), c.imagesWith(url.Values{"name": {name}}))
			return c.image.list("/images", url.Values{"name": {name}})
		},
	},
	{
		id:    "glance-create-id",
		says:  "An image gets the id it asks for; asking for one that another image has is answered 409.",
		proof: glance + "glance/api/v2/images.py#L109",
		check: func(c *cloud) answer {
			id := newUUID()
			c.createImage(object{"id": id}).wants(http.StatusCreated).is("id", id)
			return c.createImage(object{"id": id}).wantsWebError(http.StatusConflict, "Image ID "+id+" already exists!")
		},
	},
	{
		id:    "glance-filter-property",
		says:  "Any property is a filter; several must all hold.",
		proof: glance + "glance/api/v2/images.py#L1559",
		check: func(c *cloud) answer {
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
		id:    "glance-filter-unknown-property",
		says:  "A property that no image has gives an empty list, not an error.",
		proof: glance + "glance/api/v2/images.py#L1559",
		check: func(c *cloud) answer {
			return c.image.list("/images", url.Values{"bosh_nonsense": {"1"}}).wants(http.StatusOK).is("images", list{})
		},
	},
	{
		id:    "glance-pages",
		says:  "An image list cut by limit carries next, a path with the last id as marker.",
		proof: glance + "glance/api/v2/images.py#L1839",
		check: func(c *cloud) answer {
			name := c.name("image")
			c.queuedImage(object{"name": name})
			c.queuedImage(object{"name": name})
			seen := c.image.list("/images", url.Values{"name": {name}, "limit": {"1"}}).wants(http.StatusOK)
			return seen.says("next", "/v2/images?", "marker="+seen.text("images.0.id"))
		},
	},
	{
		id:    "glance-upload-204",
		says:  "Data is answered 204; the image is then active with size, MD5 and SHA-512 of it.",
		proof: glance + "glance/api/v2/image_data.py#L108",
		check: func(c *cloud) answer {
			image := c.queuedImage(nil)
			uploaded := c.upload(image).wants(http.StatusNoContent)
			weak, strong := md5.Sum([]byte(imageBytes)), sha512.Sum512([]byte(imageBytes))
			c.becomes(c.image, image, "status", "active").is("size", len(imageBytes)).
				is("checksum", hex.EncodeToString(weak[:])).
				is("os_hash_algo", "sha512").is("os_hash_value", hex.EncodeToString(strong[:]))
			return uploaded
		},
	},
	{
		id:    "glance-upload-twice-409",
		says:  "Data for an image that has some is answered 409.",
		proof: glance + "glance/api/v2/image_data.py#L229",
		check: func(c *cloud) answer {
			return c.upload(c.activeImage()).wantsWebError(http.StatusConflict)
		},
	},
	{
		id:    "glance-upload-unknown-404",
		says:  "Data for an unknown image is answered 404.",
		proof: glance + "glance/api/v2/image_data.py#L240",
		check: func(c *cloud) answer {
			return c.upload("/images/"+nobody).wantsWebError(http.StatusNotFound, nobody)
		},
	},
	{
		id:      "glance-upload-type-415",
		says:    "Data that is not application/octet-stream is answered 415.",
		proof:   glance + "glance/api/v2/image_data.py#L470",
		offends: true,
		check: func(c *cloud) answer {
			return c.image.put(c.queuedImage(nil)+"/file", object{"not": "an image"}).
				wants(http.StatusUnsupportedMediaType)
		},
	},
	{
		id:    "glance-image-unknown-404",
		says:  "An unknown image is answered 404 with its id, on GET and on DELETE.",
		proof: glance + "glance/api/v2/images.py#L926",
		check: func(c *cloud) answer {
			c.image.get("/images/"+nobody).wantsWebError(http.StatusNotFound, "No image found with ID "+nobody)
			return c.image.delete("/images/"+nobody).wantsWebError(http.StatusNotFound, "Failed to find image "+nobody+" to delete")
		},
	},
	{
		id:    "glance-delete-204",
		says:  "DELETE of an active image is answered 204, and the image is gone at once.",
		proof: glance + "glance/api/v2/images.py#L853",
		check: func(c *cloud) answer {
			image := c.activeImage()
			deleted := c.image.delete(image).wants(http.StatusNoContent)
			c.image.get(image).wantsWebError(http.StatusNotFound)
			c.image.delete(image).wantsWebError(http.StatusNotFound)
			return deleted
		},
	},
	{
		id:    "glance-delete-queued-204",
		says:  "DELETE of an image without data is answered 204 as well.",
		proof: glance + "glance/api/v2/images.py#L853",
		check: func(c *cloud) answer {
			image := c.queuedImage(nil)
			deleted := c.image.delete(image).wants(http.StatusNoContent)
			c.image.get(image).wantsWebError(http.StatusNotFound)
			return deleted
		},
	},
	{
		id:    "glance-private-listed",
		says:  "A private image is among the project's private images and not among the public ones.",
		proof: glance + "glance/db/sqlalchemy/api.py#L334",
		check: func(c *cloud) answer {
			name := c.name("image")
			c.queuedImage(object{"name": name})
			require.Empty(c.t, c.imagesWith(url.Values{"name": {name}, "visibility": {"public"}}))
			require.Len(c.t, c.imagesWith(url.Values{"name": {name}, "visibility": {"private"}}), 1)
			return c.image.list("/images", url.Values{"name": {name}, "visibility": {"private"}})
		},
	},
}
