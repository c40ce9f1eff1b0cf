package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// SetDiskMetadata adds tags to the volume and keeps those it has.
func (c *CPI) SetDiskMetadata(ctx context.Context, args bosh.SetDiskMetadataArgs) (Nothing, error) {
	tags := c.tags(args.Metadata, refusedByCinder)
	if len(tags) == 0 {
		return nil, nil
	}
	return nil, diskToTagNotFound(c.volume.SetMetadata(ctx, string(args.Disk), tags), args.Disk)
}
