package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
)

// meter counts the requests to a cloud and their bytes, and delays them.
type meter struct {
	// delays are the times of a request by service.
	delays map[string]time.Duration

	// inFlight is locked for reading by each request, so that locking it waits
	// for their end.
	inFlight sync.RWMutex

	mu       sync.Mutex
	prefixes map[string]string // services by the beginning of their URLs
	delayed  bool
	traffic  traffic
	seen     map[string]bool // paths of objects that were read
}

// traffic is a number of requests.
type traffic struct {
	Requests map[string]int `json:"requests"` // by service
	Tokens   int            `json:"tokens"`   // requests for a token
	Polls    int            `json:"polls"`    // reads of an object that was read before
	Bytes    int64          `json:"bytes"`    // of the bodies of requests and responses
}

func (t traffic) total() (sum int) {
	for _, count := range t.Requests {
		sum += count
	}
	return sum
}

// newMeter returns a meter whose delays are switched off.
func newMeter(delays map[string]time.Duration) *meter {
	m := &meter{prefixes: map[string]string{}, delays: delays}
	m.take()
	return m
}

// version matches the part of a service's URL that its other API versions do not
// have.
var version = regexp.MustCompile(`/v\d.*$`)

// watch gives the meter the URLs of the services of a cloud.
func (m *meter) watch(of *cloud.Cloud) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range services() {
		if of.Has(name) {
			m.prefixes[version.ReplaceAllString(of.Service(name).URL, "")] = name
		}
	}
}

// delay switches the delays on or off and returns how they were.
func (m *meter) delay(on bool) (before bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, m.delayed = m.delayed, on
	return before
}

// take waits for the end of all requests and returns the traffic since the last
// call of it.
func (m *meter) take() traffic {
	m.inFlight.Lock()
	defer m.inFlight.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.traffic
	m.traffic, m.seen = traffic{Requests: map[string]int{}}, map[string]bool{}
	return taken
}

// before returns a handler that counts and delays the requests which another one
// handles. base is the URL of the handler in the catalog, "" if it is the one to
// which the requests are sent.
func (m *meter) before(base string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.inFlight.RLock()
		defer m.inFlight.RUnlock()
		url := base + r.URL.Path
		if base == "" {
			url = "http://" + r.Host + r.URL.Path
		}
		service, delay := m.find(url)
		// The cloud acts in the middle of the time that the request takes.
		ctx := r.Context()
		if !pause(ctx, delay/2) {
			panic(http.ErrAbortHandler)
		}
		body := &countedBody{ReadCloser: r.Body}
		r.Body = body
		response := &countedResponse{ResponseWriter: w, delay: func() { pause(ctx, delay/2) }}
		defer func() { m.count(service, r.Method, r.URL.Path, body.count.Load()+response.count) }()
		next.ServeHTTP(response, r)
	})
}

// find returns the name of the service at a URL and the delay of its requests.
func (m *meter) find(url string) (service string, delay time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	service, longest := "other", ""
	for prefix, of := range m.prefixes {
		if strings.HasPrefix(url, prefix) && len(prefix) > len(longest) {
			service, longest = of, prefix
		}
	}
	if m.delayed {
		delay = m.delays[service]
	}
	return service, delay
}

// awaited matches the path of an object that a CPI waits for.
var awaited = regexp.MustCompile(`/(servers|volumes|snapshots|os-volume_attachments)/[0-9a-f-]{36}$`)

func (m *meter) count(service, method, path string, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.traffic.Requests[service]++
	m.traffic.Bytes += bytes
	switch {
	case service == "identity" && method == http.MethodPost:
		m.traffic.Tokens++
	case method == http.MethodGet && awaited.MatchString(path):
		if m.seen[path] {
			m.traffic.Polls++
		}
		m.seen[path] = true
	}
}

// pause reports whether the time has passed, false if the context has ended.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// countedBody counts the bytes of a request. A transport may still read the body
// when the response has ended.
type countedBody struct {
	io.ReadCloser
	count atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.count.Add(int64(n))
	return n, err //nolint:wrapcheck // a reader returns io.EOF unchanged
}

// countedResponse counts the bytes of a response and delays its beginning.
type countedResponse struct {
	http.ResponseWriter
	delay func()
	count int64
}

func (r *countedResponse) WriteHeader(status int) {
	if status >= http.StatusOK {
		r.delay()
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *countedResponse) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	r.count += int64(n)
	return n, err
}
