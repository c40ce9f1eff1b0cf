package bosh

import (
	"encoding/json"
	"fmt"
)

// Metadata are tags as callers send them: values are whatever YAML held.
type Metadata map[string]any

// maxTag is the longest key and value, in characters, that Nova and Cinder take
// (schemas "metadata" in nova/api/validation and cinder/api/schemas).
const maxTag = 255

// Tags returns the metadata as OpenStack stores it: values as text, keys and
// values cut at 255 characters, nil values and empty keys left out.
func (m Metadata) Tags() map[string]string {
	tags := make(map[string]string, len(m))
	for key, value := range m {
		if key == "" || value == nil {
			continue
		}
		tags[cut(key)] = cut(text(value))
	}
	return tags
}

// Text returns one value as text, "" if it is missing or nil.
func (m Metadata) Text(key string) string {
	if m[key] == nil {
		return ""
	}
	return text(m[key])
}

func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		// Numbers come through JSON; %v would print 1e+06 for a million.
		return string(JSON(v))
	case map[string]any, []any:
		return string(JSON(v))
	default:
		return fmt.Sprint(v)
	}
}

// JSON encodes a value that always has a JSON form: strings, numbers, maps and
// lists of them, and raw JSON that was decoded before.
func JSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func cut(s string) string {
	if runes := []rune(s); len(runes) > maxTag {
		return string(runes[:maxTag])
	}
	return s
}
