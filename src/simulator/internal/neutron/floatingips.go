package neutron

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// floatingIP is an address of an external network that can be associated with
// an address of a port.
type floatingIP struct {
	standard
	network *network // external
	address netip.Addr
	port    *port // nil when not associated
	fixed   netip.Addr
	router  *router
	status  string
}

func (n *Service) addFloatingIPRoutes() {
	attributes := filters("floating_ip_address", "floating_network_id", "fixed_ip_address", "port_id", "router_id", "status")
	n.Frontend.Handle("GET /floatingips", n.listFloatingIPs, attributes...)
	n.Frontend.Handle("POST /floatingips", n.createFloatingIP)
	n.Frontend.Handle("GET /floatingips/{id}", api.Show("floatingip", n.wantedFloatingIP, n.floatingIPDocument), "fields")
	n.Frontend.Handle("PUT /floatingips/{id}", n.updateFloatingIP)
	n.Frontend.Handle("DELETE /floatingips/{id}", n.deleteFloatingIP)
}

func (n *Service) floatingIPDocument(f *floatingIP) api.Object {
	document := f.document()
	delete(document, "name")
	maps.Copy(document, api.Object{
		"floating_ip_address": f.address.String(), "floating_network_id": f.network.ID, "fixed_ip_address": addressOrNull(f.fixed),
		"port_id": nil, "router_id": nil, "status": f.status, "port_details": nil,
	})
	if f.port != nil {
		p := f.port
		document["port_id"], document["router_id"] = p.ID, f.router.ID
		document["port_details"] = api.Object{
			"name": p.name, "network_id": p.network.ID, "mac_address": p.mac, "admin_state_up": p.adminUp, "status": p.status,
			"device_id": p.deviceID, "device_owner": p.deviceOwner,
		}
	}
	return document
}

func (n *Service) wantedFloatingIP(c api.Caller, id string) (*floatingIP, error) {
	if f := api.ByID(api.Visible(c, n.floatingIPs), id); f != nil {
		return f, nil
	}
	return nil, api.RefuseKind(http.StatusNotFound, "FloatingIPNotFound", "Floating IP "+id+" could not be found")
}

