package octavia

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// member is a server of a pool.
type member struct {
	resource
	address                  string
	protocolPort, weight     int
	subnetID, monitorAddress *string
	monitorPort              *int
	backup                   bool
}

func (o *Service) memberDocument(m *member) api.Object {
	document := m.document()
	delete(document, "description")
	maps.Copy(document, api.Object{
		"address": m.address, "protocol_port": m.protocolPort, "weight": m.weight, "backup": m.backup, "subnet_id": m.subnetID,
		"monitor_address": m.monitorAddress, "monitor_port": m.monitorPort, "operating_status": "NO_MONITOR",
	})
	return document
}

type memberBody struct {
	Address        *string         `json:"address"`
	ProtocolPort   json.RawMessage `json:"protocol_port"`
	SubnetID       *string         `json:"subnet_id"`
	Name           *string         `json:"name"`
	Weight         *int            `json:"weight"`
	Backup         *bool           `json:"backup"`
	MonitorAddress *string         `json:"monitor_address"`
	MonitorPort    *int            `json:"monitor_port"`
	AdminStateUp   *bool           `json:"admin_state_up"`
	Tags           *[]string       `json:"tags"`
}

// memberPool returns the pool of a path with members. Its error for a missing
// pool has a format of its own.
func (o *Service) memberPool(c *api.Call) (*pool, error) {
	p, err := o.pool(c.Caller, c.Path["id"])
	if err != nil {
		return nil, &api.AnswerError{Answer: api.Answer{Status: http.StatusNotFound, Body: api.Object{
			"code": http.StatusNotFound, "title": "Bad Request", "description": "Pool " + c.Path["id"] + " not found.",
		}}}
	}
	return p, nil
}

func (o *Service) memberOf(c *api.Call) (*pool, *member, error) {
	p, err := o.memberPool(c)
	if err != nil {
		return nil, nil, err
	}
	m := api.ByID(p.members, c.Path["member"])
	if m == nil {
		return nil, nil, unknown("Member", c.Path["member"])
	}
	return p, m, nil
}

func (o *Service) listMembers(c *api.Call) (api.Answer, error) {
	p, err := o.memberPool(c)
	if err != nil {
		return api.Answer{}, err
	}
	return o.listOf(c, "members", api.Documents(p.members, o.memberDocument))
}

func (o *Service) showMember(c *api.Call) (api.Answer, error) {
	_, m, err := o.memberOf(c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.OK(api.Object{"member": api.Pick(o.memberDocument(m), c.Query["fields"])})
}

// planMember checks a new member.
func (o *Service) planMember(c *api.Call, want *memberBody) (*member, error) {
	if want.Address == nil {
		return nil, missing("address")
	}
	if _, err := netip.ParseAddr(*want.Address); err != nil {
		return nil, invalidValue("address", *want.Address, "Value should be IPv4 or IPv6 format")
	}
	number, err := o.portNumber(want.ProtocolPort)
	if err != nil {
		return nil, err
	}
	if want.SubnetID != nil {
		if !world.IsUUID(*want.SubnetID) {
			return nil, invalidValue("subnet_id", *want.SubnetID, "Value should be UUID format")
		}
		if _, found := o.networks.Subnet(c.Caller, *want.SubnetID); !found {
			return nil, api.Refuse(http.StatusBadRequest, "Subnet "+*want.SubnetID+" not found.")
		}
	}
	m := &member{resource: o.newResource(c.Project), address: *want.Address, protocolPort: number, weight: 1, subnetID: want.SubnetID}
	m.apply(want)
	return m, nil
}

func (m *member) apply(want *memberBody) {
	api.Assign(&m.name, want.Name)
	api.Assign(&m.weight, want.Weight)
	api.Assign(&m.backup, want.Backup)
	api.Assign(&m.adminUp, want.AdminStateUp)
	api.Assign(&m.tags, want.Tags)
	if want.MonitorAddress != nil {
		m.monitorAddress = want.MonitorAddress
	}
	if want.MonitorPort != nil {
		m.monitorPort = want.MonitorPort
	}
}

// portNumber reads a port. Octavia accepts strings of digits too.
func (o *Service) portNumber(raw json.RawMessage) (int, error) {
	if len(raw) == 0 {
		return 0, missing("protocol_port")
	}
	text := string(raw)
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	number, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, invalidValue("protocol_port", text, "Value should be integer format")
	case number < 1:
		return 0, invalidValue("protocol_port", text, "Value should be greater or equal to 1")
	case number > 65535:
		return 0, invalidValue("protocol_port", text, "Value should be lower or equal to 65535")
	}
	return number, nil
}

