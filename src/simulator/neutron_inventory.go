package simulator

// listAll is Neutron's part of the inventory.
func (n *neutron) listAll(add describe) {
	for _, w := range n.networks {
		add("network", w.id, w.name, object{
			"description": w.description, "admin state": w.adminUp, "shared": w.shared, "external": w.external,
			"port security": w.portSecurity, "mtu": w.mtu, "tags": w.tags,
		})
	}
	for _, t := range n.subnets {
		add("subnet", t.id, t.name, t.inventory())
	}
	for _, p := range n.ports {
		add("port", p.id, p.name, p.inventory())
	}
	for _, g := range n.groups {
		add("security group", g.id, g.name, object{"description": g.description, "rules": len(g.rules), "tags": g.tags})
	}
	for _, r := range n.routers {
		fields := object{"description": r.description, "admin state": r.adminUp, "tags": r.tags}
		if r.gateway != nil {
			fields["gateway"] = r.gateway.id
		}
		add("router", r.id, r.name, fields)
	}
	for _, f := range n.floatingIPs {
		fields := object{"description": f.description, "network": f.network.id, "tags": f.tags}
		if f.port != nil {
			fields["port"], fields["fixed ip"] = f.port.id, f.fixed
			add("association", f.id+" with "+f.port.id, f.address.String(), object{"fixed ip": f.fixed})
		}
		add("floating IP", f.id, f.address.String(), fields)
	}
}

func (t *subnet) inventory() object {
	pools := []string{}
	for _, pool := range t.pools {
		pools = append(pools, pool.String())
	}
	fields := object{
		"description": t.description, "network": t.network.id, "cidr": t.cidr, "dhcp": t.dhcp, "pools": pools,
		"name servers": t.nameservers, "host routes": string(t.hostRoutes), "ra mode": t.raMode, "address mode": t.addrMode,
		"tags": t.tags,
	}
	if t.gateway.IsValid() {
		fields["gateway"] = t.gateway
	}
	return fields
}

func (p *port) inventory() object {
	ips, groups, pairs := []string{}, []string{}, []string{}
	for _, ip := range p.fixedIPs {
		ips = append(ips, ip.address.String())
	}
	for _, g := range p.groups {
		groups = append(groups, g.id)
	}
	for _, pair := range p.pairs {
		pairs = append(pairs, pair.IP+" at "+pair.MAC)
	}
	return object{
		"description": p.description, "network": p.network.id, "mac": p.mac, "fixed ips": ips, "security groups": groups,
		"address pairs": pairs, "device": p.deviceID, "device owner": p.deviceOwner, "admin state": p.adminUp,
		"port security": p.portSecurity, "vnic type": p.vnicType, "tags": p.tags,
	}
}
