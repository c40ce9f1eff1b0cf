package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const lbaas = "/load-balancer/v2.0/lbaas"

func replaceID(text, id, word string) string { return strings.ReplaceAll(text, id, word) }

func (c *client) member(pool, address string) result {
	c.t.Helper()
	return c.send(http.MethodPost, lbaas+"/pools/"+pool+"/members", fmt.Sprintf(
		`{"member":{"address":%q,"protocol_port":80,"subnet_id":%q}}`, address, c.sim.Fixtures().Subnets["private-v4"]))
}

func (c *client) balancerStatus(pool string) any {
	c.t.Helper()
	r := c.send(http.MethodGet, lbaas+"/pools/"+pool, "")
	balancer := r.at("pool.loadbalancers").([]any)[0].(map[string]any)["id"].(string)
	return c.send(http.MethodGet, lbaas+"/loadbalancers/"+balancer, "").at("loadbalancer.provisioning_status")
}

func TestMember(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		found := c.send(http.MethodGet, lbaas+"/pools?name=pool-1", "")
		require.Equal(t, []any{"pool-1"}, found.names("pools"))
		pool := c.sim.Fixtures().Pools["pool-1"]

		r := c.member(pool, "10.0.0.20")
		require.Equal(t, http.StatusCreated, r.status, r.text)
		member := lbaas + "/pools/" + pool + "/members/" + r.id("member")
		assert.Equal(t, "PENDING_CREATE", r.at("member.provisioning_status"))
		assert.Equal(t, "PENDING_UPDATE", c.balancerStatus(pool))
		immutable := `{"faultcode":"Client","faultstring":"Pool ` + pool + ` is immutable and cannot be updated.","debuginfo":null}`
		refused := c.member(pool, "10.0.0.21")
		assert.Equal(t, http.StatusConflict, refused.status)
		assert.JSONEq(t, immutable, refused.text)
		assert.JSONEq(t, immutable, c.send(http.MethodDelete, member, "").text)
		wait(500 * time.Millisecond)
		assert.Equal(t, "ACTIVE", c.balancerStatus(pool))
		assert.Equal(t, "ACTIVE", c.send(http.MethodGet, member, "").at("member.provisioning_status"))
		assert.Equal(t, "Another member on this pool is already using ip 10.0.0.20 on protocol_port 80",
			c.member(pool, "10.0.0.20").at("faultstring"))
		list := c.send(http.MethodGet, lbaas+"/pools/"+pool+"/members?address=10.0.0.20", "")
		assert.Len(t, list.body["members"], 1)
		assert.Len(t, c.sim.Leaks(before), 1)

		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, member, "").status)
		assert.Equal(t, "PENDING_DELETE", c.send(http.MethodGet, member, "").at("member.provisioning_status"))
		wait(500 * time.Millisecond)
		gone := c.send(http.MethodDelete, member, "")
		assert.Equal(t, http.StatusNotFound, gone.status)
		assert.Contains(t, gone.at("faultstring"), "Member ")
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestMembersInBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		members := lbaas + "/pools/" + c.sim.Fixtures().Pools["pool-1"] + "/members"
		put := func(query, body string) {
			r := c.send(http.MethodPut, members+query, `{"members":[`+body+`]}`)
			require.Equal(t, http.StatusAccepted, r.status, r.text)
			wait(time.Second)
		}
		weights := func() map[string]any {
			found := map[string]any{}
			for _, m := range c.send(http.MethodGet, members, "").body["members"].([]any) {
				member := m.(map[string]any)
				assert.Equal(t, "ACTIVE", member["provisioning_status"])
				found[member["address"].(string)] = member["weight"]
			}
			return found
		}
		put("?additive_only=true", `{"address":"10.0.0.20","protocol_port":80},{"address":"10.0.0.21","protocol_port":"80"}`)
		put("?additive_only=true", `{"address":"10.0.0.20","protocol_port":80,"weight":5},{"address":"10.0.0.22","protocol_port":80}`)
		assert.Equal(t, map[string]any{"10.0.0.20": 5.0, "10.0.0.21": 1.0, "10.0.0.22": 1.0}, weights())
		put("", `{"address":"10.0.0.22","protocol_port":80}`)
		assert.Equal(t, map[string]any{"10.0.0.22": 1.0}, weights())
	})
}

