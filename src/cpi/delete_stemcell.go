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
	if !c.uploadedByCPI(found) {
		c.log.Warn("image is kept because it does not have the marks of an upload by a CPI; delete it by hand if it is not needed", slog.String("image", found.ID), slog.String("name", found.Name))
		return nil, nil
	}
	return nil, c.image.DeleteImage(ctx, found.ID)
}

// uploadedByCPI reports whether the image is an uploaded stemcell and not an image
// of the operator. Some directors have stored light stemcells by the image's UUID
// only, because an older CPI omitted the suffix; deleting such a stemcell must not
// delete the operator's image.
//
// Older CPIs did not mark their images. They are recognised by everything that the
// Ruby CPI set: the name, the properties of the official stemcells, and the
// visibility, which is "shared" if an operator does not choose another one.
func (c *CPI) uploadedByCPI(found images.Image) bool {
	if found.Properties[mark.Key] == mark.Value {
		return true
	}
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
