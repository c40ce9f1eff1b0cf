package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/piston/openstack-bosh-cpi/src/manifest"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// checkWishes compares the networks of the cloud config with those of Neutron.
func (d *Doctor) checkWishes(ctx context.Context, s *sheet, found topology) {
	for _, wish := range d.subnetWishes() {
		if wish.network.Type == "vip" {
			continue // see checkFloatingIPs
		}
		id := wish.properties.NetID
		switch i := found.index(id); {
		case manifest.IsOpen(id):
		case id == "" && wish.network.Type == "dynamic":
			s.note(wish.place, "names no network (net_id): Nova takes the only one that the project can use")
		case id == "":
			s.bad(wish.place, "add cloud_properties.net_id, the id of a network of Neutron", "names no network (net_id)")
		case i < 0:
			s.bad(wish.place, "correct net_id: it is the id of a network of this project, or of one that is shared with it", "%s", found.explain(id))
		case wish.network.Type == "dynamic":
			s.ok(wish.place, "network %s", found.networks[i].Name)
		default:
			d.checkSubnet(ctx, s, wish, found.networks[i], found.subnets[id])
		}
	}
}

// index returns the index of the network, -1 if the project cannot see it.
func (t topology) index(id string) int {
	return slices.IndexFunc(t.networks, func(n network.VisibleNetwork) bool { return n.ID == id })
}

// explain says what an id that is not the id of a network stands for.
func (t topology) explain(id string) string {
	for _, n := range t.networks {
		if n.Name == id {
			return fmt.Sprintf("net_id %s is the name of a network, its id is %s", id, n.ID)
		}
		for _, subnet := range t.subnets[n.ID] {
			if subnet.ID == id {
				return fmt.Sprintf("net_id %s is the id of a subnet, that of its network %s is %s", id, n.Name, n.ID)
			}
		}
	}
	return fmt.Sprintf("network %s does not exist, or is not of this project", id)
}

// checkSubnet compares a manual network with the subnet of Neutron that its range
// is in.
func (d *Doctor) checkSubnet(ctx context.Context, s *sheet, wish subnetWish, n network.VisibleNetwork, all []subnets.Subnet) {
	if manifest.IsOpen(wish.Range + wish.Gateway + strings.Join(wish.Reserved, "")) {
		return
	}
	wanted, err := netip.ParsePrefix(wish.Range)
	if err != nil {
		s.bad(wish.place, "correct range: it is an address with the length of a prefix, such as 10.0.0.0/24", "%s", err)
		return
	}
	own, found := subnetAround(wanted, all)
	if !found {
		s.bad(wish.place, "correct range or net_id", "its range %s is in no subnet of network %s, which has %s", wanted, n.Name, cidrs(all))
		return
	}
	s.ok(wish.place, "range %s is in subnet %s of network %s", wanted, own.CIDR, n.Name)
	checkGateway(s, wish, own)
	d.checkDHCP(s, wish, own)
	held, err := d.network.PortsOfNetwork(ctx, n.ID)
	if err != nil {
		s.failed(wish.place, err)
		return
	}
	d.checkRouter(ctx, s, wish, n, held)
	checkAddresses(s, wish, held, own)
}

// subnetAround returns the subnet that contains the range.
func subnetAround(wanted netip.Prefix, all []subnets.Subnet) (subnets.Subnet, bool) {
	for _, subnet := range all {
		if cidr, err := netip.ParsePrefix(subnet.CIDR); err == nil && cidr.Bits() <= wanted.Bits() && cidr.Contains(wanted.Addr()) {
			return subnet, true
		}
	}
	return subnets.Subnet{}, false
}

func cidrs(all []subnets.Subnet) string {
	texts := make([]string, 0, len(all))
	for _, subnet := range all {
		texts = append(texts, subnet.CIDR)
	}
	slices.Sort(texts)
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}

func checkGateway(s *sheet, wish subnetWish, own subnets.Subnet) {
	switch own.GatewayIP {
	case wish.Gateway:
		s.ok(wish.place, "gateway %s is that of Neutron's subnet", wish.Gateway)
	case "":
		s.warning(wish.place, "make sure that something has the address, or set the gateway of the subnet",
			"its gateway is %s, but Neutron's subnet has none", wish.Gateway)
	default:
		s.warning(wish.place, "correct gateway", "its gateway is %s, that of Neutron's subnet %s: VMs that get their address by DHCP use Neutron's",
			wish.Gateway, own.GatewayIP)
	}
}

