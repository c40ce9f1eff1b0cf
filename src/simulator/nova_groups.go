package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// serverGroup keeps servers together or apart.
type serverGroup struct {
	identity
	userID, name, policy string
	maxPerHost           int // 0 for no rule
	members              []*server
}

func (n *nova) addGroupRoutes() {
	n.handle(n.service, "GET /os-server-groups", n.listGroups, "limit", "offset", "all_projects")
	n.handle(n.service, "POST /os-server-groups", n.createGroup)
	n.handle(n.service, "GET /os-server-groups/{id}", n.showGroup)
	n.handle(n.service, "DELETE /os-server-groups/{id}", n.deleteGroup)
}

// accepts tells whether a host suits the policy of the group; soft policies are only wishes.
func (g *serverGroup) accepts(s *server, zone string, host int) bool {
	if g == nil {
		return true
	}
	here, elsewhere := 0, 0
	for _, member := range g.members {
		switch {
		case member == s || member.host == 0:
		case member.zone == zone && member.host == host:
			here++
		default:
			elsewhere++
		}
	}
	switch g.policy {
	case "anti-affinity":
		return here < max(g.maxPerHost, 1)
	case "affinity":
		return elsewhere == 0
	}
	return true
}

func groupDocument(c *call, g *serverGroup) object {
	members := []string{}
	for _, s := range g.members {
		members = append(members, s.id)
	}
	slices.Sort(members)
	document := object{"id": g.id, "name": g.name, "members": members}
	if c.microversion >= groupOwner {
		document["project_id"], document["user_id"] = g.project, g.userID
	}
	if c.microversion < groupPolicy {
		document["policies"], document["metadata"] = []string{g.policy}, object{}
		return document
	}
	rules := object{}
	if g.maxPerHost > 0 {
		rules["max_server_per_host"] = g.maxPerHost
	}
	document["policy"], document["rules"] = g.policy, rules
	return document
}

func (n *nova) listGroups(c *call) (answer, error) {
	shown := []object{}
	for _, g := range n.groups {
		if g.project == c.Project || c.Admin && c.query.Get("all_projects") != "" {
			shown = append(shown, groupDocument(c, g))
		}
	}
	return ok(object{"server_groups": shown})
}

func (n *nova) wantedGroup(c *call) (*serverGroup, error) {
	if g := byID(visible(c.caller, n.groups), c.path["id"]); g != nil {
		return g, nil
	}
	return nil, refuse(http.StatusNotFound, "Instance group "+c.path["id"]+" could not be found.")
}

func (n *nova) showGroup(c *call) (answer, error) {
	g, err := n.wantedGroup(c)
	if err != nil {
		return answer{}, err
	}
	return ok(object{"server_group": groupDocument(c, g)})
}

func (n *nova) deleteGroup(c *call) (answer, error) {
	g, err := n.wantedGroup(c)
	if err != nil {
		return answer{}, err
	}
	for _, s := range g.members {
		s.group = nil
	}
	n.groups = without(n.groups, g)
	return reply(http.StatusNoContent, nil)
}

type newGroup struct {
	Group *struct {
		Name     *string   `json:"name"`
		Policies *[]string `json:"policies"`
		Policy   *string   `json:"policy"`
		Rules    *struct {
			MaxServerPerHost json.RawMessage `json:"max_server_per_host"`
		} `json:"rules"`
	} `json:"server_group"`
}

func (n *nova) createGroup(c *call) (answer, error) {
	var body newGroup
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	g, err := n.planGroup(c, body)
	if err != nil {
		return answer{}, err
	}
	if n.exceeds("server_groups", len(n.groups)+1) {
		return answer{}, refuse(http.StatusForbidden, "Quota exceeded, too many server groups.")
	}
	n.groups = append(n.groups, g)
	return ok(object{"server_group": groupDocument(c, g)})
}

// planGroup reads the one policy, which has another name and form in newer microversions.
func (n *nova) planGroup(c *call, body newGroup) (*serverGroup, error) {
	want, raw := body.Group, valueAt(c.body, "server_group")
	if want == nil {
		return nil, required("", "server_group", nil)
	}
	g := &serverGroup{identity: identity{n.newID(), c.Project}, userID: c.UserID}
	field := "policy"
	switch {
	case want.Name == nil:
		return nil, required("server_group", "name", raw)
	case c.microversion < groupPolicy:
		if want.Policies == nil {
			return nil, required("server_group", "policies", raw)
		}
		if want.Policy != nil || want.Rules != nil {
			return nil, since(c, groupPolicy, true, "server_group", "policy", raw)
		}
		if len(*want.Policies) != 1 {
			return nil, invalidField("policies", valueAt(raw, "policies"), pythonRepr(valueAt(raw, "policies"))+" is too short")
		}
		field, g.policy = "0", (*want.Policies)[0]
	case want.Policy == nil:
		return nil, required("server_group", "policy", raw)
	default:
		g.policy = *want.Policy
	}
	g.name = *want.Name
	policies := []string{"anti-affinity", "affinity"}
	if c.microversion >= groupOwner {
		policies = append(policies, "soft-anti-affinity", "soft-affinity")
	}
	if !slices.Contains(policies, g.policy) {
		return nil, invalidField(field, marshal(g.policy),
			pythonString(g.policy)+" is not one of ['"+strings.Join(policies, "', '")+"']")
	}
	return g, n.readRules(g, body)
}

func (n *nova) readRules(g *serverGroup, body newGroup) error {
	if body.Group.Rules == nil || len(body.Group.Rules.MaxServerPerHost) == 0 {
		return nil
	}
	limit, err := positiveInteger("max_server_per_host", body.Group.Rules.MaxServerPerHost)
	g.maxPerHost = limit
	return err
}
