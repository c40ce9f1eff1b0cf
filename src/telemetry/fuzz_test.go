package telemetry_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// FuzzMask checks that no text shows a known secret, in whatever encoding it is
// quoted, and that a text without one stays as it is.
func FuzzMask(f *testing.F) {
	const replacement = "<redacted>"
	f.Add("canary-secret", "before ", " after")
	f.Add(`can"ary&<pass>/word+\ü`, `{"password":"`, `"}`)
	f.Add("aaaaaaaaaaaa", "aaa", "aaaa…")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		hidden := strings.TrimSpace(secret)
		switch {
		case !utf8.ValidString(secret + before + after), utf8.RuneCountInString(hidden) < 8:
			t.Skip("JSON is valid UTF-8, and short secrets are masked as words only")
		case strings.ContainsAny(secret, "\r\n") || strings.Contains(secret, `\n`) || strings.HasPrefix(hidden, "-----"):
			t.Skip("of several lines, each one is a secret")
		case strings.Contains(replacement, hidden), strings.ContainsAny(hidden, "<>") && strings.Contains(hidden, "redacted"):
			t.Skip("a part of what replaces a secret")
		}
		mask := telemetry.NewMask()
		mask.Add(secret)
		text := before + hidden + after
		assert.NotContains(t, mask.Text(text), hidden)
		inJSON, err := json.Marshal(text)
		require.NoError(t, err)
		twice, err := json.Marshal(string(inJSON))
		require.NoError(t, err)
		for name, quoted := range map[string]string{
			"JSON": string(inJSON), "JSON in JSON": string(twice), "Go": fmt.Sprintf("%q", text), "query": url.QueryEscape(text),
			"path": url.PathEscape(text), "HTML": html.EscapeString(text), "base64": base64.StdEncoding.EncodeToString([]byte(text)),
			"base64 for URLs": base64.RawURLEncoding.EncodeToString([]byte(text)),
		} {
			assert.Contains(t, mask.Text(quoted), replacement, "%s: %s", name, quoted)
		}
		if !strings.Contains(before+after, hidden) && !strings.Contains(before, "…") {
			assert.Equal(t, before, telemetry.NewMask().Text(before), "without secrets nothing changes")
		}
	})
}
