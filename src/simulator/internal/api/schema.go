package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// InvalidField returns the error of Nova and Cinder for a value that their JSON
// schema does not allow.
func InvalidField(name string, value json.RawMessage, problem string) error {
	shown := PythonRepr(value)
	var text string
	if json.Unmarshal(value, &text) == nil && len(value) > 0 && value[0] == '"' {
		shown = text
	}
	message := fmt.Sprintf("Invalid input for field/attribute %s. Value: %s. %s", name, shown, problem)
	return Refuse(http.StatusBadRequest, message)
}

// AdditionalProperty returns the error of Nova and Cinder for a field that
// their JSON schema does not contain.
func AdditionalProperty(f UnknownField) error {
	problem := "Additional properties are not allowed (" + PythonString(f.Name) + " was unexpected)"
	if f.Path == "" {
		return Refuse(http.StatusBadRequest, problem)
	}
	return InvalidField(LastSegment(f.Path), f.Object, problem)
}

// LastSegment returns the last name of a path of object fields.
func LastSegment(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}

var digits = regexp.MustCompile(`^[0-9]+$`)

// PositiveInteger reads a number or a string of digits, at least 1.
func PositiveInteger(name string, value json.RawMessage) (int, error) {
	var text string
	if json.Unmarshal(value, &text) == nil && len(value) > 0 && value[0] == '"' {
		if !digits.MatchString(text) {
			return 0, InvalidField(name, value, PythonString(text)+" does not match '^[0-9]+$'")
		}
	} else {
		text = string(value)
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, InvalidField(name, value, PythonRepr(value)+" is not of type 'integer', 'string', 'null'")
	case n < 1:
		return 0, InvalidField(name, value, text+" is less than the minimum of 1")
	}
	return n, nil
}

// ServerKeys and VolumeKeys are the patterns of metadata keys.
var (
	VolumeKeys = regexp.MustCompile(`^[a-zA-Z0-9-_:. /]{1,255}$`)
	ServerKeys = regexp.MustCompile(`^[a-zA-Z0-9-_:. ]{1,255}$`)
)

// Metadata reads an object of strings whose names match keys. As in the JSON
// schemas, the values of valid names are checked first, then the other names.
func (c *Call) Metadata(value json.RawMessage, keys *regexp.Regexp) (map[string]string, error) {
	if len(value) == 0 || value[0] != '{' {
		return nil, InvalidField("metadata", value, PythonRepr(value)+" is not of type 'object'")
	}
	members, err := OrderedMembers(value)
	if err != nil {
		return nil, c.WrongBody(err)
	}
	result, unknown := map[string]string{}, []string{}
	for _, m := range members {
		if !keys.MatchString(m.Name) {
			unknown = append(unknown, PythonString(m.Name))
			continue
		}
		if result[m.Name], err = shortString(m.Name, m.Value); err != nil {
			return nil, err
		}
	}
	if len(unknown) == 0 {
		return result, nil
	}
	verb := " does"
	if len(unknown) > 1 {
		verb = " do"
	}
	slices.Sort(unknown)
	problem := strings.Join(unknown, ", ") + verb + " not match any of the regexes: '" + keys.String() + "'"
	return nil, InvalidField("metadata", value, problem)
}

// shortString reads a string of at most 255 characters.
func shortString(name string, value json.RawMessage) (string, error) {
	var text string
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &text) != nil {
		return "", InvalidField(name, value, PythonRepr(value)+" is not of type 'string'")
	}
	if utf8.RuneCountInString(text) > 255 {
		return "", InvalidField(name, value, PythonString(text)+" is too long")
	}
	return text, nil
}

// Required returns the error of Nova and Cinder for an absent field. object is
// the name of the object without it, "" for the body.
func Required(object, field string, value json.RawMessage) error {
	problem := PythonString(field) + " is a required property"
	if object == "" {
		return Refuse(http.StatusBadRequest, problem)
	}
	return InvalidField(object, value, problem)
}

// BooleanWords are the JSON values that a schema accepts as a boolean.
type BooleanWords struct{ Yes, No []string }

// BooleanWord reads a JSON boolean or one of the words that represent one.
func BooleanWord(field string, value json.RawMessage, words BooleanWords) (bool, error) {
	text := string(value)
	if slices.Contains(words.Yes, text) {
		return true, nil
	}
	if slices.Contains(words.No, text) {
		return false, nil
	}
	allowed := []string{}
	for _, word := range slices.Concat(words.Yes, words.No) {
		allowed = append(allowed, PythonRepr(json.RawMessage(word)))
	}
	return false, InvalidField(field, value, PythonRepr(value)+" is not one of ["+strings.Join(allowed, ", ")+"]")
}
