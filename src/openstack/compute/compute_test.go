package compute_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/openstacktest"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const unknownID = "5a2c9d1e-0000-4000-8000-000000000000"

// nova is a simulated cloud with the service of this package.
type nova struct {
	*openstacktest.Cloud
	*compute.Service
}

func run(t *testing.T, options simulator.Options, test func(n nova)) {
	t.Helper()
	openstacktest.Run(t, options, func(c *openstacktest.Cloud) { test(nova{c, compute.New(c.Session)}) })
}

// tiny returns the options for a server of the smallest flavor.
func (n nova) tiny(name string) compute.CreateOpts {
	fixtures := n.Fixtures()
	return compute.CreateOpts{
		Name: name, FlavorID: fixtures.Flavors["m1.tiny"], ImageID: fixtures.Images["tiny-public"],
		Networks: []servers.Network{{UUID: fixtures.Networks["private"]}},
	}
}

// runs creates a server, waits for ACTIVE and returns its id.
func (n nova) runs(name string) string {
	n.Helper()
	created, err := n.CreateServer(n.Context(), n.tiny(name))
	require.NoError(n, err)
	_, err = n.WaitActive(n.Context(), created.ID)
	require.NoError(n, err)
	return created.ID
}

func TestFlavors(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		flavor, err := n.Flavor(n.Context(), "m1.small")
		require.NoError(n, err)
		assert.Equal(n, n.Fixtures().Flavors["m1.small"], flavor.ID)
		assert.Equal(n, []int{2048, 20, 10}, []int{flavor.RAM, flavor.Disk, flavor.Ephemeral})
		for _, name := range []string{"m1.smal", "M1.SMALL", "m1.*", ""} {
			_, err = n.Flavor(n.Context(), name)
			require.EqualError(n, err, "Flavor `"+name+"' not found")
			assert.True(n, openstack.IsNotFound(err))
		}
	})
}

func TestFlavorsOnSeveralPages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		small := compute.New(n.NewSession(nil, openstack.WithTransport(openstacktest.SmallPages{Cloud: n.Transport()})))
		paged, err := small.Flavors(n.Context())
		require.NoError(n, err)
		whole, err := n.Flavors(n.Context())
		require.NoError(n, err)
		assert.Equal(n, whole, paged)
		assert.Greater(n, n.Calls("GET /flavors/detail"), 3)

		// An incomplete list is an error.
		n.ResetJournal()
		n.Inject(simulator.Fault{On: "GET /flavors/detail", Nth: 2, Status: http.StatusForbidden})
		_, err = small.Flavor(n.Context(), "m1.tiny")
		require.ErrorContains(n, err, "list flavors: OpenStack API Forbidden")
		assert.False(n, openstack.IsNotFound(err))
	})
}

// edited is a transport that edits the responses.
type edited struct {
	cloud    http.RoundTripper
	from, to string
}

func (e edited) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := e.cloud.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(e.from), []byte(e.to))))
	return response, err
}

// Administrators see disabled flavors.
func TestDisabledFlavors(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		disabled := edited{n.Transport(), `"OS-FLV-DISABLED:disabled":false`, `"OS-FLV-DISABLED:disabled":true`}
		all, err := compute.New(n.NewSession(nil, openstack.WithTransport(disabled))).Flavors(n.Context())
		require.NoError(n, err)
		assert.Empty(n, all)
	})
}

func TestZones(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		zones, err := n.Zones(n.Context())
		require.NoError(n, err)
		assert.Equal(n, []string{"z1", "z2"}, zones)
		n.Inject(simulator.Fault{On: "GET /os-availability-zone", Status: http.StatusForbidden})
		_, err = n.Zones(n.Context())
		require.ErrorContains(n, err, "list availability zones of Nova: OpenStack API Forbidden")
	})
}

func TestKeyPair(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		for _, name := range []string{"bosh", "all @ once", "a.b_c-d"} {
			if name != "bosh" {
				n.Make(n.Session.Compute, "os-keypairs", map[string]any{"keypair": map[string]string{"name": name}})
			}
			found, err := n.KeyPair(n.Context(), name)
			require.NoError(n, err, name)
			assert.Equal(n, name, found.Name)
		}
		for _, name := range []string{"nobody", "no/body", "bosh?", "100%"} {
			_, err := n.KeyPair(n.Context(), name)
			require.EqualError(n, err, "Key-pair `"+name+"' not found")
			assert.True(n, openstack.IsNotFound(err))
		}
		n.Inject(simulator.Fault{On: "GET /os-keypairs/{name}", Status: http.StatusForbidden})
		_, err := n.KeyPair(n.Context(), "bosh")
		require.ErrorContains(n, err, "get key pair bosh: OpenStack API Forbidden")
	})
}

