package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// ResizeDisk extends a volume in place, also one that is attached. It returns
// NotSupported, and changes nothing, if that is not possible: the director then
// creates a new disk and copies the data.
func (c *CPI) ResizeDisk(ctx context.Context, args bosh.ResizeDiskArgs) (Nothing, error) {
	if err := checkSize(args.SizeMiB); err != nil {
		return nil, err
	}
	size := gib(args.SizeMiB)
	found, err := c.settledVolume(ctx, args.Disk)
	if err != nil {
		return nil, diskToResizeNotFound(err, args.Disk)
	}
	if err := checkGrowth(found, size); err != nil || size == found.Size {
		return nil, err
	}
	return nil, diskToResizeNotFound(c.grow(ctx, found, size), args.Disk)
}
