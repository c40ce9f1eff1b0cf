package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// RebootVM restarts the VM, or starts it if it is off, and returns when Nova
// says it runs again.
func (c *CPI) RebootVM(ctx context.Context, args bosh.VMArgs) (Nothing, error) {
	return nil, vmNotFound(c.compute.Reboot(ctx, string(args.VM)), args.VM)
}
