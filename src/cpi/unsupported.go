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

// CreateNetwork returns NotImplemented: networks belong to the operator.
func (c *CPI) CreateNetwork(context.Context, bosh.AnyArgs) (Nothing, error) {
	return nil, bosh.Errorf(bosh.NotImplemented, "'create_network' is not implemented: create the network in Neutron and name it as net_id")
}

// DeleteNetwork returns NotImplemented: networks belong to the operator.
func (c *CPI) DeleteNetwork(context.Context, bosh.AnyArgs) (Nothing, error) {
	return nil, bosh.Errorf(bosh.NotImplemented, "'delete_network' is not implemented: networks belong to the operator")
}
