package neutron

import (
	"maps"
	"net/http"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// network is a layer 2 segment.
type network struct {
	standard
	adminUp, shared, external, portSecurity bool
	mtu                                     int
}

const tenantMTU, externalMTU = 1450, 1500

func (n *Service) addNetworkRoutes() {
	networkFilters := filters("admin_state_up", "status", "shared", "router:external", "mtu", "port_security_enabled", "is_default")
	n.Frontend.Handle("GET /networks", n.listNetworks, networkFilters...)
	n.Frontend.Handle("POST /networks", n.createNetwork)
	n.Frontend.Handle("GET /networks/{id}", api.Show("network", n.wantedNetwork, n.networkDocument), "fields")
	n.Frontend.Handle("DELETE /networks/{id}", n.deleteNetwork)
	subnetFilters := filters("network_id", "cidr", "ip_version", "gateway_ip", "enable_dhcp", "ipv6_address_mode", "ipv6_ra_mode")
	n.Frontend.Handle("GET /subnets", n.listSubnets, subnetFilters...)
	n.Frontend.Handle("POST /subnets", n.createSubnet)
	n.Frontend.Handle("GET /subnets/{id}", api.Show("subnet", n.wantedSubnet, n.subnetDocument), "fields")
}

func (n *Service) networkDocument(w *network) api.Object {
	document := w.document()
	subnets := []string{}
	for _, t := range n.subnetsOf(w) {
		subnets = append(subnets, t.ID)
	}
	maps.Copy(document, api.Object{
		"admin_state_up": w.adminUp, "status": "ACTIVE", "shared": w.shared, "router:external": w.external, "mtu": w.mtu,
		"port_security_enabled": w.portSecurity, "subnets": subnets, "availability_zones": []string{},
		"availability_zone_hints": []string{}, "ipv4_address_scope": nil, "ipv6_address_scope": nil,
	})
	if w.external {
		document["is_default"] = false
	}
	return document
}

func (n *Service) subnetsOf(w *network) []*subnet {
	var found []*subnet
	for _, t := range n.subnets {
		if t.network == w {
			found = append(found, t)
		}
	}
	return found
}

// networkFor returns a network that the caller may see (the project's own,
// shared and external ones), nil for none.
func (n *Service) networkFor(c api.Caller, id string) *network {
	w := api.ByID(n.networks, id)
	if w == nil || !w.shared && !w.external && !c.Sees(w.Project) {
		return nil
	}
	return w
}

func (n *Service) wantedNetwork(c api.Caller, id string) (*network, error) {
	if w := n.networkFor(c, id); w != nil {
		return w, nil
	}
	return nil, notFound("Network", id)
}

// changeableNetwork returns a network that the caller may change.
func (n *Service) changeableNetwork(c api.Caller, id string) (*network, error) {
	if w := api.ByID(api.Visible(c, n.networks), id); w != nil {
		return w, nil
	}
	return nil, notFound("Network", id)
}

func (n *Service) listNetworks(c *api.Call) (api.Answer, error) {
	var found []*network
	for _, w := range n.networks {
		if n.networkFor(c.Caller, w.ID) != nil {
			found = append(found, w)
		}
	}
	return n.list(c, "networks", api.Documents(found, n.networkDocument))
}

type networkBody struct {
	Network *struct {
		Name         *string `json:"name"`
		Description  *string `json:"description"`
		AdminStateUp *bool   `json:"admin_state_up"`
		Shared       *bool   `json:"shared"`
		External     *bool   `json:"router:external"`
		PortSecurity *bool   `json:"port_security_enabled"`
		MTU          *int    `json:"mtu"`
		Project      *string `json:"project_id"`
		Tenant       *string `json:"tenant_id"`
	} `json:"network"`
}

func (n *Service) readNetwork(c *api.Call) (networkBody, error) {
	var body networkBody
	if err := c.Decode(&body); err != nil {
		return body, err
	}
	want := body.Network
	switch {
	case want == nil:
		return body, missingObject("network")
	case want.MTU != nil && *want.MTU > tenantMTU:
		return body, invalidInput("Requested MTU is too big, maximum is 1450.")
	case want.External != nil && *want.External && !c.Admin:
		return body, forbiddenAttribute("network", "router:external")
	case want.Shared != nil && *want.Shared && !c.Admin:
		return body, forbiddenAttribute("network", "shared")
	}
	return body, nil
}

// forbiddenAttribute returns the error of Neutron's policy for an attribute
// that only admins may set.
func forbiddenAttribute(resource, attribute string) error {
	action := "create_" + resource
	return api.RefuseKind(http.StatusForbidden, "PolicyNotAuthorized",
		"(rule:"+action+" and rule:"+action+":"+attribute+") is disallowed by policy")
}

func (n *Service) createNetwork(c *api.Call) (api.Answer, error) {
	body, err := n.readNetwork(c)
	if err != nil {
		return api.Answer{}, err
	}
	if err := checkOwner(c.Caller, firstOf(body.Network.Project, body.Network.Tenant)); err != nil {
		return api.Answer{}, err
	}
	if err := n.overQuota("network", "networks", len(api.OfProject(n.networks, c.Project))+1); err != nil {
		return api.Answer{}, err
	}
	w := &network{standard: n.standard(c.Project), adminUp: true, portSecurity: true, mtu: tenantMTU}
	w.revision = 1
	n.applyNetwork(w, body)
	n.networks = append(n.networks, w)
	document := n.networkDocument(w)
	document["is_default"] = false
	return api.Reply(http.StatusCreated, api.Object{"network": document})
}

func (n *Service) applyNetwork(w *network, body networkBody) {
	want := body.Network
	api.Assign(&w.name, want.Name)
	api.Assign(&w.description, want.Description)
	api.Assign(&w.adminUp, want.AdminStateUp)
	api.Assign(&w.shared, want.Shared)
	api.Assign(&w.external, want.External)
	api.Assign(&w.portSecurity, want.PortSecurity)
	api.Assign(&w.mtu, want.MTU)
}

func firstOf[T any](values ...*T) *T {
	for _, value := range values {
		if value != nil {
			return value
		}
	}
	return nil
}

func (n *Service) deleteNetwork(c *api.Call) (api.Answer, error) {
	w, err := n.changeableNetwork(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	var users []string
	for _, p := range n.ports {
		if p.network == w {
			users = append(users, p.ID)
		}
	}
	if len(users) > 0 {
		return api.Answer{}, api.RefuseKind(http.StatusConflict, "NetworkInUse", "Unable to complete operation on network "+w.ID+
			". There are one or more ports still in use on the network, id for these ports is: "+strings.Join(users, ",")+".")
	}
	for _, t := range n.subnetsOf(w) {
		n.subnets = api.Without(n.subnets, t)
	}
	n.networks = api.Without(n.networks, w)
	return api.Reply(http.StatusNoContent, nil)
}
