package cpi

import (
	"context"
	"errors"
	"fmt"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// RebootVM reboots the server, or starts it if it is off, and waits until it is
// active.
func (c *CPI) RebootVM(ctx context.Context, args bosh.VMArgs) (Nothing, error) {
	err := c.compute.Reboot(ctx, string(args.VM))
	if _, failed := errors.AsType[*openstack.WaitError](err); failed && !openstack.IsNotFound(err) {
		return nil, fmt.Errorf("%w%s", err, c.console(ctx, string(args.VM)))
	}
	return nil, vmNotFound(err, args.VM)
}
