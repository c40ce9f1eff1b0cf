package cpi

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// HasDisk reports whether the volume exists, in any state. It returns an error if
// the cloud does not answer the question.
func (c *CPI) HasDisk(ctx context.Context, args bosh.DiskArgs) (bool, error) {
	_, err := openstack.Confirm(ctx, func(ctx context.Context) (volumes.Volume, error) { return c.volume.Volume(ctx, string(args.Disk)) })
	if openstack.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
