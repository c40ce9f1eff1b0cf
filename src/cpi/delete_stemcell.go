package cpi

import (
	"context"
	"log/slog"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DeleteStemcell removes the image of a stemcell; one that is gone already is a
// success, and so is a light stemcell, whose image belongs to the operator.
func (c *CPI) DeleteStemcell(ctx context.Context, args bosh.DeleteStemcellArgs) (Nothing, error) {
	if args.Stemcell.Light() {
		c.log.Info("light stemcell: the image stays")
		return nil, nil
	}
	found, err := c.image.Image(ctx, args.Stemcell.ImageID())
	if openstack.IsNotFound(err) {
		c.log.Info("stemcell is gone already")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !madeByCPI(found) {
		c.log.Warn("image was not uploaded by a CPI, it stays", slog.String("image", found.ID), slog.String("name", found.Name))
		return nil, nil
	}
	return nil, c.image.DeleteImage(ctx, found.ID)
}

// madeByCPI tells an uploaded stemcell from an image of the operator. There are
// directors that know light stemcells by the bare image UUID, because a CPI once
// left the suffix out; deleting such a stemcell must not cost the operator the
// image. Older CPIs left no mark, but named images "<name>/<version>" and put the
// version into the properties.
func madeByCPI(found images.Image) bool {
	if found.Properties[bosh.Marker] == bosh.MarkerValue {
		return true
	}
	version, _ := found.Properties["version"].(string)
	return version != "" && strings.HasSuffix(found.Name, "/"+version)
}
