package cpi

import (
	"context"
	"log/slog"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// SetDiskMetadata adds tags to those of the volume.
func (c *CPI) SetDiskMetadata(ctx context.Context, args bosh.SetDiskMetadataArgs) (Nothing, error) {
	tags := c.tags(args.Metadata, refusedByCinder, slog.String("volume", string(args.Disk)))
	if len(tags) == 0 {
		return nil, nil
	}
	return nil, diskToTagNotFound(c.volume.SetMetadata(ctx, string(args.Disk), tags), args.Disk)
}