func (n *Service) listFloatingIPs(c *api.Call) (api.Answer, error) {
	return n.list(c, "floatingips", api.Documents(api.Visible(c.Caller, n.floatingIPs), n.floatingIPDocument))
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

// portOf returns the id of the port in a request, "" for null. named reports
// whether the request contains the field.
func (b floatingIPBody) portOf(c *api.Call) (id string, named bool, err error) {
	raw := b.FloatingIP.PortID
	if len(raw) == 0 {
		return "", false, nil
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", true, c.WrongBody(err)
	}
	if text != nil && !world.IsUUID(*text) {
		return "", true, invalidAttribute("port_id", "'"+*text+"' is not a valid UUID.")
	}
	return api.Deref(text), true, nil
}

func (n *Service) createFloatingIP(c *api.Call) (api.Answer, error) {
	var body floatingIPBody
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.FloatingIP == nil {
		return api.Answer{}, missingObject("floatingip")
	}
	portID, _, err := body.portOf(c)
	if err != nil {
		return api.Answer{}, err
	}
	f, err := n.planFloatingIP(c.Caller, body)
	if err != nil {
		return api.Answer{}, err
	}
	if portID != "" {
		if err := n.associate(c.Caller, f, portID, body.FloatingIP.FixedIP); err != nil {
			return api.Answer{}, err
		}
	}
	n.floatingIPs = append(n.floatingIPs, f)
	return api.Reply(http.StatusCreated, api.Object{"floatingip": n.floatingIPDocument(f)})
}

func (n *Service) planFloatingIP(c api.Caller, body floatingIPBody) (*floatingIP, error) {
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
	if err := n.overQuota("floatingip", "floating_ips", len(api.OfProject(n.floatingIPs, c.Project))+1); err != nil {
		return nil, err
	}
	if !w.external {
		return nil, badFloatingIP("Network " + w.ID + " is not a valid external network.")
	}
	free, found := n.freeAddress(n.subnetsOf(w)...)
	if !found {
		return nil, api.RefuseKind(http.StatusConflict, "IpAddressGenerationFailure",
			"No more IP addresses available on network "+w.ID+".")
	}
	f := n.newFloatingIP(c.Project, w, free)
	api.Assign(&f.description, want.Description)
	return f, nil
}

func (n *Service) newFloatingIP(project string, w *network, at fixedIP) *floatingIP {
	return &floatingIP{standard: n.standard(project), network: w, address: at.address, status: "DOWN"}
}

func badFloatingIP(message string) error {
	return api.RefuseKind(http.StatusBadRequest, "BadRequest", "Bad floatingip request: "+message)
}

func (n *Service) updateFloatingIP(c *api.Call) (api.Answer, error) {
	var body floatingIPBody
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.FloatingIP == nil {
		return api.Answer{}, missingObject("floatingip")
	}
	portID, named, err := body.portOf(c)
	if err != nil {
		return api.Answer{}, err
	}
	f, err := n.wantedFloatingIP(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	if err := checkRevision(c, f.revision); err != nil {
		return api.Answer{}, err
	}
	switch {
	case portID != "":
		err = n.associate(c.Caller, f, portID, body.FloatingIP.FixedIP)
	case body.FloatingIP.FixedIP != nil:
		err = badFloatingIP("fixed_ip_address cannot be specified without a port_id.")
	case named:
		n.dissociate(f)
	}
	if err != nil {
		return api.Answer{}, err
	}
	api.Assign(&f.description, body.FloatingIP.Description)
	n.touch(&f.standard)
	return api.OK(api.Object{"floatingip": n.floatingIPDocument(f)})
}

// checkRevision refuses a change that is meant for another revision of the
// object.
func checkRevision(c *api.Call, revision int) error {
	wanted, ok := strings.CutPrefix(c.Request.Header.Get("If-Match"), "revision_number=")
	if !ok || wanted == strconv.Itoa(revision) {
		return nil
	}
	return api.RefuseKind(http.StatusPreconditionFailed, "RevisionNumberConstraintFailed",
		fmt.Sprintf("Constrained to %s, but current revision is %d", wanted, revision))
}

// associate associates a floating IP with a port and removes its previous
// association.
func (n *Service) associate(c api.Caller, f *floatingIP, portID string, fixed *string) error {
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
		return api.RefuseKind(http.StatusNotFound, "ExternalGatewayForFloatingIPNotFound", "External network "+f.network.ID+
			" is not reachable from subnet "+target.subnet.ID+".  Therefore, cannot associate Port "+p.ID+" with a Floating IP.")
	}
	for _, other := range n.floatingIPs {
		if other != f && other.port == p && other.fixed == target.address && other.network == f.network {
			return api.RefuseKind(http.StatusConflict, "FloatingIPPortAlreadyAssociated", "Cannot associate floating IP "+f.address.String()+
				" ("+f.ID+") with port "+p.ID+" using fixed IP "+target.address.String()+
				", as that fixed IP already has a floating IP on external network "+f.network.ID+".")
		}
	}
	f.port, f.fixed, f.router = p, target.address, r
	n.reportStatus(f)
	return nil
}

// associable returns the one IPv4 address of a port that a floating IP can be
// associated with.
func (n *Service) associable(p *port, fixed *string) (fixedIP, error) {
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
		return fixedIP{}, badFloatingIP("Port " + p.ID + " does not have fixed ip " + *fixed + ".")
	case len(candidates) == 0:
		return fixedIP{}, badFloatingIP("Cannot add floating IP to port " + p.ID + " that has no fixed IPv4 addresses.")
	case len(candidates) > 1:
		return fixedIP{}, badFloatingIP("Port " + p.ID + " has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address " +
			"when assigning a floating IP.")
	}
	return candidates[0], nil
}

// dissociate removes the association of a floating IP.
func (n *Service) dissociate(f *floatingIP) {
	f.port, f.router, f.fixed = nil, nil, netip.Addr{}
	n.reportStatus(f)
	n.touch(&f.standard)
}

// agentReport is the time until the agent of a router reports the status of a
// floating IP.
const agentReport = 500 * time.Millisecond

// reportStatus sets the status when the agent reports. Until then the old one
// stays.
func (n *Service) reportStatus(f *floatingIP) {
	n.world.After(agentReport, func() {
		f.status = "DOWN"
		if f.port != nil {
			f.status = "ACTIVE"
		}
	})
}

func (n *Service) deleteFloatingIP(c *api.Call) (api.Answer, error) {
	f, err := n.wantedFloatingIP(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	n.floatingIPs = api.Without(n.floatingIPs, f)
	return api.Reply(http.StatusNoContent, nil)
}
