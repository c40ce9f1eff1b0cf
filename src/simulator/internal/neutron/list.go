package neutron

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// listQueries are the query parameters of every list that are not filters.
var listQueries = []string{"fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir"}

// standardFilters are the attributes by which every list can be filtered.
var standardFilters = []string{
	"id", "name", "description", "tenant_id", "project_id", "revision_number",
}

// filters returns the query parameters of a list.
func filters(attributes ...string) []string {
	return slices.Concat(listQueries, standardFilters, attributes)
}

// list answers a collection: filtered, sorted by id unless requested otherwise,
// in pages, with the requested fields.
func (n *Service) list(c *api.Call, collection string, documents []api.Object) (api.Answer, error) {
	limit, err := n.pageSize(c)
	if err != nil {
		return api.Answer{}, err
	}
	kept := []api.Object{}
	for _, document := range documents {
		if n.chosen(c, document) {
			kept = append(kept, document)
		}
	}
	sortDocuments(kept, c.Query)
	idOf := func(d api.Object) string { return d["id"].(string) }
	shown, more, found := api.Page(kept, idOf, c.Query.Get("marker"), limit)
	if !found {
		shown, more, _ = api.Page(kept, idOf, "", limit)
	}
	body := api.Object{}
	if links := n.links(c, shown, more); len(links) > 0 {
		body[collection+"_links"] = links
	}
	for i := range shown {
		shown[i] = api.Pick(shown[i], c.Query["fields"])
	}
	body[collection] = shown
	return api.OK(body)
}

func (n *Service) pageSize(c *api.Call) (int, error) {
	const all = 1 << 30
	limit, valid := c.Limit(all)
	if !valid {
		return 0, api.RefuseKind(http.StatusBadRequest, "BadRequest",
			"Bad limit request: Limit must be an integer 0 or greater and not '"+c.Query.Get("limit")+"'.")
	}
	if limit == 0 {
		return all, nil
	}
	return limit, nil
}

// links returns the links to the previous and the next page. There are none
// without a limit.
func (n *Service) links(c *api.Call, shown []api.Object, more bool) []api.Object {
	links := []api.Object{}
	if c.Query.Get("limit") == "" || len(shown) == 0 {
		return links
	}
	link := func(rel string, at api.Object, extra url.Values) api.Object {
		query := c.Request.URL.Query()
		query.Set("marker", at["id"].(string))
		maps.Copy(query, extra)
		return api.Object{"rel": rel, "href": c.Base + strings.TrimPrefix(c.Request.URL.Path, c.Prefix) + "?" + query.Encode()}
	}
	if more {
		links = append(links, link("next", shown[len(shown)-1], nil))
	}
	return append(links, link("previous", shown[0], url.Values{"page_reverse": {"True"}}))
}

func sortDocuments(documents []api.Object, query url.Values) {
	keys, directions := query["sort_key"], query["sort_dir"]
	slices.SortStableFunc(documents, func(a, b api.Object) int {
		for i, key := range keys {
			order := cmp.Compare(fmt.Sprint(a[key]), fmt.Sprint(b[key]))
			if i < len(directions) && directions[i] == "desc" {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return cmp.Compare(a["id"].(string), b["id"].(string))
	})
}

// chosen reports whether a document matches all filters of the query. Several
// values of one filter are alternatives.
func (n *Service) chosen(c *api.Call, document api.Object) bool {
	for name, values := range c.Query {
		if slices.Contains(listQueries, name) {
			continue
		}
		if !passes(document, name, values) {
			return false
		}
	}
	return true
}

func passes(document api.Object, name string, values []string) bool {
	if name == "fixed_ips" {
		return passesFixedIPs(document["fixed_ips"].([]api.Object), values)
	}
	return slices.ContainsFunc(values, func(value string) bool { return api.HasValue(document[name], value) })
}

// passesFixedIPs applies the filter fixed_ips. Values are "ip_address=…",
// "subnet_id=…" and "ip_address_substr=…". Several values of one kind are
// alternatives, all kinds must match.
func passesFixedIPs(fixedIPs []api.Object, values []string) bool {
	wanted := map[string][]string{}
	for _, value := range values {
		kind, text, _ := strings.Cut(value, "=")
		wanted[kind] = append(wanted[kind], text)
	}
	for kind, texts := range wanted {
		matches := func(ip api.Object) bool {
			if kind == "ip_address_substr" {
				address := ip["ip_address"].(string)
				return slices.ContainsFunc(texts, func(part string) bool { return strings.Contains(address, part) })
			}
			value, known := ip[kind].(string)
			return !known || slices.Contains(texts, value)
		}
		if !slices.ContainsFunc(fixedIPs, matches) {
			return false
		}
	}
	return true
}