func TestMembersAreRefused(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]struct{ member, message string }{
		"no port":        {`"address":"10.0.0.20"`, "Invalid input for field/attribute protocol_port. Value: 'None'. Mandatory field missing."},
		"no address":     {`"protocol_port":80`, "Invalid input for field/attribute address. Value: 'None'. Mandatory field missing."},
		"odd address":    {`"address":"x","protocol_port":80`, "Invalid input for field/attribute address. Value: 'x'. Value should be IPv4 or IPv6 format"},
		"low port":       {`"address":"10.0.0.20","protocol_port":0`, "Invalid input for field/attribute protocol_port. Value: '0'. Value should be greater or equal to 1"},
		"high port":      {`"address":"10.0.0.20","protocol_port":70000`, "Invalid input for field/attribute protocol_port. Value: '70000'. Value should be lower or equal to 65535"},
		"unknown subnet": {`"address":"10.0.0.20","protocol_port":80,"subnet_id":"` + nowhere + `"`, "Subnet " + nowhere + " not found."},
		"odd subnet":     {`"address":"10.0.0.20","protocol_port":80,"subnet_id":"x"`, "Invalid input for field/attribute subnet_id. Value: 'x'. Value should be UUID format"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, simulator.Options{})
			r := c.send(http.MethodPost, lbaas+"/pools/"+c.sim.Fixtures().Pools["pool-1"]+"/members", `{"member":{`+refused.member+`}}`)
			assert.Equal(t, http.StatusBadRequest, r.status)
			assert.Equal(t, refused.message, r.at("faultstring"))
		})
	}
}

func TestLoadBalancer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		create := func(collection, body string) result { return c.send(http.MethodPost, lbaas+"/"+collection, body) }
		r := create("loadbalancers", fmt.Sprintf(`{"loadbalancer":{"name":"x","vip_subnet_id":%q}}`, c.sim.Fixtures().Subnets["private-v4"]))
		require.Equal(t, http.StatusCreated, r.status, r.text)
		id := r.id("loadbalancer")
		body := fmt.Sprintf(`{"pool":{"name":"p","loadbalancer_id":%q,"protocol":"TCP","lb_algorithm":"ROUND_ROBIN"}}`, id)
		assert.Equal(t, "Load Balancer "+id+" is immutable and cannot be updated.", create("pools", body).at("faultstring"))
		wait(time.Second)
		pool := create("pools", body)
		require.Equal(t, http.StatusCreated, pool.status, pool.text)
		wait(time.Second)

		balancer := lbaas + "/loadbalancers/" + id
		assert.Contains(t, c.send(http.MethodDelete, balancer, "").at("faultstring"), "it has children")
		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, balancer+"?cascade=true", "").status)
		assert.Equal(t, "Invalid state PENDING_DELETE of loadbalancer resource "+id,
			c.send(http.MethodDelete, balancer+"?cascade=true", "").at("faultstring"))
		wait(time.Second)
		assert.Equal(t, "Load Balancer "+id+" not found.", c.send(http.MethodGet, balancer, "").at("faultstring"))
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestLoadBalancerFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		pool := c.sim.Fixtures().Pools["pool-1"]
		c.sim.InjectStateFault(simulator.StateFault{Resource: "loadbalancer", Phase: "update"})
		require.Equal(t, http.StatusCreated, c.member(pool, "10.0.0.20").status)
		wait(time.Second)
		assert.Equal(t, "ERROR", c.balancerStatus(pool))
		assert.Equal(t, http.StatusConflict, c.member(pool, "10.0.0.21").status)
	})
}

func TestLoadBalancerBelowTheNetworkEndpoint(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{WithoutLoadBalancer: true})
	r := c.send(http.MethodGet, network+"/lbaas/pools?name=pool-1", "")
	assert.Equal(t, []any{"pool-1"}, r.names("pools"))
	assert.Equal(t, http.StatusOK, c.send(http.MethodGet, network+"/networks", "").status)
	journal := c.sim.Journal()
	assert.Equal(t, "load-balancer", journal[len(journal)-2].Service)
	assert.Equal(t, "/lbaas/pools", journal[len(journal)-2].Route)
	assert.Equal(t, "network", journal[len(journal)-1].Service)
}

func TestOctaviaIsStrict(t *testing.T) {
	t.Parallel()
	for name, misuse := range map[string]struct{ method, path, body, text string }{
		"unknown route":  {http.MethodGet, "/nothing", "", `"title":"Not Found"`},
		"unknown filter": {http.MethodGet, "/pools?foo=1", "", "One or more arguments are either duplicate or invalid"},
		"unknown field":  {http.MethodPost, "/pools", `{"pool":{"foo":1}}`, "Unknown attribute for argument pool_.pool: foo"},
		"no JSON":        {http.MethodPost, "/pools", `{`, "Request is not in valid JSON format"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStranger(t, simulator.Options{})
			c.login()
			assert.Contains(t, c.send(misuse.method, lbaas+misuse.path, misuse.body).text, misuse.text)
			assert.Len(t, c.sim.Violations(), 1)
		})
	}
}
