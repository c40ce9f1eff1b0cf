package openstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// tracer is the innermost of our layers: it sees every single exchange. It completes the answer, so that a connection
// that breaks in the middle of one is a failed exchange like any other, counts, and tells the debug log which request
// took how long. Headers, bodies and queries are not logged: they hold tokens, passwords and user data.
type tracer struct {
	next      http.RoundTripper
	meter     *meter
	log       *slog.Logger
	userAgent string
	stall     time.Duration // longest pause within an answer's body
}

// RoundTrip implements http.RoundTripper.
func (t *tracer) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	sent := req.Clone(ctx)
	sent.Header.Set("User-Agent", t.userAgent)
	start := time.Now()
	resp, err := t.next.RoundTrip(sent)
	var body []byte
	if err == nil {
		body, err = t.complete(resp, cancel)
	}
	took := time.Since(start)
	t.meter.count(req, len(body), took)
	t.trace(req, resp, err, took)
	if err != nil {
		return nil, err
	}
	resp.Request, resp.Body = req, io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// errStalled is the end of an answer whose rest does not come.
var errStalled = &stalledError{}

type stalledError struct{}

func (*stalledError) Error() string   { return "the answer stopped in the middle" }
func (*stalledError) Timeout() bool   { return true }
func (*stalledError) Temporary() bool { return true }

// complete reads the whole answer. A wedged service that sends no more is given up on.
func (t *tracer) complete(resp *http.Response, cancel context.CancelCauseFunc) ([]byte, error) {
	defer resp.Body.Close() //nolint:errcheck // it has been read to its end, or failed already
	watchdog := time.AfterFunc(t.stall, func() { cancel(errStalled) })
	defer watchdog.Stop()
	var body bytes.Buffer
	chunk := make([]byte, 32<<10)
	for {
		n, err := resp.Body.Read(chunk)
		body.Write(chunk[:n])
		if errors.Is(err, io.EOF) {
			return body.Bytes(), nil
		}
		if err != nil && !watchdog.Stop() {
			return nil, errStalled
		}
		if err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		watchdog.Reset(t.stall)
	}
}

func (t *tracer) trace(req *http.Request, resp *http.Response, err error, took time.Duration) {
	ctx := req.Context()
	if !t.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", req.Method), slog.String("host", req.URL.Host), slog.String("path", req.URL.Path),
		slog.Int("status", statusOf(resp)), slog.Int64("ms", took.Milliseconds()),
	}
	if resp != nil {
		attrs = append(attrs, slog.String("openstack_request_id", requestID(resp.Header)))
	}
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	t.log.LogAttrs(ctx, slog.LevelDebug, "OpenStack API call", attrs...)
}

// pathPrefix reports whether the URL lies below the base.
func pathPrefix(u, base *url.URL) bool {
	return u.Host == base.Host && len(u.Path) >= len(base.Path) && u.Path[:len(base.Path)] == base.Path
}
