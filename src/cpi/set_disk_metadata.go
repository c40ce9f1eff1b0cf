package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// SetDiskMetadata adds tags to the volume and keeps those it has.
func (c *CPI) SetDiskMetadata(ctx context.Context, args bosh.SetDiskMetadata) (Nothing, error) {
	tags := c.tags(args.Metadata, refusedByCinder)
	if len(tags) == 0 {
		return nil, nil
	}
	err := c.volume.SetMetadata(ctx, string(args.Disk), tags)
	if openstack.IsNotFound(err) {
		return nil, bosh.Errorf(bosh.DiskNotFound, "Disk `%s' not found: %w", args.Disk, err)
	}
	return nil, err
}
