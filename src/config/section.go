package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

// longestTime limits every configured duration, so that calculations with it
// cannot overflow.
const longestTime = 30 * 24 * time.Hour

// report collects problems and warnings. Its texts hold paths and never values:
// a value in the wrong place may be a password.
type report struct {
	problems []string
	warnings []string
}

func (r *report) problem(path, format string, args ...any) {
	r.problems = append(r.problems, path+": "+fmt.Sprintf(format, args...))
}

func (r *report) warn(path, format string, args ...any) {
	r.warnings = append(r.warnings, path+": "+fmt.Sprintf(format, args...))
}

// refuseWarnings makes the warnings so far problems.
func (r *report) refuseWarnings() {
	for _, warning := range r.warnings {
		r.problems = append(r.problems, warning+" (openstack.strict_cloud_properties is true)")
	}
	r.warnings = nil
}

// section decodes the keys of one JSON object. It remembers the decoded keys;
// warnUnknown reports all others.
type section struct {
	*report
	path   func(key string) string
	values map[string]json.RawMessage
	known  []string
}

func newSection(r *report, path string, raw json.RawMessage) *section {
	return &section{report: r, path: below(path), values: object(r, path, raw)}
}

// below returns the function that builds the paths of the keys below a path.
func below(path string) func(string) string {
	return func(key string) string { return path + "." + key }
}

// object decodes a JSON object without the keys that are null: null counts as
// absent.
func object(r *report, path string, raw json.RawMessage) map[string]json.RawMessage {
	if len(raw) == 0 {
		return map[string]json.RawMessage{}
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		r.problem(path, "must be an object, got %s", jsonkind.Of(raw))
		return map[string]json.RawMessage{}
	}
	return dropNulls(values)
}

func dropNulls(values map[string]json.RawMessage) map[string]json.RawMessage {
	kept := map[string]json.RawMessage{}
	for key, raw := range values {
		if !jsonkind.IsNull(raw) {
			kept[key] = raw
		}
	}
	return kept
}

// raw returns the value of a key, and whether the key is present.
func (s *section) raw(key string) (json.RawMessage, bool) {
	s.known = append(s.known, key)
	raw, ok := s.values[key]
	return raw, ok
}

// given reports whether the key is present and not an empty string.
func (s *section) given(key string) bool {
	raw, ok := s.values[key]
	return ok && string(raw) != `""`
}

// require reports a key that is missing or empty. A key of the wrong type has
// been reported when it was decoded.
func (s *section) require(key string, ok bool) {
	if !ok && !s.given(key) {
		s.problem(s.path(key), "is required")
	}
}

// text returns a string, "" if the key is absent.
func (s *section) text(key string) string {
	return decode(s, key, "a string", "")
}

// secret returns a secret. In YAML a password of digits is a number, so a
// number is taken as it is written.
func (s *section) secret(key string) Secret {
	raw, ok := s.raw(key)
	if ok && jsonkind.Of(raw) == jsonkind.Number {
		return Secret(bytes.TrimSpace(raw))
	}
	return Secret(s.text(key))
}

func (s *section) boolean(key string, absent bool) bool {
	return decode(s, key, "true or false", absent)
}

func decode[T any](s *section, key, expected string, absent T) T {
	raw, ok := s.raw(key)
	if !ok {
		return absent
	}
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		s.problem(s.path(key), "must be %s, got %s", expected, jsonkind.Of(raw))
		return absent
	}
	return value
}

// number returns a number. Numbers in quotes, from templates and environment
// variables, are accepted, too.
func (s *section) number(key string, absent float64) (float64, bool) {
	raw, ok := s.raw(key)
	if !ok {
		return absent, true
	}
	digits := string(bytes.TrimSpace(raw))
	if jsonkind.Of(raw) == jsonkind.String {
		digits = s.text(key)
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		s.problem(s.path(key), "must be a number, got %s", jsonkind.Of(raw))
		return absent, false
	}
	return value, true
}

// integer returns a whole number.
func (s *section) integer(key string, absent int) int {
	value, ok := s.number(key, float64(absent))
	if !ok {
		return absent
	}
	if value != math.Trunc(value) || math.Abs(value) > math.MaxInt32 {
		s.problem(s.path(key), "must be a whole number")
		return absent
	}
	return int(value)
}

// seconds returns a duration in seconds. Fractions are valid, zero and negative
// numbers are not.
func (s *section) seconds(key string, absent time.Duration) time.Duration {
	value, ok := s.number(key, absent.Seconds())
	if !ok {
		return absent
	}
	if value <= 0 || value > longestTime.Seconds() {
		s.problem(s.path(key), "must be more than 0 and at most %.0f seconds", longestTime.Seconds())
		return absent
	}
	return time.Duration(value * float64(time.Second))
}

// choice returns the value that is listed for the given word.
func (s *section) choice(key, absent string, words map[string]string) string {
	given := s.text(key)
	if given == "" {
		return absent
	}
	word, ok := words[given]
	if !ok {
		s.problem(s.path(key), "must be one of %s", strings.Join(slices.Sorted(maps.Keys(words)), ", "))
		return absent
	}
	return word
}

// list returns a list of strings. A single string counts as a list of one.
func (s *section) list(key string) []string {
	raw, ok := s.raw(key)
	if !ok {
		return nil
	}
	if jsonkind.Of(raw) == jsonkind.String {
		return []string{s.text(key)}
	}
	var items []*string
	if err := json.Unmarshal(raw, &items); err != nil || slices.Contains(items, nil) {
		s.problem(s.path(key), "must be a list of strings")
		return nil
	}
	values := make([]string, 0, len(items))
	for _, item := range items {
		values = append(values, *item)
	}
	return values
}

// texts returns an object whose values are strings that are not empty.
func (s *section) texts(key string) map[string]string {
	raw, ok := s.raw(key)
	if !ok {
		return nil
	}
	var values map[string]string
	err := json.Unmarshal(raw, &values)
	if err != nil || slices.Contains(slices.Collect(maps.Values(values)), "") {
		s.problem(s.path(key), "must be an object whose values are strings")
		return nil
	}
	return values
}

// warnUnknown reports the keys that were not decoded, except the ignored ones.
func (s *section) warnUnknown(ignored ...string) { s.warnUnknownAs("unknown, ignored", ignored...) }

// warnUnknownAs is warnUnknown with other words for what is done with the keys.
func (s *section) warnUnknownAs(done string, ignored ...string) {
	for _, key := range slices.Sorted(maps.Keys(s.values)) {
		if slices.Contains(s.known, key) || slices.Contains(ignored, key) {
			continue
		}
		if near, ok := Nearest(key, s.known); ok {
			s.warn(s.path(key), "%s; did you mean %s?", done, near)
			continue
		}
		s.warn(s.path(ShownKey(key)), "%s", done)
	}
}

// longestKey is longer than the name of every property.
const longestKey = 40

// ShownKey returns the key for a warning. A secret that was typed in the place of
// a name is not shown: names are short and have only letters, digits, "_", "-"
// and ".".
func ShownKey(key string) string {
	isOther := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
	}
	if len(key) > longestKey || strings.ContainsFunc(key, isOther) {
		return fmt.Sprintf("(a key of %d characters that is no property's name)", utf8.RuneCountInString(key))
	}
	return key
}
