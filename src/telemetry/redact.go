package telemetry

import "strings"

const redacted = "<redacted>"

// namesSecret reports whether an attribute's key stands for a secret. It is
// needed for plain strings; the type config.Secret redacts itself. Numbers are
// safe: a count of tokens is not a token.
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
