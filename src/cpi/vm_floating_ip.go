package cpi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// maxTakes limits the attempts to associate a floating IP that changes all the
// time.
const maxTakes = 5

// associateFloatingIP associates the floating IP with the port of the gateway
// interface. Its undo gives the floating IP back to the port that had it.
func (c *CPI) associateFloatingIP(ctx context.Context, undo *undoStack, plan vmPlan, server servers.Server, created vmPorts) error {
	ip := plan.floatingIP
	if ip == nil {
		return nil
	}
	gateway := plan.gatewayNIC()
	portID, err := c.portOf(ctx, gateway, server, created)
	if err != nil {
		return bosh.Retryable(bosh.VMCreationFailed, "associate floating IP %s: %w", ip.FloatingIP, err)
	}
	if ip.PortID != "" && ip.PortID != portID {
		c.log.Warn("floating IP is taken from another port",
			slog.String("server", server.ID), slog.String("ip", ip.FloatingIP), slog.String("port", ip.PortID))
		undo.push("floating IP "+ip.FloatingIP+" of port "+ip.PortID, func(ctx context.Context) error {
			return c.network.AssociateFloatingIP(ctx, ip.ID, ip.PortID, ip.FixedIP)
		})
	}
	return c.takeFloatingIP(ctx, *ip, portID, gateway.fixedIP())
}

// takeFloatingIP associates the floating IP unless another call has associated it
// with another port since it was looked up: of several VMs with the same floating
// IP one gets it, and the creation of the others fails. Other changes do not
// matter. Neutron takes the port's only address if fixedIP is empty.
func (c *CPI) takeFloatingIP(ctx context.Context, ip floatingips.FloatingIP, portID, fixedIP string) error {
	for try := 1; ; try++ {
		err := c.network.TakeFloatingIP(ctx, ip, portID, fixedIP)
		if err == nil {
			return nil
		}
		if !network.IsChanged(err) || try == maxTakes {
			return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
		}
		now, err := c.network.FloatingIP(ctx, ip.ID)
		switch {
		case err != nil:
			return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
		case now.PortID == portID:
			return nil // the response to the previous request was lost
		case now.PortID != "" && now.PortID != ip.PortID:
			return bosh.Errorf(bosh.VMCreationFailed, "Floating IP '%s' was associated with port %s by another call at the same time: do several VMs have this vip?", ip.FloatingIP, now.PortID)
		}
		ip = now
	}
}

// checkFloatingIP fails if the floating IP is associated with a port that is not
// that of a VM of this director.
func (c *CPI) checkFloatingIP(ctx context.Context, ip floatingips.FloatingIP) error {
	if ip.PortID == "" {
		return nil
	}
	port, err := c.network.Port(ctx, ip.PortID)
	if openstack.IsNotFound(err) {
		return bosh.Errorf(bosh.VMCreationFailed, "Floating IP '%s' is in use by port %s of another project", ip.FloatingIP, ip.PortID)
	}
	if err != nil {
		return err
	}
	holder, err := c.addressHolder(ctx, ip.FloatingIP, port)
	if err != nil {
		return err
	}
	var reason string
	switch {
	case !holder.marked:
		reason = "it was not created by this CPI"
	case holder.owner.DirectorUUID != c.owner().DirectorUUID:
		reason = "it belongs to the director " + cmp.Or(holder.owner.DirectorUUID, "of another installation")
	default:
		return nil
	}
	return bosh.Errorf(bosh.VMCreationFailed, "Floating IP '%s' is not moved: %w. Use another floating IP, or release it with `openstack floating ip unset --port %s`",
		ip.FloatingIP, holder.keep(reason), ip.ID)
}

// portOf returns the id of the interface's port, which the CPI or Nova created.
func (c *CPI) portOf(ctx context.Context, n *nic, server servers.Server, created vmPorts) (string, error) {
	if port, ok := created[n.index]; ok {
		return port.ID, nil
	}
	found, err := c.network.PortsOfDevice(ctx, server.ID)
	if err != nil {
		return "", err
	}
	for _, port := range found {
		if n.port.NetworkID == "" || port.NetworkID == n.port.NetworkID {
			return port.ID, nil
		}
	}
	return "", fmt.Errorf("Server has no port in network '%s'", n.port.NetworkID) //nolint:staticcheck // text operators search for
}
