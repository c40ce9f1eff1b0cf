package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DetachDisk takes the volume off the VM and returns when it is available. A
// disk that is not attached, or gone, is a success.
func (c *CPI) DetachDisk(ctx context.Context, args bosh.VMDiskArgs) (Nothing, error) {
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
func (c *CPI) detach(ctx context.Context, args bosh.VMDiskArgs) error {
	server, disk := string(args.VM), string(args.Disk)
	if err := c.compute.Detach(ctx, server, disk); openstack.IsNotFound(err) {
		c.log.Info("disk is not attached")
		_, err := c.compute.Attachments(ctx, server)
		return err
	} else if err != nil {
		return err
	}
	if _, err := c.volume.WaitDetached(ctx, disk); err != nil && !openstack.IsNotFound(err) {
		return err
	}
	return c.compute.WaitDetached(ctx, server, disk)
}
