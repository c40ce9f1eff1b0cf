package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// ResizeDisk extends a detached volume in place. It returns NotSupported, before
// it changes anything, if that is not possible: the director then creates a new
// disk and copies the data. After any other error the director leaves the disk
// detached.
func (c *CPI) ResizeDisk(ctx context.Context, args bosh.ResizeDiskArgs) (Nothing, error) {
	if err := checkSize(args.SizeMiB); err != nil {
		return nil, err
	}
	id, size := string(args.Disk), gib(args.SizeMiB)
	found, err := c.volume.Volume(ctx, id)
	switch {
	case err != nil:
		return nil, diskToResizeNotFound(err, args.Disk)
	case size == found.Size:
		return nil, nil
	case size < found.Size:
		return nil, bosh.Errorf(bosh.NotSupported, "Cannot resize volume to a smaller size from %d GiB to %d GiB", found.Size, size)
	case len(found.Attachments) > 0:
		return nil, bosh.Errorf(bosh.NotSupported, "Cannot resize volume '%s' it still has %d attachment(s)", id, len(found.Attachments))
	}

	err = c.volume.Extend(ctx, id, size)
	if openstack.IsBadRequest(err) && !openstack.IsQuota(err) {
		return nil, bosh.Errorf(bosh.NotSupported, "%w", err)
	}
	if err != nil {
		return nil, err
	}

	_, err = c.volume.WaitAvailable(ctx, id)
	return nil, err
}
