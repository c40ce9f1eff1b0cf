package simulator

import "slices"

// identity is what the resources of a project have in common.
type identity struct{ id, project string }

func (i *identity) ident() string { return i.id }

func (i *identity) owner() string { return i.project }

// resource is a pointer to a struct that embeds an identity.
type resource[T any] interface {
	*T
	ident() string
	owner() string
}

// byID finds a resource, nil when there is none.
func byID[P resource[T], T any](items []P, id string) P {
	i := slices.IndexFunc(items, func(item P) bool { return item.ident() == id })
	if i < 0 {
		return nil
	}
	return items[i]
}

// ofProject are the resources of one project.
func ofProject[P resource[T], T any](items []P, project string) []P {
	return slices.DeleteFunc(slices.Clone(items), func(item P) bool { return item.owner() != project })
}

// visible are the resources that the caller may see.
func visible[P resource[T], T any](c caller, items []P) []P {
	return slices.DeleteFunc(slices.Clone(items), func(item P) bool { return !c.Sees(item.owner()) })
}

// without removes a resource.
func without[T any](items []*T, item *T) []*T {
	return slices.DeleteFunc(items, func(other *T) bool { return other == item })
}

// documents shows resources in their order.
func documents[R any](items []R, show func(R) object) []object {
	shown := []object{}
	for _, item := range items {
		shown = append(shown, show(item))
	}
	return shown
}

// shows is the operation of Neutron and Octavia that answers one resource, or the fields of it that the query names.
func shows[R any](name string, find func(c caller, id string) (R, error), show func(R) object) handler {
	return func(c *call) (answer, error) {
		found, err := find(c.caller, c.path["id"])
		if err != nil {
			return answer{}, err
		}
		return ok(object{name: pick(show(found), c.query["fields"])})
	}
}

// pick reduces a document to some of its fields; no names keep all.
func pick(document object, names []string) object {
	if len(names) == 0 {
		return document
	}
	reduced := object{}
	for _, name := range names {
		if value, ok := document[name]; ok {
			reduced[name] = value
		}
	}
	return reduced
}
