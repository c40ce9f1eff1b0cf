package openstack

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

// A proxy may answer in place of a service.
func FuzzReadBody(f *testing.F) {
	for _, body := range []string{
		`{"badRequest": {"code": 400, "message": "x"}}`, `{"NeutronError": {"type": "x", "message": "y"}}`, `{"NeutronError": 1}`,
		`{"faultstring": "x"}`, `{"code": 404, "title": "x", "description": ""}`, `{"overLimit": {"retryAfter": "0"}}`, `{"error": null}`,
		"<html><head><title>x</title></head>", "", "null", "[]", `{"message": {"a": 1}}`, "user_data. Value: ", "\xff\xfe", "<!-- <",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		said := readBody(body)
		assert.LessOrEqual(t, len(said.message), maxMessage+len("…"))
		if utf8.Valid(body) {
			assert.True(t, utf8.ValidString(said.message))
		}
		assert.NotContains(t, said.message, "\n")
	})
}
