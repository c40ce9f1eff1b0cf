// Package exchange shows people what the CPI exchanges with a cloud: Trace
// prints requests and responses, DryRun prints the writes in the place of
// sending them. Neither shows a secret.
package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// maxBody limits the part of a body that is shown, in bytes.
const maxBody = 64 << 10

// bodyOf returns the body of the request and whether it is a stream, which
// cannot be read without being consumed.
func bodyOf(req *http.Request) (body []byte, isStream bool, err error) {
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return nil, false, nil
	case req.GetBody == nil:
		return nil, true, nil
	}
	reader, err := req.GetBody()
	if err != nil {
		return nil, false, err
	}
	defer reader.Close()
	body, err = io.ReadAll(reader)
	return body, false, err
}

// address returns the URL of the request without secrets.
func address(req *http.Request, mask *telemetry.Mask) string {
	shown := *req.URL
	shown.User = nil
	return mask.Text(shown.String())
}

// show returns the body as it is printed: JSON indented, anything else cut.
func show(body []byte, mask *telemetry.Mask) string {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return ""
	}
	var indented bytes.Buffer
	if json.Valid(body) {
		if err := json.Indent(&indented, mask.Document(body), "", "  "); err == nil {
			return cut(indented.String())
		}
	}
	return cut(mask.Text(strings.ToValidUTF8(string(body), "\uFFFD")))
}

func cut(text string) string {
	if len(text) <= maxBody {
		return text
	}
	return strings.ToValidUTF8(text[:maxBody], "") + fmt.Sprintf("… (%d bytes omitted)", len(text)-maxBody)
}
