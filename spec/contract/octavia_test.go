package contract_test

import (
	"maps"
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
	net  string // id of the network it stands in
}

// balancer makes a load balancer on a network of its own, and waits until it can be changed.
func (c *cloud) balancer() balancer {
	c.t.Helper()
	if c.loadBalancer.url == "" {
		c.lacks("load balancers in the cloud")
	}
	network := c.bareNetwork(nil)
	subnet := c.subnet(network, nil).text("subnet.id")
	made := c.loadBalancer.post("/loadbalancers", object{"loadbalancer": object{
		"name": c.name("balancer"), "vip_subnet_id": subnet,
	}}).wants(http.StatusCreated)
	b := balancer{path: "/loadbalancers/" + made.text("loadbalancer.id"), name: c.name("pool"), net: network}
	c.t.Cleanup(func() {
		c.changeable(b)
		c.loadBalancer.delete(b.path + "?cascade=true")
		c.balancerGone(b)
	})
	c.changeable(b)
	pool := c.loadBalancer.post("/pools", object{"pool": object{
		"name": b.name, "protocol": "TCP", "lb_algorithm": "ROUND_ROBIN", "loadbalancer_id": made.text("loadbalancer.id"),
	}}).wants(http.StatusCreated)
	b.pool = "/pools/" + pool.text("pool.id")
	c.changeable(b)
	return b
}

// balancerGone waits until the load balancer is DELETED or unknown.
func (c *cloud) balancerGone(b balancer) {
	c.t.Helper()
	c.until(b.path+" is gone",
		func() answer { return c.loadBalancer.get(b.path) },
		func(a answer) bool {
			return a.status == http.StatusNotFound || a.value("loadbalancer.provisioning_status") == "DELETED"
		})
}

// changeable waits until the load balancer is ACTIVE.
func (c *cloud) changeable(b balancer) {
	c.t.Helper()
	c.becomes(c.loadBalancer, b.path, "loadbalancer.provisioning_status", "ACTIVE")
}

// addMember asks for a member of the pool.
func (c *cloud) addMember(b balancer, given object) answer {
	c.t.Helper()
	member := object{"address": "198.51.100.20", "protocol_port": 8080}
	maps.Copy(member, given)
	return c.loadBalancer.post(b.pool+"/members", object{"member": member})
}

// wantsOctavia fails the claim unless the answer is octavia's error with this status and words.
func (a answer) wantsOctavia(status int, words ...string) answer {
	a.t.Helper()
	return a.wants(status).is("faultcode", "Client").is("debuginfo", nil).says("faultstring", words...)
}

