package simulator

import (
	"slices"
)

// l3Router joins subnets and, with a gateway, an external network.
type l3Router struct {
	standard
	adminUp bool
	gateway *network // external, nil for none
	outside fixedIP  // address on the external network
}

// setGateway gives a router an address on an external network that has a free one.
func (n *neutron) setGateway(r *l3Router, external *network) {
	if free, found := n.freeAddress(n.subnetsOf(external)...); found {
		r.gateway, r.outside = external, free
	}
}

// interfaceOf is the router's port on a subnet, nil when there is none.
func (n *neutron) interfaceOf(r *l3Router, t *subnet) *port {
	for _, p := range n.interfaces(r) {
		if slices.ContainsFunc(p.fixedIPs, func(ip fixedIP) bool { return ip.subnet == t }) {
			return p
		}
	}
	return nil
}

func (n *neutron) interfaces(r *l3Router) []*port {
	var found []*port
	for _, p := range n.ports {
		if p.deviceID == r.id && p.deviceOwner == "network:router_interface" {
			found = append(found, p)
		}
	}
	return found
}

// routerBetween finds the router from an external network to a subnet, nil when there is none.
func (n *neutron) routerBetween(external *network, t *subnet) *l3Router {
	for _, r := range n.routers {
		if r.gateway == external && n.interfaceOf(r, t) != nil {
			return r
		}
	}
	return nil
}

// join gives a router the gateway address of a subnet.
func (n *neutron) join(r *l3Router, t *subnet) *port {
	p := &port{
		standard: n.standard(r.project), network: t.network, status: "ACTIVE", adminUp: true, mac: n.newMAC(), deviceID: r.id,
		deviceOwner: "network:router_interface", fixedIPs: []fixedIP{{t, t.gateway}}, vnicType: "normal",
	}
	n.ports = append(n.ports, p)
	return p
}
