package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// listQueries are the query parameters of every list; the rest of a list's parameters are filters.
var listQueries = []string{"fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir"}

// standardFilters are attributes that every resource can be filtered by.
var standardFilters = []string{
	"id", "name", "description", "tenant_id", "project_id", "revision_number",
}

// filters are the names of the query parameters of a list.
func filters(attributes ...string) []string {
	return slices.Concat(listQueries, standardFilters, attributes)
}

// list answers a collection: filtered, sorted by id unless asked otherwise, cut into pages, reduced to the fields wanted.
func (n *neutron) list(c *call, collection string, documents []object) (answer, error) {
	limit, err := n.pageSize(c)
	if err != nil {
		return answer{}, err
	}
	kept := []object{}
	for _, document := range documents {
		if n.chosen(c, document) {
			kept = append(kept, document)
		}
	}
	sortDocuments(kept, c.query)
	idOf := func(d object) string { return d["id"].(string) }
	shown, more, found := page(kept, idOf, c.query.Get("marker"), limit)
	if !found {
		shown, more, _ = page(kept, idOf, "", limit)
	}
	body := object{}
	if links := n.links(c, shown, more); len(links) > 0 {
		body[collection+"_links"] = links
	}
	for i := range shown {
		shown[i] = pick(shown[i], c.query["fields"])
	}
	body[collection] = shown
	return ok(body)
}

func (n *neutron) pageSize(c *call) (int, error) {
	const all = 1 << 30
	limit, valid := c.limit(all)
	if !valid {
		return 0, refuseKind(http.StatusBadRequest, "BadRequest",
			"Bad limit request: Limit must be an integer 0 or greater and not '"+c.query.Get("limit")+"'.")
	}
	if limit == 0 {
		return all, nil
	}
	return limit, nil
}

// links lead to the pages beside this one; there are none without a limit.
func (n *neutron) links(c *call, shown []object, more bool) []object {
	links := []object{}
	if c.query.Get("limit") == "" || len(shown) == 0 {
		return links
	}
	link := func(rel string, at object, extra url.Values) object {
		query := c.request.URL.Query()
		query.Set("marker", at["id"].(string))
		maps.Copy(query, extra)
		return object{"rel": rel, "href": c.base + strings.TrimPrefix(c.request.URL.Path, c.prefix) + "?" + query.Encode()}
	}
	if more {
		links = append(links, link("next", shown[len(shown)-1], nil))
	}
	return append(links, link("previous", shown[0], url.Values{"page_reverse": {"True"}}))
}

func sortDocuments(documents []object, query url.Values) {
	keys, directions := query["sort_key"], query["sort_dir"]
	slices.SortStableFunc(documents, func(a, b object) int {
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

// chosen tells whether a document passes all filters of the query. Several values of one filter are alternatives.
func (n *neutron) chosen(c *call, document object) bool {
	for name, values := range c.query {
		if slices.Contains(listQueries, name) {
			continue
		}
		if !passes(document, name, values) {
			return false
		}
	}
	return true
}

func passes(document object, name string, values []string) bool {
	if name == "fixed_ips" {
		return passesFixedIPs(document["fixed_ips"].([]object), values)
	}
	return slices.ContainsFunc(values, func(value string) bool { return attributeIs(document[name], value) })
}

func attributeIs(attribute any, wanted string) bool {
	switch value := attribute.(type) {
	case nil:
		return wanted == ""
	case string:
		return value == wanted
	case *string:
		return deref(value) == wanted
	case bool:
		asked, err := strconv.ParseBool(wanted)
		return err == nil && value == asked
	case []string:
		return slices.Contains(value, wanted)
	}
	text, err := json.Marshal(attribute)
	return err == nil && string(text) == wanted
}

// passesFixedIPs: values are "ip_address=…", "subnet_id=…" and "ip_address_substr=…"; alternatives of one kind, all kinds needed.
func passesFixedIPs(fixedIPs []object, values []string) bool {
	wanted := map[string][]string{}
	for _, value := range values {
		kind, text, _ := strings.Cut(value, "=")
		wanted[kind] = append(wanted[kind], text)
	}
	for kind, texts := range wanted {
		matches := func(ip object) bool {
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
