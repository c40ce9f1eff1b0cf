package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// UnknownField is a field of a request body that the operation does not have.
type UnknownField struct {
	Path   string          // object that holds the field, "volume" or "server.networks"; "" for the document
	Name   string          // of the field
	Object json.RawMessage // the object that holds it
}

// BadValue is a value of a request body with the wrong JSON type. Wanted is ""
// when the body is not JSON.
type BadValue struct {
	Path   string          // "volume.name"; "" for the document
	Value  json.RawMessage // what was sent
	Wanted string          // string, integer, boolean, array or object
}

// Decode reads the JSON body into value, a pointer to a struct. Fields that the
// struct does not have and values of the wrong type are violations; the
// frontend answers them as the service does.
func (c *Call) Decode(value any) error {
	if !strings.Contains(c.Request.Header.Get("Content-Type"), "json") {
		c.Violate("a body without a Content-Type of JSON")
	}
	return c.DecodePart(c.Body, "", value)
}

// DecodePart reads a json.RawMessage of the body as strictly as Decode. path is
// its place in the body.
func (c *Call) DecodePart(part json.RawMessage, path string, value any) error {
	fields, err := unknownFields(part, reflect.TypeOf(value).Elem(), path)
	if err != nil {
		return c.wrongPart(part, path, err)
	}
	for _, field := range fields {
		c.Violate("unknown field " + joinPath(field.Path, field.Name))
	}
	if len(fields) > 0 && c.service.UnknownField != nil {
		if err := c.service.UnknownField(c, fields[0]); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(part, value); err != nil {
		return c.wrongPart(part, path, err)
	}
	return nil
}

// WrongBody returns the error for a body that cannot be read.
func (c *Call) WrongBody(err error) error { return c.wrongPart(c.Body, "", err) }

func (c *Call) wrongPart(part json.RawMessage, path string, err error) error {
	c.Violate("malformed body: " + err.Error())
	bad := BadValue{Path: path, Value: bytes.TrimSpace(part)}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		bad = BadValue{Path: joinPath(path, wrong.Field), Value: ValueAt(part, wrong.Field), Wanted: wantedType(wrong.Type)}
	}
	return c.service.BadType(c, bad)
}

func joinPath(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

// ValueAt returns the value at a path of object fields, nil when a part of the
// path is not an object.
func ValueAt(document json.RawMessage, path string) json.RawMessage {
	if path == "" {
		return bytes.TrimSpace(document)
	}
	name, rest, _ := strings.Cut(path, ".")
	var fields map[string]json.RawMessage
	if json.Unmarshal(document, &fields) != nil {
		return nil
	}
	return ValueAt(fields[name], rest)
}

// wantedType returns the JSON Schema name of a Go type.
func wantedType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	default:
		return "integer"
	}
}

// unknownFields lists the fields of a document that a type does not have, in
// the order of the document. Unlike encoding/json it compares names exactly:
// "Size" is not "size".
func unknownFields(document json.RawMessage, t reflect.Type, path string) ([]UnknownField, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	document = bytes.TrimSpace(document)
	if len(document) == 0 {
		return nil, errors.New("the body is empty")
	}
	switch {
	case t.Kind() == reflect.Slice && document[0] == '[':
		return unknownInList(document, t.Elem(), path)
	case t.Kind() == reflect.Struct && document[0] == '{':
		return unknownInObject(document, t, path)
	case !json.Valid(document):
		return nil, errors.New("the body is not JSON")
	}
	return nil, nil
}

func unknownInList(document json.RawMessage, element reflect.Type, path string) ([]UnknownField, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(document, &items); err != nil {
		return nil, err
	}
	var found []UnknownField
	for _, item := range items {
		inner, err := unknownFields(item, element, path)
		if err != nil {
			return nil, err
		}
		found = append(found, inner...)
	}
	return found, nil
}

func unknownInObject(document json.RawMessage, t reflect.Type, path string) ([]UnknownField, error) {
	members, err := OrderedMembers(document)
	if err != nil {
		return nil, err
	}
	known := jsonFields(t)
	var found []UnknownField
	for _, m := range members {
		fieldType, ok := known[m.Name]
		if !ok {
			found = append(found, UnknownField{Path: path, Name: m.Name, Object: document})
			continue
		}
		inner, err := unknownFields(m.Value, fieldType, joinPath(path, m.Name))
		if err != nil {
			return nil, err
		}
		found = append(found, inner...)
	}
	return found, nil
}

// jsonFields returns the types of a struct's fields by JSON name, including
// those of embedded structs.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = f.Type
	}
	return fields
}

// Member is one field of a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage
}

// OrderedMembers returns the fields of a JSON object in their order.
func OrderedMembers(document json.RawMessage) ([]Member, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("the body is not a JSON object")
	}
	var members []Member
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		members = append(members, Member{name, value})
	}
	_, err := decoder.Token()
	return members, err
}
