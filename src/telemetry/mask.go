package telemetry

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The lengths of secrets. Shorter ones than minSecret are not masked, because
// they are parts of ordinary texts. Those shorter than longSecret are masked
// only as whole words. An undeclared value of a VM's env counts as secret from
// envSecret on.
const (
	minSecret  = 4
	longSecret = 8
	envSecret  = 12
)

// Mask replaces the known secrets of the process in texts, in every form in
// which they were sent: a cloud or a proxy may quote in its error what it
// received.
type Mask struct {
	mu    sync.RWMutex
	known map[string]bool
	words []string // short secrets
	forms []string // long secrets in all their encodings, the longest first
}

// NewMask returns a mask that knows no secret.
func NewMask() *Mask { return &Mask{known: map[string]bool{}} }

// Add makes a secret known. Of a text of several lines, such as a private key,
// each line is a secret.
func (m *Mask) Add(secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for line := range strings.Lines(strings.ReplaceAll(secret, `\n`, "\n")) {
		line = strings.TrimSpace(line)
		if m.known[line] || utf8.RuneCountInString(line) < minSecret || strings.HasPrefix(line, "-----") {
			continue
		}
		m.known[line] = true
		if utf8.RuneCountInString(line) < longSecret {
			m.words = append(m.words, line)
			continue
		}
		m.forms = append(m.forms, encodings(line)...)
	}
	slices.SortFunc(m.forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	m.forms = slices.Compact(m.forms)
}

// Text returns the text with `<redacted>` in the place of every secret. Before
// an ellipsis the beginning of a secret is replaced, too, because long messages
// are cut.
func (m *Mask) Text(text string) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, form := range m.forms {
		text = strings.ReplaceAll(text, form, redacted)
		text = withoutBeginning(text, form)
	}
	for _, word := range m.words {
		text = replaceWord(text, word)
	}
	return text
}

// Error returns an error with the text of err without secrets, and nil for nil.
func (m *Mask) Error(err error) error {
	if err == nil {
		return nil
	}
	return &maskedError{err, m.Text(err.Error())}
}

// maskedError is an error whose text shows no secret.
type maskedError struct {
	err  error
	text string
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.err }

const ellipsis = "…"

// withoutBeginning replaces the beginning of the secret before an ellipsis.
func withoutBeginning(text, secret string) string {
	before, after, found := strings.Cut(text, ellipsis)
	if !found {
		return text
	}
	for length := len(secret) - 1; length >= longSecret; length-- {
		if kept, cut := strings.CutSuffix(before, secret[:length]); cut {
			before = kept + redacted
			break
		}
	}
	return before + ellipsis + withoutBeginning(after, secret)
}

// replaceWord replaces the word where no letter or digit is beside it.
func replaceWord(text, word string) string {
	var result strings.Builder
	for {
		before, after, found := strings.Cut(text, word)
		result.WriteString(before)
		if !found {
			return result.String()
		}
		last, _ := utf8.DecodeLastRuneInString(before)
		next, _ := utf8.DecodeRuneInString(after)
		if isWordRune(last) || isWordRune(next) {
			result.WriteString(word)
		} else {
			result.WriteString(redacted)
		}
		text = after
	}
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// encodings returns the forms in which a secret is sent and quoted.
func encodings(secret string) []string {
	escaped := jsonEscaped(secret)
	quoted := strconv.Quote(secret)
	forms := []string{
		secret, escaped, jsonEscaped(escaped), quoted[1 : len(quoted)-1], url.QueryEscape(secret), url.PathEscape(secret),
		html.EscapeString(secret), strings.ReplaceAll(secret, `"`, `\"`),
	}
	for shift := range 3 {
		forms = append(forms, inBase64(base64.RawStdEncoding, secret, shift), inBase64(base64.RawURLEncoding, secret, shift))
	}
	return forms
}

func jsonEscaped(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return text
	}
	return string(quoted[1 : len(quoted)-1])
}

// inBase64 returns the characters that the secret has in an encoded longer text,
// in which it begins shift bytes after a multiple of three. The characters at
// its ends also depend on the text around it and are left out.
func inBase64(encoding *base64.Encoding, secret string, shift int) string {
	encoded := encoding.EncodeToString(append(make([]byte, shift), secret...))
	return encoded[(shift*8+5)/6 : (shift+len(secret))*8/6]
}

// AddDocument makes the secrets of a JSON document known: the values of keys
// that stand for a secret, passwords in URLs and private keys. Invalid JSON has
// none.
func (m *Mask) AddDocument(document []byte) {
	var value any
	if json.Unmarshal(document, &value) == nil {
		m.addValue("", value)
	}
}

// AddEnv makes the secrets of a VM's env known. The names in env are the
// operators' own, so every long value counts, except those that name the VM.
func (m *Mask) AddEnv(document []byte) {
	m.AddDocument(document)
	var env map[string]any
	if json.Unmarshal(document, &env) == nil {
		m.addLong(env)
	}
}

func (m *Mask) addLong(value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			if !slices.Contains([]string{"group", "groups", "tags", "name"}, key) {
				m.addLong(member)
			}
		}
	case []any:
		for _, member := range value {
			m.addLong(member)
		}
	case string:
		if len(value) >= envSecret {
			m.Add(value)
		}
	}
}

// passwordInURL matches the password of a URL.
var passwordInURL = regexp.MustCompile(`://[^/@\s]*?:([^/@\s]+)@`)

// addValue adds the secrets in a value. key is the nearest key above it that
// stands for a secret, else the nearest key.
func (m *Mask) addValue(key string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if !namesSecret(key) {
				m.addValue(name, member)
				continue
			}
			m.addValue(key, member)
		}
	case []any:
		for _, member := range value {
			m.addValue(key, member)
		}
	case float64:
		if digits := strconv.FormatFloat(value, 'f', -1, 64); namesSecret(key) && len(digits) >= longSecret {
			m.Add(digits)
		}
	case string:
		m.addText(key, value)
	}
}

func (m *Mask) addText(key, value string) {
	for _, found := range passwordInURL.FindAllStringSubmatch(value, -1) {
		m.Add(found[1])
		if password, err := url.PathUnescape(found[1]); err == nil {
			m.Add(password)
		}
	}
	if namesSecret(key) && !namesReference(key, value) || strings.Contains(value, "PRIVATE KEY-----") {
		m.Add(value)
	}
}

// namesReference reports whether the value only refers to a secret: the id of an
// application credential, the path of a key.
func namesReference(key, value string) bool {
	key = strings.ToLower(key)
	return strings.HasSuffix(key, "id") || strings.HasSuffix(key, "name") ||
		strings.Contains(key, "key") && strings.HasPrefix(value, "/") && !strings.Contains(value, "\n")
}
