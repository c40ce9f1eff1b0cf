package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// unknownField is a field of a request body that the operation does not know.
type unknownField struct {
	Path   string          // object that holds the field, "volume" or "server.networks"; "" for the document
	Name   string          // of the field
	Object json.RawMessage // the object that holds it
}

// badValue is a value of a request body that has the wrong JSON type. Wanted is "" when the body is no JSON at all.
type badValue struct {
	Path   string          // "volume.name"; "" for the document
	Value  json.RawMessage // what was sent
	Wanted string          // string, integer, boolean, array or object
}

// decode reads the JSON body into value, a pointer to a struct. Fields that the struct does not have are violations and are
// answered as the service does; so is a value of the wrong type.
func (c *call) decode(value any) error {
	if !strings.Contains(c.request.Header.Get("Content-Type"), "json") {
		c.sim.violate(c, "a body without a Content-Type of JSON")
	}
	return c.decodePart(c.body, "", value)
}

// decodePart reads a part of the body that the struct of the body has left alone, as strictly as the rest. path is where the
// part stands.
func (c *call) decodePart(part json.RawMessage, path string, value any) error {
	fields, err := unknownFields(part, reflect.TypeOf(value).Elem(), path)
	if err != nil {
		return c.wrongPart(part, path, err)
	}
	for _, field := range fields {
		c.sim.violate(c, "unknown field "+joinPath(field.Path, field.Name))
	}
	if len(fields) > 0 && c.service.unknownField != nil {
		if err := c.service.unknownField(c, fields[0]); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(part, value); err != nil {
		return c.wrongPart(part, path, err)
	}
	return nil
}

// wrongBody answers a body that cannot be read.
func (c *call) wrongBody(err error) error { return c.wrongPart(c.body, "", err) }

func (c *call) wrongPart(part json.RawMessage, path string, err error) error {
	c.sim.violate(c, "malformed body: "+err.Error())
	bad := badValue{Path: path, Value: bytes.TrimSpace(part)}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		bad = badValue{Path: joinPath(path, wrong.Field), Value: valueAt(part, wrong.Field), Wanted: wantedType(wrong.Type)}
	}
	return c.service.badType(c, bad)
}

func joinPath(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

// valueAt returns the value at a path of object fields; nil when a part of the path is not an object.
func valueAt(document json.RawMessage, path string) json.RawMessage {
	if path == "" {
		return bytes.TrimSpace(document)
	}
	name, rest, _ := strings.Cut(path, ".")
	var fields map[string]json.RawMessage
	if json.Unmarshal(document, &fields) != nil {
		return nil
	}
	return valueAt(fields[name], rest)
}

// wantedType is the JSON Schema name of the type that a Go type stands for.
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

// unknownFields lists the fields of a document that the type has no place for, in the order of the document. Names are compared
// exactly, other than encoding/json does: "Size" is not "size".
func unknownFields(document json.RawMessage, t reflect.Type, path string) ([]unknownField, error) {
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

func unknownInList(document json.RawMessage, element reflect.Type, path string) ([]unknownField, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(document, &items); err != nil {
		return nil, err
	}
	var found []unknownField
	for _, item := range items {
		inner, err := unknownFields(item, element, path)
		if err != nil {
			return nil, err
		}
		found = append(found, inner...)
	}
	return found, nil
}

func unknownInObject(document json.RawMessage, t reflect.Type, path string) ([]unknownField, error) {
	members, err := orderedMembers(document)
	if err != nil {
		return nil, err
	}
	known := jsonFields(t)
	var found []unknownField
	for _, m := range members {
		fieldType, ok := known[m.name]
		if !ok {
			found = append(found, unknownField{Path: path, Name: m.name, Object: document})
			continue
		}
		inner, err := unknownFields(m.value, fieldType, joinPath(path, m.name))
		if err != nil {
			return nil, err
		}
		found = append(found, inner...)
	}
	return found, nil
}

// jsonFields maps the JSON names of a struct, embedded structs included, to the types of the fields.
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

// member is one field of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// orderedMembers reads a JSON object and keeps the order of its fields.
func orderedMembers(document json.RawMessage) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("the body is not a JSON object")
	}
	var members []member
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
		members = append(members, member{name, value})
	}
	_, err := decoder.Token()
	return members, err
}
