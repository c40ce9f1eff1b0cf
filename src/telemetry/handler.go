package telemetry

import (
	"context"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cloudfoundry/bosh-utils/logger"
)

// requestIDKey is the attribute that is written before the message: operators
// search for "[req_id …]".
const requestIDKey = "request_id"

// handler writes each record as one line with BOSH's logger, which adds tag,
// time and level.
type handler struct {
	out       logger.Logger
	mask      *Mask
	level     slog.Leveler
	requestID string
	attrs     string // formatted attributes of WithAttrs
	group     string // the groups of WithGroup, as a prefix of keys
}

// Enabled implements slog.Handler.
func (h handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level.Level() }

// Handle implements slog.Handler. It never fails, because there is no other
// place to report an error.
func (h handler) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(attr slog.Attr) bool {
		h = h.with(attr)
		return true
	})
	line := record.Message + h.attrs
	if h.requestID != "" {
		line = "[req_id " + h.requestID + "] " + line
	}
	line = h.mask.Text(line)
	switch {
	case record.Level >= slog.LevelError:
		h.out.Error(tag, "%s", line)
	case record.Level >= slog.LevelWarn:
		h.out.Warn(tag, "%s", line)
	case record.Level >= slog.LevelInfo:
		h.out.Info(tag, "%s", line)
	default:
		h.out.Debug(tag, "%s", line)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, attr := range attrs {
		h = h.with(attr)
	}
	return h
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.group += name + "."
	}
	return h
}

// with adds an attribute. The members of a group become attributes with the
// group's name as prefix.
func (h handler) with(attr slog.Attr) handler {
	value := attr.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		inner := h
		if attr.Key != "" {
			inner.group += attr.Key + "."
		}
		for _, member := range value.Group() {
			inner = inner.with(member)
		}
		h.attrs = inner.attrs
		return h
	}
	if attr.Key == requestIDKey && h.group == "" {
		h.requestID = quote(value.String())
		return h
	}
	if !attr.Equal(slog.Attr{}) {
		key := h.group + attr.Key
		h.attrs += " " + quote(key) + "=" + text(key, value)
	}
	return h
}

// text formats a value. Fractions have at most three decimals.
func text(key string, value slog.Value) string {
	kind := value.Kind()
	if namesSecret(key) && (kind == slog.KindString || kind == slog.KindAny) {
		return redacted
	}
	switch kind {
	case slog.KindDuration:
		return value.Duration().Round(time.Microsecond).String()
	case slog.KindFloat64:
		return strconv.FormatFloat(math.Round(value.Float64()*1000)/1000, 'f', -1, 64)
	default:
		return quote(value.String())
	}
}

// quote quotes a text that has spaces, line breaks or other characters that
// would make the line ambiguous.
func quote(text string) string {
	special := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`"=`, r) }
	if text == "" || strings.ContainsFunc(text, special) {
		return strconv.Quote(text)
	}
	return text
}
