package simulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// port is a plug of a network, with or without something plugged in.
type port struct {
	standard
	network               *network
	mac                   string
	adminUp, portSecurity bool
	status                string // DOWN until a host has plugged it in, then ACTIVE
	deviceID, deviceOwner string
	fixedIPs              []fixedIP
	groups                []*securityGroup
	pairs                 []addressPair
	vnicType              string
}

// addressPair is an address beside its own that a port may send from.
type addressPair struct {
	MAC string `json:"mac_address"`
	IP  string `json:"ip_address"`
}

func (n *neutron) addPortRoutes() {
	portFilters := filters("network_id", "device_id", "device_owner", "fixed_ips", "mac_address", "status", "admin_state_up",
		"security_groups", "port_security_enabled", "binding:vnic_type")
	n.handle(n.service, "GET /ports", n.listPorts, portFilters...)
	n.handle(n.service, "POST /ports", n.createPorts)
	n.handle(n.service, "GET /ports/{id}", shows("port", n.wantedPort, n.portDocument), "fields")
	n.handle(n.service, "PUT /ports/{id}", n.updatePort)
	n.handle(n.service, "DELETE /ports/{id}", n.deletePort)
}

func (n *neutron) portDocument(p *port) object {
	document := p.document()
	ips := []object{}
	for _, ip := range p.fixedIPs {
		ips = append(ips, object{"subnet_id": ip.subnet.id, "ip_address": ip.address.String()})
	}
	groups := []string{}
	for _, g := range p.groups {
		groups = append(groups, g.id)
	}
	maps.Copy(document, object{
		"network_id": p.network.id, "mac_address": p.mac, "admin_state_up": p.adminUp, "status": p.status, "device_id": p.deviceID,
		"device_owner": p.deviceOwner, "fixed_ips": ips, "security_groups": groups, "port_security_enabled": p.portSecurity,
		"allowed_address_pairs": append([]addressPair{}, p.pairs...), "extra_dhcp_opts": []object{}, "binding:vnic_type": p.vnicType,
	})
	return document
}

// portFor finds a port that the caller may see, nil when there is none.
func (n *neutron) portFor(c caller, id string) *port { return byID(visible(c, n.ports), id) }

func (n *neutron) wantedPort(c caller, id string) (*port, error) {
	if p := n.portFor(c, id); p != nil {
		return p, nil
	}
	return nil, notFound("Port", id)
}

func (n *neutron) listPorts(c *call) (answer, error) {
	for _, value := range c.query["fixed_ips"] {
		if !strings.Contains(value, "=") {
			return answer{}, invalidInput("'" + value + "' is not of the form <key>=[value].")
		}
	}
	return n.list(c, "ports", documents(visible(c.caller, n.ports), n.portDocument))
}

// portSpec are the attributes of a port to create or to change. An absent
// attribute has its default, or stays as it is.
type portSpec struct {
	Name         *string            `json:"name"`
	Description  *string            `json:"description"`
	NetworkID    *string            `json:"network_id"`
	AdminUp      *bool              `json:"admin_state_up"`
	MAC          *string            `json:"mac_address"`
	FixedIPs     *[]fixedIPSpec     `json:"fixed_ips"`
	DeviceID     *string            `json:"device_id"`
	DeviceOwner  *string            `json:"device_owner"`
	Groups       *[]string          `json:"security_groups"`
	Pairs        *[]addressPairSpec `json:"allowed_address_pairs"`
	PortSecurity *bool              `json:"port_security_enabled"`
	VNICType     *string            `json:"binding:vnic_type"`
	Tags         []string           `json:"tags"`
	Project      *string            `json:"project_id"`
	Tenant       *string            `json:"tenant_id"`
}

type addressPairSpec struct {
	MAC *string `json:"mac_address"`
	IP  string  `json:"ip_address"`
}

