package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	imagePageSize    = 25
	imagePageMaximum = 1000
)

// list answers a page of the images, newest first. Every parameter that Glance does not know is a custom property.
func (g *glance) list(c *call) (answer, error) {
	limit, err := g.limit(c)
	if err != nil {
		return answer{}, err
	}
	if wanted := c.query.Get("visibility"); wanted != "" && wanted != "all" && !slices.Contains(visibilities, wanted) {
		return answer{}, g.refuse(c, http.StatusBadRequest, "Invalid visibility value: %s", wanted)
	}
	for _, name := range []string{"sort", "sort_key", "sort_dir", "member_status", "size_min", "size_max", "created_at", "updated_at"} {
		if c.query.Has(name) {
			g.violate(c, "the parameter "+name+" is not simulated")
		}
	}
	var matching []*image
	for _, img := range slices.Backward(g.images) {
		if g.matches(c, img) {
			matching = append(matching, img)
		}
	}
	marker := c.query.Get("marker")
	chosen, _, found := page(matching, func(img *image) string { return img.id }, marker, limit)
	if !found {
		return answer{}, g.refuse(c, http.StatusBadRequest, noImage, marker)
	}
	shown := []object{}
	for _, img := range chosen {
		shown = append(shown, img.document())
	}
	document := object{"images": shown, "schema": "/v2/schemas/images", "first": g.link(c, "")}
	if len(chosen) == limit && limit > 0 {
		document["next"] = g.link(c, chosen[len(chosen)-1].id)
	}
	return ok(document)
}

func (g *glance) limit(c *call) (int, error) {
	text := c.query.Get("limit")
	if text == "" {
		return imagePageSize, nil
	}
	limit, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, g.refuse(c, http.StatusBadRequest, "limit param must be an integer")
	case limit < 0:
		return 0, g.refuse(c, http.StatusBadRequest, "limit param must be positive")
	}
	return min(limit, imagePageMaximum), nil
}

// link is the path of the first page, or of the page after a marker.
func (g *glance) link(c *call, marker string) string {
	query := c.request.URL.Query()
	query.Del("marker")
	if marker != "" {
		query.Set("marker", marker)
	}
	if len(query) == 0 {
		return "/v2/images"
	}
	return "/v2/images?" + query.Encode()
}

func (g *glance) matches(c *call, img *image) bool {
	if img.owner != c.Project && img.visibility != "public" && (img.visibility != "community" ||
		c.query.Get("visibility") != "community") && !c.Admin {
		return false
	}
	for name, values := range c.query {
		if name != "limit" && name != "marker" && !img.has(name, values[0]) {
			return false
		}
	}
	return !img.hidden || c.query.Get("os_hidden") == "true"
}

// has tells whether the image passes one filter; "in:a,b" is a choice of values.
func (img *image) has(name, value string) bool {
	facts := map[string]string{
		"id": img.id, "name": deref(img.name), "status": img.status, "owner": img.owner, "visibility": img.visibility,
		"disk_format": deref(img.diskFormat), "container_format": deref(img.containerFormat), "checksum": img.checksum,
		"os_hash_value": img.hash, "os_hash_algo": "sha512", "protected": strconv.FormatBool(img.protected),
		"os_hidden": strconv.FormatBool(img.hidden), "min_disk": itoa(img.minDisk), "min_ram": itoa(img.minRAM),
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

func (g *glance) versions(c *call) (answer, error) {
	versions := []object{}
	for _, id := range []string{"v2.15", "v2.9", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0"} {
		status := "SUPPORTED"
		if len(versions) == 0 {
			status = "CURRENT"
		}
		links := []object{{"rel": "self", "href": c.base + "/image/v2/"}}
		versions = append(versions, object{"id": id, "status": status, "links": links})
	}
	status := http.StatusMultipleChoices
	if strings.HasSuffix(c.request.URL.Path, "/versions") {
		status = http.StatusOK
	}
	return reply(status, object{"versions": versions})
}
