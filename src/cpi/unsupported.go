package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// ConfigureNetworks refuses: an OpenStack server keeps the ports it was built with.
func (c *CPI) ConfigureNetworks(context.Context, bosh.AnyArgs) (Nothing, error) {
	return nil, bosh.Errorf(bosh.NotSupported, "network configuration change requires VM recreation")
}

// UpdateDisk refuses before it touches anything. The director then creates a
// disk with the new properties and lets the agent copy the data.
func (c *CPI) UpdateDisk(context.Context, bosh.AnyArgs) (Nothing, error) {
	return nil, bosh.Errorf(bosh.NotSupported, "a disk is not changed in place: create one with the new properties and copy the data")
}

// CreateNetwork is not offered: networks belong to the operator.
func (c *CPI) CreateNetwork(context.Context, bosh.AnyArgs) (Nothing, error) {
	return nil, bosh.Errorf(bosh.NotImplemented, "'create_network' is not implemented: create the network in Neutron and name it as net_id")
}

// DeleteNetwork is not offered: networks belong to the operator.
func (c *CPI) DeleteNetwork(context.Context, bosh.AnyArgs) (Nothing, error) {
	return nil, bosh.Errorf(bosh.NotImplemented, "'delete_network' is not implemented: networks belong to the operator")
}