var octaviaClaims = []claim{
	{
		id:    "octavia-pool-by-name",
		says:  "A pool is found by its exact name and names its load balancer.",
		proof: octavia + "octavia/api/v2/types/pool.py#L70",
		check: func(c *cloud) answer {
			b := c.balancer()
			return c.loadBalancer.list("/pools", url.Values{"name": {b.name}}).wants(http.StatusOK).
				is("pools.0.id", strings.TrimPrefix(b.pool, "/pools/")).is("pools.0.name", b.name).
				is("pools.0.loadbalancers", list{object{"id": strings.TrimPrefix(b.path, "/loadbalancers/")}}).
				wantsKeys("pools.0", "members", "listeners", "provisioning_status")
		},
	},
	{
		id:    "octavia-pool-name-unknown",
		says:  "A name that no pool has gives an empty list.",
		proof: octavia + "octavia/api/v2/controllers/pool.py#L70",
		check: func(c *cloud) answer {
			if c.loadBalancer.url == "" {
				c.lacks("load balancers in the cloud")
			}
			return c.loadBalancer.list("/pools", url.Values{"name": {c.name("pool")}}).wants(http.StatusOK).is("pools", list{})
		},
	},
	{
		id:    "octavia-pool-same-name",
		says:  "Two pools may have one name.",
		proof: octavia + "octavia/api/v2/controllers/pool.py#L205",
		check: func(c *cloud) answer {
			b := c.balancer()
			c.loadBalancer.post("/pools", object{"pool": object{
				"name": b.name, "protocol": "TCP", "lb_algorithm": "ROUND_ROBIN",
				"loadbalancer_id": strings.TrimPrefix(b.path, "/loadbalancers/"),
			}}).wants(http.StatusCreated)
			seen := c.loadBalancer.list("/pools", url.Values{"name": {b.name}}).wants(http.StatusOK)
			require.Equal(c.t, 2, seen.size("pools"))
			return seen
		},
	},
	{
		id:    "octavia-pool-unknown-404",
		says:  "An unknown pool is answered 404.",
		proof: octavia + "octavia/common/exceptions.py#L72",
		check: func(c *cloud) answer {
			if c.loadBalancer.url == "" {
				c.lacks("load balancers in the cloud")
			}
			return c.loadBalancer.get("/pools/"+nobody).wantsOctavia(http.StatusNotFound, "Pool "+nobody+" not found.")
		},
	},
	{
		id:    "octavia-member-201",
		says:  "A new member is answered 201 in PENDING_CREATE; the load balancer is PENDING_UPDATE and then ACTIVE again.",
		proof: octavia + "octavia/api/v2/controllers/member.py#L145",
		check: func(c *cloud) answer {
			b := c.balancer()
			made := c.addMember(b, nil).wants(http.StatusCreated)
			c.changeable(b)
			c.becomes(c.loadBalancer, b.pool+"/members/"+made.text("member.id"), "member.provisioning_status", "ACTIVE")
			return made.is("member.address", "198.51.100.20").is("member.protocol_port", 8080).is("member.weight", 1).
				is("member.provisioning_status", "PENDING_CREATE").wantsKeys("member", "id", "subnet_id", "monitor_port")
		},
	},
	{
		id:    "octavia-member-subnet-and-monitor",
		says:  "A member keeps the subnet and the monitor port it was given.",
		proof: octavia + "octavia/api/v2/types/member.py#L69",
		check: func(c *cloud) answer {
			b := c.balancer()
			subnet := c.network.get("/networks/" + b.net).wants(http.StatusOK).text("network.subnets.0")
			made := c.addMember(b, object{"subnet_id": subnet, "monitor_port": 8081}).wants(http.StatusCreated)
			c.changeable(b)
			return made.is("member.subnet_id", subnet).is("member.monitor_port", 8081)
		},
	},
	{
		id:    "octavia-member-unknown-subnet-400",
		says:  "A member with an unknown subnet is answered 400.",
		proof: octavia + "octavia/common/exceptions.py#L333",
		check: func(c *cloud) answer {
			return c.addMember(c.balancer(), object{"subnet_id": nobody}).
				wantsOctavia(http.StatusBadRequest, "Subnet "+nobody+" not found.")
		},
	},
	{
		id:    "octavia-member-duplicate-409",
		says:  "A member with the address, port and subnet of another is answered 409.",
		proof: octavia + "octavia/common/exceptions.py#L166",
		check: func(c *cloud) answer {
			b := c.balancer()
			c.addMember(b, nil).wants(http.StatusCreated)
			c.changeable(b)
			return c.addMember(b, nil).wantsOctavia(http.StatusConflict, "Another member on this pool is already using ip 198.51.100.20 on protocol_port 8080")
		},
	},
	{
		id:    "octavia-pending-409",
		says:  "A change while the load balancer is PENDING_UPDATE is answered 409, immutable.",
		proof: octavia + "octavia/common/exceptions.py#L187",
		check: func(c *cloud) answer {
			b := c.balancer()
			c.addMember(b, nil).wants(http.StatusCreated)
			refused := c.addMember(b, object{"address": "198.51.100.21"})
			for port := 1; refused.status == http.StatusCreated && port < 20; port++ { // a quick load balancer
				refused = c.addMember(b, object{"protocol_port": port})
			}
			return refused.wantsOctavia(http.StatusConflict, "is immutable and cannot be updated.")
		},
	},
	{
		id:    "octavia-member-list",
		says:  "The members of a pool are listed with address, port and subnet.",
		proof: octavia + "octavia/api/v2/controllers/member.py#L70",
		check: func(c *cloud) answer {
			b := c.balancer()
			made := c.addMember(b, nil).wants(http.StatusCreated)
			c.changeable(b)
			return c.loadBalancer.get(b.pool+"/members").wants(http.StatusOK).is("members.0.id", made.text("member.id")).
				is("members.0.address", "198.51.100.20").is("members.0.protocol_port", 8080).is("members.0.subnet_id", nil)
		},
	},
	{
		id:    "octavia-member-delete-204",
		says:  "DELETE of a member is answered 204; it is gone once the load balancer is ACTIVE, and then answered 404.",
		proof: octavia + "octavia/api/v2/controllers/member.py#L339",
		check: func(c *cloud) answer {
			b := c.balancer()
			member := b.pool + "/members/" + c.addMember(b, nil).wants(http.StatusCreated).text("member.id")
			c.changeable(b)
			deleted := c.loadBalancer.delete(member).wants(http.StatusNoContent)
			c.changeable(b)
			c.loadBalancer.delete(member).wantsOctavia(http.StatusNotFound, "not found.")
			return deleted
		},
	},
	{
		id:    "octavia-member-unknown-pool-404",
		says:  "A member for an unknown pool is answered 404.",
		proof: octavia + "octavia/api/v2/controllers/pool.py#L540",
		check: func(c *cloud) answer {
			if c.loadBalancer.url == "" {
				c.lacks("load balancers in the cloud")
			}
			return c.addMember(balancer{pool: "/pools/" + nobody}, nil).wants(http.StatusNotFound)
		},
	},
	{
		id:    "octavia-members-additive-202",
		says:  "PUT of members with additive_only adds several at once, is answered 202 and keeps the others.",
		proof: octavia + "octavia/api/v2/controllers/member.py#L380",
		check: func(c *cloud) answer {
			b := c.balancer()
			c.addMember(b, nil).wants(http.StatusCreated)
			c.changeable(b)
			accepted := c.loadBalancer.put(b.pool+"/members?additive_only=true", object{"members": list{
				object{"address": "198.51.100.21", "protocol_port": 8080}, object{"address": "198.51.100.22", "protocol_port": 8080},
			}}).wants(http.StatusAccepted)
			c.changeable(b)
			members := c.loadBalancer.get(b.pool + "/members").wants(http.StatusOK)
			require.ElementsMatch(c.t, []string{"198.51.100.20", "198.51.100.21", "198.51.100.22"}, members.each("members", "address"))
			return accepted
		},
	},
}
