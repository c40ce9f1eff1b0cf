package cpi

import (
	"log/slog"
	"regexp"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// The characters that the services do not allow in a metadata key (metadata in
// nova/api/validation/parameter_types.py, extra_specs in
// cinder/api/validation/parameter_types.py).
var (
	refusedByNova   = regexp.MustCompile(`[^a-zA-Z0-9\-_:. ]`)
	refusedByCinder = regexp.MustCompile(`[^a-zA-Z0-9\-_:. /]`)
)

// tags returns metadata as a service takes it. Deployments fail when theirs
// cannot be set, so keys that would be refused are made acceptable instead.
func (c *CPI) tags(metadata bosh.Metadata, refused *regexp.Regexp) map[string]string {
	tags := map[string]string{}
	for key, value := range metadata.Tags() {
		accepted := refused.ReplaceAllString(key, "_")
		if accepted != key {
			c.log.Warn("tag renamed, OpenStack does not take the key", slog.String("tag", key), slog.String("stored_as", accepted))
		}
		tags[accepted] = value
	}
	return tags
}
