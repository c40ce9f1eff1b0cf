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

// Stats is what a session has cost so far.
type Stats struct {
	Services map[string]ServiceStats // by service: identity, compute, network, volume, image, load-balancer
	Waited   time.Duration           // for objects to reach a state, the polling calls not included
}

// ServiceStats is the part of one service.
type ServiceStats struct {
	Calls    int // every exchange counts, repeated ones too
	Retries  int
	BytesOut int64 // of request bodies
	BytesIn  int64 // of response bodies
	Time     time.Duration
}

// LogValue implements slog.LogValuer: one group per service, for the summary line of a call.
func (s Stats) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		service := s.Services[name]
		attrs = append(attrs, slog.Group(name, slog.Int("calls", service.Calls), slog.Int("retries", service.Retries),
			slog.Int64("bytes_out", service.BytesOut), slog.Int64("bytes_in", service.BytesIn), slog.Int64("ms", service.Time.Milliseconds())))
	}
	return slog.GroupValue(append(attrs, slog.Int64("waited_ms", s.Waited.Milliseconds()))...)
}

// meter counts exchanges. It tells the services apart by their endpoints.
type meter struct {
	mutex     sync.Mutex
	endpoints map[string]*url.URL
	services  map[string]ServiceStats
	waited    time.Duration
}

func newMeter() *meter {
	return &meter{endpoints: map[string]*url.URL{}, services: map[string]ServiceStats{}}
}

// know tells the meter where a service is.
func (m *meter) know(service string, endpoint *url.URL) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.endpoints[service] = endpoint
}

func (m *meter) count(req *http.Request, bytesIn int, took time.Duration) {
	m.change(req.URL, func(s *ServiceStats) {
		s.Calls++
		s.BytesOut += max(0, req.ContentLength)
		s.BytesIn += int64(bytesIn)
		s.Time += took
	})
}

func (m *meter) retried(u *url.URL) { m.change(u, func(s *ServiceStats) { s.Retries++ }) }

func (m *meter) slept(d time.Duration) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.waited += d
}

func (m *meter) change(u *url.URL, by func(*ServiceStats)) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	service := m.service(u)
	stats := m.services[service]
	by(&stats)
	m.services[service] = stats
}

// service is the one with the longest endpoint before the URL: the endpoints of all services may share a host.
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
