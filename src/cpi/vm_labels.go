package cpi

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
)

// The limits of Nova (nova/objects/tag.py, nova/api/validation/parameter_types.py).
const (
	maxTags         = 50
	maxTagLength    = 60
	maxMetadataText = 255
)

// checkLabels refuses metadata and tags of a VM type that Nova does not accept, or
// that the CPI needs for itself. Unlike the tags of a deployment, which other
// clouds may accept, they are not changed.
func (p vmProperties) checkLabels() error {
	for _, key := range slices.Sorted(maps.Keys(p.Metadata)) {
		value := p.Metadata.Text(key)
		switch {
		case mark.Reserved(key) || key == "deployment":
			return bosh.Errorf(bosh.CPIError, "cloud_properties.metadata.%s is set by the CPI: use another key", key)
		case key == "" || refusedByNova.MatchString(key) || utf8.RuneCountInString(key) > maxMetadataText:
			return bosh.Errorf(bosh.CPIError, "cloud_properties.metadata has the key '%s': Nova accepts 1 to %d letters, digits, spaces and characters of -_:.", key, maxMetadataText)
		case isNested(p.Metadata[key]):
			return bosh.Errorf(bosh.CPIError, "cloud_properties.metadata.%s must be a string, a number or a boolean", key)
		case utf8.RuneCountInString(value) > maxMetadataText:
			return bosh.Errorf(bosh.CPIError, "cloud_properties.metadata.%s has %d characters, Nova accepts %d", key, utf8.RuneCountInString(value), maxMetadataText)
		}
	}
	if len(p.Tags) > maxTags {
		return bosh.Errorf(bosh.CPIError, "cloud_properties.tags has %d tags, Nova accepts %d", len(p.Tags), maxTags)
	}
	for _, tag := range p.Tags {
		if length := utf8.RuneCountInString(tag); length < 1 || length > maxTagLength || strings.ContainsAny(tag, ",/") {
			return bosh.Errorf(bosh.CPIError, "cloud_properties.tags has the tag '%s': Nova accepts 1 to %d characters without comma and slash", tag, maxTagLength)
		}
	}
	return nil
}

func isNested(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}
