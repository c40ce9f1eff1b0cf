package nova

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// serverGroup places servers together or apart.
type serverGroup struct {
	api.Identity
	userID, name, policy string
	maxPerHost           int // 0 for no rule
	members              []*server
}

func (n *Service) addGroupRoutes() {
	n.Frontend.Handle("GET /os-server-groups", n.listGroups, "limit", "offset", "all_projects")
	n.Frontend.Handle("POST /os-server-groups", n.createGroup)
	n.Frontend.Handle("GET /os-server-groups/{id}", n.showGroup)
	n.Frontend.Handle("DELETE /os-server-groups/{id}", n.deleteGroup)
}

// accepts reports whether a host matches the policy of the group. Soft policies
// accept every host.
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

func groupDocument(c *api.Call, g *serverGroup) api.Object {
	members := []string{}
	for _, s := range g.members {
		members = append(members, s.ID)
	}
	slices.Sort(members)
	document := api.Object{"id": g.ID, "name": g.name, "members": members}
	if c.Microversion >= groupOwner {
		document["project_id"], document["user_id"] = g.Project, g.userID
	}
	if c.Microversion < groupPolicy {
		document["policies"], document["metadata"] = []string{g.policy}, api.Object{}
		return document
	}
	rules := api.Object{}
	if g.maxPerHost > 0 {
		rules["max_server_per_host"] = g.maxPerHost
	}
	document["policy"], document["rules"] = g.policy, rules
	return document
}

func (n *Service) listGroups(c *api.Call) (api.Answer, error) {
	shown := []api.Object{}
	for _, g := range n.groups {
		if g.Project == c.Project || c.Admin && c.Query.Get("all_projects") != "" {
			shown = append(shown, groupDocument(c, g))
		}
	}
	return api.OK(api.Object{"server_groups": shown})
}

func (n *Service) wantedGroup(c *api.Call) (*serverGroup, error) {
	if g := api.ByID(api.Visible(c.Caller, n.groups), c.Path["id"]); g != nil {
		return g, nil
	}
	return nil, api.Refuse(http.StatusNotFound, "Instance group "+c.Path["id"]+" could not be found.")
}

func (n *Service) showGroup(c *api.Call) (api.Answer, error) {
	g, err := n.wantedGroup(c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.OK(api.Object{"server_group": groupDocument(c, g)})
}

func (n *Service) deleteGroup(c *api.Call) (api.Answer, error) {
	g, err := n.wantedGroup(c)
	if err != nil {
		return api.Answer{}, err
	}
	for _, s := range g.members {
		s.group = nil
	}
	n.groups = api.Without(n.groups, g)
	return api.Reply(http.StatusNoContent, nil)
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

func (n *Service) createGroup(c *api.Call) (api.Answer, error) {
	var body newGroup
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	g, err := n.planGroup(c, body)
	if err != nil {
		return api.Answer{}, err
	}
	if n.world.Exceeds("server_groups", len(n.groups)+1) {
		return api.Answer{}, api.Refuse(http.StatusForbidden, "Quota exceeded, too many server groups.")
	}
	n.groups = append(n.groups, g)
	return api.OK(api.Object{"server_group": groupDocument(c, g)})
}

// planGroup reads the policy, whose name and format depend on the microversion.
func (n *Service) planGroup(c *api.Call, body newGroup) (*serverGroup, error) {
	want, raw := body.Group, api.ValueAt(c.Body, "server_group")
	if want == nil {
		return nil, api.Required("", "server_group", nil)
	}
	g := &serverGroup{Identity: api.Identity{ID: n.world.NewID(), Project: c.Project}, userID: c.UserID}
	field := "policy"
	switch {
	case want.Name == nil:
		return nil, api.Required("server_group", "name", raw)
	case c.Microversion < groupPolicy:
		if want.Policies == nil {
			return nil, api.Required("server_group", "policies", raw)
		}
		if want.Policy != nil || want.Rules != nil {
			return nil, since(c, groupPolicy, true, "server_group", "policy", raw)
		}
		if len(*want.Policies) != 1 {
			return nil, api.InvalidField("policies", api.ValueAt(raw, "policies"), api.PythonRepr(api.ValueAt(raw, "policies"))+" is too short")
		}
		field, g.policy = "0", (*want.Policies)[0]
	case want.Policy == nil:
		return nil, api.Required("server_group", "policy", raw)
	default:
		g.policy = *want.Policy
	}
	g.name = *want.Name
	policies := []string{"anti-affinity", "affinity"}
	if c.Microversion >= groupOwner {
		policies = append(policies, "soft-anti-affinity", "soft-affinity")
	}
	if !slices.Contains(policies, g.policy) {
		return nil, api.InvalidField(field, api.Marshal(g.policy),
			api.PythonString(g.policy)+" is not one of ['"+strings.Join(policies, "', '")+"']")
	}
	return g, n.readRules(g, body)
}

func (n *Service) readRules(g *serverGroup, body newGroup) error {
	if body.Group.Rules == nil || len(body.Group.Rules.MaxServerPerHost) == 0 {
		return nil
	}
	limit, err := api.PositiveInteger("max_server_per_host", body.Group.Rules.MaxServerPerHost)
	if err == nil && g.policy != "anti-affinity" {
		return api.Refuse(http.StatusBadRequest, "Only anti-affinity policy supports rules.")
	}
	g.maxPerHost = limit
	return err
}
