package jsonkind

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Mismatch returns the path of the first value in a JSON document that a type
// cannot hold: ".pools[1].port", or "" for the document itself. Unlike the path in
// an error of encoding/json, it has the indices of lists and no names of embedded
// structs.
func Mismatch(document []byte, of reflect.Type) string {
	for _, child := range children(document, of) {
		if json.Unmarshal(child.value, reflect.New(child.of).Interface()) != nil {
			return child.path + Mismatch(child.value, child.of)
		}
	}
	return ""
}

// child is a value in an array or an object, with its path and type.
type child struct {
	path  string
	value json.RawMessage
	of    reflect.Type
}

// children returns the values of an array or an object for which the type has
// types of their own. A type with a decoder has none, unless it is a struct that
// can also be written as another value.
func children(document []byte, of reflect.Type) (all []child) {
	if of.Kind() == reflect.Pointer {
		return children(document, of.Elem())
	}
	if of.Kind() != reflect.Struct && reflect.PointerTo(of).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil
	}
	switch of.Kind() { //nolint:exhaustive // only these have values of other types
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(document, &items) != nil {
			return nil
		}
		for i, item := range items {
			all = append(all, child{fmt.Sprintf("[%d]", i), item, of.Elem()})
		}
	case reflect.Struct:
		return members(document, of)
	}
	return all
}

// members returns the values of the keys that the struct has.
func members(document []byte, of reflect.Type) (all []child) {
	var values map[string]json.RawMessage
	if json.Unmarshal(document, &values) != nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		for _, field := range reflect.VisibleFields(of) {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && strings.EqualFold(name, key) {
				all = append(all, child{"." + name, values[key], field.Type})
			}
		}
	}
	return all
}
