package rpc

import (
	"bytes"
	"encoding/json"
)

// isA reports whether a value's first character is the given one, which is what tells JSON's types apart.
func isA(raw json.RawMessage, first byte) bool {
	trimmed := bytes.TrimSpace(raw)
	return len(trimmed) > 0 && trimmed[0] == first
}

func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || isA(raw, 'n')
}

func integer(raw json.RawMessage) (int, bool) {
	var n *int
	err := json.Unmarshal(raw, &n)
	if err != nil || n == nil {
		return 0, false
	}
	return *n, true
}

// kindOf names the type of a value, for texts that must not show the value itself.
func kindOf(raw json.RawMessage) string {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 {
		return "nothing"
	}
	switch trimmed[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}
