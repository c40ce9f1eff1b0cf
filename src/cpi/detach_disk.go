package cpi

import (
	"context"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DetachDisk takes the volume off the VM and returns when it is available. A
// disk that is not attached, or gone, is a success.
func (c *CPI) DetachDisk(ctx context.Context, args bosh.AttachDisk) (Nothing, error) {
	settings, err := c.registryFor(ctx, args.VM)
	if err != nil {
		return nil, err
	}
	if err := c.detach(ctx, args); err != nil {
		return nil, vmNotFound(err, args.VM)
	}
	return nil, settings.removeDisk(ctx, args.Disk)
}

// detach is idempotent; it fails with a 404 only if the server is missing.
func (c *CPI) detach(ctx context.Context, args bosh.AttachDisk) error {
	attachments, err := c.compute.Attachments(ctx, string(args.VM))
	if err != nil {
		return err
	}
	attached := func(a volumeattach.VolumeAttachment) bool { return a.VolumeID == string(args.Disk) }
	if !slices.ContainsFunc(attachments, attached) {
		c.log.Info("disk is not attached")
		return nil
	}
	if err := c.compute.Detach(ctx, string(args.VM), string(args.Disk)); err != nil {
		return err
	}
	if _, err := c.volume.WaitAvailable(ctx, string(args.Disk)); err != nil && !openstack.IsNotFound(err) {
		return err
	}
	return nil
}
