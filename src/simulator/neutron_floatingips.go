package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/netip"
	"time"
)

// floatingIP is an address of an external network that leads to an address of a port.
type floatingIP struct {
	standard
	network *network // external
	address netip.Addr
	port    *port // nil when it leads nowhere
	fixed   netip.Addr
	router  *l3Router
	status  string
}

func (n *neutron) addFloatingIPRoutes() {
	attributes := filters("floating_ip_address", "floating_network_id", "fixed_ip_address", "port_id", "router_id", "status")
	n.handle(n.service, "GET /floatingips", n.listFloatingIPs, attributes...)
	n.handle(n.service, "POST /floatingips", n.createFloatingIP)
	n.handle(n.service, "GET /floatingips/{id}", shows("floatingip", n.wantedFloatingIP, n.floatingIPDocument), "fields")
	n.handle(n.service, "PUT /floatingips/{id}", n.updateFloatingIP)
	n.handle(n.service, "DELETE /floatingips/{id}", n.deleteFloatingIP)
}

func (n *neutron) floatingIPDocument(f *floatingIP) object {
	document := f.document()
	delete(document, "name")
	maps.Copy(document, object{
		"floating_ip_address": f.address.String(), "floating_network_id": f.network.id, "fixed_ip_address": addressOrNull(f.fixed),
		"port_id": nil, "router_id": nil, "status": f.status, "port_details": nil,
	})
	if f.port != nil {
		p := f.port
		document["port_id"], document["router_id"] = p.id, f.router.id
		document["port_details"] = object{
			"name": p.name, "network_id": p.network.id, "mac_address": p.mac, "admin_state_up": p.adminUp, "status": p.status,
			"device_id": p.deviceID, "device_owner": p.deviceOwner,
		}
	}
	return document
}

func (n *neutron) wantedFloatingIP(c caller, id string) (*floatingIP, error) {
	if f := byID(visible(c, n.floatingIPs), id); f != nil {
		return f, nil
	}
	return nil, refuseKind(http.StatusNotFound, "FloatingIPNotFound", "Floating IP "+id+" could not be found")
}

func (n *neutron) listFloatingIPs(c *call) (answer, error) {
	return n.list(c, "floatingips", documents(visible(c.caller, n.floatingIPs), n.floatingIPDocument))
}

type floatingIPBody struct {
	FloatingIP *struct {
		NetworkID   *string         `json:"floating_network_id"`
		Address     *string         `json:"floating_ip_address"`
		SubnetID    *string         `json:"subnet_id"`
		PortID      json.RawMessage `json:"port_id"`
		FixedIP     *string         `json:"fixed_ip_address"`
		Description *string         `json:"description"`
		Project     *string         `json:"project_id"`
		Tenant      *string         `json:"tenant_id"`
	} `json:"floatingip"`
}

// portOf returns the id of the port that a request names, "" for null. named is false when the request does not say.
func (b floatingIPBody) portOf(c *call) (id string, named bool, err error) {
	raw := b.FloatingIP.PortID
	if len(raw) == 0 {
		return "", false, nil
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", true, c.wrongBody(err)
	}
	if text != nil && !isUUID(*text) {
		return "", true, invalidAttribute("port_id", "'"+*text+"' is not a valid UUID.")
	}
	return deref(text), true, nil
}

func (n *neutron) createFloatingIP(c *call) (answer, error) {
	var body floatingIPBody
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.FloatingIP == nil {
		return answer{}, unfound("floatingip")
	}
	portID, _, err := body.portOf(c)
	if err != nil {
		return answer{}, err
	}
	f, err := n.planFloatingIP(c.caller, body)
	if err != nil {
		return answer{}, err
	}
	if portID != "" {
		if err := n.associate(c.caller, f, portID, body.FloatingIP.FixedIP); err != nil {
			return answer{}, err
		}
	}
	n.floatingIPs = append(n.floatingIPs, f)
	return reply(http.StatusCreated, object{"floatingip": n.floatingIPDocument(f)})
}

func (n *neutron) planFloatingIP(c caller, body floatingIPBody) (*floatingIP, error) {
	want := body.FloatingIP
	if want.NetworkID == nil {
		return nil, badRequest("Failed to parse request. Required attribute 'floating_network_id' not specified")
	}
	if err := checkOwner(c, firstOf(want.Project, want.Tenant)); err != nil {
		return nil, err
	}
	if want.Address != nil && !c.Admin {
		return nil, forbiddenAttribute("floatingip", "floating_ip_address")
	}
	w, err := n.wantedNetwork(c, *want.NetworkID)
	if err != nil {
		return nil, err
	}
	if err := n.overQuota("floatingip", "floating_ips", len(ofProject(n.floatingIPs, c.Project))+1); err != nil {
		return nil, err
	}
	if !w.external {
		return nil, badFloatingIP("Network " + w.id + " is not a valid external network.")
	}
	free, found := n.freeAddress(n.subnetsOf(w)...)
	if !found {
		return nil, refuseKind(http.StatusConflict, "IpAddressGenerationFailure",
			"No more IP addresses available on network "+w.id+".")
	}
	f := n.newFloatingIP(c.Project, w, free)
	assign(&f.description, want.Description)
	return f, nil
}

