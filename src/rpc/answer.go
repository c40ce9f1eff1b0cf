package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// document is the answer. It always has all three keys, in this order. Log
// stays empty: the director would append it to the log that already has our
// stderr.
type document struct {
	Result any      `json:"result"`
	Error  *failure `json:"error"`
	Log    string   `json:"log"`
}

type failure struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	OKToRetry bool   `json:"ok_to_retry"`
}

// legacyPrefix, at the start of a CloudError's message, makes the director
// treat the error as NotImplemented.
const legacyPrefix = "Invalid Method:"

// The limits of quoted input, in bytes: names from requests, and the message of
// an error, which may quote arguments and the cloud.
const (
	maxName    = 100
	maxMessage = 32 << 10
)

// write writes the answer. A result that cannot be encoded becomes an error.
func write(out io.Writer, result any, err error, mask func(string) string) error {
	encoded, failed := encode(document{Result: result, Error: failureOf(err, mask)})
	if failed != nil {
		encoded, failed = encode(document{Error: failureOf(bosh.Errorf(bosh.CPIError, "encode the result: %w", failed), mask)})
	}
	if failed != nil {
		return fmt.Errorf("encode the answer: %w", failed)
	}
	if _, err := out.Write(encoded); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// encode returns the answer as one line of valid UTF-8. Messages of the cloud
// may hold any bytes.
func encode(answer document) ([]byte, error) {
	if answer.Error != nil {
		answer.Result = nil
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		return nil, err
	}
	return bytes.ToValidUTF8(line.Bytes(), []byte("\uFFFD")), nil
}

// failureOf converts an error into the form of the answer; nil stays nil.
func failureOf(err error, mask func(string) string) *failure {
	known := bosh.AsError(err)
	if known == nil {
		return nil
	}
	message := shortenMiddle(mask(known.Error()), maxMessage)
	if known.Kind == bosh.CloudError && strings.HasPrefix(message, legacyPrefix) {
		message = "OpenStack: " + message
	}
	return &failure{Type: known.Kind.String(), Message: message, OKToRetry: known.OKToRetry}
}

// shorten limits the length of a text, in bytes. The ellipsis lets a mask see that
// a secret may have been cut.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

// shortenMiddle limits the length of a text, in bytes. The end is kept because it
// names what an undo has left.
func shortenMiddle(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	begin, end := text[:limit/2], text[len(text)-limit/2:]
	return strings.ToValidUTF8(begin, "") + fmt.Sprintf("… (%d bytes omitted) …", len(text)-limit) + strings.ToValidUTF8(end, "")
}
