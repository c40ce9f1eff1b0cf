package cpi

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// vmPorts are the ports that the CPI created for a VM, by the index of the
// interface.
type vmPorts map[int]ports.Port

// createPorts creates a port for each interface whose port Nova does not create.
// If it is unknown whether Neutron created one, the undo deletes it, so that the
// director may repeat the call.
func (c *CPI) createPorts(ctx context.Context, undo *undoStack, plan vmPlan) (vmPorts, error) {
	created := vmPorts{}
	for _, n := range plan.nics {
		if !n.createPort {
			continue
		}
		port, err := c.createPort(ctx, undo, n.port)
		if openstack.IsAmbiguous(err) {
			return nil, bosh.Retryable(bosh.VMCreationFailed, "%w", portError(err, n))
		}
		if err != nil {
			return nil, portError(err, n)
		}
		created[n.index] = port
		if err := c.createTrunk(ctx, undo, n, port); err != nil {
			return nil, err
		}
		if err := c.tagPort(ctx, n, port); err != nil {
			return nil, err
		}
	}
	return created, nil
}

// tagPort sets the tags of the interface's port.
func (c *CPI) tagPort(ctx context.Context, n nic, port ports.Port) error {
	if len(n.tags) == 0 {
		return nil
	}
	if err := c.network.TagPort(ctx, port.ID, n.tags); err != nil {
		return fmt.Errorf("network '%s': %w", n.names(), err)
	}
	return nil
}

// nameNICs sets the names of the interfaces in Neutron's internal DNS. Before the
// server is built, Nova would replace them.
func (c *CPI) nameNICs(ctx context.Context, plan vmPlan, created vmPorts) error {
	for _, n := range plan.nics {
		if n.dnsName == "" {
			continue
		}
		if err := c.network.SetDNSName(ctx, created[n.index].ID, n.dnsName); err != nil {
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
