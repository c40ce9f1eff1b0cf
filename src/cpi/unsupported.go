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

// UpdateDisk returns NotSupported. The director then creates a disk with the new
// properties and copies the data.
func (c *CPI) UpdateDisk(context.Context, bosh.AnyArgs) (Nothing, error) {
	return nil, bosh.Errorf(bosh.NotSupported, "a disk is not changed in place: create one with the new properties and copy the data")
}
