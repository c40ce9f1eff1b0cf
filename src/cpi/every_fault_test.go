package cpi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// exchangeFault changes what happens to one request.
type exchangeFault struct {
	name string
	// always: the same call, method and path, fails from then on.
	always bool
	// handle answers the request. Calling cloud executes it.
	handle func(request *http.Request, cloud http.RoundTripper) (*http.Response, error)
}

func exchangeFaults() []exchangeFault {
	status := func(code int, header ...string) func(*http.Request, http.RoundTripper) (*http.Response, error) {
		return func(request *http.Request, _ http.RoundTripper) (*http.Response, error) {
			body := fmt.Sprintf(`{"fault": {"code": %d, "message": "%s"}}`, code, http.StatusText(code))
			return respond(request, code, "application/json", io.NopCloser(strings.NewReader(body)), header...), nil
		}
	}
	text := func(code int, kind, body string) func(*http.Request, http.RoundTripper) (*http.Response, error) {
		return func(request *http.Request, cloud http.RoundTripper) (*http.Response, error) {
			if code < http.StatusMultipleChoices { // the service has executed the request
				if err := execute(request, cloud); err != nil {
					return nil, err
				}
			}
			return respond(request, code, kind, io.NopCloser(strings.NewReader(body))), nil
		}
	}
	const page = "<html><body><h1>It works!</h1></body></html>"
	return []exchangeFault{
		{name: "refused", handle: func(*http.Request, http.RoundTripper) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}},
		{name: "reset before the request", handle: func(*http.Request, http.RoundTripper) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
		}},
		{name: "response lost", handle: func(request *http.Request, cloud http.RoundTripper) (*http.Response, error) {
			if err := execute(request, cloud); err != nil {
				return nil, err
			}
			return nil, io.ErrUnexpectedEOF
		}},
		{name: "time-out", handle: func(request *http.Request, cloud http.RoundTripper) (*http.Response, error) {
			if err := execute(request, cloud); err != nil {
				return nil, err
			}
			<-request.Context().Done()
			return nil, request.Context().Err()
		}},
		{name: "400", handle: status(http.StatusBadRequest)},
		{name: "401 once", handle: status(http.StatusUnauthorized)},
		{name: "401 always", always: true, handle: status(http.StatusUnauthorized)},
		{name: "403", handle: status(http.StatusForbidden)},
		{name: "409", handle: status(http.StatusConflict)},
		{name: "413", handle: status(http.StatusRequestEntityTooLarge)},
		{name: "429 with seconds", handle: status(http.StatusTooManyRequests, "Retry-After", "2")},
		{name: "429 with a date", handle: status(http.StatusTooManyRequests, "Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")},
		{name: "429 with a huge time", handle: status(http.StatusTooManyRequests, "Retry-After", "86400")},
		{name: "500", handle: status(http.StatusInternalServerError)},
		{name: "502", handle: status(http.StatusBadGateway)},
		{name: "503", handle: status(http.StatusServiceUnavailable)},
		{name: "504", handle: status(http.StatusGatewayTimeout)},
		{name: "404 of a proxy", handle: text(http.StatusNotFound, "text/html", page)},
		{name: "404 of a proxy always", always: true, handle: text(http.StatusNotFound, "text/html", page)},
		{name: "HTML with status 200", handle: text(http.StatusOK, "text/html", page)},
		{name: "HTML with status 503", handle: text(http.StatusServiceUnavailable, "text/html", page)},
		{name: "empty object", handle: text(http.StatusOK, "application/json", "{}")},
		{name: "empty body", handle: text(http.StatusOK, "application/json", "")},
		{name: "truncated JSON", handle: func(request *http.Request, cloud http.RoundTripper) (*http.Response, error) {
			response, body, err := exchange(request, cloud)
			if err != nil {
				return nil, err
			}
			response.Body = io.NopCloser(bytes.NewReader(body[:len(body)/2]))
			response.ContentLength = -1
			return response, nil
		}},
		{name: "a byte a second", handle: func(request *http.Request, cloud http.RoundTripper) (*http.Response, error) {
			response, body, err := exchange(request, cloud)
			if err != nil {
				return nil, err
			}
			response.Body = &slowBody{ctx: request.Context(), data: append(body, bytes.Repeat([]byte(" "), 1<<13)...)}
			response.ContentLength = -1
			return response, nil
		}},
		{name: "64 MiB of white space", handle: func(request *http.Request, cloud http.RoundTripper) (*http.Response, error) {
			response, body, err := exchange(request, cloud)
			if err != nil {
				return nil, err
			}
			response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), io.LimitReader(blanks{}, 64<<20)))
			response.ContentLength = -1
			return response, nil
		}},
	}
}

