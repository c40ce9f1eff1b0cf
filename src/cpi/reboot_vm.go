package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// RebootVM reboots the server, or starts it if it is off, and waits until it is
// active.
func (c *CPI) RebootVM(ctx context.Context, args bosh.VMArgs) (Nothing, error) {
	return nil, vmNotFound(c.compute.Reboot(ctx, string(args.VM)), args.VM)
}
