package neutron

import (
	"maps"
	"net/http"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
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

func (n *Service) addRouterRoutes() {
	n.Frontend.Handle("GET /routers", n.listRouters, filters("admin_state_up", "status")...)
	n.Frontend.Handle("POST /routers", n.createRouter)
	n.Frontend.Handle("GET /routers/{id}", api.Show("router", n.wantedRouter, n.routerDocument), "fields")
	n.Frontend.Handle("DELETE /routers/{id}", n.deleteRouter)
	n.Frontend.Handle("PUT /routers/{id}/add_router_interface", n.addInterface)
	n.Frontend.Handle("PUT /routers/{id}/remove_router_interface", n.removeInterface)
}

func (n *Service) routerDocument(r *router) api.Object {
	document := r.document()
	maps.Copy(document, api.Object{
		"admin_state_up": r.adminUp, "status": "ACTIVE", "external_gateway_info": nil, "routes": []api.Object{},
		"availability_zones": []string{}, "availability_zone_hints": []string{}, "flavor_id": nil,
	})
	if r.gateway != nil {
		document["external_gateway_info"] = api.Object{
			"network_id": r.gateway.ID, "enable_snat": true,
			"external_fixed_ips": []api.Object{{"subnet_id": r.outside.subnet.ID, "ip_address": r.outside.address.String()}},
		}
	}
	return document
}

func (n *Service) wantedRouter(c api.Caller, id string) (*router, error) {
	if r := api.ByID(api.Visible(c, n.routers), id); r != nil {
		return r, nil
	}
	return nil, notFound("Router", id)
}

func (n *Service) listRouters(c *api.Call) (api.Answer, error) {
	return n.list(c, "routers", api.Documents(api.Visible(c.Caller, n.routers), n.routerDocument))
}

func (n *Service) createRouter(c *api.Call) (api.Answer, error) {
	var body struct {
		Router *struct {
			Name        string `json:"name"`
			Description string `json:"description"`
			Gateway     *struct {
				NetworkID string `json:"network_id"`
			} `json:"external_gateway_info"`
		} `json:"router"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Router == nil {
		return api.Answer{}, missingObject("router")
	}
	if err := n.overQuota("router", "routers", len(api.OfProject(n.routers, c.Project))+1); err != nil {
		return api.Answer{}, err
	}
	r := &router{standard: n.standard(c.Project), adminUp: true}
	r.name, r.description = body.Router.Name, body.Router.Description
	if want := body.Router.Gateway; want != nil {
		external, err := n.wantedNetwork(c.Caller, want.NetworkID)
		if err != nil {
			return api.Answer{}, err
		}
		if !external.external {
			return api.Answer{}, api.RefuseKind(http.StatusBadRequest, "BadRequest", "Bad router request: Network "+external.ID+" is not an external network.")
		}
		n.setGateway(r, external)
	}
	n.routers = append(n.routers, r)
	return api.Reply(http.StatusCreated, api.Object{"router": n.routerDocument(r)})
}

func (n *Service) deleteRouter(c *api.Call) (api.Answer, error) {
	r, err := n.wantedRouter(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	if used := n.interfaces(r); len(used) > 0 {
		return api.Answer{}, api.RefuseKind(http.StatusConflict, "RouterInUse", "Router "+r.ID+" has ports still attached: "+used[0].ID)
	}
	n.routers = api.Without(n.routers, r)
	return api.Reply(http.StatusNoContent, nil)
}

// interfaceOfRequest returns the router and the subnet of a request to connect or
// disconnect them.
func (n *Service) interfaceOfRequest(c *api.Call) (*router, *subnet, error) {
	var body struct {
		SubnetID string `json:"subnet_id"`
	}
	if err := c.Decode(&body); err != nil {
		return nil, nil, err
	}
	r, err := n.wantedRouter(c.Caller, c.Path["id"])
	if err != nil {
		return nil, nil, err
	}
	t, err := n.wantedSubnet(c.Caller, body.SubnetID)
	return r, t, err
}

func (n *Service) addInterface(c *api.Call) (api.Answer, error) {
	r, t, err := n.interfaceOfRequest(c)
	switch {
	case err != nil:
		return api.Answer{}, err
	case n.interfaceOf(r, t) != nil:
		return api.Answer{}, api.RefuseKind(http.StatusBadRequest, "BadRequest", "Bad router request: Router already has a port on subnet "+t.ID+".")
	case !t.gateway.IsValid():
		return api.Answer{}, api.RefuseKind(http.StatusBadRequest, "BadRequest", "Bad router request: Subnet for router interface must have a gateway IP.")
	}
	return n.interfaceAnswer(r, t, n.join(r, t))
}

func (n *Service) removeInterface(c *api.Call) (api.Answer, error) {
	r, t, err := n.interfaceOfRequest(c)
	if err != nil {
		return api.Answer{}, err
	}
	p := n.interfaceOf(r, t)
	if p == nil {
		return api.Answer{}, api.RefuseKind(http.StatusNotFound, "RouterInterfaceNotFoundForSubnet", "Router "+r.ID+" has no interface on subnet "+t.ID)
	}
	n.removePort(p)
	return n.interfaceAnswer(r, t, p)
}

func (n *Service) interfaceAnswer(r *router, t *subnet, p *port) (api.Answer, error) {
	return api.OK(api.Object{
		"id": r.ID, "tenant_id": r.Project, "port_id": p.ID, "network_id": t.network.ID, "subnet_id": t.ID, "subnet_ids": []string{t.ID},
	})
}
