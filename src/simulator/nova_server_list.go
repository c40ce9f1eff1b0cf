package simulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

func (n *nova) listServers(c *call) (answer, error) {
	return n.pageOfServers(c, func(s *server) object {
		return object{"id": s.id, "name": s.name, "links": n.links(c, "servers", s.id)}
	})
}

func (n *nova) listServersDetail(c *call) (answer, error) {
	return n.pageOfServers(c, func(s *server) object { return n.serverDocument(c, s) })
}

// pageOfServers lists servers, the newest first unless asked otherwise.
func (n *nova) pageOfServers(c *call, show func(*server) object) (answer, error) {
	if c.query.Get("all_tenants") != "" && !c.Admin {
		return answer{}, refuse(http.StatusForbidden, "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed.")
	}
	patterns, err := n.patterns(c)
	if err != nil {
		return answer{}, err
	}
	var kept []*server
	for _, s := range n.servers {
		if n.listed(c, s, patterns) {
			kept = append(kept, s)
		}
	}
	if err := sortServers(c, kept); err != nil {
		return answer{}, err
	}
	return novaPage(c, "servers", kept, (*server).ident, show)
}

// sortServers knows the two keys that make sense to a client; Nova knows more.
func sortServers(c *call, servers []*server) error {
	switch key := c.query.Get("sort_key"); key {
	case "", "created_at":
	case "display_name":
		slices.SortStableFunc(servers, func(a, b *server) int { return strings.Compare(a.name, b.name) })
	default:
		c.sim.violate(c, "sort_key "+key)
		return refuse(http.StatusBadRequest, "Invalid input for query parameters sort_key. Value: "+key+". "+
			pythonString(key)+" is not one of ['created_at', 'display_name']")
	}
	if c.query.Get("sort_dir") != "asc" {
		slices.Reverse(servers)
	}
	return nil
}

// patterns compiles the filters that are regular expressions.
func (n *nova) patterns(c *call) (map[string]*regexp.Regexp, error) {
	compiled := map[string]*regexp.Regexp{}
	for _, name := range []string{"name", "ip"} {
		text := c.query.Get(name)
		if text == "" {
			continue
		}
		pattern, err := regexp.Compile("(?i)" + text)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "Invalid input for query parameters "+name+". Value: "+text+". "+pythonString(text)+" is not a 'regex'")
		}
		compiled[name] = pattern
	}
	return compiled, nil
}

func (n *nova) listed(c *call, s *server, patterns map[string]*regexp.Regexp) bool {
	if s.project != c.Project && c.query.Get("all_tenants") == "" {
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
		"changes-since": func(value string) bool { return seconds(s.updated) >= value },
		"tags":          func(value string) bool { return !slices.ContainsFunc(strings.Split(value, ","), hasNot) },
		"tags-any":      func(value string) bool { return slices.ContainsFunc(strings.Split(value, ","), has) },
	} {
		if values := c.query[name]; len(values) > 0 && !slices.ContainsFunc(values, passes) {
			return false
		}
	}
	return true
}

func (n *nova) hasAddress(s *server, pattern *regexp.Regexp) bool {
	matches := func(a addressInfo) bool { return !a.Floating && pattern.MatchString(a.IP.String()) }
	return slices.ContainsFunc(n.plugged(s), func(p portInfo) bool { return slices.ContainsFunc(p.Addresses, matches) })
}
