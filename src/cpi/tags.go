package cpi

import (
	"log/slog"
	"regexp"

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
// if its metadata cannot be set, so refused keys are changed instead. The object
// is the attribute of the log line about that.
func (c *CPI) tags(metadata bosh.Metadata, refused *regexp.Regexp, object slog.Attr) map[string]string {
	tags := map[string]string{}
	for key, value := range texts(metadata) {
		accepted := refused.ReplaceAllString(key, "_")
		if accepted != key {
			c.log.Warn("tag renamed because OpenStack does not accept its key", object, slog.String("tag", key), slog.String("stored_as", accepted))
		}
		tags[accepted] = value
	}
	return tags
}

// texts returns metadata as texts, truncated to the length that the services
// accept. Nil values and empty keys are left out.
func texts(metadata bosh.Metadata) map[string]string {
	all := make(map[string]string, len(metadata))
	for key, value := range metadata {
		if key != "" && value != nil {
			all[mark.Truncate(key)] = mark.Truncate(metadata.Text(key))
		}
	}
	return all
}
