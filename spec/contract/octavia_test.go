package contract_test

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"
)

// balancer is a load balancer with one pool.
type balancer struct {
	path string // of the load balancer
	pool string // path of the pool
	name string // of the pool
	net  string // id of its network
}

// balancer creates a load balancer on a new network and waits until it is
// ACTIVE.
func (c *cloud) balancer() balancer {
	c.t.Helper()
	c.needsOctavia()
	network := c.bareNetwork(nil)
	subnet := c.subnet(network, nil).text("subnet.id")
	made := c.loadBalancer.post("/loadbalancers", object{"loadbalancer": object{
		"name": c.name("balancer"), "vip_subnet_id": subnet,
	}}).expect(http.StatusCreated)
	b := balancer{path: "/loadbalancers/" + made.text("loadbalancer.id"), name: c.name("pool"), net: network}
	c.t.Cleanup(func() {
		c.waitUntilMutable(b)
		c.loadBalancer.delete(b.path + "?cascade=true")
		c.waitUntilBalancerGone(b)
	})
	c.waitUntilMutable(b)
	pool := c.loadBalancer.post("/pools", object{"pool": object{
		"name": b.name, "protocol": "TCP", "lb_algorithm": "ROUND_ROBIN", "loadbalancer_id": made.text("loadbalancer.id"),
	}}).expect(http.StatusCreated)
	b.pool = "/pools/" + pool.text("pool.id")
	c.waitUntilMutable(b)
	return b
}

// waitUntilBalancerGone waits until the load balancer is DELETED or unknown.
func (c *cloud) waitUntilBalancerGone(b balancer) {
	c.t.Helper()
	c.poll(b.path+" is deleted",
		func() response { return c.loadBalancer.get(b.path) },
		func(r response) bool {
			return r.status == http.StatusNotFound || r.value("loadbalancer.provisioning_status") == "DELETED"
		})
}

// waitUntilMutable waits until the load balancer is ACTIVE.
func (c *cloud) waitUntilMutable(b balancer) {
	c.t.Helper()
	c.waitFor(c.loadBalancer, b.path, "loadbalancer.provisioning_status", "ACTIVE")
}

// addMember requests a new member of the pool.
func (c *cloud) addMember(b balancer, given object) response {
	c.t.Helper()
	member := merge(object{"address": "198.51.100.20", "protocol_port": 8080}, given)
	return c.loadBalancer.post(b.pool+"/members", object{"member": member})
}

// expectOctaviaError fails the claim unless the response is an error of Octavia
// with this status whose message contains the words.
func (r response) expectOctaviaError(status int, words ...string) response {
	r.t.Helper()
	return r.expect(status).is("faultcode", "Client").is("debuginfo", nil).contains("faultstring", words...)
}

// needsOctavia skips the claim if the cloud has no load balancers.
func (c *cloud) needsOctavia() {
	c.t.Helper()
	if c.loadBalancer.URL == "" {
		c.skipWithout("a cloud with load balancers")
	}
}

