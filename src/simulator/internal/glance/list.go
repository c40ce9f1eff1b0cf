package glance

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

const (
	pageSize    = 25
	pageMaximum = 1000
)

// list answers a page of images, newest first. A parameter that Glance does not
// have is a custom property.
func (g *Service) list(c *api.Call) (api.Answer, error) {
	limit, err := g.limit(c)
	if err != nil {
		return api.Answer{}, err
	}
	if wanted := c.Query.Get("visibility"); wanted != "" && wanted != "all" && !slices.Contains(visibilities, wanted) {
		return api.Answer{}, g.refuse(c, http.StatusBadRequest, "Invalid visibility value: %s", wanted)
	}
	for _, name := range []string{"sort", "sort_key", "sort_dir", "member_status", "size_min", "size_max", "created_at", "updated_at"} {
		if c.Query.Has(name) {
			c.Violate("the parameter " + name + " is not simulated")
		}
	}
	var matching []*Image
	for _, img := range slices.Backward(g.images) {
		if g.matches(c, img) {
			matching = append(matching, img)
		}
	}
	marker := c.Query.Get("marker")
	chosen, _, found := api.Page(matching, func(img *Image) string { return img.ID }, marker, limit)
	if !found {
		return api.Answer{}, g.refuse(c, http.StatusBadRequest, noImage, marker)
	}
	shown := []api.Object{}
	for _, img := range chosen {
		shown = append(shown, img.document())
	}
	document := api.Object{"images": shown, "schema": "/v2/schemas/images", "first": g.link(c, "")}
	if len(chosen) == limit && limit > 0 {
		document["next"] = g.link(c, chosen[len(chosen)-1].ID)
	}
	return api.OK(document)
}

func (g *Service) limit(c *api.Call) (int, error) {
	text := c.Query.Get("limit")
	if text == "" {
		return pageSize, nil
	}
	limit, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, g.refuse(c, http.StatusBadRequest, "limit param must be an integer")
	case limit < 0:
		return 0, g.refuse(c, http.StatusBadRequest, "limit param must be positive")
	}
	return min(limit, pageMaximum), nil
}

// link returns the path of the first page, or of the page after a marker.
func (g *Service) link(c *api.Call, marker string) string {
	query := c.Request.URL.Query()
	query.Del("marker")
	if marker != "" {
		query.Set("marker", marker)
	}
	if len(query) == 0 {
		return "/v2/images"
	}
	return "/v2/images?" + query.Encode()
}

func (g *Service) matches(c *api.Call, img *Image) bool {
	if img.owner != c.Project && img.visibility != "public" && (img.visibility != "community" ||
		c.Query.Get("visibility") != "community") && !c.Admin {
		return false
	}
	for name, values := range c.Query {
		if name != "limit" && name != "marker" && !img.has(name, values[0]) {
			return false
		}
	}
	return !img.hidden || c.Query.Get("os_hidden") == "true"
}

// has reports whether the image matches a filter; "in:a,b" is a choice of
// values.
func (img *Image) has(name, value string) bool {
	facts := map[string]string{
		"id": img.ID, "name": api.Deref(img.name), "status": img.Status, "owner": img.owner, "visibility": img.visibility,
		"disk_format": api.Deref(img.diskFormat), "container_format": api.Deref(img.containerFormat), "checksum": img.checksum,
		"os_hash_value": img.hash, "os_hash_algo": "sha512", "protected": strconv.FormatBool(img.protected),
		"os_hidden": strconv.FormatBool(img.hidden), "min_disk": strconv.Itoa(img.MinDisk), "min_ram": strconv.Itoa(img.MinRAM),
	}
	switch name {
	case "tag":
		return slices.Contains(img.tags, value)
	case "visibility":
		return value == "all" || value == img.visibility
	case "sort", "sort_key", "sort_dir", "member_status", "size_min", "size_max", "created_at", "updated_at":
		return true
	}
	fact, known := facts[name]
	if !known {
		fact, known = img.properties[name]
	}
	if choice, isChoice := strings.CutPrefix(value, "in:"); isChoice {
		return known && slices.Contains(strings.Split(choice, ","), fact)
	}
	return known && fact == value
}

func (g *Service) versions(c *api.Call) (api.Answer, error) {
	versions := []api.Object{}
	for _, id := range []string{"v2.15", "v2.9", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0"} {
		status := "SUPPORTED"
		if len(versions) == 0 {
			status = "CURRENT"
		}
		links := []api.Object{{"rel": "self", "href": c.Base + "/image/v2/"}}
		versions = append(versions, api.Object{"id": id, "status": status, "links": links})
	}
	status := http.StatusMultipleChoices
	if strings.HasSuffix(c.Request.URL.Path, "/versions") {
		status = http.StatusOK
	}
	return api.Reply(status, api.Object{"versions": versions})
}

// showSchema answers the JSON schema of images, with the formats of their disks.
func (g *Service) showSchema(*api.Call) (api.Answer, error) {
	formats := []any{nil}
	for _, format := range diskFormats {
		formats = append(formats, format)
	}
	return api.OK(api.Object{
		"name": "image", "properties": api.Object{"disk_format": api.Object{
			"type": []string{"null", "string"}, "description": "Format of the disk", "enum": formats,
		}},
		"additionalProperties": api.Object{"type": "string"},
		"links":                []api.Object{{"rel": "self", "href": "{self}"}, {"rel": "enclosure", "href": "{file}"}, {"rel": "describedby", "href": "{schema}"}},
	})
}
