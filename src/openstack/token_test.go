package openstack_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/openstacktest"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const (
	getsToken = "POST /v3/auth/tokens"
	canary    = "canary-9f31"
)

// A failed login is not cached: the next call logs in again.
func TestFailedLoginIsNotCached(t *testing.T) {
	t.Parallel()
	openstacktest.Run(t, simulator.Options{}, func(c *openstacktest.Cloud) {
		c.Inject(simulator.Fault{On: getsToken, Status: http.StatusForbidden})
		_, err := c.Session.ProjectID(c.Context())
		require.Error(c, err)
		id, err := c.Session.ProjectID(c.Context())
		require.NoError(c, err)
		assert.Equal(c, c.Fixtures().ProjectID, id)
	})
}

// Waiting for another call's login ends with the context.
func TestWaitingForLoginEndsWithTheContext(t *testing.T) {
	t.Parallel()
	openstacktest.Run(t, simulator.Options{}, func(c *openstacktest.Cloud) {
		c.Inject(simulator.Fault{On: getsToken, Kind: simulator.Delayed, Delay: 10 * time.Second})
		var first errgroup.Group
		first.Go(func() error { _, err := c.Session.Compute(c.Context()); return err })
		c.Waits(time.Second)
		ctx, cancel := context.WithTimeout(c.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		_, err := c.Session.LoadBalancer(ctx)
		require.ErrorIs(c, err, context.DeadlineExceeded)
		assert.Equal(c, time.Second, time.Since(begun))
		require.NoError(c, first.Wait())
	})
}

// The names of users and projects are unique only within their domain.
func TestNamesAreUniqueWithinTheirDomain(t *testing.T) {
	t.Parallel()
	openstacktest.Run(t, simulator.Options{}, func(c *openstacktest.Cloud) {
		id, err := c.NewSession(func(o *config.OpenStack) { o.Domain = "lab" }).ProjectID(c.Context())
		require.NoError(c, err)
		assert.NotEqual(c, c.Fixtures().ProjectID, id)
	})
}

// notFoundPage is Keystone's response for an unknown route, which has a request
// id.
const notFoundPage = `<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>
`

// The error says what failed, why and what to do, and never holds the secret.
func TestRefusedLogins(t *testing.T) {
	t.Parallel()
	const checkThem = "check user name and password (openstack.username, api_key) or application credential, user domain and project"
	for name, test := range map[string]struct {
		change func(*config.OpenStack, simulator.Fixtures)
		fault  simulator.Fault
		words  []string
	}{
		"password": {
			change: func(o *config.OpenStack, _ simulator.Fixtures) { o.APIKey = canary },
			words: []string{
				`authenticate as user "bosh" at http://cloud/identity: OpenStack API Unauthorized (The request you have made requires authentication.) ` +
					"[POST /identity/v3/auth/tokens, HTTP 401, request req-", checkThem,
			},
		},
		"password, version 2": {
			change: func(o *config.OpenStack, _ simulator.Fixtures) {
				o.APIKey, o.IdentityV2, o.Tenant = canary, true, "bosh"
			},
			words: []string{"[POST /identity/v2.0/tokens, HTTP 401, request req-", checkThem},
		},
		"project": {
			change: func(o *config.OpenStack, _ simulator.Fixtures) { o.Project = "nowhere" },
			words:  []string{"HTTP 401", checkThem},
		},
		"domain": {
			change: func(o *config.OpenStack, _ simulator.Fixtures) { o.Domain = "nowhere" },
			words:  []string{"HTTP 401", checkThem},
		},
		"secret of an application credential": {
			change: func(o *config.OpenStack, f simulator.Fixtures) {
				o.ApplicationCredentialID, o.ApplicationCredentialSecret = f.ApplicationCredentialID, canary
			},
			words: []string{"authenticate as application credential ", "HTTP 401", checkThem},
		},
		"application credential": {
			change: func(o *config.OpenStack, _ simulator.Fixtures) {
				o.ApplicationCredentialID, o.ApplicationCredentialSecret = "nope", canary
			},
			words: []string{
				"authenticate as application credential nope at http://cloud/identity: OpenStack API NotFound (Could not find Application Credential: nope.)",
				checkThem,
			},
		},
		"URL": {
			change: func(o *config.OpenStack, _ simulator.Fixtures) { o.APIKey = canary },
			fault:  simulator.Fault{On: getsToken, Status: http.StatusNotFound, Header: http.Header{"X-Openstack-Request-Id": {"req-1"}}, Body: notFoundPage},
			words:  []string{"HTTP 404, request req-1]", "openstack.auth_url is not the URL of a Keystone"},
		},
		"Keystone is down": {
			change: func(o *config.OpenStack, _ simulator.Fixtures) { o.APIKey = canary },
			fault:  simulator.Fault{On: getsToken, Kind: simulator.Refused, Times: -1},
			words:  []string{"Unable to connect to the OpenStack Keystone API http://cloud/identity: authenticate as user", "connection refused"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			openstacktest.Run(t, simulator.Options{}, func(c *openstacktest.Cloud) {
				if test.fault.On != "" {
					c.Inject(test.fault)
				}
				session := c.NewSession(func(o *config.OpenStack) { test.change(o, c.Fixtures()) })
				_, err := session.Compute(c.Context())
				require.Error(c, err)
				for _, words := range test.words {
					assert.Contains(c, err.Error(), words)
				}
				assert.NotContains(c, err.Error(), canary)
				assert.False(c, openstack.IsNotFound(err), "a failed login is not evidence that an object is missing")
			})
		})
	}
}

// A token that has expired or was revoked is renewed once, and the request is
// repeated.
func TestTokenIsRenewed(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(c *openstacktest.Cloud){
		"expired": func(c *openstacktest.Cloud) { c.Waits(11 * time.Minute) },
		"revoked": func(c *openstacktest.Cloud) { c.RevokeTokens() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			openstacktest.Run(t, simulator.Options{TokenLifetime: 10 * time.Minute}, func(c *openstacktest.Cloud) {
				volumes := volume.New(c.Session)
				_, err := volumes.CreateVolume(c.Context(), volume.CreateOpts{Name: "one", SizeGiB: 1})
				require.NoError(c, err)
				end(c)
				c.ResetJournal()
				two, err := volumes.CreateVolume(c.Context(), volume.CreateOpts{Name: "two", SizeGiB: 1, Metadata: map[string]string{"a": "b"}})
				require.NoError(c, err)
				assert.Equal(c, map[string]string{"a": "b"}, two.Metadata, "the repeated request is whole")
				var calls []string
				for _, exchange := range c.Journal() {
					calls = append(calls, exchange.Call())
				}
				assert.Equal(c, []string{"POST /volumes", getsToken, "POST /volumes"}, calls)

				end(c)
				flavors, err := compute.New(c.Session).Flavors(c.Context())
				require.NoError(c, err)
				assert.NotEmpty(c, flavors, "the token is no list, but requested for one")

				end(c)
				c.ResetJournal()
				var all errgroup.Group
				for range 8 {
					all.Go(func() error { _, err := volumes.Volume(c.Context(), two.ID); return err })
				}
				require.NoError(c, all.Wait())
				assert.Equal(c, 1, c.Calls(getsToken), "all wait for one new token")
			})
		})
	}
}

