package simulator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestFlavors(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	all := c.send(http.MethodGet, compute+"/flavors/detail", "")
	assert.ElementsMatch(t, []any{"m1.tiny", "m1.small", "m1.medium", "m1.large", "m1.bfv", "m1.bfv-ephemeral"}, all.names("flavors"))
	medium := c.send(http.MethodGet, compute+"/flavors/"+c.sim.Fixtures().Flavors["m1.medium"], "").body["flavor"].(map[string]any)
	assert.InDelta(t, 20, medium["OS-FLV-EXT-DATA:ephemeral"], 0)
	assert.InDelta(t, 512, medium["swap"], 0)
	small := c.send(http.MethodGet, compute+"/flavors/"+c.sim.Fixtures().Flavors["m1.small"], "")
	assert.Empty(t, small.at("flavor.swap"), "no swap is an empty string")
	assert.Equal(t, "Flavor x could not be found.", c.send(http.MethodGet, compute+"/flavors/x", "").at("itemNotFound.message"))

	seen := []any{}
	for path := compute + "/flavors?limit=4"; path != ""; {
		r := c.send(http.MethodGet, path, "")
		seen = append(seen, r.names("flavors")...)
		path = ""
		if links, more := r.body["flavors_links"].([]any); more {
			path = links[0].(map[string]any)["href"].(string)[len(base):]
		}
	}
	assert.Equal(t, all.names("flavors"), seen)
	assert.Len(t, c.send(http.MethodGet, compute+"/flavors?minRam=4096", "").names("flavors"), 2)
}

func TestKeyPairs(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	before := c.sim.Inventory()
	assert.Contains(t, c.send(http.MethodGet, compute+"/os-keypairs/bosh", "").at("keypair.public_key"), "ssh-ed25519 ")
	assert.Equal(t, "Keypair x not found for user "+c.sim.Fixtures().UserID,
		c.send(http.MethodGet, compute+"/os-keypairs/x", "").at("itemNotFound.message"))
	r := c.send(http.MethodPost, compute+"/os-keypairs", `{"keypair":{"name":"x"}}`)
	require.Equal(t, http.StatusOK, r.status)
	assert.Contains(t, r.at("keypair.private_key"), "PRIVATE KEY")
	assert.Equal(t, http.StatusConflict, c.send(http.MethodPost, compute+"/os-keypairs", `{"keypair":{"name":"x"}}`).status)
	assert.Equal(t, http.StatusBadRequest, c.send(http.MethodPost, compute+"/os-keypairs", `{"keypair":{"name":"y","public_key":"z"}}`).status)
	assert.Len(t, c.send(http.MethodGet, compute+"/os-keypairs", "").body["keypairs"], 2)
	assert.Equal(t, []string{"key pair x (x)"}, c.sim.Leaks(before))
}

func TestComputeVersions(t *testing.T) {
	t.Parallel()
	c := newStranger(t, simulator.Options{})
	c.login()
	r := c.send(http.MethodGet, "/compute/", "")
	assert.Equal(t, "2.93", r.body["versions"].([]any)[1].(map[string]any)["version"])
	assert.Equal(t, "2.93", c.send(http.MethodGet, "/compute/v2.1/", "").at("version.version"))
	r = c.send(http.MethodGet, compute+"/flavors", "", version("2.99")...)
	assert.Equal(t, http.StatusNotAcceptable, r.status)
	assert.Equal(t, "Version 2.99 is not supported by the API. Minimum is 2.1 and maximum is 2.93.", r.at("computeFault.message"))
	assert.Len(t, c.sim.Violations(), 1)

	old := newStranger(t, simulator.Options{NovaMicroversion: 60})
	old.login()
	assert.Equal(t, "2.60", old.send(http.MethodGet, "/compute/v2.1/", "").at("version.version"))
	r = old.send(http.MethodGet, compute+"/flavors", "", version("2.67")...)
	assert.Equal(t, "Version 2.67 is not supported by the API. Minimum is 2.1 and maximum is 2.60.", r.at("computeFault.message"))
	assert.Empty(t, old.sim.Violations(), "a newer cloud would have answered")
}

func TestZonesAndLimits(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{AvailabilityZones: []string{"a", "b"}, Quotas: map[string]int{"instances": 7}})
	zones := c.send(http.MethodGet, compute+"/os-availability-zone", "").body["availabilityZoneInfo"].([]any)
	assert.Equal(t, "a", zones[0].(map[string]any)["zoneName"])
	limits := c.send(http.MethodGet, compute+"/limits", "").at("limits.absolute").(map[string]any)
	assert.InDelta(t, 7, limits["maxTotalInstances"], 0)
	assert.InDelta(t, 128, limits["maxServerMeta"], 0)
}

func TestComputeIsStrict(t *testing.T) {
	t.Parallel()
	for name, misuse := range map[string]struct {
		method, path, body string
		status             int
		text               string
	}{
		"unknown route": {http.MethodGet, "/nothing", "", 404, "The resource could not be found."},
		"unknown field": {http.MethodPost, "/servers", `{"server":{"name":"x","foo":1}}`, 400, "Additional properties are not allowed ('foo' was unexpected)"},
		"tags too early": {
			http.MethodPost, "/servers", `{"server":{"name":"x","flavorRef":"1","tags":[]}}`, 400,
			"Additional properties are not allowed ('tags' was unexpected)",
		},
		"unknown query":  {http.MethodGet, "/servers?foo=1", "", 200, "servers"},
		"unknown action": {http.MethodPost, "/servers/" + nowhere + "/action", `{"foo":{}}`, 400, "There is no such action: foo"},
		"wrong type":     {http.MethodPost, "/servers", `{"server":{"name":5}}`, 400, "5 is not of type 'string'"},
		"no JSON":        {http.MethodPost, "/servers", `{`, 400, "Malformed request body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStranger(t, simulator.Options{})
			c.login()
			r := c.send(misuse.method, compute+misuse.path, misuse.body)
			assert.Equal(t, misuse.status, r.status)
			assert.Contains(t, r.text, misuse.text)
			assert.Len(t, c.sim.Violations(), 1)
		})
	}
}
