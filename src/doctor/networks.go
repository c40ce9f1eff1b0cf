package doctor

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// smallMTU is less than any overlay network needs to have: the MTU of Ethernet
// without the headers of VXLAN or Geneve over IPv6, with some reserve.
const smallMTU = 1280

// topology is what Neutron has for the project.
type topology struct {
	networks []network.VisibleNetwork
	// subnets are by id of the network.
	subnets map[string][]subnets.Subnet
}

func (d *Doctor) topology(ctx context.Context) (topology, error) {
	found := topology{subnets: map[string][]subnets.Subnet{}}
	var err error
	if found.networks, err = d.network.VisibleNetworks(ctx); err != nil {
		return found, err
	}
	slices.SortFunc(found.networks, func(a, b network.VisibleNetwork) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	var ids []string
	for _, n := range found.networks {
		if !n.External {
			ids = append(ids, n.ID)
		}
	}
	all, err := d.network.Subnets(ctx, ids)
	for _, subnet := range all {
		found.subnets[subnet.NetworkID] = append(found.subnets[subnet.NetworkID], subnet)
	}
	return found, err
}

// checkNetworks looks at the networks that VMs can be connected to, and at the
// external ones, where floating IPs come from.
func (d *Doctor) checkNetworks(ctx context.Context, s *sheet) {
	found, err := d.topology(ctx)
	if err != nil {
		s.failed("networks", err)
		return
	}
	var internal, external []network.VisibleNetwork
	for _, n := range found.networks {
		if n.External {
			external = append(external, n)
		} else {
			internal = append(internal, n)
		}
	}
	if len(internal) == 0 {
		s.bad("networks", "create a network with a subnet, and a router that connects it with an external network",
			"the project can use none that is not external")
	}
	for _, n := range internal {
		checkNetwork(s, n, found.subnets[n.ID])
	}
	d.checkWishes(ctx, s, found)
	d.checkFloatingIPs(ctx, s, external)
}

// checkNetwork looks at one network and its subnets.
func checkNetwork(s *sheet, n network.VisibleNetwork, all []subnets.Subnet) {
	subject := fmt.Sprintf("network %s (%s)", n.Name, n.ID)
	switch {
	case !n.AdminStateUp || n.Status == "DOWN":
		s.warning(subject, "set it up (openstack network set --enable)", "is down: its VMs cannot communicate")
	case len(all) == 0:
		s.warning(subject, "add a subnet, or do not name it in BOSH", "has no subnet: its ports have no address")
	case n.MTU > 0 && n.MTU < smallMTU:
		s.warning(subject, "correct the MTU of the network, or of the physical network", "has an MTU of %d: IPv6, and many programs, need at least %d", n.MTU, smallMTU)
	default:
		s.ok(subject, "%s%s", describeSubnets(all), describeMTU(n.MTU))
	}
}

func describeMTU(mtu int) string {
	if mtu == 0 {
		return ""
	}
	return fmt.Sprintf("; MTU %d", mtu)
}

func describeSubnets(all []subnets.Subnet) string {
	var texts []string
	for _, subnet := range all {
		text := subnet.CIDR
		if subnet.GatewayIP != "" {
			text += " with gateway " + subnet.GatewayIP
		} else {
			text += " without a gateway"
		}
		if !subnet.EnableDHCP {
			text += ", without DHCP"
		}
		pools := make([]string, 0, len(subnet.AllocationPools))
		for _, pool := range subnet.AllocationPools {
			pools = append(pools, pool.Start+"-"+pool.End)
		}
		if len(pools) > 0 {
			text += ", Neutron allocates " + strings.Join(pools, ", ")
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return strings.Join(texts, "; ")
}

// checkFloatingIPs looks at the floating IPs that networks of type vip can name.
func (d *Doctor) checkFloatingIPs(ctx context.Context, s *sheet, external []network.VisibleNetwork) {
	var names, free []string
	for _, n := range external {
		names = append(names, n.Name)
	}
	if len(external) == 0 {
		s.note("external network", "there is none: floating IPs cannot be allocated")
	} else {
		s.ok("external network", "%s", strings.Join(names, ", "))
	}
	all, err := d.network.ProjectFloatingIPs(ctx)
	if err != nil {
		s.failed("floating IPs", err)
		return
	}
	for _, ip := range all {
		if ip.PortID == "" {
			free = append(free, ip.FloatingIP)
		}
	}
	slices.Sort(free)
	s.ok("floating IPs", "%d allocated to the project, %s", len(all), describeFree(free))
	d.checkVIPs(s, all)
}

func describeFree(free []string) string {
	if len(free) == 0 {
		return "none of them free"
	}
	return "free: " + strings.Join(free, ", ")
}

// checkVIPs looks for the addresses of networks of type vip, which must be
// allocated to the project.
func (d *Doctor) checkVIPs(s *sheet, all []floatingips.FloatingIP) {
	for _, n := range d.wanted.Networks {
		if n.Type != "vip" {
			continue
		}
		for _, address := range closed(d.wanted.AddressesIn(n)...) {
			if _, err := netip.ParseAddr(address); err != nil {
				s.unknown("network "+n.Name, "%s is not a single address, and was not looked for", address)
				continue
			}
			allocated := slices.ContainsFunc(all, func(ip floatingips.FloatingIP) bool { return ip.FloatingIP == address })
			if !allocated {
				s.bad("network "+n.Name, "allocate it (openstack floating ip create --floating-ip-address), or correct it", "floating IP %s is not allocated to the project", address)
				continue
			}
			s.ok("network "+n.Name, "floating IP %s is allocated", address)
		}
	}
}
