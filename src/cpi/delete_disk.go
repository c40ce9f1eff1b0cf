package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DeleteDisk removes the volume; one that is gone already is a success. A disk
// on its way out of a VM is waited for: delete-env calls this right after the
// VM went away with the disk attached.
func (c *CPI) DeleteDisk(ctx context.Context, args bosh.DiskArgs) (Nothing, error) {
	id := string(args.Disk)
	found, err := c.volume.Volume(ctx, id)
	if openstack.IsNotFound(err) {
		c.log.Info("disk is gone already")
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
