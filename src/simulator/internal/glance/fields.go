package glance

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

var (
	diskFormats      = []string{"ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"}
	containerFormats = []string{"ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"}
	visibilities     = []string{"community", "public", "private", "shared"}
	readOnlyFields   = []string{
		"status", "size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value", "created_at", "updated_at", "self", "file",
		"schema", "direct_url", "locations", "stores",
	}
)

// set sets a field of the image. A field that the schema does not contain is a
// custom property.
func (g *Service) set(c *api.Call, img *Image, field string, value json.RawMessage) error {
	value = bytes.TrimSpace(value)
	switch field {
	case "name":
		return g.setName(c, img, value)
	case "disk_format":
		return g.choose(c, &img.diskFormat, field, value, diskFormats)
	case "container_format":
		return g.choose(c, &img.containerFormat, field, value, containerFormats)
	case "visibility":
		return g.setVisibility(c, img, value)
	case "protected":
		return g.read(c, &img.protected, field, "boolean", value)
	case "os_hidden":
		return g.read(c, &img.hidden, field, "boolean", value)
	case "min_disk", "min_ram":
		return g.setMinimum(c, img, field, value)
	case "tags":
		return g.read(c, &img.tags, field, "array", value)
	case "id":
		return g.setID(c, img, value)
	case "owner":
		if text := stringOf(value); text != img.owner {
			return g.refuse(c, http.StatusForbidden, "You are not permitted to create images owned by '%s'.", text)
		}
		return nil
	}
	if slices.Contains(readOnlyFields, field) {
		c.Violate("read-only field " + field)
		return g.refuse(c, http.StatusForbidden, "Attribute '%s' is read-only.", field)
	}
	return g.setProperty(c, img, field, value)
}

// stringOf returns the text of a JSON string, "" for anything else.
func stringOf(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return ""
	}
	return text
}

func isString(value json.RawMessage) bool { return len(value) > 0 && value[0] == '"' }

// read decodes a field of one JSON type.
func (g *Service) read(c *api.Call, target any, field, kind string, value json.RawMessage) error {
	if json.Unmarshal(value, target) == nil && string(value) != "null" {
		return nil
	}
	shown := api.PythonRepr(value)
	return g.schemaMismatch(c, shown+" is not of type '"+kind+"'", "type", "['properties']['"+field+"']", field, shown)
}

func (g *Service) setName(c *api.Call, img *Image, value json.RawMessage) error {
	shown, where := api.PythonRepr(value), "['properties']['name']"
	if !isString(value) && string(value) != "null" {
		return g.schemaMismatch(c, shown+" is not of type 'null', 'string'", "type", where, "name", shown)
	}
	if utf8.RuneCountInString(stringOf(value)) > 255 {
		return g.schemaMismatch(c, shown+" is too long", "maxLength", where, "name", shown)
	}
	img.name = nil
	return json.Unmarshal(value, &img.name)
}

// choose sets a field that is null or one of several words.
func (g *Service) choose(c *api.Call, target **string, field string, value json.RawMessage, words []string) error {
	if string(value) == "null" {
		*target = nil
		return nil
	}
	text := stringOf(value)
	if !slices.Contains(words, text) {
		shown := api.PythonRepr(value)
		problem := shown + " is not one of [None, '" + strings.Join(words, "', '") + "']"
		return g.schemaMismatch(c, problem, "enum", "['properties']['"+field+"']", field, shown)
	}
	*target = &text
	return nil
}

// setVisibility sets the visibility. Only an admin may publish an image.
func (g *Service) setVisibility(c *api.Call, img *Image, value json.RawMessage) error {
	text := stringOf(value)
	if !slices.Contains(visibilities, text) {
		shown := api.PythonRepr(value)
		problem := shown + " is not one of ['" + strings.Join(visibilities, "', '") + "']"
		return g.schemaMismatch(c, problem, "enum", "['properties']['visibility']", "visibility", shown)
	}
	if text == "public" && !c.Admin && !g.world.Options.PublicImages {
		return g.refuse(c, http.StatusForbidden, "You are not authorized to complete publicize_image action.")
	}
	img.visibility = text
	return nil
}

func (g *Service) setMinimum(c *api.Call, img *Image, field string, value json.RawMessage) error {
	var n int
	if err := g.read(c, &n, field, "integer", value); err != nil {
		return err
	}
	if n < 0 {
		return g.refuse(c, http.StatusBadRequest, "Invalid value '%d' for parameter '%s': Cannot be a negative value", n, field)
	}
	if field == "min_disk" {
		img.MinDisk = n
	} else {
		img.MinRAM = n
	}
	return nil
}

func (g *Service) setID(c *api.Call, img *Image, value json.RawMessage) error {
	id := stringOf(value)
	if !world.IsUUID(strings.ToLower(id)) {
		shown := api.PythonRepr(value)
		problem := shown + " does not match '" + imageIDPattern + "'"
		return g.schemaMismatch(c, problem, "pattern", "['properties']['id']", "id", shown)
	}
	if slices.Contains(g.deleted, id) || slices.ContainsFunc(g.images, func(other *Image) bool { return other.ID == id }) {
		return g.refuse(c, http.StatusConflict, "Image ID %s already exists!", id)
	}
	img.ID = id
	return nil
}

func (g *Service) setProperty(c *api.Call, img *Image, field string, value json.RawMessage) error {
	if !isString(value) {
		shown := api.PythonRepr(value)
		return g.schemaMismatch(c, shown+" is not of type 'string'", "type", "['additionalProperties']", field, shown)
	}
	if len(field) > 255 {
		return g.refuse(c, http.StatusBadRequest, "Custom property should not be greater than 255 characters.")
	}
	img.properties[field] = stringOf(value)
	return nil
}
