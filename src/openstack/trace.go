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
	"sync/atomic"
	"time"
)

// tracer is the innermost of the session's transports and sees every request,
// including retries. It reads the whole response, so that a connection lost in
// the middle of a body is a failed request like any other, and so is a response
// that is too long, too slow or not the service's. It counts the requests and
// logs them at level debug, without headers, bodies and queries: those hold
// tokens, passwords and user data.
type tracer struct {
	next      http.RoundTripper
	meter     *meter
	log       *slog.Logger
	userAgent string
	globalID  string        // see GlobalRequestID
	started   time.Time     // the zero of start_ms in the log
	onToken   func(string)  // see WithTokens
	connect   time.Duration // limit for establishing the connection, proxy and TLS included
	read      time.Duration // limit for every pause before and in the transfer of the response
	stall     time.Duration // limit for every pause in the transfer of a request whose body is a stream
}

// RoundTrip implements http.RoundTripper.
func (t *tracer) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	limit := t.read
	if req.Body != nil && req.GetBody == nil {
		limit = t.stall
	}
	watchdog := time.AfterFunc(t.connect+limit, func() { cancel(errStalled) })
	defer watchdog.Stop()
	sent, bytesOut := req.Clone(ctx), atomic.Int64{}
	sent.Header.Set("User-Agent", t.userAgent)
	sent.Header.Set(globalIDHeader, t.globalID)
	if sent.Body != nil {
		sent.Body = &progressReader{sent.Body, func(n int) { bytesOut.Add(int64(n)); watchdog.Reset(limit) }}
	}
	t.onToken(req.Header.Get("X-Auth-Token"))
	start := time.Now()
	resp, err := t.next.RoundTrip(sent)
	var body []byte
	if err == nil {
		t.onToken(resp.Header.Get("X-Subject-Token"))
		t.meter.limited(req, resp)
		watchdog.Reset(t.read)
		slow := time.AfterFunc(t.answer(), func() { cancel(&timeoutError{fmt.Sprintf("the response was not complete after %s", t.answer())}) })
		body, err = readAnswer(req, resp, &progressReader{resp.Body, func(int) { watchdog.Reset(t.read) }})
		slow.Stop()
		err = errors.Join(err, resp.Body.Close())
	}
	if err == nil {
		err = checkAnswer(req, resp, body)
	}
	if ended, found := errors.AsType[*timeoutError](context.Cause(ctx)); found && err != nil {
		err = ended
	}
	took := time.Since(start)
	t.meter.count(req, bytesOut.Load(), int64(len(body)), took)
	t.trace(req, resp, err, start, took)
	if err != nil {
		return nil, err
	}
	resp.Request, resp.Body = req, io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// answer returns the limit for the transfer of a whole response. A service that
// sends one byte from time to time never stalls.
func (t *tracer) answer() time.Duration { return max(t.read, time.Minute) }

// errStalled ends a request for which no data was transferred within the
// timeout.
var errStalled = &timeoutError{"no data from the service within the timeout"}

// timeoutError is the end of a request by a limit of the tracer. It implements
// net.Error.
type timeoutError struct{ text string }

func (e *timeoutError) Error() string { return e.text }
func (*timeoutError) Timeout() bool   { return true }
func (*timeoutError) Temporary() bool { return true }

// progressReader is a body that reports when data is read.
type progressReader struct {
	io.ReadCloser
	onData func(n int)
}

// Read implements io.Reader.
func (r *progressReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if n > 0 {
		r.onData(n)
	}
	return n, err
}

func (t *tracer) trace(req *http.Request, resp *http.Response, err error, start time.Time, took time.Duration) {
	ctx := req.Context()
	if !t.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("service", t.meter.serviceOf(req.URL)), slog.String("method", req.Method),
		slog.String("host", req.URL.Host), slog.String("path", req.URL.Path), slog.Int("status", statusOf(resp)),
		slog.Int64("start_ms", start.Sub(t.started).Milliseconds()), slog.Int64("ms", took.Milliseconds()),
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
