package neutron

import (
	"fmt"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// listAll adds Neutron's part of the inventory.
func (n *Service) listAll(add world.Describe) {
	for _, w := range n.networks {
		add("network", w.ID, w.name, api.Object{
			"description": w.description, "admin state": w.adminUp, "shared": w.shared, "external": w.external,
			"port security": w.portSecurity, "mtu": w.mtu, "tags": w.tags,
		})
	}
	for _, t := range n.subnets {
		add("subnet", t.ID, t.name, t.inventory())
	}
	for _, p := range n.ports {
		add("port", p.ID, p.name, p.inventory())
	}
	for _, g := range n.groups {
		add("security group", g.ID, g.name, api.Object{"description": g.description, "rules": len(g.rules), "tags": g.tags})
	}
	for _, r := range n.routers {
		fields := api.Object{"description": r.description, "admin state": r.adminUp, "tags": r.tags}
		if r.gateway != nil {
			fields["gateway"] = r.gateway.ID
		}
		add("router", r.ID, r.name, fields)
	}
	for _, t := range n.trunks {
		fields := api.Object{"description": t.description, "port": t.parent.ID, "tags": t.tags}
		for _, s := range t.subports {
			fields[fmt.Sprintf("subport with VLAN %d", s.vlan)] = s.port.ID
		}
		add("trunk", t.ID, t.name, fields)
	}
	for _, f := range n.floatingIPs {
		fields := api.Object{"description": f.description, "network": f.network.ID, "tags": f.tags}
		if f.port != nil {
			fields["port"], fields["fixed ip"] = f.port.ID, f.fixed
			add("association", f.ID+" with "+f.port.ID, f.address.String(), api.Object{"fixed ip": f.fixed})
		}
		add("floating IP", f.ID, f.address.String(), fields)
	}
}

func (t *subnet) inventory() api.Object {
	pools := []string{}
	for _, pool := range t.pools {
		pools = append(pools, pool.String())
	}
	fields := api.Object{
		"description": t.description, "network": t.network.ID, "cidr": t.cidr, "dhcp": t.dhcp, "pools": pools,
		"name servers": t.nameservers, "host routes": string(t.hostRoutes), "ra mode": t.raMode, "address mode": t.addrMode,
		"tags": t.tags,
	}
	if t.gateway.IsValid() {
		fields["gateway"] = t.gateway
	}
	return fields
}

func (p *port) inventory() api.Object {
	ips, groups, pairs := []string{}, []string{}, []string{}
	for _, ip := range p.fixedIPs {
		ips = append(ips, ip.address.String())
	}
	for _, g := range p.groups {
		groups = append(groups, g.ID)
	}
	for _, pair := range p.pairs {
		pairs = append(pairs, pair.IP+" at "+pair.MAC)
	}
	fields := api.Object{
		"description": p.description, "network": p.network.ID, "mac": p.mac, "fixed ips": ips, "security groups": groups,
		"address pairs": pairs, "device": p.deviceID, "device owner": p.deviceOwner, "admin state": p.adminUp,
		"port security": p.portSecurity, "vnic type": p.vnicType, "tags": p.tags,
	}
	for attribute, value := range p.options {
		fields[attribute] = fmt.Sprint(value)
	}
	if p.dnsName != "" {
		fields["dns_name"] = p.dnsName
	}
	return fields
}
