package contract_test

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/stretchr/testify/require"
)

var novaServerClaims = []claim{
	{
		id:        "nova-server-shape",
		statement: "GET of a server returns its state, zone, addresses with MAC and type, security groups, key, image and flavor id.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L259",
		check: func(c *cloud) response {
			path := c.activeServer(object{"key_name": c.fixtures.KeyPair})
			network := c.network.get("/networks/" + c.fixtures.Network).text("network.name")
			seen := c.compute.get(path).expect(http.StatusOK)
			first := "server.addresses." + network + ".0"
			require.Regexp(c.t, `^([0-9a-f]{2}:){5}[0-9a-f]{2}$`, seen.text(first+".OS-EXT-IPS-MAC:mac_addr"))
			return seen.is(first+".version", 4).is(first+".OS-EXT-IPS:type", "fixed").
				is("server.image.id", c.fixtures.Image).is("server.flavor.id", c.flavor(c.fixtures.Flavor)).
				is("server.key_name", c.fixtures.KeyPair).is("server.security_groups.0.name", "default").
				is("server.OS-EXT-STS:power_state", 1).is("server.tenant_id", c.projectID).
				expectKeys("server", "name", "created", "updated", "metadata", "OS-EXT-AZ:availability_zone",
					"OS-EXT-STS:task_state", "os-extended-volumes:volumes_attached")
		},
	},
	{
		id:        "nova-server-flavor-embedded-2.47",
		statement: "From microversion 2.47 on, a server contains its flavor's name and sizes instead of the flavor's id.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L658",
		check: func(c *cloud) response {
			seen := c.novaAt("2.47").get(c.buildingServer(object{"flavorRef": c.flavor(c.fixtures.FlavorWithEphemeral)})).expect(http.StatusOK)
			require.NotContains(c.t, seen.value("server.flavor"), "id")
			return seen.is("server.flavor.original_name", c.fixtures.FlavorWithEphemeral).
				expectKeys("server.flavor", "vcpus", "ram", "disk", "ephemeral", "swap")
		},
	},
	{
		id:        "nova-server-unknown-404",
		statement: "GET of an unknown server returns 404 with its id.",
		proof:     nova + "nova/exception.py#L1455",
		check: func(c *cloud) response {
			return c.compute.get("/servers/" + unknownID).notFound("Instance " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-server-not-uuid-404",
		statement: "GET of a server id that is not a UUID returns 404.",
		proof:     nova + "nova/exception.py#L1455",
		check: func(c *cloud) response {
			return c.compute.get("/servers/nonsense").notFound("Instance nonsense could not be found.")
		},
	},
	{
		id:        "nova-name-filter-regexp",
		statement: "The name filter of servers is an unanchored regular expression; with anchors it matches exactly.",
		proof:     nova + "nova/db/main/api.py#L2007",
		check: func(c *cloud) response {
			name := c.name("vm")
			c.buildingServer(object{"name": name})
			c.buildingServer(object{"name": name + "0"})
			require.ElementsMatch(c.t, []string{name, name + "0"}, c.serversNamed(name))
			require.Equal(c.t, []string{name}, c.serversNamed("^"+regexp.QuoteMeta(name)+"$"))
			require.Empty(c.t, c.serversNamed("^"+name[1:]))
			return c.compute.list("/servers", url.Values{"name": {"^" + name + "$"}})
		},
	},
	{
		id:        "nova-name-filter-empty",
		statement: "A name filter that matches no server returns an empty list, not 404.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L173",
		check: func(c *cloud) response {
			seen := c.compute.list("/servers/detail", url.Values{"name": {c.name("vm")}}).expect(http.StatusOK)
			require.Zero(c.t, seen.size("servers"))
			return seen
		},
	},
	{
		id:        "nova-server-pages",
		statement: "A server list truncated by limit has a next link with the last id as marker.",
		proof:     nova + "nova/api/openstack/common.py#L416",
		check: func(c *cloud) response {
			name := c.name("vm")
			c.buildingServer(object{"name": name})
			c.buildingServer(object{"name": name})
			seen := c.compute.list("/servers", url.Values{"name": {name}, "limit": {"1"}}).expect(http.StatusOK)
			require.Equal(c.t, 1, seen.size("servers"))
			return seen.is("servers_links.0.rel", "next").contains("servers_links.0.href", "marker="+seen.text("servers.0.id"))
		},
	},
	{
		id:        "nova-rename",
		statement: "PUT changes the name of a server and returns the server.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L912",
		check: func(c *cloud) response {
			name := c.name("renamed")
			return c.compute.put(c.buildingServer(nil), object{"server": object{"name": name}}).expect(http.StatusOK).
				is("server.name", name).expectKeys("server", "status", "metadata")
		},
	},
	{
		id:        "nova-delete-build-204",
		statement: "DELETE of a server in BUILD returns 204; the server is removed asynchronously.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L1107",
		check: func(c *cloud) response {
			path := c.buildingServer(nil)
			c.compute.get(path).expect(http.StatusOK).is("server.status", "BUILD")
			deleted := c.compute.delete(path).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, path)
			return deleted
		},
	},
	{
		id:        "nova-delete-active-204",
		statement: "DELETE of a running server returns 204 with an empty body; the server is removed asynchronously.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L1107",
		check: func(c *cloud) response {
			path := c.activeServer(nil)
			deleted := c.compute.delete(path).expect(http.StatusNoContent)
			require.Empty(c.t, deleted.body)
			c.waitUntilGone(c.compute, path)
			return deleted
		},
	},
	{
		id:        "nova-delete-while-deleting-204",
		statement: "DELETE of a server that is being deleted returns 204, or 404 once it is removed.",
		proof:     nova + "nova/compute/api.py#L2748",
		check: func(c *cloud) response {
			path := c.activeServer(nil)
			c.compute.delete(path).expect(http.StatusNoContent)
			return c.compute.delete(path).expect(http.StatusNoContent, http.StatusNotFound)
		},
	},
	{
		id:        "nova-delete-gone-404",
		statement: "DELETE of a deleted server returns 404.",
		proof:     nova + "nova/exception.py#L1455",
		check: func(c *cloud) response {
			path := c.buildingServer(nil)
			c.compute.delete(path).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, path)
			return c.compute.delete(path).notFound("could not be found.")
		},
	},
	{
		id:        "nova-force-delete-202",
		statement: "Action forceDelete returns 202 and removes the server, also if the cloud has deferred deletion enabled.",
		proof:     nova + "nova/api/openstack/compute/deferred_delete.py#L58",
		check: func(c *cloud) response {
			path := c.activeServer(nil)
			accepted := c.serverAction(path, "forceDelete", nil).expect(http.StatusAccepted)
			c.waitUntilGone(c.compute, path)
			return accepted
		},
	},
	{
		id:        "nova-deleted-not-listed",
		statement: "A deleted server is not listed.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L252",
		check: func(c *cloud) response {
			name := c.name("vm")
			path := c.buildingServer(object{"name": name})
			c.compute.delete(path).expect(http.StatusNoContent)
			last := c.waitUntilGone(c.compute, path)
			require.Empty(c.t, c.serversNamed(name))
			return last
		},
	},
	{
		id:        "nova-no-valid-host",
		statement: "A server that cannot be scheduled gets status ERROR with the reason in its fault.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L700",
		check: func(c *cloud) response {
			return c.compute.get(c.serverInError()).expect(http.StatusOK).
				is("server.fault.code", 500).contains("server.fault.message", "No valid host was found.").
				expectKeys("server.fault", "created")
		},
	},
	{
		id:        "nova-delete-error-204",
		statement: "DELETE of a server in ERROR returns 204; the server is removed asynchronously.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L1107",
		check: func(c *cloud) response {
			path := c.serverInError()
			deleted := c.compute.delete(path).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, path)
			return deleted
		},
	},
}

// serverInError returns the path of a server in ERROR: its affinity group
// requires the host of a server in another zone.
func (c *cloud) serverInError() string {
	c.t.Helper()
	together := object{"group": c.serverGroup("affinity")}
	first := c.createServerHinted(object{"availability_zone": c.fixtures.Zone}, together).expect(http.StatusAccepted)
	c.waitFor(c.compute, "/servers/"+first.text("server.id"), "server.status", "ACTIVE")
	second := c.createServerHinted(object{"availability_zone": c.fixtures.OtherZone}, together).expect(http.StatusAccepted)
	path := "/servers/" + second.text("server.id")
	c.waitFor(c.compute, path, "server.status", "ERROR")
	return path
}
