package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// collection is a kind of thing that a CPI creates, and where its list is.
type collection struct{ kind, service, path, key string }

func collections() []collection {
	return []collection{
		{"server", "compute", "/servers/detail", "servers"},
		{"server group", "compute", "/os-server-groups", "server_groups"},
		{"port", "network", "/v2.0/ports", "ports"},
		{"volume", "volume", "/volumes/detail", "volumes"},
		{"snapshot", "volume", "/snapshots/detail", "snapshots"},
		{"image", "image", "/v2/images", "images"},
	}
}

// deleted is the status of a server that Nova has deleted and still lists for a moment.
const deleted = "DELETED"

// Inventory is everything the project can see, by kind and id: the JSON text of each object.
type Inventory map[string]string

// Inventory lists all collections, page by page. A list that fails is an error, never an empty list.
func (c *Cloud) Inventory(ctx context.Context) (Inventory, error) {
	found := Inventory{}
	for _, list := range collections() {
		for next := list.path; next != ""; {
			var page map[string]json.RawMessage
			if err := c.Get(ctx, list.service, next, &page); err != nil {
				return nil, err
			}
			var objects []json.RawMessage
			if err := json.Unmarshal(page[list.key], &objects); err != nil {
				return nil, fmt.Errorf("list of %s: %w", list.key, err)
			}
			for _, object := range objects {
				var named struct {
					ID     string `json:"id"`
					Name   string `json:"name"`
					Status string `json:"status"`
				}
				if err := json.Unmarshal(object, &named); err != nil {
					return nil, fmt.Errorf("list of %s: %w", list.key, err)
				}
				if named.Status == deleted {
					continue
				}
				found[strings.TrimRight(list.kind+" "+named.ID+" "+named.Name, " ")] = string(object)
			}
			next = nextPage(page, list.key)
		}
	}
	return found, nil
}

// nextPage is the address of the next page in either of the ways OpenStack tells it, or "". Glance gives a bare path
// that begins with the version, the others a link.
func nextPage(page map[string]json.RawMessage, key string) string {
	var path string
	if json.Unmarshal(page["next"], &path) == nil && path != "" {
		return path
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

// Leftovers are the objects that were not there before. Where others work in the same project, only those count that
// carry one of the marks of this run: the director's uuid, the agent's id, the address, a CID.
func (i Inventory) Leftovers(before Inventory, marks []string) []string {
	var left []string
	for _, name := range slices.Sorted(maps.Keys(i)) {
		_, old := before[name]
		marked := len(marks) == 0 || slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(i[name], mark) })
		if !old && marked {
			left = append(left, name)
		}
	}
	return left
}
