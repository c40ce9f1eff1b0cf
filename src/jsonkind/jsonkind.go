// Package jsonkind names the types of JSON values, for error texts that must
// not show the value itself: it may be a password.
package jsonkind

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Kind is the type of a JSON value with its article, as error texts use it.
type Kind string

// The kinds of JSON values. Nothing stands for a value that is missing.
const (
	Nothing Kind = "nothing"
	Null    Kind = "null"
	Object  Kind = "an object"
	Array   Kind = "an array"
	String  Kind = "a string"
	Boolean Kind = "a boolean"
	Number  Kind = "a number"
)

// Of returns the kind of a value that is valid JSON. Its first character is
// enough for that.
func Of(value []byte) Kind {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return Nothing
	}
	switch value[0] {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Boolean
	case 'n':
		return Null
	default:
		return Number
	}
}

// IsNull reports whether a value is missing or null, which mean the same.
func IsNull(value []byte) bool {
	kind := Of(value)
	return kind == Nothing || kind == Null
}

// Found returns the kind that encoding/json found where another one belongs.
func Found(mismatch *json.UnmarshalTypeError) Kind {
	// The digits of a number follow its kind.
	switch word, _, _ := strings.Cut(mismatch.Value, " "); word {
	case "object":
		return Object
	case "array":
		return Array
	case "string":
		return String
	case "bool":
		return Boolean
	default:
		return Number
	}
}
