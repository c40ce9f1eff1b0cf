package openstack

import (
	"bytes"
	"context"
	"errors"
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
	connect   time.Duration // longest time until the service takes the request, with all that comes before
	stall     time.Duration // longest silence after that
}

// RoundTrip implements http.RoundTripper.
func (t *tracer) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	watchdog := time.AfterFunc(t.connect+t.stall, func() { cancel(errStalled) })
	defer watchdog.Stop()
	sent := req.Clone(ctx)
	sent.Header.Set("User-Agent", t.userAgent)
	if sent.Body != nil {
		sent.Body = &watched{sent.Body, func() { watchdog.Reset(t.stall) }}
	}
	start := time.Now()
	resp, err := t.next.RoundTrip(sent)
	var body []byte
	if err == nil {
		watchdog.Reset(t.stall)
		body, err = io.ReadAll(&watched{resp.Body, func() { watchdog.Reset(t.stall) }})
		err = errors.Join(err, resp.Body.Close())
	}
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		err = errStalled
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

// errStalled is the end of an exchange in which the service has fallen silent.
var errStalled error = &stalledError{}

type stalledError struct{}

func (*stalledError) Error() string   { return "the service fell silent" }
func (*stalledError) Timeout() bool   { return true }
func (*stalledError) Temporary() bool { return true }

// watched is a body whose progress is a sign of life.
type watched struct {
	io.ReadCloser
	alive func()
}

// Read passes on the data.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if n > 0 {
		w.alive()
	}
	return n, err
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
