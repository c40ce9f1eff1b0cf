package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// object and list are the JSON types of request and response bodies.
type (
	object = map[string]any
	list   = []any
)

// merge returns the defaults with the given fields; a nil value removes a
// field.
func merge(defaults, given object) object {
	merged := maps.Clone(defaults)
	maps.Copy(merged, given)
	maps.DeleteFunc(merged, func(_ string, value any) bool { return value == nil })
	return merged
}

// response is one HTTP response of a service. Its methods fail the claim if the
// response does not have the expected content.
type response struct {
	t       *testing.T
	request string // "POST /servers", for failure messages
	status  int
	header  http.Header
	body    []byte

	document any   // the decoded body
	notJSON  error // why the body could not be decoded
}

// says reports whether the body contains the words.
func (r response) says(words string) bool { return strings.Contains(string(r.body), words) }

// expect fails the claim unless the status is one of those given.
func (r response) expect(statuses ...int) response {
	r.t.Helper()
	require.Containsf(r.t, statuses, r.status, "%s returned %d: %s", r.request, r.status, r.excerpt())
	return r
}

// expectHeader fails the claim unless the header is present and not empty.
func (r response) expectHeader(name string) response {
	r.t.Helper()
	require.NotEmptyf(r.t, r.header.Get(name), "%s returned no header %s", r.request, name)
	return r
}

// expectKeys fails the claim unless the object at path has all of the keys.
func (r response) expectKeys(path string, keys ...string) response {
	r.t.Helper()
	for _, key := range keys {
		require.Containsf(r.t, r.value(path), key, "%s: %q of %s", r.request, path, r.excerpt())
	}
	return r
}

// is fails the claim unless the value at path equals want.
func (r response) is(path string, want any) response {
	r.t.Helper()
	if number, ok := want.(int); ok {
		want = float64(number)
	}
	require.Equalf(r.t, want, r.value(path), "%s: %q of %s", r.request, path, r.excerpt())
	return r
}

// contains fails the claim unless the text at path contains all of the parts.
// Error messages are compared in parts because their remainder differs between
// releases.
func (r response) contains(path string, parts ...string) response {
	r.t.Helper()
	for _, part := range parts {
		require.Containsf(r.t, r.text(path), part, "%s: %q of %s", r.request, path, r.excerpt())
	}
	return r
}

// text returns the string at path, and fails the claim if there is none.
func (r response) text(path string) string {
	r.t.Helper()
	text, ok := r.value(path).(string)
	require.Truef(r.t, ok, "%s: %q is not a string in %s", r.request, path, r.excerpt())
	return text
}

// size returns the length of the list or object at path.
func (r response) size(path string) int {
	r.t.Helper()
	switch value := r.value(path).(type) {
	case list:
		return len(value)
	case object:
		return len(value)
	}
	require.Failf(r.t, "neither list nor object", "%s: %q in %s", r.request, path, r.excerpt())
	return 0
}

// each returns the string at field of every element of the list at path, in
// order.
func (r response) each(path, field string) []string {
	r.t.Helper()
	texts := []string{}
	for i := range r.size(path) {
		texts = append(texts, r.text(fmt.Sprintf("%s.%d.%s", path, i, field)))
	}
	return texts
}

// value returns the value at a dotted path ("server.addresses", "ports.0.id"),
// or nil if there is none. The empty path is the whole document.
func (r response) value(path string) any {
	r.t.Helper()
	require.NoErrorf(r.t, r.notJSON, "%s returned no JSON: %s", r.request, r.excerpt())
	value := r.document
	for step := range strings.SplitSeq(path, ".") {
		switch node := value.(type) {
		case object:
			if step != "" {
				value = node[step]
			}
		case list:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(node) {
				return nil
			}
			value = node[i]
		default:
			return nil
		}
	}
	return value
}

// excerpt is a body in a failure message: truncated and without secrets.
type excerpt []byte

func (r response) excerpt() excerpt { return r.body }

// String formats the excerpt, only when a message is printed.
func (e excerpt) String() string {
	return shorten(secrets.ReplaceAllString(string(e), `"$1": "<redacted>"`), 700)
}

// summary returns what observations keep of the response: its status, and the
// shape of a result or the message of an error, without values that differ
// between runs.
func (r response) summary() string {
	text := string(r.body)
	switch {
	case r.notJSON != nil:
	case r.status < http.StatusBadRequest:
		text = shape(r.document)
	default:
		text = sortedJSON(r.document)
	}
	text = secrets.ReplaceAllString(text, `"$1": "<redacted>"`)
	for _, varying := range varyings {
		text = varying.pattern.ReplaceAllString(text, varying.word)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.status, shorten(text, 500)))
}

// sortedJSON encodes a document with its fields sorted.
func sortedJSON(document any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return err.Error()
	}
	return text.String()
}

// shape returns the field names of a document: two levels, and the first
// element of each list.
func shape(document any) string {
	fields, _ := document.(object)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch value := fields[name].(type) {
		case object:
			parts = append(parts, name+"{"+strings.Join(slices.Sorted(maps.Keys(value)), " ")+"}")
		case list:
			element := ""
			if len(value) > 0 {
				inner, _ := value[0].(object)
				element = strings.Join(slices.Sorted(maps.Keys(inner)), " ")
			}
			parts = append(parts, name+"[{"+element+"}]")
		default:
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, " ")
}

var (
	secrets  = regexp.MustCompile(`"(adminPass|secret|password|private_key)": ?"[^"]*"`)
	varyings = []struct {
		pattern *regexp.Regexp
		word    string
	}{
		{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uuid>"},
		{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "<hex>"},
		{regexp.MustCompile(runPrefix + `[0-9a-z-]+`), "<name>"},
		{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?`), "<time>"},
		{regexp.MustCompile(`([0-9a-f]{2}:){5}[0-9a-f]{2}`), "<mac>"},
		{regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b`), "<address>"},
		{regexp.MustCompile(`\s+`), " "},
	}
)

func shorten(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
