package api

import (
	"encoding/json"
	"slices"
	"strings"
)

const redacted = "<redacted>"

var secretKeys = []string{"password", "secret", "user_data", "adminpass", "admin_pass", "original_password"}

// redact returns a JSON document without its secrets, and a placeholder for a
// body that is not JSON.
func redact(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	var document any
	if json.Unmarshal(body, &document) != nil {
		return redacted
	}
	return string(Marshal(redactValue("", document)))
}

func redactValue(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for k := range v {
			v[k] = redactValue(strings.ToLower(k), v[k])
		}
		if key == "token" {
			v["id"] = redacted
		}
	case []any:
		for i := range v {
			v[i] = redactValue(key, v[i])
		}
	case string:
		if slices.Contains(secretKeys, key) {
			return redacted
		}
	}
	return value
}
