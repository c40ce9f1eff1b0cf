package cpi

import (
	"context"
	"regexp"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// bootDevice matches the first disk of a VM on every bus. A volume there is the
// root disk, not a persistent disk of BOSH.
var bootDevice = regexp.MustCompile(`^/dev/(sd|vd|xvd|hd)a$`)

// GetDisks returns the persistent disks that are attached to the VM.
func (c *CPI) GetDisks(ctx context.Context, args bosh.VMArgs) ([]bosh.DiskCID, error) {
	attachments, err := c.compute.Attachments(ctx, string(args.VM))
	if err != nil {
		return nil, vmNotFound(err, args.VM)
	}
	disks := []bosh.DiskCID{}
	for _, attachment := range attachments {
		if !bootDevice.MatchString(attachment.Device) {
			disks = append(disks, bosh.DiskCID(attachment.VolumeID))
		}
	}
	return disks, nil
}
