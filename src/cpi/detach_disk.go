package cpi

import (
	"context"
	"log/slog"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DetachDisk detaches the volume from the VM and waits until it is available. A
// disk that is not attached or does not exist counts as success, and so does a VM
// that does not exist: its disk is certainly not attached.
func (c *CPI) DetachDisk(ctx context.Context, args bosh.VMDiskArgs) (Nothing, error) {
	settings, err := c.registryFor(ctx, args.VM)
	if err != nil {
		return nil, err
	}
	if err := c.detach(ctx, args); err != nil {
		return nil, err
	}
	return nil, settings.removeDisk(ctx, args.Disk)
}

// detach is idempotent. Nova lists the attachment a little longer than the volume
// is being detached; attach waits for that.
func (c *CPI) detach(ctx context.Context, args bosh.VMDiskArgs) error {
	server, disk := string(args.VM), string(args.Disk)
	if err := c.compute.Detach(ctx, server, disk); openstack.IsNotFound(err) {
		c.log.Info("volume is not attached", slog.String("volume", disk), slog.String("server", server))
		return nil
	} else if err != nil {
		return err
	}
	_, err := c.volume.WaitDetached(ctx, disk)
	return openstack.IgnoreNotFound(err)
}
