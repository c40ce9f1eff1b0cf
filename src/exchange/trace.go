package exchange

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// Trace prints each request with its response when that is complete, so that
// concurrent exchanges are not mixed.
type Trace struct {
	out   io.Writer
	mask  *telemetry.Mask
	next  http.RoundTripper
	start time.Time
	mutex *sync.Mutex
}

// NewTrace returns a transport that prints what it sends through next. Times
// count from now.
func NewTrace(next http.RoundTripper, out io.Writer, mask *telemetry.Mask) *Trace {
	return &Trace{out: out, mask: mask, next: next, start: time.Now(), mutex: &sync.Mutex{}}
}

// RoundTrip implements http.RoundTripper.
func (t *Trace) RoundTrip(req *http.Request) (*http.Response, error) {
	body, isStream, err := bodyOf(req)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	start := time.Now()
	fmt.Fprintf(&text, "> %s %s (at %.3f s)\n", req.Method, address(req, t.mask), start.Sub(t.start).Seconds())
	for _, name := range []string{"X-Openstack-Request-Id", "Openstack-Api-Version", "X-Openstack-Nova-Api-Version", "Content-Type"} {
		if value := req.Header.Get(name); value != "" {
			fmt.Fprintf(&text, "> %s: %s\n", name, t.mask.Text(value))
		}
	}
	if isStream {
		text.WriteString("> (a stream)\n")
	}
	writeLines(&text, "> ", show(body, t.mask))
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		fmt.Fprintf(&text, "< no response after %.3f s: %s\n", time.Since(start).Seconds(), t.mask.Text(err.Error()))
		t.print(text.String())
		return nil, err
	}
	resp.Body = &recorder{body: resp.Body, onClose: func(received []byte) {
		fmt.Fprintf(&text, "< %d %s after %.3f s, request %s\n", resp.StatusCode, http.StatusText(resp.StatusCode),
			time.Since(start).Seconds(), requestID(resp.Header))
		writeLines(&text, "< ", show(received, t.mask))
		t.print(text.String())
	}}
	return resp, nil
}

// print writes one exchange.
func (t *Trace) print(text string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	fmt.Fprintln(t.out, text) //nolint:errcheck // there is no other place to report it
}

func writeLines(out *strings.Builder, prefix, text string) {
	for line := range strings.Lines(text) {
		out.WriteString(prefix + strings.TrimSuffix(line, "\n") + "\n")
	}
}

// requestID returns the service's own id of the request.
func requestID(header http.Header) string {
	for _, name := range []string{"X-Openstack-Request-Id", "X-Compute-Request-Id"} {
		if id := header.Get(name); id != "" {
			return id
		}
	}
	return "without an id"
}

// recorder is the body of a response that passes on what was read of it when it
// is closed. Reading goes through it, so that the reader's limits stay in force.
type recorder struct {
	body     io.ReadCloser
	received bytes.Buffer
	once     sync.Once
	onClose  func(received []byte)
}

// Read implements io.Reader.
func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if r.received.Len() < 16*maxBody {
		r.received.Write(p[:n])
	}
	return n, err
}

// Close implements io.Closer.
func (r *recorder) Close() error {
	r.once.Do(func() { r.onClose(r.received.Bytes()) })
	return r.body.Close()
}
