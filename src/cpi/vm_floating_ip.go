package cpi

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

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
	// Neutron takes the port's only address if none is given.
	if err := c.network.AssociateFloatingIP(ctx, ip.ID, portID, gateway.fixedIP()); err != nil {
		return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
	}
	return nil
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
