package config

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "<redacted>"

// Secret is a value that must not be seen by anybody who reads logs, errors or dumps: a password, an application
// credential's secret, a private key, a URL that may carry a password. Every way of printing it gives "<redacted>";
// only Reveal gives the text.
type Secret string

// Reveal returns the secret's text, for the one place that sends it to its service.
func (s Secret) Reveal() string { return string(s) }

// String implements fmt.Stringer.
func (s Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return redacted }

// Format implements fmt.Formatter, so that verbs which bypass String (%x, %d, %q) are covered too.
func (s Secret) Format(f fmt.State, _ rune) {
	io.WriteString(f, redacted) //nolint:errcheck // a formatter has nowhere to report to
}

// MarshalText implements encoding.TextMarshaler, and with it covers encoding/json.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
