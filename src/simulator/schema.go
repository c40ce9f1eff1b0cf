package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// invalidField is how Nova and Cinder report a value that their JSON schema does not allow.
func (c *call) invalidField(name string, value json.RawMessage, problem string) error {
	shown := pythonRepr(value)
	var text string
	if json.Unmarshal(value, &text) == nil && len(value) > 0 && value[0] == '"' {
		shown = text
	}
	message := fmt.Sprintf("Invalid input for field/attribute %s. Value: %s. %s", name, shown, problem)
	return c.refuse(http.StatusBadRequest, "", message)
}

// additionalProperty is how Nova and Cinder report a field that their JSON schema does not know.
func additionalProperty(c *call, f unknownField) error {
	problem := "Additional properties are not allowed (" + pythonString(f.Name) + " was unexpected)"
	if f.Path == "" {
		return c.refuse(http.StatusBadRequest, "", problem)
	}
	return c.invalidField(lastSegment(f.Path), f.Object, problem)
}

func lastSegment(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}

var digits = regexp.MustCompile(`^[0-9]+$`)

// positiveInteger reads a number, or a string of digits, that is at least 1.
func (c *call) positiveInteger(name string, value json.RawMessage) (int, error) {
	var text string
	if json.Unmarshal(value, &text) == nil && len(value) > 0 && value[0] == '"' {
		if !digits.MatchString(text) {
			return 0, c.invalidField(name, value, pythonString(text)+" does not match '^[0-9]+$'")
		}
	} else {
		text = string(value)
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, c.invalidField(name, value, pythonRepr(value)+" is not of type 'integer', 'string', 'null'")
	case n < 1:
		return 0, c.invalidField(name, value, text+" is less than the minimum of 1")
	}
	return n, nil
}

const metadataKey = `^[a-zA-Z0-9-_:. /]{1,255}$`

var metadataKeyPattern = regexp.MustCompile(`^[a-zA-Z0-9\-_:. /]{1,255}$`)

// metadata reads an object of strings as Nova and Cinder allow them: keys and values of at most 255 characters.
func (c *call) metadata(value json.RawMessage) (map[string]string, error) {
	result := map[string]string{}
	if len(value) == 0 || string(value) == "null" {
		return result, nil
	}
	if value[0] != '{' {
		return nil, c.invalidField("metadata", value, pythonRepr(value)+" is not of type 'object'")
	}
	members, err := orderedMembers(value)
	if err != nil {
		return nil, c.wrongBody(err)
	}
	for _, m := range members {
		if !metadataKeyPattern.MatchString(m.name) {
			problem := pythonString(m.name) + " does not match any of the regexes: '" + metadataKey + "'"
			return nil, c.invalidField("metadata", value, problem)
		}
		text, err := c.shortString(m.name, m.value)
		if err != nil {
			return nil, err
		}
		result[m.name] = text
	}
	return result, nil
}

// shortString reads a string of at most 255 characters.
func (c *call) shortString(name string, value json.RawMessage) (string, error) {
	var text string
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &text) != nil {
		return "", c.invalidField(name, value, pythonRepr(value)+" is not of type 'string'")
	}
	if utf8.RuneCountInString(text) > 255 {
		return "", c.invalidField(name, value, pythonString(text)+" is too long")
	}
	return text, nil
}

// required is how Nova and Cinder report an absent field; object is the name of the object that should hold it, "" for the body.
func (c *call) required(object, field string, value json.RawMessage) error {
	problem := pythonString(field) + " is a required property"
	if object == "" {
		return c.refuse(http.StatusBadRequest, "", problem)
	}
	return c.invalidField(object, value, problem)
}
