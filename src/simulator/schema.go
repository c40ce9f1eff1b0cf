package simulator

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

// invalidField is how Nova and Cinder report a value that their JSON schema does not allow.
func invalidField(name string, value json.RawMessage, problem string) error {
	shown := pythonRepr(value)
	var text string
	if json.Unmarshal(value, &text) == nil && len(value) > 0 && value[0] == '"' {
		shown = text
	}
	message := fmt.Sprintf("Invalid input for field/attribute %s. Value: %s. %s", name, shown, problem)
	return refuse(http.StatusBadRequest, message)
}

// additionalProperty is how Nova and Cinder report a field that their JSON schema does not know.
func additionalProperty(f unknownField) error {
	problem := "Additional properties are not allowed (" + pythonString(f.Name) + " was unexpected)"
	if f.Path == "" {
		return refuse(http.StatusBadRequest, problem)
	}
	return invalidField(lastSegment(f.Path), f.Object, problem)
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
func positiveInteger(name string, value json.RawMessage) (int, error) {
	var text string
	if json.Unmarshal(value, &text) == nil && len(value) > 0 && value[0] == '"' {
		if !digits.MatchString(text) {
			return 0, invalidField(name, value, pythonString(text)+" does not match '^[0-9]+$'")
		}
	} else {
		text = string(value)
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, invalidField(name, value, pythonRepr(value)+" is not of type 'integer', 'string', 'null'")
	case n < 1:
		return 0, invalidField(name, value, text+" is less than the minimum of 1")
	}
	return n, nil
}

// The names that the JSON schemas allow in an object of strings.
var (
	keysOfVolumes = regexp.MustCompile(`^[a-zA-Z0-9-_:. /]{1,255}$`)
	keysOfServers = regexp.MustCompile(`^[a-zA-Z0-9-_:. ]{1,255}$`)
)

// metadata reads an object of strings whose names match keys. The schemas look at the values of the names they know first,
// then at the other names.
func (c *call) metadata(value json.RawMessage, keys *regexp.Regexp) (map[string]string, error) {
	if len(value) == 0 || value[0] != '{' {
		return nil, invalidField("metadata", value, pythonRepr(value)+" is not of type 'object'")
	}
	members, err := orderedMembers(value)
	if err != nil {
		return nil, c.wrongBody(err)
	}
	result, unknown := map[string]string{}, []string{}
	for _, m := range members {
		if !keys.MatchString(m.name) {
			unknown = append(unknown, pythonString(m.name))
			continue
		}
		if result[m.name], err = shortString(m.name, m.value); err != nil {
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
	return nil, invalidField("metadata", value, problem)
}

// shortString reads a string of at most 255 characters.
func shortString(name string, value json.RawMessage) (string, error) {
	var text string
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &text) != nil {
		return "", invalidField(name, value, pythonRepr(value)+" is not of type 'string'")
	}
	if utf8.RuneCountInString(text) > 255 {
		return "", invalidField(name, value, pythonString(text)+" is too long")
	}
	return text, nil
}

// required is how Nova and Cinder report an absent field; object is the name of the object that should hold it, "" for the body.
func required(object, field string, value json.RawMessage) error {
	problem := pythonString(field) + " is a required property"
	if object == "" {
		return refuse(http.StatusBadRequest, problem)
	}
	return invalidField(object, value, problem)
}

// booleanWords are the values that a JSON schema takes for a boolean, as JSON writes them.
type booleanWords struct{ yes, no []string }

// booleanWord reads a JSON boolean or one of the words that stand for one.
func booleanWord(field string, value json.RawMessage, words booleanWords) (bool, error) {
	text := string(value)
	if slices.Contains(words.yes, text) {
		return true, nil
	}
	if slices.Contains(words.no, text) {
		return false, nil
	}
	allowed := []string{}
	for _, word := range slices.Concat(words.yes, words.no) {
		allowed = append(allowed, pythonRepr(json.RawMessage(word)))
	}
	return false, invalidField(field, value, pythonRepr(value)+" is not one of ["+strings.Join(allowed, ", ")+"]")
}
