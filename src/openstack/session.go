// Package openstack connects to one OpenStack cloud: a session with one token,
// one service catalog and one connection pool; the retry policy; waiting for
// states; and errors with the messages of the services. Each package below it
// covers one service.
package openstack

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/cache"
)

// Session is a connection to one project of a cloud. It authenticates once,
// when a service is first needed, and may be used concurrently.
type Session struct {
	cfg   config.OpenStack
	log   *slog.Logger
	meter *meter
	http  *http.Client
	cache *cache.Cache // nil if there is none

	// onToken is called with every token that is received, sent or read.
	onToken func(string)

	globalID string
	started  time.Time

	// loginSem is a semaphore that protects login: one login at a time, and
	// waiting for it ends with the context.
	loginSem chan struct{}
	login    atomic.Pointer[login] // nil before the first successful authentication
	// moved holds the endpoints that a cached catalog had wrong.
	moved moved
}

// Option configures a session.
type Option func(*options)

type options struct {
	transport http.RoundTripper
	userAgent string
	onToken   func(string)
	cacheDir  string
	globalID  string
	intercept func(http.RoundTripper) http.RoundTripper
}

// WithTransport makes the session send its requests through rt. The TLS, proxy
// and timeout settings of the configuration have no effect then.
func WithTransport(rt http.RoundTripper) Option { return func(o *options) { o.transport = rt } }

// WithUserAgent sets the User-Agent header, by which the operators of the cloud
// recognise the program.
func WithUserAgent(name string) Option { return func(o *options) { o.userAgent = name } }

// WithTokens makes the session pass every token that it receives or sends to
// onToken, so that the program can keep it out of its output.
func WithTokens(onToken func(string)) Option { return func(o *options) { o.onToken = onToken } }

// WithInterceptor makes the session send each single request, retries included,
// through the transport that intercept returns for the session's own.
func WithInterceptor(intercept func(http.RoundTripper) http.RoundTripper) Option {
	return func(o *options) { o.intercept = intercept }
}

// WithGlobalRequestID sets the id that every request carries, see
// GlobalRequestID. The default is a random one.
func WithGlobalRequestID(id string) Option { return func(o *options) { o.globalID = id } }

// WithCache makes the session share its login with other sessions that have the
// same credential, in files below the directory. Empty stands for no cache.
func WithCache(dir string) Option { return func(o *options) { o.cacheDir = dir } }

// NewSession creates a session without sending anything. It fails only if the
// TLS settings are unusable.
func NewSession(cfg config.OpenStack, log *slog.Logger, opts ...Option) (*Session, error) {
	chosen := options{userAgent: "openstack-bosh-cpi", onToken: func(string) {}, globalID: GlobalRequestID("", "")}
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
	if chosen.intercept != nil {
		chosen.transport = chosen.intercept(chosen.transport)
	}
	meter, started := newMeter(), time.Now()
	traced := &tracer{
		next: chosen.transport, meter: meter, log: log, userAgent: chosen.userAgent, onToken: chosen.onToken,
		globalID: chosen.globalID, started: started,
		connect: 2 * cfg.Connection.ConnectTimeout, read: cfg.Connection.ReadTimeout,
		stall: max(cfg.Connection.ReadTimeout, cfg.Connection.WriteTimeout),
	}
	retried := &retrier{next: traced, meter: meter, log: log, started: started}
	session := &Session{
		cfg: cfg, log: log, meter: meter, cache: newCache(cfg, chosen.cacheDir, log), onToken: chosen.onToken,
		globalID: chosen.globalID, started: started, loginSem: make(chan struct{}, 1),
	}
	session.http = &http.Client{Transport: &doubter{next: &recaller{next: retried, cache: session.cache}, session: session}, CheckRedirect: noRedirect}
	return session, nil
}

// noRedirect returns redirects as ordinary responses. No OpenStack service
// redirects the requests made here, net/http would turn a redirected POST into
// a GET, and the token would be sent to any host that the redirect names.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Compute returns a client for Nova.
func (s *Session) Compute(ctx context.Context) (*gophercloud.ServiceClient, error) {
	return s.service(ctx, computeService())
}

// Network returns a client for Neutron.
func (s *Session) Network(ctx context.Context) (*gophercloud.ServiceClient, error) {
	return s.service(ctx, networkService())
}

// Volume returns a client for Cinder: v3, or v2 on clouds that have no later
// version.
func (s *Session) Volume(ctx context.Context) (*gophercloud.ServiceClient, error) {
	return s.service(ctx, volumeService())
}

