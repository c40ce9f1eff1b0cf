package openstack

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// simulated runs a test with a simulated cloud and its configuration, in
// virtual time.
func simulated(t *testing.T, options simulator.Options, test func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(options)
		cfg, err := config.Load(cloud.CPIConfig("http://cloud"), map[string]json.RawMessage{})
		require.NoError(t, err)
		test(t, cloud, cfg.OpenStack)
		assert.Empty(t, cloud.Violations(), "requests that OpenStack does not know")
	})
}

func open(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) *Session {
	t.Helper()
	session, err := NewSession(cfg, slog.New(slog.DiscardHandler), WithTransport(cloud.Transport()))
	require.NoError(t, err)
	return session
}

// calls returns the requests that the cloud received: "identity POST
// /v3/auth/tokens".
func calls(cloud *simulator.Simulator) (all []string) {
	for _, exchange := range cloud.Journal() {
		all = append(all, exchange.Service+" "+exchange.Call())
	}
	return all
}

func TestOneTokenForAll(t *testing.T) {
	t.Parallel()
	simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		session := open(t, cloud, cfg)
		assert.Empty(t, cloud.Journal(), "a session sends nothing before it is used")
		var all errgroup.Group
		for range 5 {
			all.Go(func() error { _, err := session.Compute(t.Context()); return err })
			all.Go(func() error { _, err := session.LoadBalancer(t.Context()); return err })
		}
		require.NoError(t, all.Wait())
		assert.Equal(t, []string{"identity POST /v3/auth/tokens"}, calls(cloud), "one token, and no search for versions")
		project, err := session.ProjectID(t.Context())
		require.NoError(t, err)
		assert.Equal(t, cloud.Fixtures().ProjectID, project)
	})
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*config.OpenStack, simulator.Fixtures){
		"project by name": func(*config.OpenStack, simulator.Fixtures) {},
		"project by id": func(cfg *config.OpenStack, fixtures simulator.Fixtures) {
			cfg.Project, cfg.ProjectID = "", fixtures.ProjectID
		},
		"two domains": func(cfg *config.OpenStack, _ simulator.Fixtures) {
			cfg.Domain, cfg.UserDomainName, cfg.ProjectDomainName = "nonsense", "Default", "Default"
		},
		"no domain": func(cfg *config.OpenStack, _ simulator.Fixtures) { cfg.Domain = "" },
		"application credential": func(cfg *config.OpenStack, fixtures simulator.Fixtures) {
			cfg.Username, cfg.APIKey, cfg.Project, cfg.Domain = "", "", "", ""
			cfg.ApplicationCredentialID = fixtures.ApplicationCredentialID
			cfg.ApplicationCredentialSecret = config.Secret(fixtures.ApplicationCredentialSecret)
		},
		"version 2": func(cfg *config.OpenStack, _ simulator.Fixtures) {
			cfg.IdentityV2, cfg.Tenant = true, cfg.Project
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
				change(&cfg, cloud.Fixtures())
				session := open(t, cloud, cfg)
				project, err := session.ProjectID(t.Context())
				require.NoError(t, err)
				assert.Equal(t, cloud.Fixtures().ProjectID, project)
				client, err := session.Network(t.Context())
				require.NoError(t, err)
				response, err := client.Get(t.Context(), client.ServiceURL("networks"), nil, nil)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				assert.Len(t, cloud.Journal(), 2)
			})
		})
	}
}

func TestLoginIsRetried(t *testing.T) {
	t.Parallel()
	simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		cloud.Inject(simulator.Fault{On: "POST /v3/auth/tokens", Status: http.StatusServiceUnavailable})
		cloud.Inject(simulator.Fault{On: "POST /v3/auth/tokens", Nth: 2, Kind: simulator.LostAnswer})
		_, err := open(t, cloud, cfg).Compute(t.Context())
		require.NoError(t, err)
		assert.Len(t, cloud.Journal(), 3)
	})
}

func TestRegions(t *testing.T) {
	t.Parallel()
	simulated(t, simulator.Options{Regions: []string{"north", "south"}}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		for region, path := range map[string]string{"north": "/compute/v2.1/", "south": "/south/compute/v2.1/"} {
			cfg.Region = region
			client, err := open(t, cloud, cfg).Compute(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "http://cloud"+path, client.Endpoint)
		}
		cfg.Region = ""
		_, err := open(t, cloud, cfg).Compute(t.Context())
		require.EqualError(t, err, "connect to Nova: the service catalog has the compute service in several regions (north, south): set openstack.region")
		cfg.Region = "west"
		_, err = open(t, cloud, cfg).Compute(t.Context())
		require.EqualError(t, err, `connect to Nova: the service catalog has no public endpoint of the compute service in region "west", only in north, south: check openstack.region`)
	})
}

