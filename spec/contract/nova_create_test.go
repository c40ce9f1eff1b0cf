package contract_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// userData returns base64 text of exactly so many bytes, a multiple of four.
func userData(size int) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", size/4*3)))
}

// manyItems returns so many metadata items.
func manyItems(count int) object {
	items := object{}
	for i := range count {
		items[fmt.Sprintf("key%d", i)] = "value"
	}
	return items
}

// demandingImage returns the id of an image that not every flavor can run.
func (c *cloud) demandingImage(demands object) string {
	c.t.Helper()
	image := c.queuedImage(demands)
	c.upload(image).wants(http.StatusNoContent)
	return strings.TrimPrefix(image, "/images/")
}

var novaCreateClaims = []claim{
	{
		id:    "nova-create-202-shape",
		says:  "The answer to a server's creation has id, links, security groups and a password, but no status.",
		proof: nova + "nova/api/openstack/compute/views/servers.py#L77",
		check: func(c *cloud) answer {
			made := c.createServer(nil).wants(http.StatusAccepted).
				wantsKeys("server", "id", "links", "security_groups", "adminPass", "OS-DCF:diskConfig")
			require.NotContains(c.t, made.value("server"), "status")
			require.NotContains(c.t, made.value("server"), "name")
			return made.wantsHeader("Location")
		},
	},
	{
		id:    "nova-create-build-active",
		says:  "A new server is in BUILD at first and ACTIVE with no task in the end.",
		proof: nova + "nova/api/openstack/common.py#L45",
		check: func(c *cloud) answer {
			path := c.building(nil)
			c.compute.get(path).wants(http.StatusOK).is("server.status", "BUILD").is("server.OS-EXT-STS:vm_state", "building")
			return c.becomes(c.compute, path, "server.status", "ACTIVE").
				is("server.OS-EXT-STS:task_state", nil).is("server.OS-EXT-STS:vm_state", "active")
		},
	},
	{
		id:    "nova-create-metadata",
		says:  "Metadata given at creation is on the server from the first look.",
		proof: nova + "nova/api/openstack/compute/servers.py#L794",
		check: func(c *cloud) answer {
			path := c.building(object{"metadata": object{"director_uuid": "d-1", "agent_id": "a-1"}})
			return c.compute.get(path).wants(http.StatusOK).
				is("server.metadata", object{"director_uuid": "d-1", "agent_id": "a-1"})
		},
	},
	{
		id:    "nova-create-same-name",
		says:  "Two servers may have the same name.",
		proof: nova + "nova/db/main/api.py#L1197",
		check: func(c *cloud) answer {
			name := c.name("twin")
			c.createServer(object{"name": name}).wants(http.StatusAccepted)
			return c.createServer(object{"name": name}).wants(http.StatusAccepted)
		},
	},
	{
		id:    "nova-create-unknown-image-400",
		says:  "An unknown image is answered 400.",
		proof: nova + "nova/api/openstack/compute/servers.py#L804",
		check: func(c *cloud) answer {
			return c.createServer(object{"imageRef": nobody}).badRequest("Can not find requested image")
		},
	},
	{
		id:    "nova-create-queued-image-400",
		says:  "A server from an image without data is answered 400 with the image's id.",
		proof: nova + "nova/exception.py#L212",
		check: func(c *cloud) answer {
			id := strings.TrimPrefix(c.queuedImage(nil), "/images/")
			return c.createServer(object{"imageRef": id}).badRequest("Image " + id + " is not active.")
		},
	},
	{
		id:    "nova-create-unknown-flavor-400",
		says:  "An unknown flavor is answered 400, not 404.",
		proof: nova + "nova/api/openstack/compute/servers.py#L827",
		check: func(c *cloud) answer {
			return c.createServer(object{"flavorRef": nobody}).badRequest("Flavor " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-create-unknown-network-400",
		says:  "An unknown network is answered 400 with its id.",
		proof: nova + "nova/exception.py#L895",
		check: func(c *cloud) answer {
			return c.createServer(object{"networks": list{object{"uuid": nobody}}}).
				badRequest("Network " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-create-subnet-as-network-400",
		says:  "A subnet id where a network id belongs is answered like an unknown network.",
		proof: nova + "nova/exception.py#L895",
		check: func(c *cloud) answer {
			subnet := c.network.get("/networks/" + c.fixtures.Network).wants(http.StatusOK).text("network.subnets.0")
			return c.createServer(object{"networks": list{object{"uuid": subnet}}}).
				badRequest("Network " + subnet + " could not be found.")
		},
	},
	{
		id:    "nova-create-network-not-uuid-400",
		says:  "A network that is no UUID is answered 400 about its format.",
		proof: nova + "nova/api/openstack/compute/servers.py#L394",
		check: func(c *cloud) answer {
			return c.createServer(object{"networks": list{object{"uuid": "private"}}}).
				badRequest("Bad networks format: network uuid is not in proper format (private)")
		},
	},
	{
		id:    "nova-create-no-network-409",
		says:  "A server without networks in a project that sees several is answered 409.",
		proof: nova + "nova/network/neutron.py#L1008",
		check: func(c *cloud) answer {
			c.tenantNetwork(nil) // so that there are at least two
			return c.createServer(object{"networks": nil}).conflict("Multiple possible networks found, use a Network ID")
		},
	},
	{
		id:    "nova-create-networks-needed-2.37",
		says:  "From microversion 2.37 on networks cannot be left out.",
		proof: nova + "nova/api/openstack/compute/schemas/servers.py#L283",
		check: func(c *cloud) answer {
			return c.postServer(c.novaAt("2.37"), object{"networks": nil}, nil).badRequest("'networks' is a required property")
		},
	},
	{
		id:    "nova-create-unknown-port-400",
		says:  "An unknown port is answered 400 with its id.",
		proof: nova + "nova/exception.py#L899",
		check: func(c *cloud) answer {
			return c.createServer(object{"networks": list{object{"port": nobody}}}).
				badRequest("Port id " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-create-unknown-key-400",
		says:  "An unknown key pair is answered 400 without its name.",
		proof: nova + "nova/api/openstack/compute/servers.py#L807",
		check: func(c *cloud) answer {
			return c.createServer(object{"key_name": c.name("key")}).badRequest("Invalid key_name provided.")
		},
	},
	{
		id:    "nova-create-unknown-zone-400",
		says:  "An unknown availability zone is answered 400 without its name.",
		proof: nova + "nova/compute/api.py#L2232",
		check: func(c *cloud) answer {
			return c.createServer(object{"availability_zone": "nowhere"}).
				badRequest("The requested availability zone is not available")
		},
	},
	{
		id:    "nova-create-in-zone",
		says:  "A server asked for in a zone gets there, and says so in OS-EXT-AZ:availability_zone.",
		proof: nova + "nova/api/openstack/compute/views/servers.py#L179",
		check: func(c *cloud) answer {
			path := c.server(object{"availability_zone": c.fixtures.OtherZone})
			return c.compute.get(path).wants(http.StatusOK).is("server.OS-EXT-AZ:availability_zone", c.fixtures.OtherZone)
		},
	},
	{
		id:    "nova-create-user-data-65535",
		says:  "User data of 65532 base64 characters is taken, 65536 are answered 400.",
		proof: nova + "nova/api/openstack/compute/schemas/servers.py#L217",
		check: func(c *cloud) answer {
			c.createServer(object{"user_data": userData(65532)}).wants(http.StatusAccepted)
			return c.createServer(object{"user_data": userData(65536)}).badRequest("user_data", "is too long")
		},
	},
	{
		id:    "nova-create-user-data-base64-400",
		says:  "User data that is not base64 is answered 400.",
		proof: nova + "nova/api/openstack/compute/schemas/servers.py#L216",
		check: func(c *cloud) answer {
			return c.createServer(object{"user_data": "not base64 !"}).badRequest("is not a 'base64'")
		},
	},
	{
		id:      "nova-create-unknown-field-400",
		says:    "A field the microversion does not know is answered 400; tags, for one, before 2.52.",
		proof:   nova + "nova/api/openstack/compute/schemas/servers.py#L336",
		offends: true,
		check: func(c *cloud) answer {
			return c.createServer(object{"tags": list{"bosh"}}).
				badRequest("Additional properties are not allowed ('tags' was unexpected)")
		},
	},
	{
		id:    "nova-create-name-256-400",
		says:  "A server name of 256 characters is answered 400.",
		proof: nova + "nova/api/validation/parameter_types.py#L281",
		check: func(c *cloud) answer {
			return c.createServer(object{"name": strings.Repeat("n", 256)}).badRequest("name", "is too long")
		},
	},
	{
		id:    "nova-create-metadata-key-400",
		says:  "A metadata key with a character other than letters, digits, -_:. and blank is answered 400.",
		proof: nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) answer {
			return c.createServer(object{"metadata": object{"a/b": "c"}}).
				badRequest("Invalid input for field/attribute metadata", "'a/b' does not match any of the regexes")
		},
	},
	{
		id:    "nova-create-metadata-quota-403",
		says:  "More metadata items than the quota allows (128 by default) are answered 403.",
		proof: nova + "nova/exception.py#L1392",
		check: func(c *cloud) answer {
			limited := c.withQuota(quotas{compute: object{"metadata_items": 2}})
			spec := limited.ownParts()
			spec["metadata"] = manyItems(3)
			return limited.createServer(spec).
				forbidden("Maximum number of metadata items exceeds 2")
		},
	},
	{
		id:    "nova-create-config-drive",
		says:  "A server with config_drive true says True, one without says the empty string.",
		proof: nova + "nova/api/openstack/compute/views/servers.py#L343",
		check: func(c *cloud) answer {
			c.compute.get(c.building(nil)).wants(http.StatusOK).is("server.config_drive", "")
			return c.compute.get(c.building(object{"config_drive": true})).wants(http.StatusOK).is("server.config_drive", "True")
		},
	},
	{
		id:    "nova-create-disk-too-small-400",
		says:  "A flavor with a smaller disk than the image asks for is answered 400.",
		proof: nova + "nova/exception.py#L1343",
		check: func(c *cloud) answer {
			return c.createServer(object{"imageRef": c.demandingImage(object{"min_disk": 9999})}).
				badRequest("Flavor's disk is smaller than the minimum size specified in image metadata.")
		},
	},
	{
		id:    "nova-create-memory-too-small-400",
		says:  "A flavor with less memory than the image asks for is answered 400.",
		proof: nova + "nova/exception.py#L1330",
		check: func(c *cloud) answer {
			return c.createServer(object{"imageRef": c.demandingImage(object{"min_ram": 9999999})}).
				badRequest("Flavor's memory is too small for requested image.")
		},
	},
	{
		id:    "nova-create-zero-disk-403",
		says:  "A flavor without a root disk boots from an image only as a volume; otherwise 403.",
		proof: nova + "nova/exception.py#L1355",
		check: func(c *cloud) answer {
			return c.createServer(object{"flavorRef": c.flavor(c.fixtures.FlavorWithoutDisk)}).
				forbidden("Only volume-backed servers are allowed for flavors with zero disk.")
		},
	},
	{
		id:    "nova-create-quota-403",
		says:  "A server beyond the quota is answered 403 with wanted, used and allowed numbers.",
		proof: nova + "nova/exception.py#L1383",
		check: func(c *cloud) answer {
			limited := c.withQuota(quotas{compute: object{"instances": 0}})
			return limited.createServer(limited.ownParts()).
				forbidden("Quota exceeded for instances: Requested 1, but already used 0 of 0 instances")
		},
	},
	{
		id:    "nova-create-port-quota-403",
		says:  "A server whose port would be beyond neutron's quota is answered 403.",
		proof: nova + "nova/exception.py#L1417",
		check: func(c *cloud) answer {
			limited := c.withQuota(quotas{network: object{"port": 0}})
			return limited.createServer(limited.ownParts()).forbidden("Maximum number of ports exceeded")
		},
	},
}
