package neutron

import (
	"encoding/json"
	"net/netip"
)

// fixtureFloatingIPs is the number of floating IPs that the project has from
// the beginning. They are not associated.
const fixtureFloatingIPs = 2

// addFixtures creates three networks of the project behind a router, one with
// IPv6 only, the external network, and the groups of all projects. Names of
// groups are not unique across projects.
func (n *Service) addFixtures(admin string, projects []string) {
	for _, owner := range projects {
		own := map[string]string{"default": n.defaultGroup(owner).ID}
		if owner != admin {
			own["bosh"] = n.boshGroup(owner).ID
		}
		if owner == n.world.Fixtures.ProjectID {
			n.world.Fixtures.SecurityGroups = own
		}
	}
	home := n.world.Fixtures.ProjectID
	external := n.fixtureNetwork(admin, "external")
	external.external, external.mtu = true, externalMTU
	n.fixtureSubnet(external, "external", "172.24.4.0/24", "172.24.4.1", "172.24.4.10-172.24.4.250")
	joined := []*subnet{
		n.fixtureSubnet(n.fixtureNetwork(home, "private"), "private-v4", "10.0.0.0/24", "10.0.0.1", "10.0.0.128-10.0.0.254"),
		n.fixtureSubnet(n.fixtureNetwork(home, "private-2"), "private-2-v4", "10.0.1.0/24", "10.0.1.1", "10.0.1.128-10.0.1.254"),
	}
	dual := n.fixtureNetwork(home, "dual")
	joined = append(joined, n.fixtureSubnet(dual, "dual-v4", "10.0.2.0/24", "10.0.2.1", "10.0.2.128-10.0.2.254"))
	n.fixtureSubnet(dual, "dual-v6", "fd00:10:2::/64", "fd00:10:2::1", "fd00:10:2::1000-fd00:10:2::ffff")
	n.fixtureSubnet(n.fixtureNetwork(home, "private-v6"), "private-v6", "fd00:10:3::/64", "fd00:10:3::1", "fd00:10:3::1000-fd00:10:3::ffff")
	r := &router{standard: n.standard(home), adminUp: true}
	r.name = "router"
	n.setGateway(r, external)
	n.routers = append(n.routers, r)
	for _, t := range joined {
		n.join(r, t)
	}
	limit := &policy{n.standard(admin)}
	limit.name = "limited"
	n.policies = append(n.policies, limit)
	ranges := &subnetPool{n.standard(home), netip.MustParsePrefix("10.64.0.0/16")}
	ranges.name = "ranges"
	n.subnetPools = append(n.subnetPools, ranges)
	for range fixtureFloatingIPs {
		free, _ := n.freeAddress(n.subnetsOf(external)...)
		f := n.newFloatingIP(home, external, free)
		n.floatingIPs = append(n.floatingIPs, f)
		n.world.Fixtures.FloatingIPs[f.address.String()] = f.ID
	}
}

func (n *Service) boshGroup(project string) *securityGroup {
	g := n.newGroup(project, "bosh", "BOSH-deployed VMs")
	tcp := "tcp"
	for _, number := range []int{22, 6868, 25555} {
		g.rules = append(g.rules, &groupRule{
			standard: n.standard(project), direction: "ingress", etherType: "IPv4", protocol: &tcp, portMin: &number, portMax: &number,
		})
	}
	return g
}

func (n *Service) fixtureNetwork(project, name string) *network {
	w := &network{standard: n.standard(project), adminUp: true, portSecurity: true, mtu: tenantMTU}
	w.name = name
	n.networks = append(n.networks, w)
	n.world.Fixtures.Networks[name] = w.ID
	return w
}

func (n *Service) fixtureSubnet(w *network, name, cidr, gateway, pool string) *subnet {
	t := &subnet{
		standard: n.standard(w.Project), network: w, cidr: netip.MustParsePrefix(cidr), gateway: netip.MustParseAddr(gateway), dhcp: true,
		nameservers: []string{}, hostRoutes: json.RawMessage("[]"), pools: []addressRange{parseRange(pool)},
	}
	t.name = name
	if t.version() == 6 {
		stateful := "dhcpv6-stateful"
		t.raMode, t.addrMode = &stateful, &stateful
	}
	n.subnets = append(n.subnets, t)
	n.world.Fixtures.Subnets[name] = t.ID
	return t
}
