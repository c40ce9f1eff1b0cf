package bosh

import (
	"encoding/json"
	"fmt"
)

// Metadata are tags as callers send them. Values can be of any JSON type.
type Metadata map[string]any

// Text returns a value as text, or "" if it is missing or nil.
func (m Metadata) Text(key string) string {
	switch value := m[key].(type) {
	case nil:
		return ""
	case string:
		return value
	case float64, map[string]any, []any:
		// The type of all JSON numbers is float64, which %v formats as 1e+06.
		return string(JSON(value))
	default:
		return fmt.Sprint(value)
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
