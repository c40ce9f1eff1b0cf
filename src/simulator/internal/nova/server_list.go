package nova

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/neutron"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

func (n *Service) listServers(c *api.Call) (api.Answer, error) {
	return n.pageOfServers(c, func(s *server) api.Object {
		return api.Object{"id": s.ID, "name": s.name, "links": n.links(c, "servers", s.ID)}
	})
}

func (n *Service) listServersDetail(c *api.Call) (api.Answer, error) {
	return n.pageOfServers(c, func(s *server) api.Object { return n.serverDocument(c, s) })
}

// pageOfServers answers servers, newest first unless requested otherwise.
func (n *Service) pageOfServers(c *api.Call, show func(*server) api.Object) (api.Answer, error) {
	if c.Query.Get("all_tenants") != "" && !c.Admin {
		return api.Answer{}, api.Refuse(http.StatusForbidden, "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed.")
	}
	patterns, err := n.patterns(c)
	if err != nil {
		return api.Answer{}, err
	}
	var kept []*server
	for _, s := range n.servers {
		if n.listed(c, s, patterns) {
			kept = append(kept, s)
		}
	}
	if err := sortServers(c, kept); err != nil {
		return api.Answer{}, err
	}
	return pageOf(c, "servers", kept, (*server).Ident, show)
}

// sortServers supports two of Nova's sort keys.
func sortServers(c *api.Call, servers []*server) error {
	switch key := c.Query.Get("sort_key"); key {
	case "", "created_at":
	case "display_name":
		slices.SortStableFunc(servers, func(a, b *server) int { return strings.Compare(a.name, b.name) })
	default:
		c.Violate("sort_key " + key)
		return api.Refuse(http.StatusBadRequest, "Invalid input for query parameters sort_key. Value: "+key+". "+
			api.PythonString(key)+" is not one of ['created_at', 'display_name']")
	}
	if c.Query.Get("sort_dir") != "asc" {
		slices.Reverse(servers)
	}
	return nil
}

// patterns compiles the filters that are regular expressions.
func (n *Service) patterns(c *api.Call) (map[string]*regexp.Regexp, error) {
	compiled := map[string]*regexp.Regexp{}
	for _, name := range []string{"name", "ip"} {
		text := c.Query.Get(name)
		if text == "" {
			continue
		}
		pattern, err := regexp.Compile("(?i)" + text)
		if err != nil {
			return nil, api.Refuse(http.StatusBadRequest, "Invalid input for query parameters "+name+". Value: "+text+". "+api.PythonString(text)+" is not a 'regex'")
		}
		compiled[name] = pattern
	}
	return compiled, nil
}

func (n *Service) listed(c *api.Call, s *server, patterns map[string]*regexp.Regexp) bool {
	if s.Project != c.Project && c.Query.Get("all_tenants") == "" {
		return false
	}
	if pattern := patterns["name"]; pattern != nil && !pattern.MatchString(s.name) {
		return false
	}
	if pattern := patterns["ip"]; pattern != nil && !n.hasAddress(s, pattern) {
		return false
	}
	has := func(tag string) bool { return slices.Contains(s.tags, tag) }
	hasNot := func(tag string) bool { return !has(tag) }
	for name, passes := range map[string]func(value string) bool{
		"status":        func(value string) bool { return strings.EqualFold(value, s.status()) },
		"flavor":        func(value string) bool { return value == s.flavor.id },
		"image":         func(value string) bool { return value == s.imageID },
		"changes-since": func(value string) bool { return world.Seconds(s.updated) >= value },
		"tags":          func(value string) bool { return !slices.ContainsFunc(strings.Split(value, ","), hasNot) },
		"tags-any":      func(value string) bool { return slices.ContainsFunc(strings.Split(value, ","), has) },
	} {
		if values := c.Query[name]; len(values) > 0 && !slices.ContainsFunc(values, passes) {
			return false
		}
	}
	return true
}

func (n *Service) hasAddress(s *server, pattern *regexp.Regexp) bool {
	matches := func(a neutron.Address) bool { return !a.Floating && pattern.MatchString(a.IP.String()) }
	return slices.ContainsFunc(n.plugged(s), func(p neutron.Port) bool { return slices.ContainsFunc(p.Addresses, matches) })
}
