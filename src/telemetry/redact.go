package telemetry

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Document returns a JSON document without its secrets: the values of keys that
// stand for one, and those that the mask knows. A text that is not JSON is
// masked.
func (m *Mask) Document(document []byte) []byte {
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		return []byte(m.Text(string(document)))
	}
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(withoutSecrets(value)); err != nil {
		return nil
	}
	return []byte(m.Text(encoded.String()))
}

func withoutSecrets(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			if text, isText := member.(string); isText && text != "" && namesSecret(key) && !namesReference(key, text) {
				value[key] = redacted
				continue
			}
			value[key] = withoutSecrets(member)
		}
	case []any:
		for i, member := range value {
			value[i] = withoutSecrets(member)
		}
	}
	return value
}

const redacted = "<redacted>"

// namesSecret reports whether an attribute's key stands for a secret. It is
// needed for plain strings; the type config.Secret redacts itself. Numbers are
// safe: a count of tokens is not a token.
func namesSecret(key string) bool {
	key = strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(key))
	for _, word := range []string{
		"password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "clientkey", "credential",
		"authorization", "cookie", "userdata", "mbus", "adminpass",
	} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}
