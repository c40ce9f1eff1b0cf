package neutron

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// port is a connection point of a network.
type port struct {
	standard
	network               *network
	mac                   string
	adminUp, portSecurity bool
	status                string // DOWN, ACTIVE once the agent of a host has reported it
	deviceID, deviceOwner string
	fixedIPs              []fixedIP
	groups                []*securityGroup
	pairs                 []addressPair
	vnicType              string
	dnsName               string
	hostname              string // of the server: the value of dns_name unless it is changed
	// options are attributes of extensions, as they were requested.
	options api.Object
}

// addressPair is an additional address from which a port may send.
type addressPair struct {
	MAC string `json:"mac_address"`
	IP  string `json:"ip_address"`
}

func (n *Service) addPortRoutes() {
	portFilters := filters("network_id", "device_id", "device_owner", "fixed_ips", "mac_address", "status", "admin_state_up",
		"security_groups", "port_security_enabled", "binding:vnic_type")
	n.Frontend.Handle("GET /ports", n.listPorts, portFilters...)
	n.Frontend.Handle("POST /ports", n.createPorts)
	n.Frontend.Handle("GET /ports/{id}", api.Show("port", n.wantedPort, n.portDocument), "fields")
	n.Frontend.Handle("PUT /ports/{id}", n.updatePort)
	n.Frontend.Handle("DELETE /ports/{id}", n.deletePort)
	n.Frontend.Handle("PUT /ports/{id}/tags", n.tagPort)
	n.Frontend.Handle("GET /qos/policies", n.listPolicies, filters("shared", "is_default")...)
}

func (n *Service) portDocument(p *port) api.Object {
	document := p.document()
	ips := []api.Object{}
	for _, ip := range p.fixedIPs {
		ips = append(ips, api.Object{"subnet_id": ip.subnet.ID, "ip_address": ip.address.String()})
	}
	groups := []string{}
	for _, g := range p.groups {
		groups = append(groups, g.ID)
	}
	maps.Copy(document, api.Object{
		"network_id": p.network.ID, "mac_address": p.mac, "admin_state_up": p.adminUp, "status": p.status, "device_id": p.deviceID,
		"device_owner": p.deviceOwner, "fixed_ips": ips, "security_groups": groups, "port_security_enabled": p.portSecurity,
		"allowed_address_pairs": append([]addressPair{}, p.pairs...), "extra_dhcp_opts": []api.Object{}, "binding:vnic_type": p.vnicType,
		"dns_name": cmp.Or(p.dnsName, p.hostname), "dns_assignment": dnsAssignment(p), "qos_policy_id": nil, "qos_network_policy_id": nil,
	})
	maps.Copy(document, p.options)
	maps.Copy(document, n.trunkDetails(p))
	return document
}

// portFor returns a port that the caller may see, nil for none.
func (n *Service) portFor(c api.Caller, id string) *port {
	return api.ByID(api.Visible(c, n.ports), id)
}

func (n *Service) wantedPort(c api.Caller, id string) (*port, error) {
	if p := n.portFor(c, id); p != nil {
		return p, nil
	}
	return nil, notFound("Port", id)
}

func (n *Service) listPorts(c *api.Call) (api.Answer, error) {
	for _, value := range c.Query["fixed_ips"] {
		if !strings.Contains(value, "=") {
			return api.Answer{}, invalidInput("'" + value + "' is not of the form <key>=[value].")
		}
	}
	return n.list(c, "ports", api.Documents(api.Visible(c.Caller, n.ports), n.portDocument))
}

// PortSpec are the attributes of a port to create or to change. An absent
// attribute has its default, or stays as it is.
type PortSpec struct {
	Name         *string            `json:"name"`
	Description  *string            `json:"description"`
	NetworkID    *string            `json:"network_id"`
	AdminUp      *bool              `json:"admin_state_up"`
	MAC          *string            `json:"mac_address"`
	FixedIPs     *[]FixedIPSpec     `json:"fixed_ips"`
	DeviceID     *string            `json:"device_id"`
	DeviceOwner  *string            `json:"device_owner"`
	Groups       *[]string          `json:"security_groups"`
	Pairs        *[]AddressPairSpec `json:"allowed_address_pairs"`
	PortSecurity *bool              `json:"port_security_enabled"`
	VNICType     *string            `json:"binding:vnic_type"`
	Profile      map[string]any     `json:"binding:profile"`
	DNSName      *string            `json:"dns_name"`
	QoSPolicy    *string            `json:"qos_policy_id"`
	Uplink       *bool              `json:"propagate_uplink_status"`
	NUMAPolicy   *string            `json:"numa_affinity_policy"`
	Tags         []string           `json:"tags"`
	Project      *string            `json:"project_id"`
	Tenant       *string            `json:"tenant_id"`
}

// AddressPairSpec is a requested allowed address pair.
type AddressPairSpec struct {
	MAC *string `json:"mac_address"`
	IP  string  `json:"ip_address"`
}

