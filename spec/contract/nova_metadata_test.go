package contract_test

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

var novaMetadataClaims = []claim{
	{
		id:    "nova-metadata-merge",
		says:  "POST of metadata merges it into what is there and answers the whole map.",
		proof: nova + "nova/api/openstack/compute/server_metadata.py#L64",
		check: func(c *cloud) answer {
			path := c.server(object{"metadata": object{"kept": "1", "changed": "1"}})
			return c.compute.post(path+"/metadata", object{"metadata": object{"changed": "2", "new": "3"}}).
				wants(http.StatusOK).is("metadata", object{"kept": "1", "changed": "2", "new": "3"})
		},
	},
	{
		id:    "nova-metadata-value-255",
		says:  "Keys and values of 255 characters are taken; also blanks, dots, colons and any Unicode in values.",
		proof: nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) answer {
			items := object{strings.Repeat("k", 255): strings.Repeat("ü", 255), "a b.c:d-e_f": "", "job": "höher/0"}
			return c.compute.post(c.server(nil)+"/metadata", object{"metadata": items}).wants(http.StatusOK).is("metadata", items)
		},
	},
	{
		id:    "nova-metadata-value-256-400",
		says:  "A value of 256 characters is answered 400, and nothing of the request is kept.",
		proof: nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) answer {
			path := c.server(nil)
			refused := c.compute.post(path+"/metadata", object{"metadata": object{"long": strings.Repeat("v", 256), "short": "v"}}).
				badRequest("Invalid input for field/attribute long", "is too long")
			c.compute.get(path+"/metadata").wants(http.StatusOK).is("metadata", object{})
			return refused
		},
	},
	{
		id:    "nova-metadata-key-400",
		says:  "A key with a slash, or of 256 characters, is answered 400.",
		proof: nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) answer {
			path := c.building(nil) + "/metadata"
			c.compute.post(path, object{"metadata": object{"a/b": "c"}}).badRequest("does not match any of the regexes")
			return c.compute.post(path, object{"metadata": object{strings.Repeat("k", 256): "v"}}).
				badRequest("does not match any of the regexes")
		},
	},
	{
		id:    "nova-metadata-not-string-400",
		says:  "A value that is no string is answered 400.",
		proof: nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) answer {
			return c.compute.post(c.building(nil)+"/metadata", object{"metadata": object{"index": 0}}).
				badRequest("is not of type 'string'")
		},
	},
	{
		id:    "nova-metadata-quota-403",
		says:  "A merge to more items than the quota allows (128 by default) is answered 403.",
		proof: nova + "nova/api/openstack/compute/server_metadata.py#L118",
		check: func(c *cloud) answer {
			limited := c.withQuota(quotas{compute: object{"metadata_items": 2}})
			spec := limited.ownParts()
			spec["metadata"] = manyItems(2)
			server := limited.server(spec)
			return limited.compute.post(server+"/metadata", object{"metadata": object{"another": "v"}}).
				forbidden("Maximum number of metadata items exceeds 2")
		},
	},
	{
		id:    "nova-metadata-building-409",
		says:  "Metadata of a server in BUILD cannot be changed; it is answered 409.",
		proof: nova + "nova/compute/api.py#L5544",
		check: func(c *cloud) answer {
			return c.compute.post(c.building(nil)+"/metadata", object{"metadata": object{"a": "b"}}).
				conflict("Cannot 'update metadata' instance", "while it is in vm_state building")
		},
	},
	{
		id:    "nova-metadata-stopped",
		says:  "Metadata of a stopped server can be changed.",
		proof: nova + "nova/compute/api.py#L5544",
		check: func(c *cloud) answer {
			return c.compute.post(c.stopped()+"/metadata", object{"metadata": object{"a": "b"}}).
				wants(http.StatusOK).is("metadata", object{"a": "b"})
		},
	},
	{
		id:    "nova-metadata-unknown-server-404",
		says:  "Metadata of an unknown server is answered 404.",
		proof: nova + "nova/exception.py#L1455",
		check: func(c *cloud) answer {
			return c.compute.post("/servers/"+nobody+"/metadata", object{"metadata": object{"a": "b"}}).
				notFound("Instance " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-metadata-item",
		says:  "A single item is read as meta, and answered 404 when it is not there.",
		proof: nova + "nova/api/openstack/compute/server_metadata.py#L139",
		check: func(c *cloud) answer {
			path := c.server(object{"metadata": object{"registry_key": "vm-1"}}) + "/metadata/"
			c.compute.get(path+"registry_key").wants(http.StatusOK).is("meta", object{"registry_key": "vm-1"})
			return c.compute.get(path + "absent").notFound("Metadata item was not found")
		},
	},
	{
		id:    "nova-metadata-delete-item-204",
		says:  "DELETE of one item is answered 204, and the others stay.",
		proof: nova + "nova/api/openstack/compute/server_metadata.py#L144",
		check: func(c *cloud) answer {
			path := c.server(object{"metadata": object{"kept": "1", "dropped": "1"}}) + "/metadata"
			deleted := c.compute.delete(path + "/dropped").wants(http.StatusNoContent)
			c.compute.get(path).wants(http.StatusOK).is("metadata", object{"kept": "1"})
			return deleted
		},
	},
	{
		id:    "nova-metadata-on-active",
		says:  "Metadata changes on a running server too, and is seen on the server.",
		proof: nova + "nova/compute/api.py#L5544",
		check: func(c *cloud) answer {
			path := c.server(nil)
			c.compute.post(path+"/metadata", object{"metadata": object{"name": "web/0"}}).wants(http.StatusOK)
			seen := c.compute.get(path).wants(http.StatusOK).is("server.metadata.name", "web/0")
			require.Equal(c.t, 1, seen.size("server.metadata"))
			return seen
		},
	},
}
