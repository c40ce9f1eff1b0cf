package contract_test

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/stretchr/testify/require"
)

var novaServerClaims = []claim{
	{
		id:    "nova-server-shape",
		says:  "A server tells its state, zone, addresses with MAC and type, groups, key, image and flavor by id.",
		proof: nova + "nova/api/openstack/compute/views/servers.py#L259",
		check: func(c *cloud) answer {
			path := c.server(object{"key_name": c.fixtures.KeyPair})
			network := c.network.get("/networks/" + c.fixtures.Network).text("network.name")
			seen := c.compute.get(path).wants(http.StatusOK)
			first := "server.addresses." + network + ".0"
			require.Regexp(c.t, `^([0-9a-f]{2}:){5}[0-9a-f]{2}$`, seen.text(first+".OS-EXT-IPS-MAC:mac_addr"))
			return seen.is(first+".version", 4).is(first+".OS-EXT-IPS:type", "fixed").
				is("server.image.id", c.fixtures.Image).is("server.flavor.id", c.flavor(c.fixtures.Flavor)).
				is("server.key_name", c.fixtures.KeyPair).is("server.security_groups.0.name", "default").
				is("server.OS-EXT-STS:power_state", 1).is("server.tenant_id", c.projectID).
				wantsKeys("server", "name", "created", "updated", "metadata", "OS-EXT-AZ:availability_zone",
					"OS-EXT-STS:task_state", "os-extended-volumes:volumes_attached")
		},
	},
	{
		id:    "nova-server-flavor-embedded-2.47",
		says:  "From microversion 2.47 on a server has its flavor's name and sizes in place of the id.",
		proof: nova + "nova/api/openstack/compute/views/servers.py#L658",
		check: func(c *cloud) answer {
			seen := c.novaAt("2.47").get(c.building(object{"flavorRef": c.flavor(c.fixtures.FlavorWithEphemeral)})).wants(http.StatusOK)
			require.NotContains(c.t, seen.value("server.flavor"), "id")
			return seen.is("server.flavor.original_name", c.fixtures.FlavorWithEphemeral).
				wantsKeys("server.flavor", "vcpus", "ram", "disk", "ephemeral", "swap")
		},
	},
	{
		id:    "nova-server-unknown-404",
		says:  "An unknown server is answered 404 with its id.",
		proof: nova + "nova/exception.py#L1455",
		check: func(c *cloud) answer {
			return c.compute.get("/servers/" + nobody).notFound("Instance " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-server-not-uuid-404",
		says:  "An id that is no UUID is answered 404 as well.",
		proof: nova + "nova/exception.py#L1455",
		check: func(c *cloud) answer {
			return c.compute.get("/servers/nonsense").notFound("Instance nonsense could not be found.")
		},
	},
	{
		id:    "nova-name-filter-regexp",
		says:  "The name filter is a regular expression found anywhere in the name; anchors make it exact.",
		proof: nova + "nova/db/main/api.py#L2007",
		check: func(c *cloud) answer {
			name := c.name("vm")
			c.building(object{"name": name})
			c.building(object{"name": name + "0"})
			require.ElementsMatch(c.t, []string{name, name + "0"}, c.named(name))
			require.Equal(c.t, []string{name}, c.named("^"+regexp.QuoteMeta(name)+"$"))
			require.Empty(c.t, c.named("^"+name[1:]))
			return c.compute.list("/servers", url.Values{"name": {"^" + name + "$"}})
		},
	},
	{
		id:    "nova-name-filter-empty",
		says:  "A name that no server has gives an empty list, not 404.",
		proof: nova + "nova/api/openstack/compute/servers.py#L173",
		check: func(c *cloud) answer {
			seen := c.compute.list("/servers/detail", url.Values{"name": {c.name("vm")}}).wants(http.StatusOK)
			require.Zero(c.t, seen.size("servers"))
			return seen
		},
	},
	{
		id:    "nova-server-pages",
		says:  "A server list cut by limit carries a next link with the last id as marker.",
		proof: nova + "nova/api/openstack/common.py#L416",
		check: func(c *cloud) answer {
			name := c.name("vm")
			c.building(object{"name": name})
			c.building(object{"name": name})
			seen := c.compute.list("/servers", url.Values{"name": {name}, "limit": {"1"}}).wants(http.StatusOK)
			require.Equal(c.t, 1, seen.size("servers"))
			return seen.is("servers_links.0.rel", "next").says("servers_links.0.href", "marker="+seen.text("servers.0.id"))
		},
	},
	{
		id:    "nova-rename",
		says:  "PUT gives a server another name and answers with the server.",
		proof: nova + "nova/api/openstack/compute/servers.py#L912",
		check: func(c *cloud) answer {
			name := c.name("renamed")
			return c.compute.put(c.building(nil), object{"server": object{"name": name}}).wants(http.StatusOK).
				is("server.name", name).wantsKeys("server", "status", "metadata")
		},
	},
	{
		id:    "nova-delete-build-204",
		says:  "DELETE of a server in BUILD is answered 204, and the server goes.",
		proof: nova + "nova/api/openstack/compute/servers.py#L1107",
		check: func(c *cloud) answer {
			path := c.building(nil)
			c.compute.get(path).wants(http.StatusOK).is("server.status", "BUILD")
			deleted := c.compute.delete(path).wants(http.StatusNoContent)
			c.gone(c.compute, path)
			return deleted
		},
	},
	{
		id:    "nova-delete-active-204",
		says:  "DELETE of a running server is answered 204 with an empty body at once; the server goes later.",
		proof: nova + "nova/api/openstack/compute/servers.py#L1107",
		check: func(c *cloud) answer {
			path := c.server(nil)
			deleted := c.compute.delete(path).wants(http.StatusNoContent)
			require.Empty(c.t, deleted.body)
			c.gone(c.compute, path)
			return deleted
		},
	},
	{
		id:    "nova-delete-while-deleting-204",
		says:  "DELETE of a server that is being deleted is answered 204 again, or 404 when it is gone.",
		proof: nova + "nova/compute/api.py#L2748",
		check: func(c *cloud) answer {
			path := c.server(nil)
			c.compute.delete(path).wants(http.StatusNoContent)
			return c.compute.delete(path).wants(http.StatusNoContent, http.StatusNotFound)
		},
	},
	{
		id:    "nova-delete-gone-404",
		says:  "DELETE of a server that is gone is answered 404.",
		proof: nova + "nova/exception.py#L1455",
		check: func(c *cloud) answer {
			path := c.building(nil)
			c.compute.delete(path).wants(http.StatusNoContent)
			c.gone(c.compute, path)
			return c.compute.delete(path).notFound("could not be found.")
		},
	},
	{
		id:    "nova-force-delete-202",
		says:  "Action forceDelete is answered 202, and the server goes, also where the cloud keeps deleted ones.",
		proof: nova + "nova/api/openstack/compute/deferred_delete.py#L58",
		check: func(c *cloud) answer {
			path := c.server(nil)
			accepted := c.act(path, "forceDelete", nil).wants(http.StatusAccepted)
			c.gone(c.compute, path)
			return accepted
		},
	},
	{
		id:    "nova-deleted-not-listed",
		says:  "A server that is gone is in no list any more.",
		proof: nova + "nova/api/openstack/compute/servers.py#L252",
		check: func(c *cloud) answer {
			name := c.name("vm")
			path := c.building(object{"name": name})
			c.compute.delete(path).wants(http.StatusNoContent)
			last := c.gone(c.compute, path)
			require.Empty(c.t, c.named(name))
			return last
		},
	},
	{
		id:    "nova-no-valid-host",
		says:  "A server that cannot be placed ends in ERROR, with the reason in its fault.",
		proof: nova + "nova/api/openstack/compute/views/servers.py#L700",
		check: func(c *cloud) answer {
			return c.compute.get(c.impossible()).wants(http.StatusOK).
				is("server.fault.code", 500).says("server.fault.message", "No valid host was found.").
				wantsKeys("server.fault", "created")
		},
	},
	{
		id:    "nova-delete-error-204",
		says:  "DELETE of a server in ERROR is answered 204, and the server goes.",
		proof: nova + "nova/api/openstack/compute/servers.py#L1107",
		check: func(c *cloud) answer {
			path := c.impossible()
			deleted := c.compute.delete(path).wants(http.StatusNoContent)
			c.gone(c.compute, path)
			return deleted
		},
	},
}

// impossible returns the path of a server in ERROR: it must be beside another one, in another zone.
func (c *cloud) impossible() string {
	c.t.Helper()
	together := object{"group": c.serverGroup("affinity")}
	first := c.createServerHinted(object{"availability_zone": c.fixtures.Zone}, together).wants(http.StatusAccepted)
	c.becomes(c.compute, "/servers/"+first.text("server.id"), "server.status", "ACTIVE")
	second := c.createServerHinted(object{"availability_zone": c.fixtures.OtherZone}, together).wants(http.StatusAccepted)
	path := "/servers/" + second.text("server.id")
	c.becomes(c.compute, path, "server.status", "ERROR")
	return path
}
