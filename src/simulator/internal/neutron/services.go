package neutron

import (
	"net/netip"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// Port describes a port to other services.
type Port struct {
	ID, Project, DeviceID, MAC string
	Network                    Network
	Addresses                  []Address
	Groups                     []string // names of security groups
}

// Address is an address of a port, or a floating IP that follows the address it
// is associated with.
type Address struct {
	IP       netip.Addr
	Floating bool
}

// Network describes a network to other services.
type Network struct {
	ID, Name     string
	PortSecurity bool
	Subnets      []Subnet
}

// Subnet describes a subnet to other services.
type Subnet struct{ ID, NetworkID string }

func (n *Service) portInfo(p *port) Port {
	info := Port{ID: p.ID, Project: p.Project, DeviceID: p.deviceID, MAC: p.mac, Network: n.networkInfo(p.network)}
	for _, ip := range p.fixedIPs {
		info.Addresses = append(info.Addresses, Address{IP: ip.address})
		for _, f := range n.floatingIPs {
			if f.port == p && f.fixed == ip.address {
				info.Addresses = append(info.Addresses, Address{IP: f.address, Floating: true})
			}
		}
	}
	for _, g := range p.groups {
		info.Groups = append(info.Groups, g.name)
	}
	return info
}

func (n *Service) networkInfo(w *network) Network {
	info := Network{ID: w.ID, Name: w.name, PortSecurity: w.portSecurity}
	for _, t := range n.subnetsOf(w) {
		info.Subnets = append(info.Subnets, Subnet{t.ID, w.ID})
	}
	return info
}

// Network returns a network that the caller may see.
func (n *Service) Network(c api.Caller, id string) (info Network, found bool) {
	w := n.networkFor(c, id)
	if w == nil {
		return Network{}, false
	}
	return n.networkInfo(w), true
}

// Networks returns the networks of the caller's project and the shared ones.
func (n *Service) Networks(c api.Caller) []Network {
	found := []Network{}
	for _, w := range n.networks {
		if w.Project == c.Project || w.shared {
			found = append(found, n.networkInfo(w))
		}
	}
	return found
}

// Subnet returns a subnet that the caller may see.
func (n *Service) Subnet(c api.Caller, id string) (info Subnet, found bool) {
	t := n.subnetFor(c, id)
	if t == nil {
		return Subnet{}, false
	}
	return Subnet{t.ID, t.network.ID}, true
}

// Port returns a port of any project.
func (n *Service) Port(id string) (info Port, found bool) {
	p := api.ByID(n.ports, id)
	if p == nil {
		return Port{}, false
	}
	return n.portInfo(p), true
}

// PortWithIP returns the port of a network that has a fixed IP.
func (n *Service) PortWithIP(networkID, ip string) (info Port, found bool) {
	i := slices.IndexFunc(n.ports, func(p *port) bool {
		return p.network.ID == networkID &&
			slices.ContainsFunc(p.fixedIPs, func(f fixedIP) bool { return f.address.String() == ip })
	})
	if i < 0 {
		return Port{}, false
	}
	return n.portInfo(n.ports[i]), true
}

// CountPorts returns how many ports a project has.
func (n *Service) CountPorts(project string) int { return len(api.OfProject(n.ports, project)) }

// CreatePort creates a port for another service. The error is a
// *api.RefusalError.
func (n *Service) CreatePort(c api.Caller, spec PortSpec) (Port, error) {
	p, err := n.createPort(c, &spec)
	if err != nil {
		return Port{}, err
	}
	return n.portInfo(p), nil
}

// BindPort connects a port to a server. Its dns_name becomes the hostname.
func (n *Service) BindPort(id, serverID, zone, hostname string) {
	if p := api.ByID(n.ports, id); p != nil {
		p.deviceID, p.deviceOwner, p.dnsName, p.hostname = serverID, "compute:"+zone, "", hostname
		n.touch(&p.standard)
	}
}

// ActivatePort sets a port to ACTIVE, as the agent on the host does.
func (n *Service) ActivatePort(id string) {
	if p := api.ByID(n.ports, id); p != nil {
		p.status = "ACTIVE"
		n.touch(&p.standard)
	}
}

// UnbindPort disconnects a port from its server and keeps it.
func (n *Service) UnbindPort(id string) {
	if p := api.ByID(n.ports, id); p != nil {
		p.deviceID, p.deviceOwner, p.status, p.dnsName, p.hostname = "", "", "DOWN", "", ""
		n.touch(&p.standard)
	}
}

// DeletePort deletes a port, whoever owns it.
func (n *Service) DeletePort(id string) {
	if p := api.ByID(n.ports, id); p != nil {
		n.removePort(p)
	}
}

// GroupIDs returns the security groups of a project that have a name or an id.
func (n *Service) GroupIDs(project, nameOrID string) []string {
	ids := []string{}
	for _, g := range api.OfProject(n.groups, project) {
		if g.ID == nameOrID {
			return []string{g.ID}
		}
		if g.name == nameOrID {
			ids = append(ids, g.ID)
		}
	}
	return ids
}
