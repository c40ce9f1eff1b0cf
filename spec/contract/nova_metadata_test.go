package contract_test

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

var novaMetadataClaims = []claim{
	{
		id:        "nova-metadata-merge",
		statement: "POST of server metadata merges it into the existing metadata and returns the complete map.",
		proof:     nova + "nova/api/openstack/compute/server_metadata.py#L64",
		check: func(c *cloud) response {
			path := c.activeServer(object{"metadata": object{"kept": "1", "changed": "1"}})
			return c.compute.post(path+"/metadata", object{"metadata": object{"changed": "2", "new": "3"}}).
				expect(http.StatusOK).is("metadata", object{"kept": "1", "changed": "2", "new": "3"})
		},
	},
	{
		id:        "nova-metadata-value-255",
		statement: "Metadata keys and values of 255 characters are accepted, keys with spaces, dots and colons, and values with any Unicode character.",
		proof:     nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) response {
			items := object{strings.Repeat("k", 255): strings.Repeat("ü", 255), "a b.c:d-e_f": "", "job": "höher/0"}
			return c.compute.post(c.activeServer(nil)+"/metadata", object{"metadata": items}).expect(http.StatusOK).is("metadata", items)
		},
	},
	{
		id:        "nova-metadata-value-256-400",
		statement: "A metadata value of 256 characters returns 400, and no item of the request is stored.",
		proof:     nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) response {
			path := c.activeServer(nil)
			refused := c.compute.post(path+"/metadata", object{"metadata": object{"long": strings.Repeat("v", 256), "short": "v"}}).
				badRequest("Invalid input for field/attribute long", "is too long")
			c.compute.get(path+"/metadata").expect(http.StatusOK).is("metadata", object{})
			return refused
		},
	},
	{
		id:        "nova-metadata-key-400",
		statement: "A metadata key with a slash, or of 256 characters, returns 400.",
		proof:     nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) response {
			path := c.buildingServer(nil) + "/metadata"
			c.compute.post(path, object{"metadata": object{"a/b": "c"}}).badRequest("does not match any of the regexes")
			return c.compute.post(path, object{"metadata": object{strings.Repeat("k", 256): "v"}}).
				badRequest("does not match any of the regexes")
		},
	},
	{
		id:        "nova-metadata-not-string-400",
		statement: "A metadata value that is not a string returns 400.",
		proof:     nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) response {
			return c.compute.post(c.buildingServer(nil)+"/metadata", object{"metadata": object{"index": 0}}).
				badRequest("is not of type 'string'")
		},
	},
	{
		id:        "nova-metadata-quota-403",
		statement: "POST of metadata that would exceed the quota of items (128 by default) returns 403.",
		proof:     nova + "nova/api/openstack/compute/server_metadata.py#L118",
		check: func(c *cloud) response {
			limited := c.withQuota(quotas{compute: object{"metadata_items": 2}})
			spec := limited.ownImageAndNetwork()
			spec["metadata"] = manyItems(2)
			server := limited.activeServer(spec)
			return limited.compute.post(server+"/metadata", object{"metadata": object{"another": "v"}}).
				forbidden("Maximum number of metadata items exceeds 2")
		},
	},
	{
		id:        "nova-metadata-building-409",
		statement: "POST of metadata of a server in BUILD returns 409.",
		proof:     nova + "nova/compute/api.py#L5544",
		check: func(c *cloud) response {
			return c.compute.post(c.buildingServer(nil)+"/metadata", object{"metadata": object{"a": "b"}}).
				conflict("Cannot 'update metadata' instance", "while it is in vm_state building")
		},
	},
	{
		id:        "nova-metadata-stopped",
		statement: "The metadata of a stopped server can be changed.",
		proof:     nova + "nova/compute/api.py#L5544",
		check: func(c *cloud) response {
			return c.compute.post(c.stoppedServer()+"/metadata", object{"metadata": object{"a": "b"}}).
				expect(http.StatusOK).is("metadata", object{"a": "b"})
		},
	},
	{
		id:        "nova-metadata-unknown-server-404",
		statement: "POST of metadata of an unknown server returns 404.",
		proof:     nova + "nova/exception.py#L1455",
		check: func(c *cloud) response {
			return c.compute.post("/servers/"+unknownID+"/metadata", object{"metadata": object{"a": "b"}}).
				notFound("Instance " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-metadata-item",
		statement: "GET of one metadata item returns it in the field meta, or 404 if it does not exist.",
		proof:     nova + "nova/api/openstack/compute/server_metadata.py#L139",
		check: func(c *cloud) response {
			path := c.activeServer(object{"metadata": object{"registry_key": "vm-1"}}) + "/metadata/"
			c.compute.get(path+"registry_key").expect(http.StatusOK).is("meta", object{"registry_key": "vm-1"})
			return c.compute.get(path + "absent").notFound("Metadata item was not found")
		},
	},
	{
		id:        "nova-metadata-delete-item-204",
		statement: "DELETE of one metadata item returns 204 and keeps the others.",
		proof:     nova + "nova/api/openstack/compute/server_metadata.py#L144",
		check: func(c *cloud) response {
			path := c.activeServer(object{"metadata": object{"kept": "1", "dropped": "1"}}) + "/metadata"
			deleted := c.compute.delete(path + "/dropped").expect(http.StatusNoContent)
			c.compute.get(path).expect(http.StatusOK).is("metadata", object{"kept": "1"})
			return deleted
		},
	},
	{
		id:        "nova-metadata-on-active",
		statement: "The metadata of a running server can be changed, and GET of the server returns the new values.",
		proof:     nova + "nova/compute/api.py#L5544",
		check: func(c *cloud) response {
			path := c.activeServer(nil)
			c.compute.post(path+"/metadata", object{"metadata": object{"name": "web/0"}}).expect(http.StatusOK)
			seen := c.compute.get(path).expect(http.StatusOK).is("server.metadata.name", "web/0")
			require.Equal(c.t, 1, seen.size("server.metadata"))
			return seen
		},
	},
}
