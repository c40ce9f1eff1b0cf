package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DeleteSnapshot deletes the snapshot. Not found counts as success.
func (c *CPI) DeleteSnapshot(ctx context.Context, args bosh.DeleteSnapshotArgs) (Nothing, error) {
	id := string(args.Snapshot)
	err := c.volume.DeleteSnapshot(ctx, id)
	if !openstack.IsBadRequest(err) {
		return nil, err
	}
	if found, lookErr := c.volume.Snapshot(ctx, id); lookErr == nil {
		return nil, bosh.Errorf(bosh.CloudError, "Cannot delete snapshot `%s', state is %s: %w", id, found.Status, err)
	}
	return nil, err
}
