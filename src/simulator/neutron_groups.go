package simulator

import (
	"maps"
	"net/http"
	"slices"
)

// securityGroup is a set of rules for ports.
type securityGroup struct {
	standard
	rules []*groupRule
}

// groupRule lets traffic pass.
type groupRule struct {
	standard
	direction, etherType string
	protocol, remoteIP   *string
	portMin, portMax     *int
	remoteGroup          *string
	builtIn              bool // made together with the group
}

func (n *neutron) addGroupRoutes() {
	n.handle(n.service, "GET /security-groups", n.listGroups, filters("shared", "stateful")...)
	n.handle(n.service, "POST /security-groups", n.createGroup)
	n.handle(n.service, "GET /security-groups/{id}", shows("security_group", n.wantedGroup, n.groupDocument), "fields")
	n.handle(n.service, "DELETE /security-groups/{id}", n.deleteGroup)
}

func (n *neutron) groupDocument(g *securityGroup) object {
	document := g.document()
	rules := []object{}
	for _, r := range g.rules {
		rules = append(rules, ruleDocument(g, r))
	}
	document["security_group_rules"], document["shared"], document["stateful"] = rules, false, true
	return document
}

func ruleDocument(g *securityGroup, r *groupRule) object {
	document := r.document()
	delete(document, "name")
	if r.builtIn {
		document["description"] = nil
	}
	maps.Copy(document, object{
		"security_group_id": g.id, "direction": r.direction, "ethertype": r.etherType, "protocol": r.protocol,
		"port_range_min": r.portMin, "port_range_max": r.portMax, "remote_ip_prefix": r.remoteIP, "remote_group_id": r.remoteGroup,
		"remote_address_group_id": nil, "normalized_cidr": r.remoteIP,
	})
	return document
}

// newGroup makes a group that lets everything out.
func (n *neutron) newGroup(project, name, description string) *securityGroup {
	g := &securityGroup{standard: n.standard(project)}
	g.name, g.description, g.revision = name, description, 1
	for _, etherType := range []string{"IPv4", "IPv6"} {
		g.rules = append(g.rules, &groupRule{standard: n.standard(project), direction: "egress", etherType: etherType, builtIn: true})
	}
	n.groups = append(n.groups, g)
	return g
}

// defaultGroup is the group that every project has; Neutron makes it when it is first needed.
func (n *neutron) defaultGroup(project string) *securityGroup {
	for _, g := range ofProject(n.groups, project) {
		if g.name == "default" {
			return g
		}
	}
	g := n.newGroup(project, "default", "Default security group")
	for _, etherType := range []string{"IPv4", "IPv6"} {
		g.rules = append(g.rules, &groupRule{
			standard: n.standard(project), direction: "ingress", etherType: etherType, remoteGroup: &g.id, builtIn: true,
		})
	}
	return g
}

func (n *neutron) wantedGroup(c caller, id string) (*securityGroup, error) {
	if g := byID(visible(c, n.groups), id); g != nil {
		return g, nil
	}
	return nil, refuseKind(http.StatusNotFound, "SecurityGroupNotFound", "Security group "+id+" does not exist")
}

func (n *neutron) listGroups(c *call) (answer, error) {
	return n.list(c, "security_groups", documents(visible(c.caller, n.groups), n.groupDocument))
}

func (n *neutron) createGroup(c *call) (answer, error) {
	var body struct {
		Group *struct {
			Name        string `json:"name"`
			Description string `json:"description"`
			Stateful    *bool  `json:"stateful"`
		} `json:"security_group"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Group == nil {
		return answer{}, unfound("security_group")
	}
	if body.Group.Name == "default" {
		return answer{}, refuseKind(http.StatusConflict, "SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
	}
	if err := n.overQuota("security_group", "security_groups", len(ofProject(n.groups, c.Project))+1); err != nil {
		return answer{}, err
	}
	g := n.newGroup(c.Project, body.Group.Name, body.Group.Description)
	return reply(http.StatusCreated, object{"security_group": n.groupDocument(g)})
}

func (n *neutron) deleteGroup(c *call) (answer, error) {
	g, err := n.wantedGroup(c.caller, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	if slices.ContainsFunc(n.ports, func(p *port) bool { return slices.Contains(p.groups, g) }) {
		return answer{}, refuseKind(http.StatusConflict, "SecurityGroupInUse", "Security Group "+g.id+" in use.")
	}
	if g.name == "default" && !c.Admin {
		return answer{}, refuseKind(http.StatusConflict, "SecurityGroupCannotRemoveDefault",
			"Insufficient rights for removing default security group.")
	}
	n.groups = without(n.groups, g)
	return reply(http.StatusNoContent, nil)
}
