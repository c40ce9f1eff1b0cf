package cpi

import (
	"context"
	"log/slog"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DeleteDisk deletes the volume. Not found counts as success. It waits for a
// volume that is being detached: delete-env calls it directly after the deletion
// of the VM that the disk was attached to.
func (c *CPI) DeleteDisk(ctx context.Context, args bosh.DiskArgs) (Nothing, error) {
	id := string(args.Disk)
	if err := c.volume.DeleteVolume(ctx, id); !openstack.IsBadRequest(err) {
		return nil, err
	}
	found, err := c.volume.Volume(ctx, id)
	if openstack.IsNotFound(err) {
		c.log.Info("volume is already deleted", slog.String("volume", id))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	switch found.Status {
	case "available", "error", "error_deleting", "error_extending", "error_restoring", "deleting":
	case "in-use":
		for _, attachment := range found.Attachments {
			if _, err := c.compute.Server(ctx, attachment.ServerID); !openstack.IsNotFound(err) {
				return nil, bosh.Errorf(bosh.CloudError, "Cannot delete volume `%s', state is in-use (attached to server %s)", id, attachment.ServerID)
			}
		}
		fallthrough
	case "detaching", "creating", "downloading", "uploading", "extending", "retyping", "backing-up":
		if _, err := c.volume.WaitAvailable(ctx, id); err != nil && !openstack.IsNotFound(err) {
			return nil, err
		}
	default:
		return nil, bosh.Errorf(bosh.CloudError, "Cannot delete volume `%s', state is %s", id, found.Status)
	}
	return nil, c.volume.DeleteVolume(ctx, id)
}
