package api

import (
	"bytes"
	"encoding/json"
	"strings"
)

// PythonRepr writes a JSON value as Python's repr does. The services quote
// invalid input that way in their error texts.
func PythonRepr(document json.RawMessage) string {
	document = bytes.TrimSpace(document)
	switch {
	case len(document) == 0:
		return "''"
	case document[0] == '"':
		var text string
		if json.Unmarshal(document, &text) != nil {
			return string(document)
		}
		return PythonString(text)
	case document[0] == '{':
		members, err := OrderedMembers(document)
		if err != nil {
			return string(document)
		}
		parts := make([]string, len(members))
		for i, m := range members {
			parts[i] = PythonString(m.Name) + ": " + PythonRepr(m.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case document[0] == '[':
		var items []json.RawMessage
		if json.Unmarshal(document, &items) != nil {
			return string(document)
		}
		parts := make([]string, len(items))
		for i, item := range items {
			parts[i] = PythonRepr(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	switch string(document) {
	case "true":
		return "True"
	case "false":
		return "False"
	case "null":
		return "None"
	}
	return string(document)
}

// PythonString quotes a string as Python's repr does: with apostrophes unless
// the text contains one and no quotation mark.
func PythonString(text string) string {
	text = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
}
