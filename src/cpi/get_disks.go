package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// GetDisks returns the persistent disks that are attached to the VM.
func (c *CPI) GetDisks(ctx context.Context, args bosh.VMArgs) ([]bosh.DiskCID, error) {
	attached, err := c.compute.KeptVolumes(ctx, string(args.VM))
	if err != nil {
		return nil, vmNotFound(err, args.VM)
	}
	disks := []bosh.DiskCID{}
	for _, id := range attached {
		disks = append(disks, bosh.DiskCID(id))
	}
	return disks, nil
}
