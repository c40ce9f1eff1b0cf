package cpi

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// lookUpFloatingIP finds the floating IP of the vip network. It has to be
// allocated to the project by the operator; it is neither made nor released here.
func (c *CPI) lookUpFloatingIP(ctx context.Context, plan *vmPlan) error {
	for _, n := range plan.networks {
		if n.Type != bosh.VIP {
			continue
		}
		found, err := c.network.FloatingIPs(ctx, n.IP)
		switch {
		case err != nil:
			return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
		case len(found) == 0:
			return bosh.Retryable(bosh.VMCreationFailed, "Floating IP '%s' not allocated", n.IP)
		case len(found) > 1:
			var networks []string
			for _, ip := range found {
				networks = append(networks, "'"+ip.FloatingNetworkID+"'")
			}
			return bosh.Errorf(bosh.VMCreationFailed, "Floating IP '%s' found in multiple networks: %s", n.IP, strings.Join(networks, ", "))
		}
		plan.floatingIP = &found[0]
	}
	return nil
}

// associateFloatingIP moves the floating IP to the VM's gateway interface. If
// the VM is given up later, the address goes back to where it was.
func (c *CPI) associateFloatingIP(ctx context.Context, undo *undo, plan *vmPlan, server servers.Server, ports vmPorts) error {
	ip := plan.floatingIP
	if ip == nil {
		return nil
	}
	portID, err := c.gatewayPort(ctx, plan, server, ports)
	if err != nil {
		return bosh.Retryable(bosh.VMCreationFailed, "associate floating IP %s: %w", ip.FloatingIP, err)
	}
	if ip.PortID != "" && ip.PortID != portID {
		c.log.Warn("floating IP is taken from another port", slog.String("ip", ip.FloatingIP), slog.String("port", ip.PortID))
		undo.push("floating IP "+ip.FloatingIP+" of port "+ip.PortID, func(ctx context.Context) error {
			return c.network.AssociateFloatingIP(ctx, ip.ID, ip.PortID, ip.FixedIP)
		})
	}
	fixedIP := "" // of a dynamic network: the port's only address, which Neutron knows
	if gateway := plan.networks.Gateway(); gateway.Type == bosh.Manual {
		fixedIP = gateway.IP
	}
	if err := c.network.AssociateFloatingIP(ctx, ip.ID, portID, fixedIP); err != nil {
		return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
	}
	return nil
}

func (c *CPI) gatewayPort(ctx context.Context, plan *vmPlan, server servers.Server, made vmPorts) (string, error) {
	gateway := plan.networks.Gateway()
	if port, ok := made[gateway.Name]; ok {
		return port.ID, nil
	}
	found, err := c.network.PortsOfDevice(ctx, server.ID)
	if err != nil {
		return "", err
	}
	for _, port := range found {
		if gateway.CloudProperties.NetID == "" || port.NetworkID == gateway.CloudProperties.NetID {
			return port.ID, nil
		}
	}
	return "", fmt.Errorf("Server has no port in network '%s'", gateway.CloudProperties.NetID) //nolint:staticcheck // text operators search for
}
