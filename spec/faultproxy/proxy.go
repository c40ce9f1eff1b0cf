// Package faultproxy is an HTTP proxy between a program and a cloud that makes
// requests fail. Its faults are those of the simulator, so that the simulator and
// a real cloud fail in the same ways.
package faultproxy

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// Proxy is a forward proxy, which a program uses for requests to http:// URLs.
type Proxy struct {
	// URL of the proxy.
	URL string

	server  *httptest.Server
	forward http.Handler
	prefix  map[string]string // service by the beginning of its URLs

	mu      sync.Mutex
	faults  simulator.Faults
	journal []simulator.Exchange
}

// Start starts a proxy before a cloud.
func Start(before *cloud.Cloud) *Proxy {
	p := &Proxy{prefix: map[string]string{}}
	for _, name := range []string{"identity", "compute", "network", "volume", "image", "load-balancer"} {
		if before.Has(name) {
			p.prefix[before.Service(name).URL] = name
		}
	}
	p.forward = &httputil.ReverseProxy{
		// A service may close an idle connection while a request is being sent
		// on it, which would be a fault that no test has asked for.
		Transport:    &http.Transport{Proxy: nil, DisableKeepAlives: true},
		Rewrite:      func(*httputil.ProxyRequest) {},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	p.server = httptest.NewServer(p)
	p.URL = p.server.URL
	return p
}

// Close stops the proxy.
func (p *Proxy) Close() { p.server.Close() }

// Inject adds a fault. On is a call as the journal shows it.
func (p *Proxy) Inject(f simulator.Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults.Inject(f)
}

// Reset removes all faults and the journal, which it returns.
func (p *Proxy) Reset() []simulator.Exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	journal := p.journal
	p.faults.Clear()
	p.journal = nil
	return journal
}

// id matches an id in a path. Keystone's ids are of 32 digits without dashes.
var id = regexp.MustCompile(`^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$`)

// describe returns the journal entry of a request. Its route is the path below
// the URL of the service with {id} in place of ids.
func (p *Proxy) describe(r *http.Request) simulator.Exchange {
	e := simulator.Exchange{Time: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Route: r.URL.Path}
	url := "http://" + r.Host + r.URL.Path
	longest := ""
	for prefix, service := range p.prefix {
		if strings.HasPrefix(url, prefix) && len(prefix) > len(longest) {
			longest, e.Service, e.Route = prefix, service, url[len(prefix):]
		}
	}
	segments := strings.Split(e.Route, "/")
	for i, segment := range segments {
		if id.MatchString(segment) {
			segments[i] = "{id}"
		}
	}
	e.Route = strings.Join(segments, "/")
	e.Write = r.Method != http.MethodGet && r.Method != http.MethodHead && e.Service != "identity"
	return e
}

// take returns the fault of a request and adds the request to the journal.
func (p *Proxy) take(e simulator.Exchange) *simulator.Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.Seq = len(p.journal) + 1
	fault := p.faults.Take(e)
	if fault != nil {
		e.Fault = fault.Kind.String()
	}
	p.journal = append(p.journal, e)
	return fault
}

// ServeHTTP forwards a request or applies its fault. A response that the client
// must not receive ends with its connection.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := p.take(p.describe(r))
	if fault == nil {
		p.forward.ServeHTTP(w, r)
		return
	}
	if !fault.Executes() {
		if !fault.Answers() {
			hang(r, fault.Kind == simulator.Dropped)
		}
		answer(w, fault)
		return
	}
	received := httptest.NewRecorder()
	p.forward.ServeHTTP(received, r)
	if fault.Kind == simulator.Delayed {
		select {
		case <-time.After(fault.Delay):
		case <-r.Context().Done():
		}
	}
	if !fault.Answers() {
		hang(r, fault.Kind == simulator.Unanswered)
	}
	body := fault.AnswerBody(received.Body.Bytes())
	maps.Copy(w.Header(), received.Header())
	w.Header().Del("Content-Length")
	if fault.Kind == simulator.Altered && isPage(body) {
		w.Header().Set("Content-Type", "text/html")
	}
	w.WriteHeader(received.Code)
	w.Write(body)
}

// hang closes the connection of the request, after the client has given up if
// the request is not to be answered.
func hang(r *http.Request, silent bool) {
	if silent {
		// The server notices that the client has closed the connection only
		// when the body has been read.
		io.Copy(io.Discard, r.Body) //nolint:errcheck // if it fails, the client has closed the connection
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

// answer writes the response of a fault of kind Answered.
func answer(w http.ResponseWriter, fault *simulator.Fault) {
	body := []byte(fault.Body)
	if fault.Body == "" {
		body = fmt.Appendf(nil, `{"error": {"code": %d, "message": %q}}`, fault.Status, http.StatusText(fault.Status))
	}
	w.Header().Set("Content-Type", "application/json")
	if isPage(body) {
		w.Header().Set("Content-Type", "text/html")
	}
	maps.Copy(w.Header(), fault.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(fault.Status)
	w.Write(body)
}

// isPage reports whether a body is the page of a proxy.
func isPage(body []byte) bool { return strings.HasPrefix(string(body), "<") }