// Image returns a client for Glance.
func (s *Session) Image(ctx context.Context) (*gophercloud.ServiceClient, error) {
	return s.service(ctx, imageService())
}

// LoadBalancer returns a client for Octavia. On a cloud without Octavia it
// returns one for Neutron, where Octavia's predecessor neutron-lbaas has the
// same resources.
func (s *Session) LoadBalancer(ctx context.Context) (*gophercloud.ServiceClient, error) {
	client, err := s.service(ctx, loadBalancerService())
	login := s.login.Load()
	if err == nil || login == nil {
		return client, err
	}
	// A call that was cancelled fails on a cloud with Octavia, too.
	if _, _, missing := s.endpoint(login, loadBalancerService()); missing == nil {
		return nil, err
	}
	if legacy, legacyErr := s.client(login, networkService()); legacyErr == nil {
		return legacy, nil
	}
	return nil, err
}

// ProjectID returns the id of the session's project.
func (s *Session) ProjectID(ctx context.Context) (string, error) {
	login, err := s.authenticate(ctx)
	if err != nil {
		return "", err
	}
	return login.projectID, nil
}

// Log returns the session's logger.
func (s *Session) Log() *slog.Logger { return s.log }

// GlobalRequestID returns the id that every request of the session carries.
func (s *Session) GlobalRequestID() string { return s.globalID }

// Started returns when the session was created. The times in its log lines count
// from it.
func (s *Session) Started() time.Time { return s.started }

// Stats returns the calls and waiting times of the session so far.
func (s *Session) Stats() Stats { return s.meter.stats() }

func (s *Session) service(ctx context.Context, want service) (*gophercloud.ServiceClient, error) {
	login, err := s.authenticate(ctx)
	if err != nil {
		return nil, want.unavailable(err)
	}
	client, err := s.client(login, want)
	if err == nil || !login.isDoubtful() {
		return client, err
	}
	// The cached catalog may be older than the endpoint.
	if login, renewErr := s.renewLogin(ctx, login); renewErr == nil {
		return s.client(login, want)
	}
	return nil, err
}

func (s *Session) client(login *login, want service) (*gophercloud.ServiceClient, error) {
	base, catalogType, err := s.endpoint(login, want)
	if err != nil {
		return nil, want.unavailable(err)
	}
	s.meter.register(want.name, base)
	return &gophercloud.ServiceClient{ProviderClient: login.provider, Endpoint: base.String(), Type: catalogType}, nil
}

// endpoint returns the base URL of a service and its type in the catalog.
func (s *Session) endpoint(login *login, want service) (base *url.URL, catalogType string, err error) {
	found, err := locate(login.catalog, want, s.cfg.EndpointType, s.cfg.Region)
	if err != nil {
		return nil, "", err
	}
	base, err = want.base(found.URL, login.projectID)
	return base, found.Type, err
}

// authenticate returns the session's login. The first call logs in, later ones
// return the same login.
func (s *Session) authenticate(ctx context.Context) (*login, error) {
	select {
	case s.loginSem <- struct{}{}:
		defer func() { <-s.loginSem }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if login := s.login.Load(); login != nil {
		return login, nil
	}
	if identity, err := url.Parse(s.cfg.AuthURL); err == nil {
		s.meter.register("identity", identity)
	}
	login, err := s.findLogin(ctx, "")
	if err != nil {
		return nil, s.explainLogin(err)
	}
	// A service that answers 401 makes gophercloud renew the token and repeat the
	// request, once.
	login.provider.ReauthFunc = func(ctx context.Context) error {
		_, err := s.renewLogin(ctx, s.login.Load())
		return err
	}
	s.login.Store(login)
	return login, nil
}

// renewLogin replaces the session's login, whose token or catalog is out of
// date.
func (s *Session) renewLogin(ctx context.Context, old *login) (*login, error) {
	renewed, err := s.findLogin(ctx, old.provider.Token())
	if err != nil {
		return nil, err
	}
	old.provider.CopyTokenFrom(renewed.provider)
	renewed.provider = old.provider
	s.noteMoves(old, renewed)
	s.login.Store(renewed)
	return renewed, nil
}

// StateTimeout returns how long an object may take to reach a state.
func (s *Session) StateTimeout() time.Duration { return s.cfg.StateTimeout }

// pause sleeps and counts the time as waited.
func (s *Session) pause(ctx context.Context, d time.Duration) error {
	s.meter.slept(d)
	return Sleep(ctx, d)
}