func respond(request *http.Request, code int, kind string, body io.ReadCloser, header ...string) *http.Response {
	response := &http.Response{
		Status: fmt.Sprintf("%d %s", code, http.StatusText(code)), StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {kind}}, Body: body, ContentLength: -1, Request: request,
	}
	for i := 0; i+1 < len(header); i += 2 {
		response.Header.Set(header[i], header[i+1])
	}
	return response
}

// slowBody delivers one byte a second.
type slowBody struct {
	ctx  context.Context //nolint:containedctx // io.Reader has no other place for it
	data []byte
}

func (b *slowBody) Read(p []byte) (int, error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	case <-timer.C:
	}
	if len(b.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:1], b.data)
	b.data = b.data[n:]
	return n, nil
}

func (*slowBody) Close() error { return nil }

// blanks is white space without end.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// faultyTransport applies a fault to the nth request.
type faultyTransport struct {
	cloud http.RoundTripper
	fault exchangeFault
	nth   int

	mu     sync.Mutex
	count  int
	struck string // the call that fails from now on
}

func (f *faultyTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	call := request.Method + " " + request.URL.Path
	f.mu.Lock()
	f.count++
	fails := f.count == f.nth || f.fault.always && f.struck == call
	if fails {
		f.struck = call
	}
	f.mu.Unlock()
	if !fails {
		return f.cloud.RoundTrip(request)
	}
	return f.fault.handle(request, f.cloud)
}

// Every request of every method, reads and polls among them, suffers every
// fault. The call succeeds and everything is as after a call without a fault, or
// it fails and everything is as before, or what is left is named. Calls that
// bring an object into a state are repeated after a failure and must then have
// done all their work.
func TestEveryFaultAtEveryCall(t *testing.T) {
	t.Parallel()
	for _, scenario := range scenarios() {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			s := sweepOf(t, scenario)
			calls := s.requests(t)
			for nth, call := range calls {
				for _, fault := range exchangeFaults() {
					if name := fmt.Sprintf("%d %s %s", nth+1, s.called(call), fault.name); sampled(25, s.name+name) {
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							inCloud(t, simulator.Options{}, func(e *env) { s.withFaultyExchange(e, fault, nth+1) })
						})
					}
				}
			}
		})
	}
}

func (s sweep) withFaultyExchange(e *env, fault exchangeFault, nth int) {
	call := s.prepare(e)
	before := e.cloud.Inventory()
	e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper {
		return &faultyTransport{cloud: cloud, fault: fault, nth: nth}
	}
	begun := time.Now()
	err := call(e.Context(), e.cpi())
	assert.Less(e, time.Since(begun), 12*time.Minute, "the call is not bounded")
	e.wrapTransport = nil
	if err == nil {
		e.assertSettled(s, before)
		return
	}
	require.NoError(e, checkKind(err))
	e.pass(time.Minute) // Nova deletes the boot volume after the server
	if !s.repeatable {
		e.assertLeaks(err, before)
	} else {
		require.NoError(e, call(e.Context(), e.cpi()), "the second try after: %v", err)
		s.assertDone(e, before, err)
	}
}
