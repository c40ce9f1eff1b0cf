package cpi

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// vmPorts are the ports made for a VM's manual networks, by network name.
type vmPorts map[string]ports.Port

// createPorts makes a port with the wanted address on each manual network and
// tells the agent its MAC. Ports of dynamic networks are Nova's to make.
func (c *CPI) createPorts(ctx context.Context, undo *undo, plan *vmPlan) (vmPorts, error) {
	made := vmPorts{}
	for i, n := range plan.networks {
		if n.Type != bosh.Manual {
			continue
		}
		opts := network.PortCreateOpts{
			Name: fmt.Sprintf("%s-%d", plan.name, i), Description: plan.owner.Description(),
			NetworkID: n.CloudProperties.NetID, FixedIPs: []string{n.IP}, SecurityGroups: plan.groups,
		}
		if n == plan.networks.Gateway() {
			opts.AddressPairs = plan.properties.AllowedAddressPairs
		}
		port, err := c.createPort(ctx, undo, opts)
		if err != nil {
			return nil, portError(err, n)
		}
		made[n.Name] = port
		n.Set("mac", port.MACAddress)
	}
	return made, nil
}

func (c *CPI) createPort(ctx context.Context, undo *undo, opts network.PortCreateOpts) (port ports.Port, err error) {
	undo.push("port "+opts.Name, func(ctx context.Context) error {
		if port.ID != "" {
			return c.network.DeletePort(ctx, port.ID)
		}
		return removeUnanswered(ctx, err, func(ctx context.Context) error { return c.network.DeletePortNamed(ctx, opts.Name) })
	})
	port, err = c.network.CreatePort(ctx, opts)
	if openstack.IsConflict(err) && !openstack.IsQuota(err) {
		if freed, freeErr := c.freeAddress(ctx, opts); freeErr != nil || !freed {
			return port, fmt.Errorf("%w%s", err, because(freeErr))
		}
		port, err = c.network.CreatePort(ctx, opts)
	}
	return port, err
}

// freeAddress deletes ports that hold the address and belong to nothing: a VM
// that was lost leaves such ports. It tells whether there were any.
func (c *CPI) freeAddress(ctx context.Context, opts network.PortCreateOpts) (freed bool, err error) {
	holders, err := c.network.PortsWithIP(ctx, opts.FixedIPs[0], opts.NetworkID)
	if err != nil {
		return false, err
	}
	for _, port := range holders {
		if port.Status != "DOWN" || port.DeviceID != "" || port.DeviceOwner != "" {
			continue
		}
		c.log.Warn("deleting an unused port that holds the address", slog.String("port", port.ID), slog.String("ip", opts.FixedIPs[0]))
		if err := c.network.DeletePort(ctx, port.ID); err != nil {
			return false, err
		}
		freed = true
	}
	return freed, nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf(" (and its address could not be freed: %v)", err)
}

// portError says which network of the manifest the cloud objected to.
func portError(err error, n *bosh.Network) error {
	if openstack.IsNotFound(err) {
		return bosh.Errorf(bosh.VMCreationFailed, "Following network IDs are not existing or not accessible from this project: '%s' "+
			"(networks.%s.cloud_properties.net_id). Make sure you do not use subnet IDs: %w", n.CloudProperties.NetID, n.Name, err)
	}
	return fmt.Errorf("network '%s' with ip %s: %w", n.Name, n.IP, err)
}

// checkAddressPairs makes sure that somebody reserved the addresses a VM shall
// share: Neutron might give them to another VM.
func (c *CPI) checkAddressPairs(ctx context.Context, plan *vmPlan) error {
	if len(plan.properties.AllowedAddressPairs) == 0 {
		return nil
	}
	gateway := plan.networks.Gateway()
	switch {
	case gateway == nil:
		return bosh.Errorf(bosh.CloudError, "allowed_address_pairs needs a network whose 'default' contains 'gateway'")
	case gateway.Type == bosh.Dynamic:
		return bosh.Errorf(bosh.CloudError, "Network with id '%s' is a dynamic network. VRRP is not supported for dynamic networks", gateway.CloudProperties.NetID)
	case gateway.CloudProperties.VRRPPortCheck != nil && !*gateway.CloudProperties.VRRPPortCheck:
		return nil
	}
	for _, pair := range plan.properties.AllowedAddressPairs {
		found, err := c.network.PortsWithIP(ctx, pair.IPAddress, "")
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return bosh.Errorf(bosh.CloudError, "Configured VRRP port with ip '%s' does not exist.", pair.IPAddress)
		}
	}
	return nil
}
