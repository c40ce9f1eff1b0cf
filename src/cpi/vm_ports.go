package cpi

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// vmPorts are the ports that the CPI created for a VM, by the index of the
// interface.
type vmPorts map[int]ports.Port

// createPorts creates the ports of all interfaces whose port Nova does not create.
// If it is unknown whether Neutron created them, the undo deletes them, so that
// the director may repeat the call.
func (c *CPI) createPorts(ctx context.Context, undo *undoStack, plan vmPlan) (vmPorts, error) {
	planned := slices.DeleteFunc(slices.Clone(plan.nics), func(n nic) bool { return !n.createPort })
	create := c.createPortsInTurn
	if len(planned) > 1 {
		create = c.createPortsAtOnce
	}
	created, err := create(ctx, undo, planned)
	if len(planned) > 1 && wasRefused(err) && !openstack.IsQuota(err) {
		created, err = c.createPortsInTurn(ctx, undo, planned)
	}
	if openstack.IsAmbiguous(err) {
		return nil, bosh.Retryable(bosh.VMCreationFailed, "%w", err)
	}
	if err != nil {
		return nil, err
	}
	return created, c.tagPorts(ctx, planned, created)
}

// createPortsAtOnce creates the ports of several interfaces in one request: all of
// them or none.
func (c *CPI) createPortsAtOnce(ctx context.Context, undo *undoStack, planned []nic) (vmPorts, error) {
	opts, creations := make([]network.PortCreateOpts, len(planned)), make([]*creation, len(planned))
	for i, n := range planned {
		opts[i] = n.port
		creations[i] = undo.pushCreation("port", n.port.Name, c.network.DeletePort, c.network.DeletePortNamed)
	}
	ports, err := c.network.CreatePorts(ctx, opts)
	created := vmPorts{}
	for i, n := range planned {
		if err != nil {
			creations[i].answered("", err)
			continue
		}
		creations[i].answered(ports[i].ID, nil)
		created[n.index] = ports[i]
	}
	return created, err
}

// createPortsInTurn creates one port after the other. If Neutron has refused the
// request for all of them, the error is about one port like this, and what an
// interrupted creation left on an address is found.
func (c *CPI) createPortsInTurn(ctx context.Context, undo *undoStack, planned []nic) (vmPorts, error) {
	created := vmPorts{}
	for _, n := range planned {
		port, err := c.createPort(ctx, undo, n.port)
		if err != nil {
			return nil, portError(err, n)
		}
		created[n.index] = port
	}
	return created, nil
}

// tagPorts sets the tags of the interfaces' ports.
func (c *CPI) tagPorts(ctx context.Context, planned []nic, created vmPorts) error {
	for _, n := range planned {
		if len(n.tags) == 0 {
			continue
		}
		if err := c.network.TagPort(ctx, created[n.index].ID, n.tags); err != nil {
			return fmt.Errorf("network '%s': %w", n.names(), err)
		}
	}
	return nil
}

// createPort creates a port. What an interrupted creation left on its address is
// deleted first.
func (c *CPI) createPort(ctx context.Context, undo *undoStack, opts network.PortCreateOpts) (port ports.Port, err error) {
	creation := undo.pushCreation("port", opts.Name, c.network.DeletePort, c.network.DeletePortNamed)
	defer func() { creation.answered(port.ID, err) }()

	port, err = c.createPortWithGroups(ctx, opts)
	if !openstack.IsConflict(err) || openstack.IsQuota(err) || len(opts.FixedIPs) == 0 {
		return port, err
	}
	if heldErr := c.freeAddresses(ctx, opts); heldErr != nil {
		return port, fmt.Errorf("%w: %w", err, heldErr)
	}
	return c.createPortWithGroups(ctx, opts)
}

// createPortWithGroups creates a port with its security groups, or without them
// on a network that has port security disabled: such a network accepts none,
// and does not filter traffic in any case.
func (c *CPI) createPortWithGroups(ctx context.Context, opts network.PortCreateOpts) (ports.Port, error) {
	port, err := c.network.CreatePort(ctx, opts)
	if len(opts.SecurityGroups) == 0 || !network.IsPortSecurityDisabled(err) {
		return port, err
	}
	c.log.Warn("port is created without security groups because its network has port security disabled",
		slog.String("port_name", opts.Name), slog.String("network", opts.NetworkID))
	opts.SecurityGroups = nil
	return c.network.CreatePort(ctx, opts)
}

// portError names the manifest's network in an error of Neutron.
func portError(err error, n nic) error {
	name := n.names()
	if openstack.IsNotFound(err) {
		return bosh.Errorf(bosh.VMCreationFailed, "Following network IDs are not existing or not accessible from this project: '%s' "+
			"(networks.%s.cloud_properties.net_id). Make sure you do not use subnet IDs: %w", n.port.NetworkID, n.networks[0].Name, err)
	}
	return fmt.Errorf("network '%s' with ip %s: %w", name, strings.Join(n.port.FixedIPs, ", "), err)
}
