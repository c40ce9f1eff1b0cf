package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// l3Router joins subnets and, with a gateway, an external network.
type l3Router struct {
	standard
	adminUp bool
	gateway *network // external, nil for none
	outside fixedIP  // address on the external network
}

func (n *neutron) addRouterRoutes() {
	n.handle(n.service, "GET /routers", n.listRouters, filters("admin_state_up", "status")...)
	n.handle(n.service, "POST /routers", n.createRouter)
	n.handle(n.service, "GET /routers/{id}", shows("router", n.wantedRouter, n.routerDocument), "fields")
	n.handle(n.service, "PUT /routers/{id}", n.updateRouter)
	n.handle(n.service, "DELETE /routers/{id}", n.deleteRouter)
	n.handle(n.service, "PUT /routers/{id}/add_router_interface", n.addRouterInterface)
	n.handle(n.service, "PUT /routers/{id}/remove_router_interface", n.removeRouterInterface)
}

func (n *neutron) routerDocument(r *l3Router) object {
	document := r.document()
	maps.Copy(document, object{
		"admin_state_up": r.adminUp, "status": "ACTIVE", "external_gateway_info": nil, "availability_zones": []string{},
		"availability_zone_hints": []string{}, "routes": []object{}, "flavor_id": nil,
	})
	if r.gateway != nil {
		document["external_gateway_info"] = object{
			"network_id": r.gateway.id, "enable_snat": true, "external_fixed_ips": []object{
				{"subnet_id": r.outside.subnet.id, "ip_address": r.outside.address.String()},
			},
		}
	}
	return document
}

func (n *neutron) wantedRouter(c *call, id string) (*l3Router, error) {
	if r := byID(visible(c, n.routers), id); r != nil {
		return r, nil
	}
	return nil, c.refuse(http.StatusNotFound, "RouterNotFound", "Router "+id+" could not be found")
}

func (n *neutron) listRouters(c *call) (answer, error) {
	return n.list(c, "routers", documents(visible(c, n.routers), n.routerDocument))
}

type routerBody struct {
	Router *struct {
		Name         *string         `json:"name"`
		Description  *string         `json:"description"`
		AdminStateUp *bool           `json:"admin_state_up"`
		Gateway      json.RawMessage `json:"external_gateway_info"`
	} `json:"router"`
}

func (n *neutron) createRouter(c *call) (answer, error) {
	r := &l3Router{standard: n.standard(c.project()), adminUp: true}
	if err := n.applyRouter(c, r); err != nil {
		return answer{}, err
	}
	n.routers = append(n.routers, r)
	return reply(http.StatusCreated, object{"router": n.routerDocument(r)})
}

func (n *neutron) updateRouter(c *call) (answer, error) {
	r, err := n.wantedRouter(c, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	if err := n.applyRouter(c, r); err != nil {
		return answer{}, err
	}
	return ok(object{"router": n.routerDocument(r)})
}

func (n *neutron) applyRouter(c *call, r *l3Router) error {
	var body routerBody
	if err := c.decode(&body); err != nil {
		return err
	}
	want := body.Router
	if want == nil {
		return c.unfound("router")
	}
	if len(want.Gateway) > 0 {
		var gateway *struct {
			NetworkID string `json:"network_id"`
		}
		if err := json.Unmarshal(want.Gateway, &gateway); err != nil {
			return c.wrongBody(err)
		}
		r.gateway, r.outside = nil, fixedIP{}
		if gateway != nil {
			w, err := n.wantedNetwork(c, gateway.NetworkID)
			if err != nil {
				return err
			}
			n.setGateway(r, w)
		}
	}
	assign(&r.name, want.Name)
	assign(&r.description, want.Description)
	assign(&r.adminUp, want.AdminStateUp)
	n.touch(&r.standard)
	return nil
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

func (n *neutron) deleteRouter(c *call) (answer, error) {
	r, err := n.wantedRouter(c, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	var attached []string
	for _, p := range n.interfaces(r) {
		attached = append(attached, p.id)
	}
	if len(attached) > 0 {
		return answer{}, c.refuse(http.StatusConflict, "RouterInUse",
			"Router "+r.id+" has ports still attached: "+strings.Join(attached, ", "))
	}
	n.routers = without(n.routers, r)
	return reply(http.StatusNoContent, nil)
}

// interfaceSubnet reads the subnet that a request wants to join to the router or to cut off.
func (n *neutron) interfaceSubnet(c *call) (*l3Router, *subnet, error) {
	var body struct {
		SubnetID string `json:"subnet_id"`
	}
	if err := c.decode(&body); err != nil {
		return nil, nil, err
	}
	r, err := n.wantedRouter(c, c.path["id"])
	if err != nil {
		return nil, nil, err
	}
	if body.SubnetID == "" {
		return nil, nil, c.refuse(http.StatusBadRequest, "BadRequest",
			"Bad router request: Either subnet_id or port_id must be specified.")
	}
	t, err := n.wantedSubnet(c, body.SubnetID)
	return r, t, err
}

func (n *neutron) addRouterInterface(c *call) (answer, error) {
	r, t, err := n.interfaceSubnet(c)
	if err != nil {
		return answer{}, err
	}
	switch {
	case n.interfaceOf(r, t) != nil:
		return answer{}, c.refuse(http.StatusBadRequest, "BadRequest",
			"Bad router request: Router already has a port on subnet "+t.id+".")
	case !t.gateway.IsValid():
		return answer{}, c.refuse(http.StatusBadRequest, "BadRequest",
			"Bad router request: Subnet for router interface must have a gateway IP.")
	}
	return ok(interfaceDocument(r, t, n.join(r, t)))
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

func interfaceDocument(r *l3Router, t *subnet, p *port) object {
	return object{
		"id": r.id, "tenant_id": r.project, "port_id": p.id, "network_id": t.network.id, "subnet_id": t.id, "subnet_ids": []string{t.id},
	}
}

func (n *neutron) removeRouterInterface(c *call) (answer, error) {
	r, t, err := n.interfaceSubnet(c)
	if err != nil {
		return answer{}, err
	}
	p := n.interfaceOf(r, t)
	if p == nil {
		return answer{}, c.refuse(http.StatusNotFound, "RouterInterfaceNotFoundForSubnet",
			"Router "+r.id+" has no interface on subnet "+t.id)
	}
	for _, f := range n.floatingIPs {
		if f.router == r && t.cidr.Contains(f.fixed) && f.fixed != (netip.Addr{}) {
			return answer{}, c.refuse(http.StatusConflict, "RouterInterfaceInUseByFloatingIP", "Router interface for subnet "+t.id+
				" on router "+r.id+" cannot be deleted, as it is required by one or more floating IPs.")
		}
	}
	document := interfaceDocument(r, t, p)
	n.ports = without(n.ports, p)
	return ok(document)
}
