package telemetry

import "strings"

const redacted = "<redacted>"

// namesSecret tells whether an attribute's key promises something that must not be read by others. Values of a type
// that knows itself to be a secret need no such key; this is for texts that have lost theirs. Numbers are safe: a count
// of tokens is not a token.
func namesSecret(key string) bool {
	key = strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(key))
	for _, word := range []string{
		"password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "clientkey", "credential",
		"authorization", "cookie", "userdata", "mbus",
	} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}