// createPorts creates one port ("port") or several ("ports"): all of them or
// none.
func (n *Service) createPorts(c *api.Call) (api.Answer, error) {
	var body struct {
		Port  *PortSpec   `json:"port"`
		Ports *[]PortSpec `json:"ports"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	switch {
	case body.Ports != nil && len(*body.Ports) == 0:
		return api.Answer{}, badRequest("Resources required")
	case body.Ports != nil:
		return n.createSeveral(c, *body.Ports)
	case body.Port == nil:
		return api.Answer{}, missingObject("port")
	}
	checkNewTags(c, *body.Port)
	p, err := n.createPort(c.Caller, body.Port)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Reply(http.StatusCreated, api.Object{"port": n.portDocument(p)})
}

func (n *Service) createSeveral(c *api.Call, bodies []PortSpec) (api.Answer, error) {
	before := len(n.ports)
	made := []*port{}
	checkNewTags(c, bodies...)
	for i := range bodies {
		p, err := n.createPort(c.Caller, &bodies[i])
		if err != nil {
			n.ports = n.ports[:before]
			return api.Answer{}, err
		}
		made = append(made, p)
	}
	return api.Reply(http.StatusCreated, api.Object{"ports": api.Documents(made, n.portDocument)})
}

// checkNewTags reports tags of new ports: releases without the extension
// tag-ports-during-bulk-creation ignore them.
func checkNewTags(c *api.Call, specs ...PortSpec) {
	for _, spec := range specs {
		if len(spec.Tags) > 0 {
			c.Violate("tags of a new port are ignored")
		}
	}
}

// createPort creates a port.
func (n *Service) createPort(c api.Caller, want *PortSpec) (*port, error) {
	if err := n.checkPortAttributes(want); err != nil {
		return nil, err
	}
	if want.NetworkID == nil {
		return nil, badRequest("Failed to parse request. Required attribute 'network_id' not specified")
	}
	if err := checkOwner(c, firstOf(want.Project, want.Tenant)); err != nil {
		return nil, err
	}
	w, err := n.wantedNetwork(c, *want.NetworkID)
	if err != nil {
		return nil, err
	}
	if !c.Sees(w.Project) && !w.shared {
		return nil, api.RefuseKind(http.StatusForbidden, "HTTPForbidden",
			"Tenant "+c.Project+" not allowed to create port on this network")
	}
	if err := n.overQuota("port", "ports", len(api.OfProject(n.ports, c.Project))+1); err != nil {
		return nil, err
	}
	p := &port{
		standard: n.standard(c.Project), network: w, status: "DOWN", adminUp: true, portSecurity: w.portSecurity, vnicType: "normal",
		mac: n.newMAC(),
	}
	p.revision = 1
	if err := n.applyPort(c, p, want, true); err != nil {
		return nil, err
	}
	n.ports = append(n.ports, p)
	return p, nil
}

// applyPort sets the attributes of the request. A new port gets addresses and
// the default group unless the request contains others.
func (n *Service) applyPort(c api.Caller, p *port, want *PortSpec, created bool) error {
	api.Assign(&p.name, want.Name)
	api.Assign(&p.description, want.Description)
	api.Assign(&p.adminUp, want.AdminUp)
	api.Assign(&p.deviceID, want.DeviceID)
	api.Assign(&p.deviceOwner, want.DeviceOwner)
	api.Assign(&p.vnicType, want.VNICType)
	api.Assign(&p.portSecurity, want.PortSecurity)
	if err := n.applyOptions(c, p, want); err != nil {
		return err
	}
	if created && strings.HasPrefix(p.deviceOwner, "network:") {
		p.portSecurity = false
	}
	if want.MAC != nil {
		if slices.ContainsFunc(n.ports, func(o *port) bool { return o.ID != p.ID && o.network == p.network && o.mac == *want.MAC }) {
			return api.RefuseKind(http.StatusConflict, "MacAddressInUse", "Unable to complete operation for network "+p.network.ID+
				". The mac address "+*want.MAC+" is in use.")
		}
		p.mac = *want.MAC
	}
	if created || want.FixedIPs != nil {
		if err := n.allocate(c, p, want.FixedIPs); err != nil {
			return err
		}
	}
	if err := n.applyPortGroups(c, p, want, created); err != nil {
		return err
	}
	return n.applyPairs(p, want)
}

func (n *Service) applyPortGroups(c api.Caller, p *port, want *PortSpec, created bool) error {
	switch {
	case want.Groups != nil:
	case created && p.portSecurity:
		p.groups = []*securityGroup{n.defaultGroup(p.Project)}
		return nil
	default:
		return nil
	}
	var groups []*securityGroup
	for _, id := range *want.Groups {
		if !world.IsUUID(id) {
			return invalidAttribute("security_groups", "'"+id+"' is not a valid UUID.")
		}
		g, err := n.wantedGroup(c, id)
		if err != nil {
			return err
		}
		groups = append(groups, g)
	}
	if len(groups) > 0 && (!p.portSecurity || len(p.fixedIPs) == 0) {
		return api.RefuseKind(http.StatusBadRequest, "PortSecurityAndIPRequiredForSecurityGroups",
			"Port security must be enabled and port must have an IP address in order to use security groups.")
	}
	p.groups = groups
	return nil
}

func (n *Service) applyPairs(p *port, want *PortSpec) error {
	if want.Pairs == nil {
		return nil
	}
	if len(*want.Pairs) > 0 && !p.portSecurity {
		return api.RefuseKind(http.StatusConflict, "AddressPairAndPortSecurityRequired",
			"Port Security must be enabled in order to have allowed address pairs on a port.")
	}
	p.pairs = nil
	for _, asked := range *want.Pairs {
		pair := addressPair{MAC: p.mac, IP: asked.IP}
		api.Assign(&pair.MAC, asked.MAC)
		p.pairs = append(p.pairs, pair)
	}
	return nil
}