func (n *neutron) newFloatingIP(project string, w *network, at fixedIP) *floatingIP {
	return &floatingIP{standard: n.standard(project), network: w, address: at.address, status: "DOWN"}
}

func badFloatingIP(message string) error {
	return refuseKind(http.StatusBadRequest, "BadRequest", "Bad floatingip request: "+message)
}

func (n *neutron) updateFloatingIP(c *call) (answer, error) {
	var body floatingIPBody
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.FloatingIP == nil {
		return answer{}, unfound("floatingip")
	}
	portID, named, err := body.portOf(c)
	if err != nil {
		return answer{}, err
	}
	f, err := n.wantedFloatingIP(c.caller, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	switch {
	case portID != "":
		err = n.associate(c.caller, f, portID, body.FloatingIP.FixedIP)
	case body.FloatingIP.FixedIP != nil:
		err = badFloatingIP("fixed_ip_address cannot be specified without a port_id.")
	case named:
		n.dissociate(f)
	}
	if err != nil {
		return answer{}, err
	}
	assign(&f.description, body.FloatingIP.Description)
	n.touch(&f.standard)
	return ok(object{"floatingip": n.floatingIPDocument(f)})
}

// associate leads a floating IP to a port, whatever it led to before.
func (n *neutron) associate(c caller, f *floatingIP, portID string, fixed *string) error {
	p, err := n.wantedPort(c, portID)
	if err != nil {
		return err
	}
	target, err := n.associable(p, fixed)
	if err != nil {
		return err
	}
	r := n.routerBetween(f.network, target.subnet)
	if r == nil {
		return refuseKind(http.StatusNotFound, "ExternalGatewayForFloatingIPNotFound", "External network "+f.network.id+
			" is not reachable from subnet "+target.subnet.id+".  Therefore, cannot associate Port "+p.id+" with a Floating IP.")
	}
	for _, other := range n.floatingIPs {
		if other != f && other.port == p && other.fixed == target.address && other.network == f.network {
			return refuseKind(http.StatusConflict, "FloatingIPPortAlreadyAssociated", "Cannot associate floating IP "+f.address.String()+
				" ("+f.id+") with port "+p.id+" using fixed IP "+target.address.String()+
				", as that fixed IP already has a floating IP on external network "+f.network.id+".")
		}
	}
	f.port, f.fixed, f.router = p, target.address, r
	n.reportStatus(f)
	return nil
}

// associable is the one IPv4 address of a port that a floating IP can lead to.
func (n *neutron) associable(p *port, fixed *string) (fixedIP, error) {
	var candidates []fixedIP
	for _, ip := range p.fixedIPs {
		if fixed != nil && ip.address.String() == *fixed {
			return ip, nil
		}
		if ip.address.Is4() {
			candidates = append(candidates, ip)
		}
	}
	switch {
	case fixed != nil:
		return fixedIP{}, badFloatingIP("Port " + p.id + " does not have fixed ip " + *fixed + ".")
	case len(candidates) == 0:
		return fixedIP{}, badFloatingIP("Cannot add floating IP to port " + p.id + " that has no fixed IPv4 addresses.")
	case len(candidates) > 1:
		return fixedIP{}, badFloatingIP("Port " + p.id + " has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address " +
			"when assigning a floating IP.")
	}
	return candidates[0], nil
}

// dissociate lets a floating IP lead nowhere.
func (n *neutron) dissociate(f *floatingIP) {
	f.port, f.router, f.fixed = nil, nil, netip.Addr{}
	n.reportStatus(f)
	n.touch(&f.standard)
}

// agentReport is the time after which the agent of a router has told Neutron whether a floating IP works.
const agentReport = 500 * time.Millisecond

// reportStatus sets the status when the agent reports; until then the old one stays.
func (n *neutron) reportStatus(f *floatingIP) {
	n.after(agentReport, func() {
		f.status = "DOWN"
		if f.port != nil {
			f.status = "ACTIVE"
		}
	})
}

func (n *neutron) deleteFloatingIP(c *call) (answer, error) {
	f, err := n.wantedFloatingIP(c.caller, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	n.floatingIPs = without(n.floatingIPs, f)
	return reply(http.StatusNoContent, nil)
}
