package contract_test

import (
	"net/http"

	"github.com/stretchr/testify/require"
)

// serverGroup makes a server group with the policy and returns its id.
func (c *cloud) serverGroup(policy string) string {
	c.t.Helper()
	made := c.novaAt("2.15").post("/os-server-groups", object{"server_group": object{
		"name": c.name("group"), "policies": list{policy},
	}}).wants(http.StatusOK)
	id := made.text("server_group.id")
	c.atTheEnd(c.compute, "/os-server-groups/"+id)
	return id
}

var novaGroupClaims = []claim{
	{
		id:    "nova-server-group-create",
		says:  "Before microversion 2.64 a server group is made with a list of one policy, and answered 200.",
		proof: nova + "nova/api/openstack/compute/schemas/server_groups.py#L54",
		check: func(c *cloud) answer {
			made := c.novaAt("2.15").post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policies": list{"soft-anti-affinity"},
			}}).wants(http.StatusOK)
			c.atTheEnd(c.compute, "/os-server-groups/"+made.text("server_group.id"))
			return made.is("server_group.policies", list{"soft-anti-affinity"}).is("server_group.members", list{})
		},
	},
	{
		id:    "nova-server-group-create-2.64",
		says:  "From microversion 2.64 on a server group is made with one policy, and policies is refused.",
		proof: nova + "nova/api/openstack/compute/schemas/server_groups.py#L60",
		check: func(c *cloud) answer {
			at264 := c.novaAt("2.64")
			at264.post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policies": list{"anti-affinity"},
			}}).wants(http.StatusBadRequest)
			made := at264.post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policy": "anti-affinity",
			}}).wants(http.StatusOK)
			c.atTheEnd(c.compute, "/os-server-groups/"+made.text("server_group.id"))
			return made.is("server_group.policy", "anti-affinity")
		},
	},
	{
		id:    "nova-server-group-soft-needs-2.15",
		says:  "The soft policies are answered 400 before microversion 2.15.",
		proof: nova + "nova/api/openstack/compute/schemas/server_groups.py#L57",
		check: func(c *cloud) answer {
			return c.compute.post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policies": list{"soft-anti-affinity"},
			}}).badRequest("'soft-anti-affinity' is not one of")
		},
	},
	{
		id:    "nova-server-group-member",
		says:  "A server made with the group as hint is a member of it until it is deleted.",
		proof: nova + "nova/api/openstack/compute/server_groups.py#L89",
		check: func(c *cloud) answer {
			group := c.serverGroup("soft-anti-affinity")
			made := c.createServerHinted(nil, object{"group": group}).wants(http.StatusAccepted)
			id := made.text("server.id")
			c.becomes(c.compute, "/servers/"+id, "server.status", "ACTIVE")
			seen := c.compute.get("/os-server-groups/"+group).wants(http.StatusOK).is("server_group.members", list{id})
			c.compute.delete("/servers/" + id).wants(http.StatusNoContent)
			c.gone(c.compute, "/servers/"+id)
			c.compute.get("/os-server-groups/"+group).wants(http.StatusOK).is("server_group.members", list{})
			return seen
		},
	},
	{
		id:    "nova-server-group-list",
		says:  "The project's server groups are listed with their names, which need not be unique.",
		proof: nova + "nova/api/openstack/compute/server_groups.py#L149",
		check: func(c *cloud) answer {
			name := c.name("twin")
			for range 2 {
				made := c.novaAt("2.15").post("/os-server-groups", object{"server_group": object{
					"name": name, "policies": list{"soft-anti-affinity"},
				}}).wants(http.StatusOK)
				c.atTheEnd(c.compute, "/os-server-groups/"+made.text("server_group.id"))
			}
			seen := c.compute.get("/os-server-groups").wants(http.StatusOK)
			twins := 0
			for _, found := range seen.each("server_groups", "name") {
				if found == name {
					twins++
				}
			}
			require.Equal(c.t, 2, twins)
			return seen
		},
	},
	{
		id:    "nova-server-group-delete-with-members-204",
		says:  "A server group can be deleted while servers are in it.",
		proof: nova + "nova/api/openstack/compute/server_groups.py#L132",
		check: func(c *cloud) answer {
			group := c.serverGroup("soft-anti-affinity")
			c.createServerHinted(nil, object{"group": group}).wants(http.StatusAccepted)
			return c.compute.delete("/os-server-groups/" + group).wants(http.StatusNoContent)
		},
	},
	{
		id:    "nova-server-group-quota-403",
		says:  "A server group beyond the quota is answered 403.",
		proof: nova + "nova/exception.py#L1420",
		check: func(c *cloud) answer {
			limited := c.withQuota(quotas{compute: object{"server_groups": 0}})
			return limited.novaAt("2.15").post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policies": list{"soft-anti-affinity"},
			}}).forbidden("Quota exceeded, too many server groups.")
		},
	},
	{
		id:    "nova-server-group-unknown-404",
		says:  "An unknown server group is answered 404.",
		proof: nova + "nova/exception.py#L1646",
		check: func(c *cloud) answer {
			return c.compute.get("/os-server-groups/" + nobody).notFound("Instance group " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-hint-unknown-group-400",
		says:  "A hint that names an unknown server group is answered 400.",
		proof: nova + "nova/api/openstack/compute/servers.py#L855",
		check: func(c *cloud) answer {
			return c.createServerHinted(nil, object{"group": nobody}).
				badRequest("Instance group " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-hint-group-not-uuid-400",
		says:  "A server group hint must be a UUID; a name is answered 400.",
		proof: nova + "nova/api/openstack/compute/schemas/servers.py#L95",
		check: func(c *cloud) answer {
			return c.createServerHinted(nil, object{"group": "web"}).badRequest("Invalid input for field/attribute group")
		},
	},
	{
		id:    "nova-hint-any-key-202",
		says:  "Hints with keys nova does not know are accepted and ignored.",
		proof: nova + "nova/api/openstack/compute/schemas/servers.py#L95",
		check: func(c *cloud) answer {
			return c.createServerHinted(nil, object{"contract": "anything"}).wants(http.StatusAccepted)
		},
	},
}
