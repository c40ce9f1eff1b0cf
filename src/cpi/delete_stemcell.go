package cpi

import (
	"context"
	"log/slog"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DeleteStemcell deletes the image of a stemcell. Not found counts as success. It
// keeps the image of a light stemcell, which belongs to the operator.
func (c *CPI) DeleteStemcell(ctx context.Context, args bosh.DeleteStemcellArgs) (Nothing, error) {
	if args.Stemcell.Light() {
		c.log.Info("image of a light stemcell is kept", slog.String("image", args.Stemcell.ImageID()))
		return nil, nil
	}
	found, err := c.image.Image(ctx, args.Stemcell.ImageID())
	if openstack.IsNotFound(err) {
		c.log.Info("image is already deleted", slog.String("image", args.Stemcell.ImageID()))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if reason := c.reasonToKeep(found); reason != "" {
		c.log.Warn("image is kept, delete it by hand if it is not needed", slog.String("reason", reason), slog.String("image", found.ID), slog.String("name", found.Name))
		return nil, nil
	}
	return nil, c.image.DeleteImage(ctx, found.ID)
}

// reasonToKeep returns why the image is not an uploaded stemcell of this director,
// or "". Some directors have stored light stemcells by the image's UUID only,
// because an older CPI omitted the suffix; deleting such a stemcell must not delete
// the image of the operator or of another director.
func (c *CPI) reasonToKeep(found images.Image) string {
	if found.Properties[mark.Key] != mark.Value {
		if c.uploadedByOlderCPI(found) {
			return ""
		}
		return "it does not have the marks of an upload by a CPI"
	}
	if director, _ := found.Properties["director_uuid"].(string); director != "" && director != c.request.Context.DirectorUUID {
		return "director " + director + " uploaded it"
	}
	return ""
}

// uploadedByOlderCPI reports whether the image is the stemcell of an older CPI,
// which did not mark its images. They are recognised by everything that the Ruby
// CPI set: the name, the properties of the official stemcells, and the visibility,
// which is "shared" if an operator does not choose another one.
func (c *CPI) uploadedByOlderCPI(found images.Image) bool {
	for _, property := range []string{"version", "os_type", "os_distro", "architecture", "auto_disk_config", "hypervisor_type"} {
		if value, _ := found.Properties[property].(string); value == "" {
			return false
		}
	}
	visibility := images.ImageVisibilityPrivate
	if c.config.OpenStack.StemcellPublicVisibility {
		visibility = images.ImageVisibilityPublic
	}
	version, _ := found.Properties["version"].(string)
	named := strings.HasPrefix(found.Name, "BOSH-") || strings.HasPrefix(found.Name, "bosh-") && strings.HasSuffix(found.Name, "/"+version)
	return named && found.Visibility == visibility && !found.Protected
}
