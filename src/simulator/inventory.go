package simulator

import (
	"maps"
	"slices"
)

// Inventory is everything that a client of the cloud can make: "<kind> <id>" -> name. An association (an attached volume, a
// floating IP with a port, a member of a pool) is an entry of its own.
type Inventory map[string]string

// Inventory returns what exists now.
func (s *Simulator) Inventory() Inventory {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	found := Inventory{}
	for _, list := range s.inventory {
		list(func(kind, id, name string) { found[kind+" "+id] = name })
	}
	return found
}

// Leaks lists what exists now and did not exist in an earlier inventory, sorted, for example "port 7f… (vm-…)".
func (s *Simulator) Leaks(before Inventory) []string {
	return s.Inventory().without(before)
}

// Diff lists the changes from an earlier inventory: "+ port 7f… (vm-…)" for what came, "- …" for what went.
func (i Inventory) Diff(before Inventory) []string {
	changes := []string{}
	for _, line := range i.without(before) {
		changes = append(changes, "+ "+line)
	}
	for _, line := range before.without(i) {
		changes = append(changes, "- "+line)
	}
	return changes
}

// Lines lists the inventory, sorted.
func (i Inventory) Lines() []string { return i.without(nil) }

func (i Inventory) without(other Inventory) []string {
	lines := []string{}
	for _, key := range slices.Sorted(maps.Keys(i)) {
		if _, known := other[key]; known {
			continue
		}
		if name := i[key]; name != "" {
			key += " (" + name + ")"
		}
		lines = append(lines, key)
	}
	return lines
}
