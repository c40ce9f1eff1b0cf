package simulator

import "slices"

// page returns the items after the marker, at most limit of them, and whether there are more. found is false when no item has
// the marker as id. An empty marker starts at the beginning.
func page[T any](items []T, id func(T) string, marker string, limit int) (chosen []T, more, found bool) {
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
