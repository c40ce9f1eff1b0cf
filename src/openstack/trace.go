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

// tracer is the innermost of the session's transports and sees every request,
// including retries. It reads the whole response, so that a connection lost in
// the middle of a body is a failed request like any other. It counts the
// requests and logs them at level debug, without headers, bodies and queries:
// those hold tokens, passwords and user data.
type tracer struct {
	next      http.RoundTripper
	meter     *meter
	log       *slog.Logger
	userAgent string
	connect   time.Duration // limit for establishing the connection, proxy and TLS included
	stall     time.Duration // limit for every pause in the transfer of the request and of the response
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
		sent.Body = &progressReader{sent.Body, func() { watchdog.Reset(t.stall) }}
	}
	start := time.Now()
	resp, err := t.next.RoundTrip(sent)
	var body []byte
	if err == nil {
		watchdog.Reset(t.stall)
		body, err = io.ReadAll(&progressReader{resp.Body, func() { watchdog.Reset(t.stall) }})
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

// errStalled ends a request for which no data was transferred within the
// timeout.
var errStalled error = &stalledError{}

type stalledError struct{}

func (*stalledError) Error() string   { return "no data from the service within the timeout" }
func (*stalledError) Timeout() bool   { return true }
func (*stalledError) Temporary() bool { return true }

// progressReader is a body that reports when data is read.
type progressReader struct {
	io.ReadCloser
	onData func()
}

// Read implements io.Reader.
func (r *progressReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if n > 0 {
		r.onData()
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

// pathPrefix reports whether the URL is below the base URL.
func pathPrefix(u, base *url.URL) bool {
	return u.Host == base.Host && len(u.Path) >= len(base.Path) && u.Path[:len(base.Path)] == base.Path
}