func TestTokenIsNotRenewedForEver(t *testing.T) {
	t.Parallel()
	openstacktest.Run(t, simulator.Options{}, func(c *openstacktest.Cloud) {
		c.Inject(simulator.Fault{On: "GET /volumes/{id}", Status: http.StatusUnauthorized, Times: -1})
		_, err := volume.New(c.Session).Volume(c.Context(), "x")
		require.ErrorContains(c, err, "get volume x: OpenStack API Unauthorized")
		assert.Equal(c, http.StatusUnauthorized, openstack.StatusOf(err))
		assert.Equal(c, 2, c.Calls(getsToken))
		assert.Equal(c, 2, c.Calls("GET /volumes/{id}"))
	})
}

// The credential may become invalid while the token is valid.
func TestTokenCannotBeRenewed(t *testing.T) {
	t.Parallel()
	openstacktest.Run(t, simulator.Options{}, func(c *openstacktest.Cloud) {
		_, err := c.Session.Compute(c.Context())
		require.NoError(c, err)
		c.RevokeTokens()
		c.Inject(simulator.Fault{On: getsToken, Status: http.StatusUnauthorized})
		_, err = compute.New(c.Session).Server(c.Context(), "x")
		require.ErrorContains(c, err, "get server x: OpenStack API Unauthorized (Unauthorized) [POST /identity/v3/auth/tokens, HTTP 401, request req-")
		require.ErrorContains(c, err, "check user name and password")
		assert.NotContains(c, err.Error(), "simulator", "the password")

		c.Inject(simulator.Fault{On: getsToken, Status: http.StatusNotFound, Body: `{"error": {"code": 404, "title": "Not Found", "message": "Could not find Application Credential: nope."}}`})
		_, err = compute.New(c.Session).Server(c.Context(), "x")
		require.ErrorContains(c, err, "Could not find Application Credential: nope.")
		require.ErrorContains(c, err, "check user name and password")
		assert.False(c, openstack.IsNotFound(err), "the 404 is not about the server")
	})
}

// The catalog has public, internal and admin endpoints.
func TestEndpointTypes(t *testing.T) {
	t.Parallel()
	for _, version := range []bool{false, true} {
		for _, interfaceType := range []string{"public", "internal", "admin"} {
			openstacktest.Run(t, simulator.Options{Regions: []string{"north", "south"}}, func(c *openstacktest.Cloud) {
				session := c.NewSession(func(o *config.OpenStack) {
					o.EndpointType, o.Region, o.IdentityV2, o.Tenant = interfaceType, "south", version, "bosh"
				})
				_, err := compute.New(session).Flavors(c.Context())
				require.NoError(c, err)
				_, err = volume.New(session).Volume(c.Context(), "x")
				assert.True(c, openstack.IsNotFound(err))
				require.Len(c, c.Journal(), 3)
				for _, exchange := range c.Journal()[1:] {
					assert.Equal(c, []string{interfaceType, "south"}, []string{exchange.Interface, exchange.Region}, exchange.Path)
				}
			})
		}
	}
}

// A missing service is an error only for calls that need it.
func TestServiceIsMissing(t *testing.T) {
	t.Parallel()
	openstacktest.Run(t, simulator.Options{WithoutLoadBalancer: true}, func(c *openstacktest.Cloud) {
		session := c.NewSession(func(o *config.OpenStack) { o.EndpointType = "nonsense" })
		_, err := session.ProjectID(c.Context())
		require.NoError(c, err)
		_, err = compute.New(session).Flavors(c.Context())
		require.ErrorContains(c, err, "connect to Nova: the service catalog has no nonsense endpoint of the compute service; there are: block-storage (admin, RegionOne), ")
		_, err = session.LoadBalancer(c.Context())
		require.ErrorContains(c, err, "the service catalog has no nonsense endpoint of the load-balancer service", "Neutron, which has its predecessor, is missing as well")
	})
}