// Nova takes a name for a regular expression.
func TestServersNamed(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		ids := map[string]string{}
		for _, name := range []string{"web.1", "web11", "xweb.1", "web[1]", "web(1"} {
			ids[name] = n.runs(name)
		}
		for name, id := range ids {
			named, err := n.ServersNamed(n.Context(), name)
			require.NoError(n, err, name)
			require.Len(n, named, 1, name)
			assert.Equal(n, id, named[0].ID)
		}
		named, err := n.ServersNamed(n.Context(), "WEB11")
		require.NoError(n, err)
		assert.Empty(n, named)
	})
}

func TestServersOnSeveralPages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		for range 5 {
			n.runs("twin")
		}
		n.runs("twins")
		small := compute.New(n.NewSession(nil, openstack.WithTransport(openstacktest.SmallPages{Cloud: n.Transport()})))
		named, err := small.ServersNamed(n.Context(), "twin")
		require.NoError(n, err)
		assert.Len(n, named, 5)

		n.Inject(simulator.Fault{On: "GET /servers/detail", Nth: 3, Status: http.StatusForbidden})
		err = small.DeleteServerNamed(n.Context(), "twin")
		require.ErrorContains(n, err, "list servers named twin: OpenStack API Forbidden")
		require.NoError(n, small.DeleteServerNamed(n.Context(), "twin"))
		require.NoError(n, small.DeleteServerNamed(n.Context(), "twin"), "none is a success")
		left := strings.Join(n.Inventory().Lines(), "\n")
		assert.NotContains(n, left, "(twin)")
		assert.Contains(n, left, "(twins)")
	})
}

func TestServer(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		for _, id := range []string{unknownID, "no-uuid"} {
			_, err := n.Server(n.Context(), id)
			assert.True(n, openstack.IsNotFound(err))
			require.ErrorContains(n, err, "get server "+id+": OpenStack API NotFound (Instance "+id+" could not be found.) [GET /compute/v2.1/servers/"+id+", HTTP 404, request req-")
		}
	})
}

func TestNoNova(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		ctx, none := n.Context(), compute.New(n.WithoutServices())
		for name, call := range map[string]func() error{
			"Flavors":           func() error { _, err := none.Flavors(ctx); return err },
			"Flavor":            func() error { _, err := none.Flavor(ctx, "x"); return err },
			"KeyPair":           func() error { _, err := none.KeyPair(ctx, "x"); return err },
			"Server":            func() error { _, err := none.Server(ctx, "x"); return err },
			"Servers":           func() error { _, err := none.Servers(ctx); return err },
			"ServersNamed":      func() error { _, err := none.ServersNamed(ctx, "x"); return err },
			"CreateServer":      func() error { _, err := none.CreateServer(ctx, compute.CreateOpts{}); return err },
			"WaitActive":        func() error { _, err := none.WaitActive(ctx, "x"); return err },
			"DeleteServer":      func() error { return none.DeleteServer(ctx, "x") },
			"DeleteServerNamed": func() error { return none.DeleteServerNamed(ctx, "x") },
			"SetMetadata":       func() error { _, err := none.SetMetadata(ctx, "x", nil); return err },
			"Rename":            func() error { return none.Rename(ctx, "x", "y") },
			"Reboot":            func() error { return none.Reboot(ctx, "x") },
			"Attachments":       func() error { _, err := none.Attachments(ctx, "x"); return err },
			"Attach":            func() error { _, err := none.Attach(ctx, "x", "y"); return err },
			"AttachShared":      func() error { _, err := none.AttachShared(ctx, "x", "y"); return err },
			"Detach":            func() error { return none.Detach(ctx, "x", "y") },
		} {
			require.ErrorContains(n, call(), `connect to Nova: the service catalog has no public endpoint of the compute service in region "nowhere"`, name)
		}
	})
}
