package simulator

import (
	"net/netip"
	"slices"
)

// portInfo describes a port to other services.
type portInfo struct {
	ID, Project, DeviceID, MAC string
	Network                    networkInfo
	Addresses                  []addressInfo
	Groups                     []string // names of security groups
}

// addressInfo is an address of a port, or a floating IP that follows the
// address it is associated with.
type addressInfo struct {
	IP       netip.Addr
	Floating bool
}

// networkInfo describes a network to other services.
type networkInfo struct {
	ID, Name     string
	PortSecurity bool
	Subnets      []subnetInfo
}

// subnetInfo describes a subnet to other services.
type subnetInfo struct{ ID, NetworkID string }

func (n *neutron) portInfo(p *port) portInfo {
	info := portInfo{ID: p.id, Project: p.project, DeviceID: p.deviceID, MAC: p.mac, Network: n.networkInfo(p.network)}
	for _, ip := range p.fixedIPs {
		info.Addresses = append(info.Addresses, addressInfo{IP: ip.address})
		for _, f := range n.floatingIPs {
			if f.port == p && f.fixed == ip.address {
				info.Addresses = append(info.Addresses, addressInfo{IP: f.address, Floating: true})
			}
		}
	}
	for _, g := range p.groups {
		info.Groups = append(info.Groups, g.name)
	}
	return info
}

func (n *neutron) networkInfo(w *network) networkInfo {
	info := networkInfo{ID: w.id, Name: w.name, PortSecurity: w.portSecurity}
	for _, t := range n.subnetsOf(w) {
		info.Subnets = append(info.Subnets, subnetInfo{t.id, w.id})
	}
	return info
}

// Network returns a network that the caller may see.
func (n *neutron) Network(c caller, id string) (info networkInfo, found bool) {
	w := n.networkFor(c, id)
	if w == nil {
		return networkInfo{}, false
	}
	return n.networkInfo(w), true
}

// Networks returns the networks of the caller's project and the shared ones.
func (n *neutron) Networks(c caller) []networkInfo {
	found := []networkInfo{}
	for _, w := range n.networks {
		if w.project == c.Project || w.shared {
			found = append(found, n.networkInfo(w))
		}
	}
	return found
}

// Subnet returns a subnet that the caller may see.
func (n *neutron) Subnet(c caller, id string) (info subnetInfo, found bool) {
	t := n.subnetFor(c, id)
	if t == nil {
		return subnetInfo{}, false
	}
	return subnetInfo{t.id, t.network.id}, true
}

// Port returns a port of any project.
func (n *neutron) Port(id string) (info portInfo, found bool) {
	p := byID(n.ports, id)
	if p == nil {
		return portInfo{}, false
	}
	return n.portInfo(p), true
}

// PortWithIP returns the port of a network that has a fixed IP.
func (n *neutron) PortWithIP(networkID, ip string) (info portInfo, found bool) {
	i := slices.IndexFunc(n.ports, func(p *port) bool {
		return p.network.id == networkID &&
			slices.ContainsFunc(p.fixedIPs, func(f fixedIP) bool { return f.address.String() == ip })
	})
	if i < 0 {
		return portInfo{}, false
	}
	return n.portInfo(n.ports[i]), true
}

// CountPorts returns how many ports a project has.
func (n *neutron) CountPorts(project string) int { return len(ofProject(n.ports, project)) }

// CreatePort creates a port for another service. The error is a *refusal.
func (n *neutron) CreatePort(c caller, spec portSpec) (portInfo, error) {
	p, err := n.createPort(c, &spec)
	if err != nil {
		return portInfo{}, err
	}
	return n.portInfo(p), nil
}

// BindPort connects a port to a server.
func (n *neutron) BindPort(id, serverID, zone string) {
	if p := byID(n.ports, id); p != nil {
		p.deviceID, p.deviceOwner = serverID, "compute:"+zone
		n.touch(&p.standard)
	}
}

// ActivatePort sets a port to ACTIVE, as the agent on the host does.
func (n *neutron) ActivatePort(id string) {
	if p := byID(n.ports, id); p != nil {
		p.status = "ACTIVE"
		n.touch(&p.standard)
	}
}

// UnbindPort disconnects a port from its server and keeps it.
func (n *neutron) UnbindPort(id string) {
	if p := byID(n.ports, id); p != nil {
		p.deviceID, p.deviceOwner, p.status = "", "", "DOWN"
		n.touch(&p.standard)
	}
}

// DeletePort deletes a port, whoever owns it.
func (n *neutron) DeletePort(id string) {
	if p := byID(n.ports, id); p != nil {
		n.removePort(p)
	}
}

// GroupIDs returns the security groups of a project that have a name or an id.
func (n *neutron) GroupIDs(project, nameOrID string) []string {
	ids := []string{}
	for _, g := range ofProject(n.groups, project) {
		if g.id == nameOrID {
			return []string{g.id}
		}
		if g.name == nameOrID {
			ids = append(ids, g.id)
		}
	}
	return ids
}
