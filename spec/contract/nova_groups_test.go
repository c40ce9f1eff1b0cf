package contract_test

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

// serverGroup creates a server group with the policy and returns its id.
func (c *cloud) serverGroup(policy string) string {
	c.t.Helper()
	made := c.novaAt("2.15").post("/os-server-groups", object{"server_group": object{
		"name": c.name("group"), "policies": list{policy},
	}}).expect(http.StatusOK)
	id := made.text("server_group.id")
	c.deleteAtEnd(c.compute, "/os-server-groups/"+id)
	return id
}

var novaGroupClaims = []claim{
	{
		id:        "nova-server-group-create",
		statement: "Before microversion 2.64, POST of a server group takes a list with one policy and returns 200.",
		proof:     nova + "nova/api/openstack/compute/schemas/server_groups.py#L54",
		check: func(c *cloud) response {
			made := c.novaAt("2.15").post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policies": list{"soft-anti-affinity"},
			}}).expect(http.StatusOK)
			c.deleteAtEnd(c.compute, "/os-server-groups/"+made.text("server_group.id"))
			return made.is("server_group.policies", list{"soft-anti-affinity"}).is("server_group.members", list{})
		},
	},
	{
		id:        "nova-server-group-create-2.64",
		statement: "From microversion 2.64 on, POST of a server group takes policy, and policies returns 400.",
		proof:     nova + "nova/api/openstack/compute/schemas/server_groups.py#L60",
		check: func(c *cloud) response {
			at264 := c.novaAt("2.64")
			at264.post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policies": list{"anti-affinity"},
			}}).expect(http.StatusBadRequest)
			made := at264.post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policy": "anti-affinity",
			}}).expect(http.StatusOK)
			c.deleteAtEnd(c.compute, "/os-server-groups/"+made.text("server_group.id"))
			return made.is("server_group.policy", "anti-affinity")
		},
	},
	{
		id:        "nova-server-group-soft-needs-2.15",
		statement: "Before microversion 2.15, the soft policies return 400.",
		proof:     nova + "nova/api/openstack/compute/schemas/server_groups.py#L57",
		check: func(c *cloud) response {
			return c.compute.post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policies": list{"soft-anti-affinity"},
			}}).badRequest("'soft-anti-affinity' is not one of")
		},
	},
	{
		id:        "nova-server-group-member",
		statement: "A server created with the group as scheduler hint is a member of the group until it is deleted.",
		proof:     nova + "nova/api/openstack/compute/server_groups.py#L89",
		check: func(c *cloud) response {
			group := c.serverGroup("soft-anti-affinity")
			made := c.createServerHinted(nil, object{"group": group}).expect(http.StatusAccepted)
			id := made.text("server.id")
			c.waitFor(c.compute, "/servers/"+id, "server.status", "ACTIVE")
			seen := c.compute.get("/os-server-groups/"+group).expect(http.StatusOK).is("server_group.members", list{id})
			c.compute.delete("/servers/" + id).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, "/servers/"+id)
			c.compute.get("/os-server-groups/"+group).expect(http.StatusOK).is("server_group.members", list{})
			return seen
		},
	},
	{
		id:        "nova-server-group-list",
		statement: "The project's server groups are listed with their names; names need not be unique.",
		proof:     nova + "nova/api/openstack/compute/server_groups.py#L149",
		check: func(c *cloud) response {
			name := c.name("twin")
			for range 2 {
				made := c.novaAt("2.15").post("/os-server-groups", object{"server_group": object{
					"name": name, "policies": list{"soft-anti-affinity"},
				}}).expect(http.StatusOK)
				c.deleteAtEnd(c.compute, "/os-server-groups/"+made.text("server_group.id"))
			}
			seen := c.compute.get("/os-server-groups").expect(http.StatusOK)
			count := 0
			for _, found := range seen.each("server_groups", "name") {
				if found == name {
					count++
				}
			}
			require.Equal(c.t, 2, count)
			return seen
		},
	},
	{
		id:        "nova-server-group-delete-with-members-204",
		statement: "DELETE of a server group that has members returns 204.",
		proof:     nova + "nova/api/openstack/compute/server_groups.py#L132",
		check: func(c *cloud) response {
			group := c.serverGroup("soft-anti-affinity")
			c.createServerHinted(nil, object{"group": group}).expect(http.StatusAccepted)
			return c.compute.delete("/os-server-groups/" + group).expect(http.StatusNoContent)
		},
	},
	{
		id:        "nova-server-group-quota-403",
		statement: "POST of a server group beyond the quota returns 403.",
		proof:     nova + "nova/exception.py#L1420",
		check: func(c *cloud) response {
			limited := c.withQuota(quotas{compute: object{"server_groups": 0}})
			return limited.novaAt("2.15").post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policies": list{"soft-anti-affinity"},
			}}).forbidden("Quota exceeded, too many server groups.")
		},
	},
	{
		id:        "nova-server-group-members-quota-403",
		statement: "POST of a server in a server group that has as many servers of the user as the quota allows (10 by default) returns 403.",
		proof:     nova + "nova/exception.py#L1425",
		check: func(c *cloud) response {
			limited := c.withQuota(quotas{compute: object{"server_group_members": 0}})
			group := limited.serverGroup("soft-anti-affinity")
			return limited.createServerHinted(limited.ownImageAndNetwork(), object{"group": group}).
				forbidden("Quota exceeded, too many servers in group")
		},
	},
	{
		id:        "nova-server-group-list-members",
		statement: "The list of server groups has the members of each, and the first one as soon as its creation is accepted.",
		proof:     nova + "nova/api/openstack/compute/server_groups.py#L173",
		check: func(c *cloud) response {
			group := c.serverGroup("soft-anti-affinity")
			id := c.createServerHinted(nil, object{"group": group}).expect(http.StatusAccepted).text("server.id")
			seen := c.compute.get("/os-server-groups").expect(http.StatusOK)
			at := slices.Index(seen.each("server_groups", "id"), group)
			require.GreaterOrEqual(c.t, at, 0)
			seen.is(fmt.Sprintf("server_groups.%d.members", at), list{id})
			return seen
		},
	},
	{
		id:        "nova-server-group-rules-2.64",
		statement: "From microversion 2.64 on, a server group with the policy anti-affinity may have max_server_per_host.",
		proof:     nova + "nova/api/openstack/compute/schemas/server_groups.py#L74",
		check: func(c *cloud) response {
			made := c.novaAt("2.64").post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policy": "anti-affinity", "rules": object{"max_server_per_host": 2},
			}}).expect(http.StatusOK)
			c.deleteAtEnd(c.compute, "/os-server-groups/"+made.text("server_group.id"))
			return made.is("server_group.rules.max_server_per_host", 2)
		},
	},
	{
		id:        "nova-server-group-rules-of-other-policies-400",
		statement: "POST of a server group with max_server_per_host and another policy than anti-affinity returns 400.",
		proof:     nova + "nova/api/openstack/compute/server_groups.py#L206",
		check: func(c *cloud) response {
			return c.novaAt("2.64").post("/os-server-groups", object{"server_group": object{
				"name": c.name("group"), "policy": "soft-anti-affinity", "rules": object{"max_server_per_host": 2},
			}}).badRequest("Only anti-affinity policy supports rules.")
		},
	},
	{
		id:        "nova-hint-deleted-group-400",
		statement: "A scheduler hint with a server group that was deleted returns 400, and no server is created.",
		proof:     nova + "nova/compute/api.py#L1619",
		check: func(c *cloud) response {
			group := c.serverGroup("soft-anti-affinity")
			c.compute.delete("/os-server-groups/" + group).expect(http.StatusNoContent)
			return c.createServerHinted(nil, object{"group": group}).badRequest("Instance group " + group + " could not be found.")
		},
	},
	{
		id:        "nova-server-group-unknown-404",
		statement: "GET of an unknown server group returns 404.",
		proof:     nova + "nova/exception.py#L1646",
		check: func(c *cloud) response {
			return c.compute.get("/os-server-groups/" + unknownID).notFound("Instance group " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-hint-unknown-group-400",
		statement: "A scheduler hint with an unknown server group returns 400.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L855",
		check: func(c *cloud) response {
			return c.createServerHinted(nil, object{"group": unknownID}).
				badRequest("Instance group " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-hint-group-not-uuid-400",
		statement: "A scheduler hint with a server group that is not a UUID, such as a name, returns 400.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L95",
		check: func(c *cloud) response {
			return c.createServerHinted(nil, object{"group": "web"}).badRequest("Invalid input for field/attribute group")
		},
	},
	{
		id:        "nova-hint-any-key-202",
		statement: "Unknown keys of scheduler hints are accepted and ignored.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L95",
		check: func(c *cloud) response {
			return c.createServerHinted(nil, object{"contract": "anything"}).expect(http.StatusAccepted)
		},
	},
}
