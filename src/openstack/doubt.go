package openstack

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// doubtAge is the age at which a cached login is doubted. It limits the logins
// of a project whose requests are often refused.
const doubtAge = time.Minute

// isDoubtful reports whether a failure may be the fault of the login: another
// process made it, and roles or endpoints may have changed since.
func (l *login) isDoubtful() bool {
	return l != nil && l.cached && time.Since(l.made) >= doubtAge
}

// doubter is the outermost of the session's transports. If a request with a
// cached login is refused, or does not reach its service, the doubter sends it
// again with a new login. So a call fails only as it would fail without a cache.
// Rejected tokens (401) are not its task: gophercloud renews them.
type doubter struct {
	next    http.RoundTripper
	session *Session
}

// RoundTrip implements http.RoundTripper.
func (d *doubter) RoundTrip(req *http.Request) (*http.Response, error) {
	if isTokenRequest(req.URL.Path) {
		return d.next.RoundTrip(req)
	}
	sent := d.session.moved.relocate(req)
	resp, err := d.next.RoundTrip(sent)
	login := d.session.login.Load()
	if !login.isDoubtful() || req.Body != nil && req.GetBody == nil {
		return resp, err
	}
	refused, unreached := resp != nil && resp.StatusCode == http.StatusForbidden, isUnreached(resp, err)
	if !refused && !unreached {
		return resp, err
	}
	renewed, renewErr := d.session.renewLogin(req.Context(), login)
	if renewErr != nil {
		return resp, err
	}
	again, replayErr := replay(d.session.moved.relocate(req))
	if replayErr != nil || unreached && again.URL.String() == sent.URL.String() {
		return resp, err
	}
	again = again.Clone(req.Context())
	again.Header.Set("X-Auth-Token", renewed.provider.Token())
	return d.next.RoundTrip(again)
}

// isUnreached reports whether the request did not reach the service and had no
// effect: nothing listens at the address, or something else than the service.
func isUnreached(resp *http.Response, err error) bool {
	if err != nil {
		return neverSent(err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices && resp.StatusCode < http.StatusBadRequest {
		return true
	}
	if resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusGone {
		return false
	}
	content, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(content))
	body := readBody(content)
	return err == nil && (body.routeMissing || !body.fromOpenStack && requestID(resp.Header) == "")
}

// moved holds the base URLs of services in an old catalog, with their base URLs
// in the new one.
type moved struct {
	mu    sync.RWMutex
	bases map[string]*url.URL
}

// noteMoves compares the endpoints of two logins.
func (s *Session) noteMoves(old, renewed *login) {
	for _, service := range []service{computeService(), networkService(), volumeService(), imageService(), loadBalancerService()} {
		before, _, beforeErr := s.endpoint(old, service)
		now, _, nowErr := s.endpoint(renewed, service)
		if beforeErr == nil && nowErr == nil && before.String() != now.String() {
			s.meter.register(service.name, now)
			s.moved.add(before.String(), now)
		}
	}
}

func (m *moved) add(before string, now *url.URL) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bases == nil {
		m.bases = map[string]*url.URL{}
	}
	m.bases[before] = now
}

// relocate returns the request with the URL of the new catalog.
func (m *moved) relocate(req *http.Request) *http.Request {
	m.mu.RLock()
	defer m.mu.RUnlock()
	address := req.URL.String()
	for before, now := range m.bases {
		rest, below := strings.CutPrefix(address, before)
		if !below {
			continue
		}
		if target, err := url.Parse(now.String() + rest); err == nil {
			clone := req.Clone(req.Context())
			clone.URL, clone.Host = target, target.Host
			return clone
		}
	}
	return req
}
