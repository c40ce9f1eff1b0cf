package simulator

import (
	"bytes"
	"encoding/json"
	"strings"
)

// pythonRepr writes a JSON value as Python prints it: the services quote wrong input that way in their error texts.
func pythonRepr(document json.RawMessage) string {
	document = bytes.TrimSpace(document)
	switch {
	case len(document) == 0:
		return "''"
	case document[0] == '"':
		var text string
		if json.Unmarshal(document, &text) != nil {
			return string(document)
		}
		return pythonString(text)
	case document[0] == '{':
		members, err := orderedMembers(document)
		if err != nil {
			return string(document)
		}
		parts := make([]string, len(members))
		for i, m := range members {
			parts[i] = pythonString(m.name) + ": " + pythonRepr(m.value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case document[0] == '[':
		var items []json.RawMessage
		if json.Unmarshal(document, &items) != nil {
			return string(document)
		}
		parts := make([]string, len(items))
		for i, item := range items {
			parts[i] = pythonRepr(item)
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

// pythonString quotes as Python does: with apostrophes unless the text holds one and no quotation mark.
func pythonString(text string) string {
	text = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
}
