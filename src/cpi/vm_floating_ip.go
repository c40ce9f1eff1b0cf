package cpi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// maxTakes limits the attempts to associate a floating IP that changes all the
// time.
const maxTakes = 5

// planFloatingIPs returns the floating IPs with the interfaces that they lead to.
// An IPv4 address can have one floating IP of each external network.
func planFloatingIPs(vips bosh.Networks, found []floatingips.FloatingIP, plan vmPlan) (planned []plannedFloatingIP, err error) {
	for i, vip := range vips {
		target := plan.gatewayNIC()
		if vip.NICGroup != "" {
			target = plan.nicOfGroup(vip.NICGroup)
		}
		for j, other := range planned {
			if other.nic.index == target.index && other.FloatingNetworkID == found[i].FloatingNetworkID {
				return nil, bosh.Errorf(bosh.CloudError, "networks.%s and networks.%s are floating IPs of one external network, and lead to one NIC, that of network '%s'. Neutron allows one: lead one to another NIC with nic_group",
					vips[j].Name, vip.Name, target.names())
			}
		}
		planned = append(planned, plannedFloatingIP{found[i], *target})
	}
	return planned, nil
}

// associateFloatingIPs associates the floating IPs with the ports of their
// interfaces.
func (c *CPI) associateFloatingIPs(ctx context.Context, undo *undoStack, plan vmPlan, server servers.Server, created vmPorts) error {
	for _, ip := range plan.floatingIPs {
		if err := c.associateFloatingIP(ctx, undo, ip, server, created); err != nil {
			return err
		}
	}
	return nil
}

// associateFloatingIP associates the floating IP with the port of its interface.
// Its undo gives the floating IP back to the port that had it.
func (c *CPI) associateFloatingIP(ctx context.Context, undo *undoStack, ip plannedFloatingIP, server servers.Server, created vmPorts) error {
	port, err := c.portOf(ctx, ip.nic, server, created)
	if err != nil {
		return bosh.Retryable(bosh.VMCreationFailed, "associate floating IP %s: %w", ip.FloatingIP.FloatingIP, err)
	}
	address := ip.nic.fixedIPv4()
	if address == "" {
		address = ipv4Of(port)
	}
	if ip.PortID != "" && ip.PortID != port.ID {
		c.log.Warn("floating IP is taken from another port",
			slog.String("server", server.ID), slog.String("ip", ip.FloatingIP.FloatingIP), slog.String("port", ip.PortID))
		undo.push("floating IP "+ip.FloatingIP.FloatingIP+" of port "+ip.PortID, func(ctx context.Context) error {
			return c.network.AssociateFloatingIP(ctx, ip.ID, ip.PortID, ip.FixedIP)
		})
	}
	return c.takeFloatingIP(ctx, ip.FloatingIP, port.ID, address)
}

// ipv4Of returns the port's first IPv4 address, or "".
func ipv4Of(port ports.Port) string {
	for _, fixed := range port.FixedIPs {
		if !strings.Contains(fixed.IPAddress, ":") {
			return fixed.IPAddress
		}
	}
	return ""
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

// portOf returns the interface's port, which the CPI or Nova created.
func (c *CPI) portOf(ctx context.Context, n nic, server servers.Server, created vmPorts) (ports.Port, error) {
	if port, ok := created[n.index]; ok {
		return port, nil
	}
	found, err := c.network.PortsOfDevice(ctx, server.ID)
	if err != nil {
		return ports.Port{}, err
	}
	if len(found) == 0 {
		return ports.Port{}, fmt.Errorf("Server has no port in network '%s'", n.names()) //nolint:staticcheck // text operators search for
	}
	return found[0].Port, nil
}
