package contract_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// userData returns base64 text of the given length, a multiple of four.
func userData(size int) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", size/4*3)))
}

// manyItems returns the given number of metadata items.
func manyItems(count int) object {
	items := object{}
	for i := range count {
		items[fmt.Sprintf("key%d", i)] = "value"
	}
	return items
}

// imageWithMinimum returns the id of an image with min_disk or min_ram.
func (c *cloud) imageWithMinimum(minimum object) string {
	c.t.Helper()
	image := c.queuedImage(minimum)
	c.upload(image).expect(http.StatusNoContent)
	return strings.TrimPrefix(image, "/images/")
}

var novaCreateClaims = []claim{
	{
		id:        "nova-create-202-shape",
		statement: "POST of a server returns 202 with id, links, security groups and adminPass, and without status and name.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L77",
		check: func(c *cloud) response {
			made := c.createServer(nil).expect(http.StatusAccepted).
				expectKeys("server", "id", "links", "security_groups", "adminPass", "OS-DCF:diskConfig")
			require.NotContains(c.t, made.value("server"), "status")
			require.NotContains(c.t, made.value("server"), "name")
			return made.expectHeader("Location")
		},
	},
	{
		id:        "nova-create-build-active",
		statement: "A new server has status BUILD, then ACTIVE with task_state null.",
		proof:     nova + "nova/api/openstack/common.py#L45",
		check: func(c *cloud) response {
			path := c.buildingServer(nil)
			c.compute.get(path).expect(http.StatusOK).is("server.status", "BUILD").is("server.OS-EXT-STS:vm_state", "building")
			return c.waitFor(c.compute, path, "server.status", "ACTIVE").
				is("server.OS-EXT-STS:task_state", nil).is("server.OS-EXT-STS:vm_state", "active")
		},
	},
	{
		id:        "nova-create-metadata",
		statement: "Metadata given at creation is on the server from the first GET.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L794",
		check: func(c *cloud) response {
			path := c.buildingServer(object{"metadata": object{"director_uuid": "d-1", "agent_id": "a-1"}})
			return c.compute.get(path).expect(http.StatusOK).
				is("server.metadata", object{"director_uuid": "d-1", "agent_id": "a-1"})
		},
	},
	{
		id:        "nova-create-same-name",
		statement: "Server names need not be unique.",
		proof:     nova + "nova/db/main/api.py#L1197",
		check: func(c *cloud) response {
			name := c.name("twin")
			c.createServer(object{"name": name}).expect(http.StatusAccepted)
			return c.createServer(object{"name": name}).expect(http.StatusAccepted)
		},
	},
	{
		id:        "nova-create-unknown-image-400",
		statement: "POST of a server with an unknown image returns 400.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L804",
		check: func(c *cloud) response {
			return c.createServer(object{"imageRef": unknownID}).badRequest("Can not find requested image")
		},
	},
	{
		id:        "nova-create-queued-image-400",
		statement: "POST of a server with an image without data returns 400 with the image's id.",
		proof:     nova + "nova/exception.py#L212",
		check: func(c *cloud) response {
			id := strings.TrimPrefix(c.queuedImage(nil), "/images/")
			return c.createServer(object{"imageRef": id}).badRequest("Image " + id + " is not active.")
		},
	},
	{
		id:        "nova-create-unknown-flavor-400",
		statement: "POST of a server with an unknown flavor returns 400, not 404.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L827",
		check: func(c *cloud) response {
			return c.createServer(object{"flavorRef": unknownID}).badRequest("Flavor " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-create-unknown-network-400",
		statement: "POST of a server with an unknown network returns 400 with its id.",
		proof:     nova + "nova/exception.py#L895",
		check: func(c *cloud) response {
			return c.createServer(object{"networks": list{object{"uuid": unknownID}}}).
				badRequest("Network " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-create-subnet-as-network-400",
		statement: "POST of a server with a subnet's id as network returns the same 400 as an unknown network.",
		proof:     nova + "nova/exception.py#L895",
		check: func(c *cloud) response {
			subnet := c.network.get("/networks/" + c.fixtures.Network).expect(http.StatusOK).text("network.subnets.0")
			return c.createServer(object{"networks": list{object{"uuid": subnet}}}).
				badRequest("Network " + subnet + " could not be found.")
		},
	},
	{
		id:        "nova-create-network-not-uuid-400",
		statement: "POST of a server with a network id that is not a UUID returns 400 with a message about the format.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L394",
		check: func(c *cloud) response {
			return c.createServer(object{"networks": list{object{"uuid": "private"}}}).
				badRequest("Bad networks format: network uuid is not in proper format (private)")
		},
	},
	{
		id:        "nova-create-no-network-409",
		statement: "POST of a server without networks returns 409 if the project can use several.",
		proof:     nova + "nova/network/neutron.py#L1008",
		check: func(c *cloud) response {
			c.tenantNetwork(nil) // there are at least two networks
			return c.createServer(object{"networks": nil}).conflict("Multiple possible networks found, use a Network ID")
		},
	},
	{
		id:        "nova-create-networks-needed-2.37",
		statement: "From microversion 2.37 on, POST of a server without networks returns 400.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L283",
		check: func(c *cloud) response {
			return c.postServer(c.novaAt("2.37"), object{"networks": nil}, nil).badRequest("'networks' is a required property")
		},
	},
	{
		id:        "nova-create-unknown-port-400",
		statement: "POST of a server with an unknown port returns 400 with its id.",
		proof:     nova + "nova/exception.py#L899",
		check: func(c *cloud) response {
			return c.createServer(object{"networks": list{object{"port": unknownID}}}).
				badRequest("Port id " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-create-unknown-key-400",
		statement: "POST of a server with an unknown key pair returns 400 with a message that does not contain its name.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L807",
		check: func(c *cloud) response {
			return c.createServer(object{"key_name": c.name("key")}).badRequest("Invalid key_name provided.")
		},
	},
	{
		id:        "nova-create-unknown-zone-400",
		statement: "POST of a server with an unknown availability zone returns 400 with a message that does not contain its name.",
		proof:     nova + "nova/compute/api.py#L2232",
		check: func(c *cloud) response {
			return c.createServer(object{"availability_zone": "nowhere"}).
				badRequest("The requested availability zone is not available")
		},
	},
	{
		id:        "nova-create-in-zone",
		statement: "A server is created in the requested zone, and OS-EXT-AZ:availability_zone contains it.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L179",
		check: func(c *cloud) response {
			path := c.activeServer(object{"availability_zone": c.fixtures.OtherZone})
			return c.compute.get(path).expect(http.StatusOK).is("server.OS-EXT-AZ:availability_zone", c.fixtures.OtherZone)
		},
	},
	{
		id:        "nova-create-user-data-65535",
		statement: "POST of a server with user data of 65532 base64 characters is accepted; 65536 characters return 400.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L217",
		check: func(c *cloud) response {
			c.createServer(object{"user_data": userData(65532)}).expect(http.StatusAccepted)
			return c.createServer(object{"user_data": userData(65536)}).badRequest("user_data", "is too long")
		},
	},
	{
		id:        "nova-create-user-data-base64-400",
		statement: "POST of a server with user data that is not base64 returns 400.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L216",
		check: func(c *cloud) response {
			return c.createServer(object{"user_data": "not base64 !"}).badRequest("is not a 'base64'")
		},
	},
	{
		id:        "nova-create-unknown-field-400",
		statement: "A field that the microversion does not define returns 400; for example tags before 2.52.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L336",
		invalid:   true,
		check: func(c *cloud) response {
			return c.createServer(object{"tags": list{"bosh"}}).
				badRequest("Additional properties are not allowed ('tags' was unexpected)")
		},
	},
	{
		id:        "nova-create-name-256-400",
		statement: "POST of a server with a name of 256 characters returns 400.",
		proof:     nova + "nova/api/validation/parameter_types.py#L281",
		check: func(c *cloud) response {
			return c.createServer(object{"name": strings.Repeat("n", 256)}).badRequest("name", "is too long")
		},
	},
	{
		id:        "nova-create-metadata-key-400",
		statement: "A metadata key with a character other than letters, digits, -_:. and space returns 400 at creation.",
		proof:     nova + "nova/api/validation/parameter_types.py#L432",
		check: func(c *cloud) response {
			return c.createServer(object{"metadata": object{"a/b": "c"}}).
				badRequest("Invalid input for field/attribute metadata", "'a/b' does not match any of the regexes")
		},
	},
	{
		id:        "nova-create-tags-2.52",
		statement: "From microversion 2.52 on, a server can be created with tags.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L336",
		check: func(c *cloud) response {
			made := c.postServer(c.novaAt("2.52"), object{"tags": list{"bosh"}}, nil).expect(http.StatusAccepted)
			c.novaAt("2.26").get("/servers/"+made.text("server.id")).expect(http.StatusOK).is("server.tags", list{"bosh"})
			return made
		},
	},
	{
		id:        "nova-create-metadata-quota-403",
		statement: "POST of a server with more metadata items than the quota (128 by default) returns 403.",
		proof:     nova + "nova/exception.py#L1392",
		check: func(c *cloud) response {
			limited := c.withQuota(quotas{compute: object{"metadata_items": 2}})
			spec := limited.ownImageAndNetwork()
			spec["metadata"] = manyItems(3)
			return limited.createServer(spec).
				forbidden("Maximum number of metadata items exceeds 2")
		},
	},
	{
		id:        "nova-create-config-drive",
		statement: "The field config_drive of a server is True if it was requested, and an empty string otherwise.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L343",
		check: func(c *cloud) response {
			c.compute.get(c.buildingServer(nil)).expect(http.StatusOK).is("server.config_drive", "")
			return c.compute.get(c.buildingServer(object{"config_drive": true})).expect(http.StatusOK).is("server.config_drive", "True")
		},
	},
	{
		id:        "nova-create-disk-too-small-400",
		statement: "POST of a server whose flavor has a smaller disk than the image's min_disk returns 400.",
		proof:     nova + "nova/exception.py#L1343",
		check: func(c *cloud) response {
			return c.createServer(object{"imageRef": c.imageWithMinimum(object{"min_disk": 9999})}).
				badRequest("Flavor's disk is smaller than the minimum size specified in image metadata.")
		},
	},
	{
		id:        "nova-create-memory-too-small-400",
		statement: "POST of a server whose flavor has less memory than the image's min_ram returns 400.",
		proof:     nova + "nova/exception.py#L1330",
		check: func(c *cloud) response {
			return c.createServer(object{"imageRef": c.imageWithMinimum(object{"min_ram": 9999999})}).
				badRequest("Flavor's memory is too small for requested image.")
		},
	},
	{
		id:        "nova-create-zero-disk-403",
		statement: "POST of a server whose flavor has a root disk of 0 returns 403, unless the server boots from a volume.",
		proof:     nova + "nova/exception.py#L1355",
		check: func(c *cloud) response {
			return c.createServer(object{"flavorRef": c.flavor(c.fixtures.FlavorWithoutDisk)}).
				forbidden("Only volume-backed servers are allowed for flavors with zero disk.")
		},
	},
	{
		id:        "nova-create-quota-403",
		statement: "POST of a server beyond the quota returns 403 with the requested, used and allowed numbers.",
		proof:     nova + "nova/exception.py#L1383",
		check: func(c *cloud) response {
			limited := c.withQuota(quotas{compute: object{"instances": 0}})
			return limited.createServer(limited.ownImageAndNetwork()).
				forbidden("Quota exceeded for instances: Requested 1, but already used 0 of 0 instances")
		},
	},
	{
		id:        "nova-create-port-quota-403",
		statement: "POST of a server whose new port would exceed Neutron's quota returns 403.",
		proof:     nova + "nova/exception.py#L1417",
		check: func(c *cloud) response {
			limited := c.withQuota(quotas{network: object{"port": 0}})
			return limited.createServer(limited.ownImageAndNetwork()).forbidden("Maximum number of ports exceeded")
		},
	},
}