// mutable returns an error while the load balancer of a pool is changing.
func (o *Service) mutable(p *pool) error {
	if p.balancer.status != activeStatus || p.status != activeStatus {
		return immutable("Pool", p.ID)
	}
	return nil
}

func (p *pool) memberAt(address string, port int) *member {
	for _, m := range p.members {
		if m.address == address && m.protocolPort == port {
			return m
		}
	}
	return nil
}

func (o *Service) createMember(c *api.Call) (api.Answer, error) {
	var body struct {
		Member *memberBody `json:"member"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	p, err := o.memberPool(c)
	if err != nil {
		return api.Answer{}, err
	}
	if body.Member == nil {
		return api.Answer{}, missing("member")
	}
	m, err := o.planMember(c, body.Member)
	if err != nil {
		return api.Answer{}, err
	}
	if err := o.mutable(p); err != nil {
		return api.Answer{}, err
	}
	if p.memberAt(m.address, m.protocolPort) != nil {
		return api.Answer{}, api.Refuse(http.StatusConflict, "Another member on this pool is already using ip "+m.address+" on protocol_port "+strconv.Itoa(m.protocolPort))
	}
	p.members = append(p.members, m)
	o.change(p.balancer, "update", pendingUpdate, o.touchedBy(p), func() { o.settled(&m.resource) })
	return api.Reply(http.StatusCreated, api.Object{"member": o.memberDocument(m)})
}

// replaceMembers sets all members of a pool. With additive_only other members
// stay.
func (o *Service) replaceMembers(c *api.Call) (api.Answer, error) {
	var body struct {
		Members *[]memberBody `json:"members"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	p, err := o.memberPool(c)
	if err != nil {
		return api.Answer{}, err
	}
	if body.Members == nil {
		return api.Answer{}, missing("members")
	}
	if err := o.mutable(p); err != nil {
		return api.Answer{}, err
	}
	var planned []*member
	for i := range *body.Members {
		m, err := o.planMember(c, &(*body.Members)[i])
		if err != nil {
			return api.Answer{}, err
		}
		planned = append(planned, m)
	}
	additive := c.Query.Get("additive_only") == "true" || c.Query.Get("additive_only") == "True"
	o.mergeMembers(p, planned, *body.Members, additive)
	return api.Reply(http.StatusAccepted, nil)
}

func (o *Service) mergeMembers(p *pool, planned []*member, wanted []memberBody, additive bool) {
	named := map[*member]bool{}
	var fresh []*member
	for i, m := range planned {
		if old := p.memberAt(m.address, m.protocolPort); old != nil {
			old.apply(&wanted[i])
			old.status = pendingUpdate
			named[old] = true
			continue
		}
		fresh = append(fresh, m)
	}
	var gone []*member
	for _, old := range p.members {
		if !named[old] && !additive {
			old.status = pendingDelete
			gone = append(gone, old)
		}
	}
	p.members = append(p.members, fresh...)
	o.change(p.balancer, "update", pendingUpdate, o.touchedBy(p), func() {
		for _, m := range gone {
			p.members = api.Without(p.members, m)
		}
		for _, m := range p.members {
			if m.status != activeStatus {
				o.settled(&m.resource)
			}
		}
	})
}

func (o *Service) deleteMember(c *api.Call) (api.Answer, error) {
	p, m, err := o.memberOf(c)
	if err != nil {
		return api.Answer{}, err
	}
	if err := o.mutable(p); err != nil {
		return api.Answer{}, err
	}
	m.status = pendingDelete
	o.change(p.balancer, "update", pendingUpdate, o.touchedBy(p), func() { p.members = api.Without(p.members, m) })
	return api.Reply(http.StatusNoContent, nil)
}
