// Package openstack is the way to one OpenStack cloud: a session with one token, one catalog and one pool of
// connections, the policy of repeating calls, the waiting for states, and errors in the cloud's own words. The packages
// below it speak to one service each.
package openstack

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// Session is one project on one cloud. It authenticates when the first service is asked for, once for all of them, and
// may be used concurrently.
type Session struct {
	cfg   config.OpenStack
	log   *slog.Logger
	meter *meter
	http  *http.Client

	turn  chan struct{} // holds one token while somebody may log in: waiting for it ends with the context
	login *login        // nil before the first successful authentication
}

// Option changes how a session is made.
type Option func(*options)

type options struct {
	transport http.RoundTripper
	userAgent string
}

// WithTransport puts rt in the place of the network. TLS, proxies and time-outs of the configuration are without
// effect then.
func WithTransport(rt http.RoundTripper) Option { return func(o *options) { o.transport = rt } }

// WithUserAgent names the program to the cloud, so that its operators know who is calling.
func WithUserAgent(name string) Option { return func(o *options) { o.userAgent = name } }

// NewSession prepares a session without touching the network. It fails only if the TLS material of the configuration is
// unusable.
func NewSession(cfg config.OpenStack, log *slog.Logger, opts ...Option) (*Session, error) {
	chosen := options{userAgent: "openstack-bosh-cpi"}
	for _, opt := range opts {
		opt(&chosen)
	}
	if chosen.transport == nil {
		transport, err := newTransport(cfg.Connection)
		if err != nil {
			return nil, err
		}
		chosen.transport = transport
	}
	meter := newMeter()
	traced := &tracer{
		next: chosen.transport, meter: meter, log: log, userAgent: chosen.userAgent,
		connect: 2 * cfg.Connection.ConnectTimeout, stall: max(cfg.Connection.ReadTimeout, cfg.Connection.WriteTimeout),
	}
	retried := &retrier{next: traced, meter: meter, log: log}
	client := &http.Client{Transport: retried, CheckRedirect: stay}
	return &Session{cfg: cfg, log: log, meter: meter, http: client, turn: make(chan struct{}, 1)}, nil
}

// stay makes a redirection an answer like any other. No OpenStack service sends one for what is asked here, net/http would
// turn a redirected POST into a GET, and the token would go wherever the answer points to.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Compute returns the client for Nova.
func (s *Session) Compute(ctx context.Context) (*gophercloud.ServiceClient, error) {
	return s.service(ctx, computeService())
}

// Network returns the client for Neutron.
func (s *Session) Network(ctx context.Context) (*gophercloud.ServiceClient, error) {
	return s.service(ctx, networkService())
}

// Volume returns the client for Cinder: v3, or v2 on clouds that have no later one.
func (s *Session) Volume(ctx context.Context) (*gophercloud.ServiceClient, error) {
	return s.service(ctx, volumeService())
}

// Image returns the client for Glance.
func (s *Session) Image(ctx context.Context) (*gophercloud.ServiceClient, error) {
	return s.service(ctx, imageService())
}

// LoadBalancer returns the client for Octavia. Clouds without Octavia may still have its predecessor, whose API has the
// same resources below Neutron's endpoint; then that is returned.
func (s *Session) LoadBalancer(ctx context.Context) (*gophercloud.ServiceClient, error) {
	login, err := s.authenticate(ctx)
	if err != nil {
		return nil, err
	}
	client, err := s.client(login, loadBalancerService())
	if err == nil {
		return client, nil
	}
	if legacy, legacyErr := s.client(login, networkService()); legacyErr == nil {
		return legacy, nil
	}
	return nil, err
}

// ProjectID returns the id of the project that the session works in.
func (s *Session) ProjectID(ctx context.Context) (string, error) {
	login, err := s.authenticate(ctx)
	if err != nil {
		return "", err
	}
	return login.projectID, nil
}

// Stats returns what the session has cost so far.
func (s *Session) Stats() Stats { return s.meter.stats() }

func (s *Session) service(ctx context.Context, want service) (*gophercloud.ServiceClient, error) {
	login, err := s.authenticate(ctx)
	if err != nil {
		return nil, err
	}
	return s.client(login, want)
}

func (s *Session) client(login *login, want service) (*gophercloud.ServiceClient, error) {
	found, err := locate(login.catalog, want, s.cfg.EndpointType, s.cfg.Region)
	if err != nil {
		return nil, err
	}
	base, err := want.base(found.URL, login.projectID)
	if err != nil {
		return nil, err
	}
	s.meter.know(want.name, base)
	return &gophercloud.ServiceClient{ProviderClient: login.provider, Endpoint: base.String(), Type: found.Type}, nil
}

// authenticate returns the session's login, made by the first who asks.
func (s *Session) authenticate(ctx context.Context) (*login, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if s.login != nil {
		return s.login, nil
	}
	if identity, err := url.Parse(s.cfg.AuthURL); err == nil {
		s.meter.know("identity", identity)
	}
	login, err := s.newLogin(ctx)
	if err != nil {
		return nil, err
	}
	s.login = login
	return login, nil
}

// StateTimeout is how long an object may take to reach a state.
func (s *Session) StateTimeout() time.Duration { return s.cfg.StateTimeout }

// pause sleeps and accounts for it.
func (s *Session) pause(ctx context.Context, d time.Duration) error {
	s.meter.slept(d)
	return Sleep(ctx, d)
}
