package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/netip"
	"strconv"
)

// lbMember is one server behind a pool.
type lbMember struct {
	lbResource
	address                  string
	protocolPort, weight     int
	subnetID, monitorAddress *string
	monitorPort              *int
	backup                   bool
}

func (o *octavia) memberDocument(m *lbMember) object {
	document := m.document()
	delete(document, "description")
	maps.Copy(document, object{
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

// memberPool is the pool of a path with members; its absence is reported in another form than elsewhere.
func (o *octavia) memberPool(c *call) (*pool, error) {
	p, err := o.pool(c.caller, c.path["id"])
	if err != nil {
		return nil, &answerError{answer{status: http.StatusNotFound, body: object{
			"code": http.StatusNotFound, "title": "Bad Request", "description": "Pool " + c.path["id"] + " not found.",
		}}}
	}
	return p, nil
}

func (o *octavia) memberOf(c *call) (*pool, *lbMember, error) {
	p, err := o.memberPool(c)
	if err != nil {
		return nil, nil, err
	}
	m := byID(p.members, c.path["member"])
	if m == nil {
		return nil, nil, unknown("Member", c.path["member"])
	}
	return p, m, nil
}

func (o *octavia) listMembers(c *call) (answer, error) {
	p, err := o.memberPool(c)
	if err != nil {
		return answer{}, err
	}
	return o.listOf(c, "members", documents(p.members, o.memberDocument))
}

func (o *octavia) showMember(c *call) (answer, error) {
	_, m, err := o.memberOf(c)
	if err != nil {
		return answer{}, err
	}
	return ok(object{"member": pick(o.memberDocument(m), c.query["fields"])})
}

// planMember checks a new member.
func (o *octavia) planMember(c *call, want *memberBody) (*lbMember, error) {
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
		if !isUUID(*want.SubnetID) {
			return nil, invalidValue("subnet_id", *want.SubnetID, "Value should be UUID format")
		}
		if _, found := o.networks.Subnet(c.caller, *want.SubnetID); !found {
			return nil, refuse(http.StatusBadRequest, "Subnet "+*want.SubnetID+" not found.")
		}
	}
	m := &lbMember{lbResource: o.newResource(c.Project), address: *want.Address, protocolPort: number, weight: 1, subnetID: want.SubnetID}
	m.apply(want)
	return m, nil
}

func (m *lbMember) apply(want *memberBody) {
	assign(&m.name, want.Name)
	assign(&m.weight, want.Weight)
	assign(&m.backup, want.Backup)
	assign(&m.adminUp, want.AdminStateUp)
	assign(&m.tags, want.Tags)
	if want.MonitorAddress != nil {
		m.monitorAddress = want.MonitorAddress
	}
	if want.MonitorPort != nil {
		m.monitorPort = want.MonitorPort
	}
}

// portNumber reads a port; Octavia takes strings of digits too.
func (o *octavia) portNumber(raw json.RawMessage) (int, error) {
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

// mutable refuses to change the members of a pool while its load balancer is changing.
func (o *octavia) mutable(p *pool) error {
	if p.balancer.status != activeStatus || p.status != activeStatus {
		return immutable("Pool", p.id)
	}
	return nil
}

func (p *pool) memberAt(address string, port int) *lbMember {
	for _, m := range p.members {
		if m.address == address && m.protocolPort == port {
			return m
		}
	}
	return nil
}

func (o *octavia) createMember(c *call) (answer, error) {
	var body struct {
		Member *memberBody `json:"member"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	p, err := o.memberPool(c)
	if err != nil {
		return answer{}, err
	}
	if body.Member == nil {
		return answer{}, missing("member")
	}
	m, err := o.planMember(c, body.Member)
	if err != nil {
		return answer{}, err
	}
	if err := o.mutable(p); err != nil {
		return answer{}, err
	}
	if p.memberAt(m.address, m.protocolPort) != nil {
		return answer{}, refuse(http.StatusConflict, "Another member on this pool is already using ip "+m.address+" on protocol_port "+itoa(m.protocolPort))
	}
	p.members = append(p.members, m)
	o.change(p.balancer, "update", pendingUpdate, o.touchedBy(p), func() { o.settled(&m.lbResource) })
	return reply(http.StatusCreated, object{"member": o.memberDocument(m)})
}

// replaceMembers sets all members of a pool at once; with additive_only those that are not named stay.
func (o *octavia) replaceMembers(c *call) (answer, error) {
	var body struct {
		Members *[]memberBody `json:"members"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	p, err := o.memberPool(c)
	if err != nil {
		return answer{}, err
	}
	if body.Members == nil {
		return answer{}, missing("members")
	}
	if err := o.mutable(p); err != nil {
		return answer{}, err
	}
	var planned []*lbMember
	for i := range *body.Members {
		m, err := o.planMember(c, &(*body.Members)[i])
		if err != nil {
			return answer{}, err
		}
		planned = append(planned, m)
	}
	additive := c.query.Get("additive_only") == "true" || c.query.Get("additive_only") == "True"
	o.mergeMembers(p, planned, *body.Members, additive)
	return reply(http.StatusAccepted, nil)
}

func (o *octavia) mergeMembers(p *pool, planned []*lbMember, wanted []memberBody, additive bool) {
	named := map[*lbMember]bool{}
	var fresh []*lbMember
	for i, m := range planned {
		if old := p.memberAt(m.address, m.protocolPort); old != nil {
			old.apply(&wanted[i])
			old.status = pendingUpdate
			named[old] = true
			continue
		}
		fresh = append(fresh, m)
	}
	var gone []*lbMember
	for _, old := range p.members {
		if !named[old] && !additive {
			old.status = pendingDelete
			gone = append(gone, old)
		}
	}
	p.members = append(p.members, fresh...)
	o.change(p.balancer, "update", pendingUpdate, o.touchedBy(p), func() {
		for _, m := range gone {
			p.members = without(p.members, m)
		}
		for _, m := range p.members {
			if m.status != activeStatus {
				o.settled(&m.lbResource)
			}
		}
	})
}

func (o *octavia) deleteMember(c *call) (answer, error) {
	p, m, err := o.memberOf(c)
	if err != nil {
		return answer{}, err
	}
	if err := o.mutable(p); err != nil {
		return answer{}, err
	}
	m.status = pendingDelete
	o.change(p.balancer, "update", pendingUpdate, o.touchedBy(p), func() { p.members = without(p.members, m) })
	return reply(http.StatusNoContent, nil)
}
