package cpi

import (
	"context"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// HasVM tells whether the server exists, in whatever state. A cloud that cannot
// say is an error: on "false" the resurrector builds the VM a second time.
func (c *CPI) HasVM(ctx context.Context, args bosh.VMArgs) (bool, error) {
	server, err := c.compute.Server(ctx, string(args.VM))
	if openstack.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	status := strings.ToUpper(server.Status)
	return status != "DELETED" && status != "SOFT_DELETED" && status != "TERMINATED", nil
}