// createPorts makes one port ("port") or several ("ports"), all of them or none.
func (n *neutron) createPorts(c *call) (answer, error) {
	var body struct {
		Port  *portSpec   `json:"port"`
		Ports *[]portSpec `json:"ports"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	switch {
	case body.Ports != nil && len(*body.Ports) == 0:
		return answer{}, badRequest("Resources required")
	case body.Ports != nil:
		return n.createSeveral(c, *body.Ports)
	case body.Port == nil:
		return answer{}, unfound("port")
	}
	checkNewTags(c, *body.Port)
	p, err := n.createPort(c.caller, body.Port)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, object{"port": n.portDocument(p)})
}

func (n *neutron) createSeveral(c *call, bodies []portSpec) (answer, error) {
	before := len(n.ports)
	made := []*port{}
	checkNewTags(c, bodies...)
	for i := range bodies {
		p, err := n.createPort(c.caller, &bodies[i])
		if err != nil {
			n.ports = n.ports[:before]
			return answer{}, err
		}
		made = append(made, p)
	}
	return reply(http.StatusCreated, object{"ports": documents(made, n.portDocument)})
}

// checkNewTags reports tags of new ports: releases without the extension
// tag-ports-during-bulk-creation ignore them.
func checkNewTags(c *call, specs ...portSpec) {
	for _, spec := range specs {
		if len(spec.Tags) > 0 {
			c.sim.violate(c, "tags of a new port are ignored")
		}
	}
}

// createPort creates a port.
func (n *neutron) createPort(c caller, want *portSpec) (*port, error) {
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
	if !c.Sees(w.project) && !w.shared {
		return nil, refuseKind(http.StatusForbidden, "HTTPForbidden",
			"Tenant "+c.Project+" not allowed to create port on this network")
	}
	if err := n.overQuota("port", "ports", len(ofProject(n.ports, c.Project))+1); err != nil {
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

// applyPort sets what the request has; a new port gets addresses and the default group where the request says nothing.
func (n *neutron) applyPort(c caller, p *port, want *portSpec, created bool) error {
	assign(&p.name, want.Name)
	assign(&p.description, want.Description)
	assign(&p.adminUp, want.AdminUp)
	assign(&p.deviceID, want.DeviceID)
	assign(&p.deviceOwner, want.DeviceOwner)
	assign(&p.vnicType, want.VNICType)
	assign(&p.portSecurity, want.PortSecurity)
	if created && strings.HasPrefix(p.deviceOwner, "network:") {
		p.portSecurity = false
	}
	if want.MAC != nil {
		if slices.ContainsFunc(n.ports, func(o *port) bool { return o.id != p.id && o.network == p.network && o.mac == *want.MAC }) {
			return refuseKind(http.StatusConflict, "MacAddressInUse", "Unable to complete operation for network "+p.network.id+
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

func (n *neutron) applyPortGroups(c caller, p *port, want *portSpec, created bool) error {
	switch {
	case want.Groups != nil:
	case created && p.portSecurity:
		p.groups = []*securityGroup{n.defaultGroup(p.project)}
		return nil
	default:
		return nil
	}
	var groups []*securityGroup
	for _, id := range *want.Groups {
		if !isUUID(id) {
			return invalidAttribute("security_groups", "'"+id+"' is not a valid UUID.")
		}
		g, err := n.wantedGroup(c, id)
		if err != nil {
			return err
		}
		groups = append(groups, g)
	}
	if len(groups) > 0 && (!p.portSecurity || len(p.fixedIPs) == 0) {
		return refuseKind(http.StatusBadRequest, "PortSecurityAndIPRequiredForSecurityGroups",
			"Port security must be enabled and port must have an IP address in order to use security groups.")
	}
	p.groups = groups
	return nil
}

func (n *neutron) applyPairs(p *port, want *portSpec) error {
	if want.Pairs == nil {
		return nil
	}
	if len(*want.Pairs) > 0 && !p.portSecurity {
		return refuseKind(http.StatusConflict, "AddressPairAndPortSecurityRequired",
			"Port Security must be enabled in order to have allowed address pairs on a port.")
	}
	p.pairs = nil
	for _, asked := range *want.Pairs {
		pair := addressPair{MAC: p.mac, IP: asked.IP}
		assign(&pair.MAC, asked.MAC)
		p.pairs = append(p.pairs, pair)
	}
	return nil
}