// checkRouter looks for the port that has the gateway's address. A project does
// not see the ports of others in a network that it does not own, and a gateway
// outside of the cloud has none.
func (d *Doctor) checkRouter(ctx context.Context, s *sheet, wish subnetWish, n network.VisibleNetwork, held []ports.Port) {
	if wish.Gateway == "" {
		return
	}
	for _, port := range held {
		if !hasAddress(port, wish.Gateway) {
			continue
		}
		if strings.Contains(port.DeviceOwner, "router") {
			s.ok(wish.place, "gateway %s is an interface of router %s", wish.Gateway, port.DeviceID)
		} else {
			s.warning(wish.place, "connect a router with the subnet, or make sure that this port routes",
				"gateway %s is no router's: port %s has it (%s)", wish.Gateway, port.ID, port.DeviceOwner)
		}
		return
	}
	token, err := d.session.Token(ctx)
	if err != nil || n.ProjectID != token.ProjectID {
		s.note(wish.place, "the port of gateway %s cannot be seen: the network is not of this project", wish.Gateway)
		return
	}
	s.warning(wish.place, "connect a router with the subnet (openstack router add subnet), unless the gateway is outside of the cloud",
		"nothing has the address of gateway %s: VMs reach no other network, and no floating IP reaches them", wish.Gateway)
}

func hasAddress(port ports.Port, address string) bool {
	return slices.ContainsFunc(port.FixedIPs, func(ip ports.IP) bool { return ip.IPAddress == address })
}

// checkDHCP looks at how VMs get their first address: by DHCP, or from the config
// drive.
func (d *Doctor) checkDHCP(s *sheet, wish subnetWish, own subnets.Subnet) {
	drive := d.config.OpenStack.ConfigDrive != ""
	switch {
	case own.EnableDHCP && d.config.OpenStack.UseDHCP:
		s.ok(wish.place, "has DHCP")
	case drive:
		s.ok(wish.place, "VMs get their addresses from the config drive")
	case !own.EnableDHCP:
		s.bad(wish.place, "enable DHCP for the subnet, or set openstack.config_drive to disk and use_dhcp to false",
			"its subnet has no DHCP, and VMs have no config drive: they get no address")
	}
}

// checkAddresses looks for addresses that both BOSH and Neutron give to others.
func checkAddresses(s *sheet, wish subnetWish, held []ports.Port, own subnets.Subnet) {
	free, err := assignable(wish.Range, wish.Gateway, wish.Reserved)
	if err != nil {
		s.bad(wish.place, "correct reserved or gateway", "%s", err)
		return
	}
	checkHolders(s, wish, held, free)
	var shared []span
	for _, pool := range own.AllocationPools {
		allocated, err := parseSpan(pool.Start + "-" + pool.End)
		if err != nil {
			s.failed(wish.place, err)
			return
		}
		for _, addresses := range free {
			if both, meet := addresses.meet(allocated); meet {
				shared = append(shared, both)
			}
		}
	}
	if len(shared) == 0 {
		s.ok(wish.place, "Neutron allocates none of the %s addresses that BOSH assigns", size(free))
		return
	}
	s.warning(wish.place, fmt.Sprintf("reserve %s in BOSH, or take it from the allocation pool (openstack subnet set --no-allocation-pool --allocation-pool … %s)", list(shared), own.ID),
		"Neutron allocates %s of the %s addresses that BOSH assigns (%s): a port that BOSH does not know can take the address of a VM",
		size(shared), size(free), list(shared))
}

// checkHolders looks for ports of others that have addresses that BOSH assigns.
func checkHolders(s *sheet, wish subnetWish, held []ports.Port, free []span) {
	var services, others []string
	for _, port := range held {
		if _, ours := mark.FromDescription(port.Description); ours {
			continue
		}
		for _, fixed := range port.FixedIPs {
			address, err := netip.ParseAddr(fixed.IPAddress)
			if err != nil || !slices.ContainsFunc(free, func(addresses span) bool { return addresses.contains(address) }) {
				continue
			}
			if isServicePort(port) {
				services = append(services, fixed.IPAddress+" ("+port.DeviceOwner+")")
			} else {
				others = append(others, fixed.IPAddress)
			}
		}
	}
	slices.Sort(services)
	slices.Sort(others)
	if len(services) > 0 {
		s.bad(wish.place, "add these addresses to reserved", "BOSH assigns addresses that the cloud uses: %s", strings.Join(services, ", "))
	}
	if len(others) > 0 {
		s.warning(wish.place, "add them to reserved, unless they are VMs of BOSH that another CPI created",
			"BOSH assigns addresses of ports that this CPI did not create: %s", strings.Join(others, ", "))
	}
}

// isServicePort reports whether the port belongs to the cloud: DHCP, routers, load
// balancers, …
func isServicePort(port ports.Port) bool {
	return port.DeviceOwner != "" && !strings.HasPrefix(port.DeviceOwner, "compute:")
}
