package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// ConfigureNetworks returns NotSupported: the ports of a server are chosen when it
// is created.
func (c *CPI) ConfigureNetworks(context.Context, bosh.AnyArgs) (Nothing, error) {
	return nil, bosh.Errorf(bosh.NotSupported, "network configuration change requires VM recreation")
}
