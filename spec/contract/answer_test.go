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

// object and list make request bodies read like the JSON they become.
type (
	object = map[string]any
	list   = []any
)

// answer is one HTTP answer of a service. Its methods fail the claim when the
// answer is not what the claim says.
type answer struct {
	t       *testing.T
	request string // "POST /servers", for the failure message
	status  int
	header  http.Header
	body    []byte

	document any   // the body, decoded
	notJSON  error // why it could not be
}

// wants fails the claim unless the status is one of those given.
func (a answer) wants(statuses ...int) answer {
	a.t.Helper()
	require.Containsf(a.t, statuses, a.status, "%s answered %d: %s", a.request, a.status, a.excerpt())
	return a
}

// wantsHeader fails the claim unless the header is there and not empty.
func (a answer) wantsHeader(name string) answer {
	a.t.Helper()
	require.NotEmptyf(a.t, a.header.Get(name), "%s answered without header %s", a.request, name)
	return a
}

// wantsKeys fails the claim unless the object at path has every one of the keys.
func (a answer) wantsKeys(path string, keys ...string) answer {
	a.t.Helper()
	for _, key := range keys {
		require.Containsf(a.t, a.value(path), key, "%s: %q of %s", a.request, path, a.excerpt())
	}
	return a
}

// is fails the claim unless the value at path equals want, numbers as JSON has them.
func (a answer) is(path string, want any) answer {
	a.t.Helper()
	if number, ok := want.(int); ok {
		want = float64(number)
	}
	require.Equalf(a.t, want, a.value(path), "%s: %q of %s", a.request, path, a.excerpt())
	return a
}

// says fails the claim unless the text at path contains every one of the parts.
// Error texts are compared in parts, because what surrounds them moves between releases.
func (a answer) says(path string, parts ...string) answer {
	a.t.Helper()
	for _, part := range parts {
		require.Containsf(a.t, a.text(path), part, "%s: %q of %s", a.request, path, a.excerpt())
	}
	return a
}

// text returns the string at path, and fails the claim when there is none.
func (a answer) text(path string) string {
	a.t.Helper()
	text, ok := a.value(path).(string)
	require.Truef(a.t, ok, "%s: %q is not a string in %s", a.request, path, a.excerpt())
	return text
}

// size returns the length of the list or object at path.
func (a answer) size(path string) int {
	a.t.Helper()
	switch value := a.value(path).(type) {
	case list:
		return len(value)
	case object:
		return len(value)
	}
	require.Failf(a.t, "neither list nor object", "%s: %q in %s", a.request, path, a.excerpt())
	return 0
}

// each returns the text at field of every element of the list at path, in order.
func (a answer) each(path, field string) []string {
	a.t.Helper()
	texts := []string{}
	for i := range a.size(path) {
		texts = append(texts, a.text(fmt.Sprintf("%s.%d.%s", path, i, field)))
	}
	return texts
}

// value returns what is at the dotted path ("server.addresses", "ports.0.id"),
// nil when nothing is. An empty path is the whole document.
func (a answer) value(path string) any {
	a.t.Helper()
	require.NoErrorf(a.t, a.notJSON, "%s answered no JSON: %s", a.request, a.excerpt())
	value := a.document
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

// excerpt is a body as a failure message shows it: without secrets, and not all of it.
type excerpt []byte

func (a answer) excerpt() excerpt { return a.body }

// String is only called for messages that are printed.
func (e excerpt) String() string {
	return shorten(secrets.ReplaceAllString(string(e), `"$1": "<redacted>"`), 700)
}

// gist is what the observations keep of the answer: its status, and the shape of a result or the
// words of an error, without anything that differs from run to run.
func (a answer) gist() string {
	text := string(a.body)
	switch {
	case a.notJSON != nil:
	case a.status < http.StatusBadRequest:
		text = shape(a.document)
	default:
		text = inOneOrder(a.document)
	}
	text = secrets.ReplaceAllString(text, `"$1": "<redacted>"`)
	for _, varying := range varyings {
		text = varying.pattern.ReplaceAllString(text, varying.word)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.status, shorten(text, 500)))
}

// inOneOrder writes a document with its fields sorted.
func inOneOrder(document any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return err.Error()
	}
	return text.String()
}

// shape names the fields of a document, two levels deep and of the first element of a list.
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
