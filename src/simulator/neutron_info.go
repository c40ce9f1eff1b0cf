package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

func (n *neutron) addInfoRoutes() {
	n.handleRoot(n.service, "GET ", n.versions)
	n.handleRoot(n.service, "GET /", n.versions)
	n.handle(n.service, "GET /", n.resources)
	n.handle(n.service, "GET /extensions", n.listExtensions, "fields")
	n.handle(n.service, "GET /extensions/{alias}", n.showExtension)
	n.handle(n.service, "GET /quotas/{project}", n.showQuotas)
	n.handle(n.service, "GET /{collection}/{id}/tags", n.listTags)
	n.handle(n.service, "PUT /{collection}/{id}/tags", n.replaceTags)
	n.handle(n.service, "DELETE /{collection}/{id}/tags", n.removeTags)
	n.handle(n.service, "GET /{collection}/{id}/tags/{tag}", n.hasTag)
	n.handle(n.service, "PUT /{collection}/{id}/tags/{tag}", n.addTag)
	n.handle(n.service, "DELETE /{collection}/{id}/tags/{tag}", n.removeTag)
}

func (n *neutron) versions(c *call) (answer, error) {
	return ok(object{"versions": []object{{
		"id": "v2.0", "status": "CURRENT", "links": []object{{"rel": "self", "href": c.base + "/networking/v2.0/"}},
	}}})
}

func (n *neutron) resources(c *call) (answer, error) {
	resources := []object{}
	for _, name := range []string{"network", "subnet", "port"} {
		resources = append(resources, object{
			"name": name, "collection": name + "s", "links": []object{{"rel": "self", "href": c.base + "/networking/v2.0/" + name + "s"}},
		})
	}
	return ok(object{"resources": resources})
}

// extensions that the simulator lives up to, by alias.
func extensions() []object {
	names := [][2]string{
		{"allowed-address-pairs", "Allowed Address Pairs"},
		{"external-net", "Neutron external network"},
		{"ip-substring-filtering", "IP address substring filtering"},
		{"port-security", "Port Security"},
		{"quotas", "Quota management support"},
		{"router", "Neutron L3 Router"},
		{"security-group", "security-group"},
		{"standard-attr-description", "standard-attr-description"},
		{"standard-attr-tag", "Tag support for resources with standard attribute"},
		{"standard-attr-timestamp", "Resource timestamps"},
		{"standard-attr-revisions", "Resource revision numbers"},
	}
	found := []object{}
	for _, name := range names {
		found = append(found, object{
			"alias": name[0], "name": name[1], "description": name[1] + ".", "updated": "2017-01-01T00:00:00-00:00", "links": []object{},
		})
	}
	return found
}

func (n *neutron) listExtensions(*call) (answer, error) {
	return ok(object{"extensions": extensions()})
}

func (n *neutron) showExtension(c *call) (answer, error) {
	for _, extension := range extensions() {
		if extension["alias"] == c.path["alias"] {
			return ok(object{"extension": extension})
		}
	}
	return answer{}, c.refuse(http.StatusNotFound, "ExtensionNotFound", "Extension with alias "+c.path["alias"]+" does not exist")
}

func (n *neutron) showQuotas(c *call) (answer, error) {
	if c.path["project"] != c.project() && !c.isAdmin() {
		return answer{}, c.refuse(http.StatusForbidden, "PolicyNotAuthorized", "rule:get_quota is disallowed by policy")
	}
	return ok(object{"quota": object{
		"network": n.quota("networks"), "subnet": n.quota("subnets"), "port": n.quota("ports"), "floatingip": n.quota("floating_ips"),
		"security_group": n.quota("security_groups"), "security_group_rule": -1, "router": -1, "subnetpool": -1, "rbac_policy": 10,
		"trunk": -1,
	}})
}

// tagged finds the resource that a path with tags names.
func (n *neutron) tagged(c *call) (*standard, error) {
	id := c.path["id"]
	var found *standard
	switch c.path["collection"] {
	case "networks":
		if w := n.networkFor(c, id); w != nil {
			found = &w.standard
		}
	case "subnets":
		if t := n.subnetFor(c, id); t != nil {
			found = &t.standard
		}
	case "ports":
		if p := n.portFor(c, id); p != nil {
			found = &p.standard
		}
	case "security-groups":
		if g, err := n.wantedGroup(c, id); err == nil {
			found = &g.standard
		}
	}
	if found == nil {
		return nil, c.refuse(http.StatusNotFound, "TagResourceNotFound", "Resource "+c.path["collection"]+" "+id+" could not be found.")
	}
	return found, nil
}

func (n *neutron) listTags(c *call) (answer, error) {
	found, err := n.tagged(c)
	if err != nil {
		return answer{}, err
	}
	return ok(object{"tags": found.tags})
}

func (n *neutron) replaceTags(c *call) (answer, error) {
	var body struct {
		Tags json.RawMessage `json:"tags"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if len(body.Tags) == 0 {
		return answer{}, c.invalidInput("Invalid tags body.")
	}
	tags := []string{}
	if err := json.Unmarshal(body.Tags, &tags); err != nil {
		return answer{}, c.invalidInput(pythonRepr(body.Tags) + " is not a list.")
	}
	for _, tag := range tags {
		if utf8.RuneCountInString(tag) > 255 {
			return answer{}, c.invalidInput("'" + tag + "' exceeds maximum length of 255.")
		}
	}
	found, err := n.tagged(c)
	if err != nil {
		return answer{}, err
	}
	found.tags = slices.Compact(slices.Sorted(slices.Values(tags)))
	n.touch(found)
	return ok(object{"tags": tags})
}

func (n *neutron) removeTags(c *call) (answer, error) {
	found, err := n.tagged(c)
	if err != nil {
		return answer{}, err
	}
	found.tags = []string{}
	n.touch(found)
	return reply(http.StatusNoContent, nil)
}

func (n *neutron) oneTag(c *call, mustExist bool) (*standard, string, error) {
	found, err := n.tagged(c)
	if err != nil {
		return nil, "", err
	}
	tag := strings.TrimSpace(c.path["tag"])
	if mustExist && !slices.Contains(found.tags, tag) {
		return nil, "", c.refuse(http.StatusNotFound, "TagNotFound", "Tag "+tag+" could not be found.")
	}
	return found, tag, nil
}

func (n *neutron) hasTag(c *call) (answer, error) {
	if _, _, err := n.oneTag(c, true); err != nil {
		return answer{}, err
	}
	return reply(http.StatusNoContent, nil)
}

func (n *neutron) addTag(c *call) (answer, error) {
	found, tag, err := n.oneTag(c, false)
	if err != nil {
		return answer{}, err
	}
	if !slices.Contains(found.tags, tag) {
		found.tags = slices.Sorted(slices.Values(append(found.tags, tag)))
		n.touch(found)
	}
	return reply(http.StatusCreated, json.RawMessage("null"))
}

func (n *neutron) removeTag(c *call) (answer, error) {
	found, tag, err := n.oneTag(c, true)
	if err != nil {
		return answer{}, err
	}
	found.tags = slices.DeleteFunc(found.tags, func(other string) bool { return other == tag })
	n.touch(found)
	return reply(http.StatusNoContent, nil)
}
