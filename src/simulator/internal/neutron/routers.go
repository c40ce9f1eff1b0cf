package neutron

import (
	"slices"
)

// router connects subnets and, with a gateway, an external network.
type router struct {
	standard
	adminUp bool
	gateway *network // external, nil for none
	outside fixedIP  // address on the external network
}

// setGateway gives a router a free address on an external network.
func (n *Service) setGateway(r *router, external *network) {
	if free, found := n.freeAddress(n.subnetsOf(external)...); found {
		r.gateway, r.outside = external, free
	}
}

// interfaceOf returns the router's port on a subnet, nil for none.
func (n *Service) interfaceOf(r *router, t *subnet) *port {
	for _, p := range n.interfaces(r) {
		if slices.ContainsFunc(p.fixedIPs, func(ip fixedIP) bool { return ip.subnet == t }) {
			return p
		}
	}
	return nil
}

func (n *Service) interfaces(r *router) []*port {
	var found []*port
	for _, p := range n.ports {
		if p.deviceID == r.ID && p.deviceOwner == "network:router_interface" {
			found = append(found, p)
		}
	}
	return found
}

// routerBetween returns the router between an external network and a subnet,
// nil for none.
func (n *Service) routerBetween(external *network, t *subnet) *router {
	for _, r := range n.routers {
		if r.gateway == external && n.interfaceOf(r, t) != nil {
			return r
		}
	}
	return nil
}

// join gives a router the gateway address of a subnet.
func (n *Service) join(r *router, t *subnet) *port {
	p := &port{
		standard: n.standard(r.Project), network: t.network, status: "ACTIVE", adminUp: true, mac: n.newMAC(), deviceID: r.ID,
		deviceOwner: "network:router_interface", fixedIPs: []fixedIP{{t, t.gateway}}, vnicType: "normal",
	}
	n.ports = append(n.ports, p)
	return p
}