// Octavia's predecessor is at Neutron's endpoint.
func TestLoadBalancerWithoutOctavia(t *testing.T) {
	t.Parallel()
	simulated(t, simulator.Options{WithoutLoadBalancer: true}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		session := open(t, cloud, cfg)
		client, err := session.LoadBalancer(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "http://cloud/networking/v2.0/", client.Endpoint)
	})
}

// The debug log has the duration of each request, but no headers, bodies and
// queries.
func TestTrace(t *testing.T) {
	t.Parallel()
	simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		var log bytes.Buffer
		session, err := NewSession(cfg, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), WithTransport(cloud.Transport()))
		require.NoError(t, err)
		client, err := session.Network(t.Context())
		require.NoError(t, err)
		cloud.Inject(simulator.RateLimited("GET /networks", 2*time.Second))
		response, err := client.Get(t.Context(), client.ServiceURL("networks")+"?name=canary", nil, nil)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())

		var lines []map[string]any
		for line := range strings.Lines(log.String()) {
			var fields map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &fields))
			lines = append(lines, fields)
		}
		require.Len(t, lines, 4, log.String())
		assert.Equal(t, "OpenStack API call", lines[0]["msg"])
		assert.Equal(t, "retrying OpenStack API call", lines[2]["msg"])
		last := lines[3]
		assert.Equal(t, []any{"GET", "cloud", "/networking/v2.0/networks", 200.0}, []any{last["method"], last["host"], last["path"], last["status"]})
		assert.Contains(t, last["openstack_request_id"], "req-")
		assert.Contains(t, last, "ms")
		for _, secret := range []string{"canary", "X-Auth-Token", client.Token(), cfg.APIKey.Reveal()} {
			assert.NotContains(t, log.String(), secret)
		}

		stats := session.Stats()
		assert.Equal(t, 1, stats.Services["identity"].Calls)
		assert.Equal(t, 2, stats.Services["network"].Calls)
		assert.Equal(t, 1, stats.Services["network"].Retries)
		assert.Positive(t, stats.Services["network"].BytesIn)
		assert.Positive(t, stats.Services["identity"].BytesOut)
		assert.Equal(t, "[identity=[calls=1", stats.LogValue().String()[:18])
	})
}

// A redirect is not followed: the token would be sent to another host, and a
// POST would become a GET.
func TestRedirectIsAnError(t *testing.T) {
	t.Parallel()
	simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		cloud.Inject(simulator.Fault{
			On: "POST /v3/auth/tokens", Status: http.StatusMovedPermanently, Body: "<html>moved</html>",
			Header: http.Header{"Location": {"https://cloud/identity/v3/auth/tokens"}},
		})
		_, err := open(t, cloud, cfg).Compute(t.Context())
		require.ErrorContains(t, err, "the service redirects to https://cloud/identity/v3/auth/tokens: correct the URL (openstack.auth_url,")
		assert.Len(t, cloud.Journal(), 1)
	})
}

// The User-Agent names the program to the cloud's operators.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	var agent string
	listening := func(request *http.Request) (*http.Response, error) {
		agent = request.Header.Get("User-Agent")
		return status(http.StatusUnauthorized)(request)
	}
	session, err := NewSession(config.OpenStack{AuthURL: "http://cloud", Username: "u", APIKey: "p", Project: "p", Connection: config.Connection{ReadTimeout: time.Minute}},
		slog.New(slog.DiscardHandler), WithTransport(&script{answers: []func(*http.Request) (*http.Response, error){listening}}), WithUserAgent("cpi/1.2"))
	require.NoError(t, err)
	_, err = session.Compute(t.Context())
	require.Error(t, err)
	assert.Equal(t, "cpi/1.2", agent)
}

// A cancelled call is not sent to the predecessor of Octavia.
func TestCancelledLoadBalancer(t *testing.T) {
	t.Parallel()
	simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		session := open(t, cloud, cfg)
		_, err := session.LoadBalancer(t.Context())
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 { // the choice between two ready channels is random
			if client, err := session.LoadBalancer(ctx); err == nil {
				assert.Equal(t, "load-balancer", client.Type)
			}
		}
	})
}
