package cpi

import (
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
)

// The characters that the services do not accept in a metadata key (metadata in
// nova/api/validation/parameter_types.py, extra_specs in
// cinder/api/validation/parameter_types.py).
var (
	refusedByNova   = regexp.MustCompile(`[^a-zA-Z0-9\-_:. ]`)
	refusedByCinder = regexp.MustCompile(`[^a-zA-Z0-9\-_:. /]`)
)

// tags returns metadata in the form that a service accepts. A deployment fails
// if its metadata cannot be set, so refused keys and values are changed instead.
// Keys of the CPI are left out. The object is the attribute of the log lines about
// that.
func (c *CPI) tags(metadata bosh.Metadata, refused *regexp.Regexp, object slog.Attr) map[string]string {
	tags := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if key == "" || metadata[key] == nil {
			continue
		}
		text := metadata.Text(key)
		accepted := refused.ReplaceAllString(mark.Truncate(key), "_")
		log := c.log.With(object, slog.String("tag", key))
		if mark.Reserved(accepted) {
			log.Warn("tag ignored because its key is reserved for the CPI")
			continue
		}
		if _, taken := tags[accepted]; taken || accepted != key && metadata[accepted] != nil {
			log.Warn("tag ignored because OpenStack stores another one with this key", slog.String("stored_as", accepted))
			continue
		}
		if accepted != key {
			log.Warn("tag renamed because OpenStack does not accept its key", slog.String("stored_as", accepted))
		}
		tags[accepted] = mark.Truncate(text)
		if tags[accepted] != text {
			log.Warn("value of the tag cut because OpenStack does not accept its length", slog.Int("length", utf8.RuneCountInString(text)), slog.Int("stored", utf8.RuneCountInString(tags[accepted])))
		}
	}
	return tags
}

// texts returns metadata as texts, truncated to the length that the services
// accept. Nil values and empty keys are left out. Of several keys that are cut to
// one, the first in alphabetical order counts.
func texts(metadata bosh.Metadata) map[string]string {
	all := make(map[string]string, len(metadata))
	for _, key := range slices.Backward(slices.Sorted(maps.Keys(metadata))) {
		if key != "" && metadata[key] != nil {
			all[mark.Truncate(key)] = mark.Truncate(metadata.Text(key))
		}
	}
	return all
}
