package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// collection is a kind of object that a CPI creates, and the path of its list.
type collection struct{ kind, service, path, key string }

func collections() []collection {
	return []collection{
		{"server", "compute", "/servers/detail", "servers"},
		{"server group", "compute", "/os-server-groups", "server_groups"},
		{"port", "network", "/ports", "ports"},
		{"network", "network", "/networks", "networks"},
		{"router", "network", "/routers", "routers"},
		{"volume", "volume", "/volumes/detail", "volumes"},
		{"snapshot", "volume", "/snapshots/detail", "snapshots"},
		{"image", "image", "/images", "images"},
	}
}

// deleted is the status of a deleted server, which Nova may still list for a
// short time.
const deleted = "DELETED"

// Inventory contains the JSON text of every object that the project can see, by
// "KIND ID NAME".
type Inventory map[string]string

// Inventory lists the collections of the kinds, all without any, and all pages of
// each.
func (c *Cloud) Inventory(ctx context.Context, kinds ...string) (Inventory, error) {
	found := Inventory{}
	for _, list := range collections() {
		if len(kinds) > 0 && !slices.Contains(kinds, list.kind) {
			continue
		}
		if err := c.addTo(ctx, found, list); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// addTo adds the objects on all pages of a collection.
func (c *Cloud) addTo(ctx context.Context, found Inventory, list collection) error {
	for next := list.path; next != ""; {
		var page map[string]json.RawMessage
		if err := c.Get(ctx, list.service, next, &page); err != nil {
			return err
		}
		var objects []json.RawMessage
		if err := json.Unmarshal(page[list.key], &objects); err != nil {
			return fmt.Errorf("list of %s: %w", list.key, err)
		}
		for _, object := range objects {
			var named struct {
				ID     string `json:"id"`
				Name   string `json:"name"`
				Status string `json:"status"`
			}
			if err := json.Unmarshal(object, &named); err != nil {
				return fmt.Errorf("list of %s: %w", list.key, err)
			}
			if named.Status != deleted {
				found[strings.TrimRight(list.kind+" "+named.ID+" "+named.Name, " ")] = string(object)
			}
		}
		next = nextPage(page, list.key)
	}
	return nil
}

// nextPage returns the path or URL of the next page of a list, or "". Glance
// returns a path that begins with the API version, other services a link.
func nextPage(page map[string]json.RawMessage, key string) string {
	var path string
	if json.Unmarshal(page["next"], &path) == nil && path != "" {
		return strings.TrimPrefix(path, "/v2")
	}
	var links []struct{ Rel, Href string }
	if json.Unmarshal(page[key+"_links"], &links) == nil {
		for _, link := range links {
			if link.Rel == "next" {
				return link.Href
			}
		}
	}
	return ""
}

// Leftovers returns the keys of the objects that before does not contain. With
// marks, only objects whose JSON contains one of them are returned: in a shared
// project these identify the objects of one run.
func (i Inventory) Leftovers(before Inventory, marks []string) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(i)) {
		_, old := before[name]
		marked := len(marks) == 0 || slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(i[name], mark) })
		if !old && marked {
			found = append(found, name)
		}
	}
	return found
}
