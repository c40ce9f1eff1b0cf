package world

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Inventory is everything that a client of the cloud can create, by "<kind>
// <id>". An association (an attached volume, a floating IP with a port, a
// member of a pool) is an entry of its own.
type Inventory map[string]Object

// Object describes one entry of an Inventory.
type Object struct {
	Name string `json:"name"` // Fields are the values that a client of the cloud can set or cause, by
	// name: "size", "status", "metadata.director". Empty values are absent, and
	// so is what changes without a request, for example a time.
	Fields map[string]string `json:"fields"`
}

// Describe adds an object to the inventory. Services call it for each of their
// objects.
type Describe func(kind, id, name string, fields map[string]any)

// AddInventory registers a service's part of the inventory.
func (w *World) AddInventory(list func(Describe)) { w.inventory = append(w.inventory, list) }

// Inventory returns what exists now.
func (w *World) Inventory() Inventory {
	found := Inventory{}
	for _, list := range w.inventory {
		list(func(kind, id, name string, fields map[string]any) {
			found[kind+" "+id] = Object{Name: name, Fields: flatten(fields)}
		})
	}
	return found
}

// Leaks lists what did not exist in an earlier inventory, sorted, for example
// "port 7f… (vm-…)". Changed objects are not leaks.
func (i Inventory) Leaks(before Inventory) []string { return i.without(before) }

// Diff lists the changes since an earlier inventory: "+ port 7f… (vm-…)" for a
// created object, "- …" for a deleted one, and for every changed field of
// another "~ volume 3c… (volume-1): size 1 -> 2".
func (i Inventory) Diff(before Inventory) []string {
	changes := []string{}
	for _, line := range i.without(before) {
		changes = append(changes, "+ "+line)
	}
	for _, line := range before.without(i) {
		changes = append(changes, "- "+line)
	}
	return append(changes, i.changed(before)...)
}

// Lines lists the inventory, sorted.
func (i Inventory) Lines() []string { return i.without(nil) }

func (i Inventory) without(other Inventory) []string {
	lines := []string{}
	for _, key := range slices.Sorted(maps.Keys(i)) {
		if _, known := other[key]; !known {
			lines = append(lines, i.line(key))
		}
	}
	return lines
}

func (i Inventory) line(key string) string {
	if name := i[key].Name; name != "" {
		return key + " (" + name + ")"
	}
	return key
}

// changed lists the fields in which the objects of both inventories differ.
func (i Inventory) changed(before Inventory) []string {
	lines := []string{}
	for _, key := range slices.Sorted(maps.Keys(i)) {
		old, known := before[key]
		if !known {
			continue
		}
		for _, change := range i[key].changes(old) {
			lines = append(lines, "~ "+i.line(key)+": "+change)
		}
	}
	return lines
}

func (o Object) changes(old Object) []string {
	lines := []string{}
	change := func(field, from, to string) {
		if from != to {
			lines = append(lines, field+" "+orNone(from)+" -> "+orNone(to))
		}
	}
	change("name", old.Name, o.Name)
	fields := maps.Clone(o.Fields)
	maps.Copy(fields, old.Fields)
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		change(field, old.Fields[field], o.Fields[field])
	}
	return lines
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// flatten writes values as text: lists with commas, maps as one field for each
// key.
func flatten(fields map[string]any) map[string]string {
	flat := map[string]string{}
	for name, value := range fields {
		switch value := value.(type) {
		case map[string]string:
			for key, text := range value {
				flat[name+"."+key] = text
			}
		case []string:
			flat[name] = strings.Join(value, ", ")
		case *string:
			if value != nil {
				flat[name] = *value
			}
		default:
			flat[name] = fmt.Sprint(value)
		}
	}
	maps.DeleteFunc(flat, func(_, text string) bool { return text == "" })
	return flat
}
