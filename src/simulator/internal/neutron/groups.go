package neutron

import (
	"maps"
	"net/http"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// securityGroup is a set of rules for ports.
type securityGroup struct {
	standard
	rules []*groupRule
}

// groupRule allows traffic.
type groupRule struct {
	standard
	direction, etherType string
	protocol, remoteIP   *string
	portMin, portMax     *int
	remoteGroup          *string
	builtIn              bool // created with the group
}

func (n *Service) addGroupRoutes() {
	n.Frontend.Handle("GET /security-groups", n.listGroups, filters("shared", "stateful")...)
	n.Frontend.Handle("POST /security-groups", n.createGroup)
	n.Frontend.Handle("GET /security-groups/{id}", api.Show("security_group", n.wantedGroup, n.groupDocument), "fields")
	n.Frontend.Handle("DELETE /security-groups/{id}", n.deleteGroup)
}

func (n *Service) groupDocument(g *securityGroup) api.Object {
	document := g.document()
	rules := []api.Object{}
	for _, r := range g.rules {
		rules = append(rules, ruleDocument(g, r))
	}
	document["security_group_rules"], document["shared"], document["stateful"] = rules, false, true
	return document
}

func ruleDocument(g *securityGroup, r *groupRule) api.Object {
	document := r.document()
	delete(document, "name")
	if r.builtIn {
		document["description"] = nil
	}
	maps.Copy(document, api.Object{
		"security_group_id": g.ID, "direction": r.direction, "ethertype": r.etherType, "protocol": r.protocol,
		"port_range_min": r.portMin, "port_range_max": r.portMax, "remote_ip_prefix": r.remoteIP, "remote_group_id": r.remoteGroup,
		"remote_address_group_id": nil, "normalized_cidr": r.remoteIP,
	})
	return document
}

// newGroup creates a group that allows all outgoing traffic.
func (n *Service) newGroup(project, name, description string) *securityGroup {
	g := &securityGroup{standard: n.standard(project)}
	g.name, g.description, g.revision = name, description, 1
	for _, etherType := range []string{"IPv4", "IPv6"} {
		g.rules = append(g.rules, &groupRule{standard: n.standard(project), direction: "egress", etherType: etherType, builtIn: true})
	}
	n.groups = append(n.groups, g)
	return g
}

// defaultGroup returns the group that every project has. Neutron creates it
// when it is first needed.
func (n *Service) defaultGroup(project string) *securityGroup {
	for _, g := range api.OfProject(n.groups, project) {
		if g.name == "default" {
			return g
		}
	}
	g := n.newGroup(project, "default", "Default security group")
	for _, etherType := range []string{"IPv4", "IPv6"} {
		g.rules = append(g.rules, &groupRule{
			standard: n.standard(project), direction: "ingress", etherType: etherType, remoteGroup: &g.ID, builtIn: true,
		})
	}
	return g
}

func (n *Service) wantedGroup(c api.Caller, id string) (*securityGroup, error) {
	if g := api.ByID(api.Visible(c, n.groups), id); g != nil {
		return g, nil
	}
	return nil, api.RefuseKind(http.StatusNotFound, "SecurityGroupNotFound", "Security group "+id+" does not exist")
}

func (n *Service) listGroups(c *api.Call) (api.Answer, error) {
	return n.list(c, "security_groups", api.Documents(api.Visible(c.Caller, n.groups), n.groupDocument))
}

func (n *Service) createGroup(c *api.Call) (api.Answer, error) {
	var body struct {
		Group *struct {
			Name        string `json:"name"`
			Description string `json:"description"`
			Stateful    *bool  `json:"stateful"`
		} `json:"security_group"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Group == nil {
		return api.Answer{}, missingObject("security_group")
	}
	if body.Group.Name == "default" {
		return api.Answer{}, api.RefuseKind(http.StatusConflict, "SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
	}
	if err := n.overQuota("security_group", "security_groups", len(api.OfProject(n.groups, c.Project))+1); err != nil {
		return api.Answer{}, err
	}
	g := n.newGroup(c.Project, body.Group.Name, body.Group.Description)
	return api.Reply(http.StatusCreated, api.Object{"security_group": n.groupDocument(g)})
}

func (n *Service) deleteGroup(c *api.Call) (api.Answer, error) {
	g, err := n.wantedGroup(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	if slices.ContainsFunc(n.ports, func(p *port) bool { return slices.Contains(p.groups, g) }) {
		return api.Answer{}, api.RefuseKind(http.StatusConflict, "SecurityGroupInUse", "Security Group "+g.ID+" in use.")
	}
	if g.name == "default" && !c.Admin {
		return api.Answer{}, api.RefuseKind(http.StatusConflict, "SecurityGroupCannotRemoveDefault",
			"Insufficient rights for removing default security group.")
	}
	n.groups = api.Without(n.groups, g)
	return api.Reply(http.StatusNoContent, nil)
}