var octaviaClaims = []claim{
	{
		id:        "octavia-pool-by-name",
		statement: "The name filter of pools matches exactly; a pool contains the id of its load balancer.",
		proof:     octavia + "octavia/api/v2/types/pool.py#L70",
		check: func(c *cloud) response {
			b := c.balancer()
			return c.loadBalancer.list("/pools", url.Values{"name": {b.name}}).expect(http.StatusOK).
				is("pools.0.id", strings.TrimPrefix(b.pool, "/pools/")).is("pools.0.name", b.name).
				is("pools.0.loadbalancers", list{object{"id": strings.TrimPrefix(b.path, "/loadbalancers/")}}).
				expectKeys("pools.0", "members", "listeners", "provisioning_status")
		},
	},
	{
		id:        "octavia-pool-name-unknown",
		statement: "A name filter that matches no pool returns an empty list.",
		proof:     octavia + "octavia/api/v2/controllers/pool.py#L70",
		check: func(c *cloud) response {
			c.needsOctavia()
			return c.loadBalancer.list("/pools", url.Values{"name": {c.name("pool")}}).expect(http.StatusOK).is("pools", list{})
		},
	},
	{
		id:        "octavia-pool-same-name",
		statement: "Pool names need not be unique.",
		proof:     octavia + "octavia/api/v2/controllers/pool.py#L205",
		check: func(c *cloud) response {
			b := c.balancer()
			c.loadBalancer.post("/pools", object{"pool": object{
				"name": b.name, "protocol": "TCP", "lb_algorithm": "ROUND_ROBIN",
				"loadbalancer_id": strings.TrimPrefix(b.path, "/loadbalancers/"),
			}}).expect(http.StatusCreated)
			seen := c.loadBalancer.list("/pools", url.Values{"name": {b.name}}).expect(http.StatusOK)
			require.Equal(c.t, 2, seen.size("pools"))
			return seen
		},
	},
	{
		id:        "octavia-pool-unknown-404",
		statement: "GET of an unknown pool returns 404.",
		proof:     octavia + "octavia/common/exceptions.py#L72",
		check: func(c *cloud) response {
			c.needsOctavia()
			return c.loadBalancer.get("/pools/"+unknownID).expectOctaviaError(http.StatusNotFound, "Pool "+unknownID+" not found.")
		},
	},
	{
		id:        "octavia-member-201",
		statement: "POST of a member returns 201 with PENDING_CREATE; the load balancer becomes PENDING_UPDATE and then ACTIVE again.",
		proof:     octavia + "octavia/api/v2/controllers/member.py#L145",
		check: func(c *cloud) response {
			b := c.balancer()
			made := c.addMember(b, nil).expect(http.StatusCreated)
			c.waitUntilMutable(b)
			c.waitFor(c.loadBalancer, b.pool+"/members/"+made.text("member.id"), "member.provisioning_status", "ACTIVE")
			return made.is("member.address", "198.51.100.20").is("member.protocol_port", 8080).is("member.weight", 1).
				is("member.provisioning_status", "PENDING_CREATE").expectKeys("member", "id", "subnet_id", "monitor_port")
		},
	},
	{
		id:        "octavia-member-subnet-and-monitor",
		statement: "A member keeps the given subnet and monitor port.",
		proof:     octavia + "octavia/api/v2/types/member.py#L69",
		check: func(c *cloud) response {
			b := c.balancer()
			subnet := c.network.get("/networks/" + b.net).expect(http.StatusOK).text("network.subnets.0")
			made := c.addMember(b, object{"subnet_id": subnet, "monitor_port": 8081}).expect(http.StatusCreated)
			c.waitUntilMutable(b)
			return made.is("member.subnet_id", subnet).is("member.monitor_port", 8081)
		},
	},
	{
		id:        "octavia-member-weight-and-backup",
		statement: "A member keeps the given weight, which may be 0, and whether it is a backup.",
		proof:     octavia + "octavia/api/v2/types/member.py#L69",
		check: func(c *cloud) response {
			b := c.balancer()
			backup := c.addMember(b, object{"weight": 0, "backup": true}).expect(http.StatusCreated)
			c.waitUntilMutable(b)
			backup.is("member.weight", 0).is("member.backup", true)
			return c.addMember(b, object{"address": "198.51.100.21", "weight": 256}).expect(http.StatusCreated).
				is("member.weight", 256).is("member.backup", false)
		},
	},
	{
		id:        "octavia-member-unknown-subnet-400",
		statement: "POST of a member with an unknown subnet returns 400.",
		proof:     octavia + "octavia/common/exceptions.py#L333",
		check: func(c *cloud) response {
			return c.addMember(c.balancer(), object{"subnet_id": unknownID}).
				expectOctaviaError(http.StatusBadRequest, "Subnet "+unknownID+" not found.")
		},
	},
	{
		id:        "octavia-member-duplicate-409",
		statement: "POST of a member with the address, port and subnet of an existing member returns 409.",
		proof:     octavia + "octavia/common/exceptions.py#L166",
		check: func(c *cloud) response {
			b := c.balancer()
			c.addMember(b, nil).expect(http.StatusCreated)
			c.waitUntilMutable(b)
			return c.addMember(b, nil).expectOctaviaError(http.StatusConflict, "Another member on this pool is already using ip 198.51.100.20 on protocol_port 8080")
		},
	},
	{
		id:        "octavia-pending-409",
		statement: "A change while the load balancer is PENDING_UPDATE returns 409 with a message that it is immutable.",
		proof:     octavia + "octavia/common/exceptions.py#L187",
		check: func(c *cloud) response {
			b := c.balancer()
			c.addMember(b, nil).expect(http.StatusCreated)
			refused := c.addMember(b, object{"address": "198.51.100.21"})
			for port := 1; refused.status == http.StatusCreated && port < 20; port++ { // the load balancer may be fast
				refused = c.addMember(b, object{"protocol_port": port})
			}
			return refused.expectOctaviaError(http.StatusConflict, "is immutable and cannot be updated.")
		},
	},
	{
		id:        "octavia-member-list",
		statement: "The members of a pool are listed with address, port and subnet.",
		proof:     octavia + "octavia/api/v2/controllers/member.py#L70",
		check: func(c *cloud) response {
			b := c.balancer()
			made := c.addMember(b, nil).expect(http.StatusCreated)
			c.waitUntilMutable(b)
			return c.loadBalancer.get(b.pool+"/members").expect(http.StatusOK).is("members.0.id", made.text("member.id")).
				is("members.0.address", "198.51.100.20").is("members.0.protocol_port", 8080).is("members.0.subnet_id", nil)
		},
	},
	{
		id:        "octavia-member-delete-204",
		statement: "DELETE of a member returns 204; once the load balancer is ACTIVE again, DELETE returns 404.",
		proof:     octavia + "octavia/api/v2/controllers/member.py#L339",
		check: func(c *cloud) response {
			b := c.balancer()
			member := b.pool + "/members/" + c.addMember(b, nil).expect(http.StatusCreated).text("member.id")
			c.waitUntilMutable(b)
			deleted := c.loadBalancer.delete(member).expect(http.StatusNoContent)
			c.waitUntilMutable(b)
			c.loadBalancer.delete(member).expectOctaviaError(http.StatusNotFound, "not found.")
			return deleted
		},
	},
	{
		id:        "octavia-member-unknown-pool-404",
		statement: "POST of a member of an unknown pool returns 404.",
		proof:     octavia + "octavia/api/v2/controllers/pool.py#L540",
		check: func(c *cloud) response {
			c.needsOctavia()
			return c.addMember(balancer{pool: "/pools/" + unknownID}, nil).expect(http.StatusNotFound)
		},
	},
	{
		id:        "octavia-members-additive-202",
		statement: "PUT of members with additive_only adds several members, returns 202 and keeps the existing ones.",
		proof:     octavia + "octavia/api/v2/controllers/member.py#L380",
		check: func(c *cloud) response {
			b := c.balancer()
			c.addMember(b, nil).expect(http.StatusCreated)
			c.waitUntilMutable(b)
			accepted := c.loadBalancer.put(b.pool+"/members?additive_only=true", object{"members": list{
				object{"address": "198.51.100.21", "protocol_port": 8080}, object{"address": "198.51.100.22", "protocol_port": 8080},
			}}).expect(http.StatusAccepted)
			c.waitUntilMutable(b)
			members := c.loadBalancer.get(b.pool + "/members").expect(http.StatusOK)
			require.ElementsMatch(c.t, []string{"198.51.100.20", "198.51.100.21", "198.51.100.22"}, members.each("members", "address"))
			return accepted
		},
	},
}
