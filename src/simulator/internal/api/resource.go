package api

import "slices"

// Identity has the fields that all resources of a project share.
type Identity struct{ ID, Project string }

// Ident returns the id.
func (i *Identity) Ident() string { return i.ID }

// Owner returns the id of the project.
func (i *Identity) Owner() string { return i.Project }

// Resource is a pointer to a struct that embeds Identity.
type Resource[T any] interface {
	*T
	Ident() string
	Owner() string
}

// ByID returns the resource with an id, nil for none.
func ByID[P Resource[T], T any](items []P, id string) P {
	i := slices.IndexFunc(items, func(item P) bool { return item.Ident() == id })
	if i < 0 {
		return nil
	}
	return items[i]
}

// OfProject returns the resources of a project.
func OfProject[P Resource[T], T any](items []P, project string) []P {
	return slices.DeleteFunc(slices.Clone(items), func(item P) bool { return item.Owner() != project })
}

// Visible returns the resources that the caller may see.
func Visible[P Resource[T], T any](c Caller, items []P) []P {
	return slices.DeleteFunc(slices.Clone(items), func(item P) bool { return !c.Sees(item.Owner()) })
}

// Without returns the items without one of them.
func Without[T any](items []*T, item *T) []*T {
	return slices.DeleteFunc(items, func(other *T) bool { return other == item })
}

// Documents returns the JSON objects of resources, in their order.
func Documents[R any](items []R, show func(R) Object) []Object {
	shown := []Object{}
	for _, item := range items {
		shown = append(shown, show(item))
	}
	return shown
}

// Show returns the operation of Neutron and Octavia that shows one resource, or
// those of its fields that the query names.
func Show[R any](name string, find func(c Caller, id string) (R, error), show func(R) Object) Handler {
	return func(c *Call) (Answer, error) {
		found, err := find(c.Caller, c.Path["id"])
		if err != nil {
			return Answer{}, err
		}
		return OK(Object{name: Pick(show(found), c.Query["fields"])})
	}
}

// Pick returns some fields of a document, all when no names are given.
func Pick(document Object, names []string) Object {
	if len(names) == 0 {
		return document
	}
	reduced := Object{}
	for _, name := range names {
		if value, ok := document[name]; ok {
			reduced[name] = value
		}
	}
	return reduced
}

// Deref returns the text that a pointer refers to, "" for nil.
func Deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// Assign sets a field to a value that the request contains.
func Assign[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}
