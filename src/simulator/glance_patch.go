package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

const imagePatchType = "application/openstack-images-v2.1-json-patch"

// patchStep is one change of an image.
type patchStep struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

func (g *glance) patch(c *call) (answer, error) {
	if kind := c.request.Header.Get("Content-Type"); kind != imagePatchType {
		g.violate(c, "changes of an image need the Content-Type "+imagePatchType)
		return answer{}, g.unsupportedType(c, kind)
	}
	var steps []patchStep
	if err := c.decode(&steps); err != nil {
		return answer{}, err
	}
	img, err := g.wanted(c, noImage)
	if err != nil {
		return answer{}, err
	}
	if img.owner != c.project() && !c.isAdmin() {
		return answer{}, g.refuse(c, http.StatusForbidden, "You do not own this image")
	}
	changed := *img
	changed.properties = maps.Clone(img.properties)
	for _, step := range steps {
		if err := g.apply(c, &changed, step); err != nil {
			return answer{}, err
		}
	}
	changed.updated = g.now
	*img = changed
	return ok(img.document())
}

var imageFields = []string{"name", "visibility", "protected", "os_hidden", "min_disk", "min_ram", "tags", "disk_format", "container_format"}

func (g *glance) apply(c *call, img *image, step patchStep) error {
	field := strings.TrimPrefix(step.Path, "/")
	_, exists := img.properties[field]
	if !exists && !slices.Contains(imageFields, field) && !slices.Contains(readOnlyFields, field) && step.Op != "add" {
		return &refusal{webobError(c, http.StatusConflict, "There was a conflict when trying to complete your request.",
			"Property "+field+" does not exist.")}
	}
	switch step.Op {
	case "add", "replace":
		return g.set(c, img, field, step.Value)
	case "remove":
		if !exists {
			return g.refuse(c, http.StatusForbidden, "Property %s may not be removed.", field)
		}
		delete(img.properties, field)
		return nil
	}
	return g.refuse(c, http.StatusBadRequest, "Invalid operation: `%s`. It must be one of the following: add, remove, replace.", step.Op)
}
