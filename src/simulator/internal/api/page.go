package api

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Page returns the items after the marker, at most limit of them. more reports
// whether others follow, found whether an item has the marker as id. An empty
// marker starts at the beginning.
func Page[T any](items []T, id func(T) string, marker string, limit int) (chosen []T, more, found bool) {
	start := 0
	if marker != "" {
		at := slices.IndexFunc(items, func(item T) bool { return id(item) == marker })
		if at < 0 {
			return nil, false, false
		}
		start = at + 1
	}
	rest := items[start:]
	if len(rest) > limit {
		return rest[:limit], true, true
	}
	return rest, false, true
}

// HasValue reports whether an attribute of a document has the value of a
// filter.
func HasValue(attribute any, wanted string) bool {
	switch value := attribute.(type) {
	case nil:
		return wanted == ""
	case string:
		return value == wanted
	case *string:
		return Deref(value) == wanted
	case bool:
		asked, err := strconv.ParseBool(wanted)
		return err == nil && value == asked
	case []string:
		return slices.Contains(value, wanted)
	}
	text, err := json.Marshal(attribute)
	return err == nil && string(text) == wanted
}
