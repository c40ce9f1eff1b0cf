package openstack

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// pipes is a network in virtual time: each connection is a pipe to a server with
// the handler.
type pipes struct {
	conns chan net.Conn
	// fail is the error of every connection, after the time.
	fail  error
	after time.Duration
}

func (p *pipes) Accept() (net.Conn, error) {
	if conn, open := <-p.conns; open {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p *pipes) Close() error   { close(p.conns); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

func (p *pipes) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	if p.fail != nil {
		if err := Sleep(ctx, p.after); err != nil {
			return nil, err
		}
		return nil, &net.OpError{Op: "dial", Net: network, Err: p.fail}
	}
	client, server := net.Pipe()
	p.conns <- server
	return client, nil
}

// disturbed is a handler that disturbs the requests for the paths.
func disturbed(cloud http.Handler, path string, disturb http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.Contains(req.URL.Path, path) {
			disturb(w, req)
			return
		}
		cloud.ServeHTTP(w, req)
	})
}

func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

func silence(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }

func limited(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "20")
	w.WriteHeader(http.StatusTooManyRequests)
}

func page200(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>maintenance</html>") } //nolint:errcheck // a test

func dribble(w http.ResponseWriter, req *http.Request) {
	for Sleep(req.Context(), time.Second) == nil {
		if _, err := w.Write([]byte(" ")); err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
	}
}

// The time from a call to its error, with the real transport. docs/errors.md has
// a table of the same limits: with the default timeouts, and with
// connect_timeout 5 and read_timeout 6.
func TestTimeToTheErrorOfACall(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/errors.md")
	require.NoError(t, err)
	for _, test := range []struct {
		name           string
		network        pipes
		path           string
		disturb        http.HandlerFunc
		create         bool
		usual, shorter int // seconds
	}{
		{name: "the host name cannot be resolved", network: pipes{fail: &net.DNSError{Err: "no such host", IsNotFound: true}}, usual: 1, shorter: 1},
		{name: "the connection is refused", network: pipes{fail: refused.Err}, usual: 1, shorter: 1},
		{name: "no connection is established", network: pipes{fail: os.ErrDeadlineExceeded, after: -1}, usual: 60, shorter: 11},
		{name: "Keystone answers 503", path: "/auth/tokens", disturb: unavailable, usual: 45, shorter: 45},
		{name: "Keystone does not answer", path: "/auth/tokens", disturb: silence, usual: 61, shorter: 13},
		{name: "Nova answers 503", path: "/servers", disturb: unavailable, usual: 45, shorter: 45},
		{name: "Nova does not answer", path: "/servers", disturb: silence, usual: 121, shorter: 20},
		{name: "Nova does not answer, and an object was to be created", path: "/servers", disturb: silence, create: true, usual: 181, shorter: 26},
		{name: "a response takes for ever", path: "/servers", disturb: dribble, usual: 123, shorter: 123},
		{name: "a web page with status 200", path: "/servers", disturb: page200, usual: 4, shorter: 4},
		{name: "a rate limit with `Retry-After: 20`", path: "/servers", disturb: limited, usual: 180, shorter: 180},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, string(manual), fmt.Sprintf("| %s | %d s | %d s |", test.name, test.usual, test.shorter))
			for short, seconds := range map[bool]int{false: test.usual, true: test.shorter} {
				simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
					if short {
						cfg.Connection.ConnectTimeout, cfg.Connection.ReadTimeout = 5*time.Second, 6*time.Second
					}
					network := test.network
					network.conns = make(chan net.Conn)
					if network.after < 0 {
						network.after = cfg.Connection.ConnectTimeout
					}
					transport, err := newTransport(cfg.Connection)
					require.NoError(t, err)
					transport.DialContext, transport.Proxy = network.dial, nil
					server := &http.Server{Handler: cloud, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0), ReadHeaderTimeout: time.Hour}
					if test.path != "" {
						server.Handler = disturbed(cloud, test.path, test.disturb)
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel() // ends the handlers
					server.BaseContext = func(net.Listener) context.Context { return ctx }
					go server.Serve(&network) //nolint:errcheck // it ends with the test
					session, err := NewSession(cfg, slog.New(slog.DiscardHandler), WithTransport(transport))
					require.NoError(t, err)

					begun := time.Now()
					require.Error(t, use(t.Context(), session, test.create))
					assert.LessOrEqual(t, time.Since(begun), time.Duration(seconds)*time.Second)
					assert.GreaterOrEqual(t, time.Since(begun), time.Duration(seconds-1)*time.Second/2, "the table is too pessimistic")
					transport.CloseIdleConnections()
					require.NoError(t, server.Close())
				})
			}
		})
	}
}

// use reads or creates a server.
func use(ctx context.Context, session *Session, create bool) error {
	get := func(ctx context.Context) (*servers.Server, error) {
		client, err := session.Compute(ctx)
		if err != nil {
			return nil, err
		}
		return servers.Get(ctx, client, "5a2c9d1e-0000-4000-8000-000000000000").Extract()
	}
	if !create {
		_, err := get(ctx)
		return err
	}
	_, err := CreateOnce(ctx, func(ctx context.Context) (*servers.Server, error) {
		client, err := session.Compute(ctx)
		if err != nil {
			return nil, err
		}
		return servers.Create(ctx, client, servers.CreateOpts{Name: "x", FlavorRef: "1", ImageRef: "2"}, nil).Extract()
	}, func(ctx context.Context) ([]*servers.Server, error) {
		found, err := get(ctx)
		return []*servers.Server{found}, err
	})
	return err
}
