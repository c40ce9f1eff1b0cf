package openstack

import (
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Stats are the calls and waiting times of a session.
type Stats struct {
	Services map[string]ServiceStats // by service: identity, compute, network, volume, image, load-balancer
	Waited   time.Duration           // for objects to reach a state, without the time of the polls themselves
}

// ServiceStats are the calls to one service.
type ServiceStats struct {
	Calls    int // requests sent, including retries
	Retries  int
	Limited  int           // requests that the service refused because of their rate
	Pause    time.Duration // the longest that it asked for then
	BytesOut int64         // of request bodies
	BytesIn  int64         // of response bodies
	Time     time.Duration
}

// LogValue implements slog.LogValuer with one group of attributes per service.
func (s Stats) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		service := s.Services[name]
		attrs = append(attrs, slog.Group(name, slog.Int("calls", service.Calls), slog.Int("retries", service.Retries),
			slog.Int64("bytes_out", service.BytesOut), slog.Int64("bytes_in", service.BytesIn), slog.Int64("ms", service.Time.Milliseconds())))
	}
	return slog.GroupValue(append(attrs, slog.Int64("waited_ms", s.Waited.Milliseconds()))...)
}

// meter counts requests by service. It finds the service of a request by
// comparing the URL with the endpoints.
type meter struct {
	mutex     sync.Mutex
	endpoints map[string]*url.URL
	services  map[string]ServiceStats
	waited    time.Duration
}

func newMeter() *meter {
	return &meter{endpoints: map[string]*url.URL{}, services: map[string]ServiceStats{}}
}

// register adds the endpoint of a service.
func (m *meter) register(service string, endpoint *url.URL) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.endpoints[service] = endpoint
}

func (m *meter) count(req *http.Request, bytesOut, bytesIn int64, took time.Duration) {
	m.update(req.URL, func(s *ServiceStats) {
		s.Calls++
		s.BytesOut += bytesOut
		s.BytesIn += bytesIn
		s.Time += took
	})
}

// limited counts a response that may be a refusal because of the rate.
func (m *meter) limited(req *http.Request, resp *http.Response) {
	if resp.StatusCode != http.StatusTooManyRequests {
		return
	}
	m.update(req.URL, func(s *ServiceStats) {
		s.Limited++
		s.Pause = max(s.Pause, retryAfter(resp))
	})
}

func (m *meter) retried(u *url.URL) { m.update(u, func(s *ServiceStats) { s.Retries++ }) }

func (m *meter) slept(d time.Duration) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.waited += d
}

func (m *meter) update(u *url.URL, change func(*ServiceStats)) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	service := m.service(u)
	stats := m.services[service]
	change(&stats)
	m.services[service] = stats
}

// serviceOf returns the service of the URL.
func (m *meter) serviceOf(u *url.URL) string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.service(u)
}

// service returns the service whose endpoint is the longest prefix of the URL:
// all services may share one host.
func (m *meter) service(u *url.URL) string {
	best, length := "other", -1
	for name, endpoint := range m.endpoints {
		if pathPrefix(u, endpoint) && len(endpoint.Path) > length {
			best, length = name, len(endpoint.Path)
		}
	}
	return best
}

func (m *meter) stats() Stats {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return Stats{Services: maps.Clone(m.services), Waited: m.waited}
}
