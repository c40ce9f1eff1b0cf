package neutron

import (
	"encoding/binary"
	"net"
	"net/http"
	"net/netip"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// fixedIP is an address of a port.
type fixedIP struct {
	subnet  *subnet
	address netip.Addr
}

// FixedIPSpec is one of the requested addresses of a port.
type FixedIPSpec struct {
	SubnetID  *string `json:"subnet_id"`
	IPAddress *string `json:"ip_address"`
}

// taken reports whether an address of a network is in use by a floating IP, a
// router, or a port other than except.
func (n *Service) taken(w *network, address netip.Addr, except *port) bool {
	for _, p := range n.ports {
		if p.network != w || except != nil && p.ID == except.ID {
			continue
		}
		if slices.ContainsFunc(p.fixedIPs, func(ip fixedIP) bool { return ip.address == address }) {
			return true
		}
	}
	return slices.ContainsFunc(n.floatingIPs, func(f *floatingIP) bool { return f.network == w && f.address == address }) ||
		slices.ContainsFunc(n.routers, func(r *router) bool { return r.gateway == w && r.outside.address == address })
}

// freeAddress returns the first free address of the subnets.
func (n *Service) freeAddress(subnets ...*subnet) (free fixedIP, found bool) {
	for _, t := range subnets {
		for _, pool := range t.pools {
			for a := pool.first; pool.contains(a); a = a.Next() {
				if !n.taken(t.network, a, nil) {
					return fixedIP{t, a}, true
				}
			}
		}
	}
	return fixedIP{}, false
}

// checkFixedIPs checks the format of the requested addresses.
func (n *Service) checkFixedIPs(asked []FixedIPSpec) error {
	seen := map[string]bool{}
	for _, ip := range asked {
		if ip.SubnetID != nil && !world.IsUUID(*ip.SubnetID) {
			return invalidAttribute("fixed_ips", "'"+*ip.SubnetID+"' is not a valid UUID.")
		}
		if ip.IPAddress == nil {
			continue
		}
		if _, err := netip.ParseAddr(*ip.IPAddress); err != nil {
			return invalidAttribute("fixed_ips", "'"+*ip.IPAddress+"' is not a valid IP address.")
		}
		if seen[*ip.IPAddress] {
			return invalidAttribute("fixed_ips", "Duplicate IP address '"+*ip.IPAddress+"'.")
		}
		seen[*ip.IPAddress] = true
	}
	return nil
}

// allocate gives a port the requested addresses; nil requests one of each IP
// version.
func (n *Service) allocate(c api.Caller, p *port, asked *[]FixedIPSpec) error {
	p.fixedIPs = nil
	if asked == nil {
		return n.allocateAny(p)
	}
	for _, want := range *asked {
		if err := n.allocateOne(c, p, want); err != nil {
			return err
		}
	}
	return nil
}

func (n *Service) allocateOne(c api.Caller, p *port, want FixedIPSpec) error {
	subnets := n.subnetsOf(p.network)
	switch {
	case want.SubnetID == nil && want.IPAddress == nil:
		return invalidInput("IP allocation requires subnet_id or ip_address.")
	case len(subnets) == 0:
		return invalidInput("IP allocation requires subnets for network.")
	case want.SubnetID != nil:
		t, err := n.wantedSubnet(c, *want.SubnetID)
		if err != nil {
			return err
		}
		if t.network != p.network {
			return invalidInput("Failed to create port on network " + p.network.ID + ", because fixed_ips included invalid subnet " +
				t.ID + ".")
		}
		subnets = []*subnet{t}
	}
	if want.IPAddress == nil {
		return n.allocateFrom(p, subnets)
	}
	return n.allocateAddress(p, subnets, want)
}

func (n *Service) allocateAddress(p *port, subnets []*subnet, want FixedIPSpec) error {
	address := netip.MustParseAddr(*want.IPAddress) // checked by checkFixedIPs
	i := slices.IndexFunc(subnets, func(t *subnet) bool { return t.holds(address) })
	if i < 0 {
		kind, where := "InvalidIpForNetwork", "any of the subnets on the specified network."
		if want.SubnetID != nil {
			kind, where = "InvalidIpForSubnet", "the specified subnet."
		}
		return api.RefuseKind(http.StatusBadRequest, kind, "IP address "+*want.IPAddress+" is not a valid IP for "+where)
	}
	if n.taken(p.network, address, p) {
		return api.RefuseKind(http.StatusConflict, "IpAddressAlreadyAllocated",
			"IP address "+address.String()+" already allocated in subnet "+subnets[i].ID)
	}
	p.fixedIPs = append(p.fixedIPs, fixedIP{subnets[i], address})
	return nil
}

// holds reports whether a port may have an address of this subnet, whatever the
// pools.
func (t *subnet) holds(a netip.Addr) bool {
	if !t.cidr.Contains(a) {
		return false
	}
	if t.version() == 6 {
		return a != t.cidr.Addr()
	}
	all := usablePools(t.cidr, netip.Addr{})[0]
	return all.contains(a)
}

// allocateAny allocates an address of one IPv4 subnet and of one IPv6 subnet,
// and one of every subnet with automatic addresses.
func (n *Service) allocateAny(p *port) error {
	byVersion := map[int][]*subnet{}
	var auto []*subnet
	for _, t := range n.subnetsOf(p.network) {
		if t.auto() {
			auto = append(auto, t)
			continue
		}
		byVersion[t.version()] = append(byVersion[t.version()], t)
	}
	for _, version := range []int{4, 6} {
		if len(byVersion[version]) == 0 {
			continue
		}
		if err := n.allocateFrom(p, byVersion[version]); err != nil {
			return err
		}
	}
	for _, t := range auto {
		p.fixedIPs = append(p.fixedIPs, fixedIP{t, fromMAC(t.cidr, p.mac)})
	}
	return nil
}

// allocateFrom allocates the first free address of the pools.
func (n *Service) allocateFrom(p *port, subnets []*subnet) error {
	for _, t := range subnets {
		if t.auto() {
			p.fixedIPs = append(p.fixedIPs, fixedIP{t, fromMAC(t.cidr, p.mac)})
			return nil
		}
		if free, found := n.freeAddress(t); found {
			p.fixedIPs = append(p.fixedIPs, free)
			return nil
		}
	}
	return api.RefuseKind(http.StatusConflict, "IpAddressGenerationFailure",
		"No more IP addresses available on network "+p.network.ID+".")
}

// fromMAC returns the address that a host derives from its MAC (RFC 4291,
// appendix A).
func fromMAC(cidr netip.Prefix, mac string) netip.Addr {
	hardware, err := net.ParseMAC(mac)
	if err != nil {
		panic(err) // checkPortAttributes refuses any other text
	}
	bytes := cidr.Addr().As16()
	eui := append(append(slices.Clone(hardware[:3]), 0xff, 0xfe), hardware[3:]...)
	eui[0] ^= 2
	binary.BigEndian.PutUint64(bytes[8:], binary.BigEndian.Uint64(eui))
	return netip.AddrFrom16(bytes)
}
