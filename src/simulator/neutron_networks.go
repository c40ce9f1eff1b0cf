package simulator

import (
	"maps"
	"net/http"
	"strings"
)

// network is a layer 2 segment.
type network struct {
	standard
	adminUp, shared, external, portSecurity bool
	mtu                                     int
}

const tenantMTU, externalMTU = 1450, 1500

func (n *neutron) addNetworkRoutes() {
	networkFilters := filters("admin_state_up", "status", "shared", "router:external", "mtu", "port_security_enabled", "is_default")
	n.handle(n.service, "GET /networks", n.listNetworks, networkFilters...)
	n.handle(n.service, "POST /networks", n.createNetwork)
	n.handle(n.service, "GET /networks/{id}", shows("network", n.wantedNetwork, n.networkDocument), "fields")
	n.handle(n.service, "DELETE /networks/{id}", n.deleteNetwork)
	subnetFilters := filters("network_id", "cidr", "ip_version", "gateway_ip", "enable_dhcp", "ipv6_address_mode", "ipv6_ra_mode")
	n.handle(n.service, "GET /subnets", n.listSubnets, subnetFilters...)
	n.handle(n.service, "POST /subnets", n.createSubnet)
	n.handle(n.service, "GET /subnets/{id}", shows("subnet", n.wantedSubnet, n.subnetDocument), "fields")
}

func (n *neutron) networkDocument(w *network) object {
	document := w.document()
	subnets := []string{}
	for _, t := range n.subnetsOf(w) {
		subnets = append(subnets, t.id)
	}
	maps.Copy(document, object{
		"admin_state_up": w.adminUp, "status": "ACTIVE", "shared": w.shared, "router:external": w.external, "mtu": w.mtu,
		"port_security_enabled": w.portSecurity, "subnets": subnets, "availability_zones": []string{},
		"availability_zone_hints": []string{}, "ipv4_address_scope": nil, "ipv6_address_scope": nil,
	})
	if w.external {
		document["is_default"] = false
	}
	return document
}

func (n *neutron) subnetsOf(w *network) []*subnet {
	var found []*subnet
	for _, t := range n.subnets {
		if t.network == w {
			found = append(found, t)
		}
	}
	return found
}

// networkFor finds a network that the caller may see: the project's own, shared and external ones. nil when there is none.
func (n *neutron) networkFor(c caller, id string) *network {
	w := byID(n.networks, id)
	if w == nil || !w.shared && !w.external && !c.Sees(w.project) {
		return nil
	}
	return w
}

func (n *neutron) wantedNetwork(c caller, id string) (*network, error) {
	if w := n.networkFor(c, id); w != nil {
		return w, nil
	}
	return nil, notFound("Network", id)
}

// changeableNetwork finds a network that the caller may change.
func (n *neutron) changeableNetwork(c caller, id string) (*network, error) {
	if w := byID(visible(c, n.networks), id); w != nil {
		return w, nil
	}
	return nil, notFound("Network", id)
}

func (n *neutron) listNetworks(c *call) (answer, error) {
	var found []*network
	for _, w := range n.networks {
		if n.networkFor(c.caller, w.id) != nil {
			found = append(found, w)
		}
	}
	return n.list(c, "networks", documents(found, n.networkDocument))
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

func (n *neutron) readNetwork(c *call) (networkBody, error) {
	var body networkBody
	if err := c.decode(&body); err != nil {
		return body, err
	}
	want := body.Network
	switch {
	case want == nil:
		return body, unfound("network")
	case want.MTU != nil && *want.MTU > tenantMTU:
		return body, invalidInput("Requested MTU is too big, maximum is 1450.")
	case want.External != nil && *want.External && !c.Admin:
		return body, forbiddenAttribute("network", "router:external")
	case want.Shared != nil && *want.Shared && !c.Admin:
		return body, forbiddenAttribute("network", "shared")
	}
	return body, nil
}

// forbiddenAttribute is how Neutron's policy refuses an attribute that only admins may set.
func forbiddenAttribute(resource, attribute string) error {
	action := "create_" + resource
	return refuseKind(http.StatusForbidden, "PolicyNotAuthorized",
		"(rule:"+action+" and rule:"+action+":"+attribute+") is disallowed by policy")
}

func (n *neutron) createNetwork(c *call) (answer, error) {
	body, err := n.readNetwork(c)
	if err != nil {
		return answer{}, err
	}
	if err := checkOwner(c.caller, firstOf(body.Network.Project, body.Network.Tenant)); err != nil {
		return answer{}, err
	}
	if err := n.overQuota("network", "networks", len(ofProject(n.networks, c.Project))+1); err != nil {
		return answer{}, err
	}
	w := &network{standard: n.standard(c.Project), adminUp: true, portSecurity: true, mtu: tenantMTU}
	w.revision = 1
	n.applyNetwork(w, body)
	n.networks = append(n.networks, w)
	document := n.networkDocument(w)
	document["is_default"] = false
	return reply(http.StatusCreated, object{"network": document})
}

func (n *neutron) applyNetwork(w *network, body networkBody) {
	want := body.Network
	assign(&w.name, want.Name)
	assign(&w.description, want.Description)
	assign(&w.adminUp, want.AdminStateUp)
	assign(&w.shared, want.Shared)
	assign(&w.external, want.External)
	assign(&w.portSecurity, want.PortSecurity)
	assign(&w.mtu, want.MTU)
}

// assign sets a field that the request has.
func assign[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func firstOf[T any](values ...*T) *T {
	for _, value := range values {
		if value != nil {
			return value
		}
	}
	return nil
}

func (n *neutron) deleteNetwork(c *call) (answer, error) {
	w, err := n.changeableNetwork(c.caller, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	var users []string
	for _, p := range n.ports {
		if p.network == w {
			users = append(users, p.id)
		}
	}
	if len(users) > 0 {
		return answer{}, refuseKind(http.StatusConflict, "NetworkInUse", "Unable to complete operation on network "+w.id+
			". There are one or more ports still in use on the network, id for these ports is: "+strings.Join(users, ",")+".")
	}
	for _, t := range n.subnetsOf(w) {
		n.subnets = without(n.subnets, t)
	}
	n.networks = without(n.networks, w)
	return reply(http.StatusNoContent, nil)
}
