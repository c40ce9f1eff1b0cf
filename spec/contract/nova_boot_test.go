package contract_test

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// bootVolume returns the fields of a server that boots from a new volume.
func (c *cloud) bootVolume(given object) object {
	mapping := merge(object{
		"uuid": c.fixtures.Image, "source_type": "image", "destination_type": "volume",
		"volume_size": 1, "boot_index": 0, "delete_on_termination": true,
	}, given)
	return object{
		"imageRef": nil, "flavorRef": c.flavor(c.fixtures.FlavorWithoutDisk), "block_device_mapping_v2": list{mapping},
	}
}

// rootVolume returns the path of the only volume of a server.
func (c *cloud) rootVolume(server string) string {
	c.t.Helper()
	return "/volumes/" + c.compute.get(server).expect(http.StatusOK).text("server.os-extended-volumes:volumes_attached.0.id")
}

// dataVolume returns the fields of a server with a root disk of its flavor and a
// new volume.
func (c *cloud) dataVolume() object {
	return object{"block_device_mapping_v2": list{
		object{"uuid": c.fixtures.Image, "source_type": "image", "destination_type": "local", "boot_index": 0, "delete_on_termination": true},
		object{"source_type": "blank", "destination_type": "volume", "volume_size": 1, "boot_index": -1, "delete_on_termination": true},
	}}
}

var novaBootClaims = []claim{
	{
		id:        "nova-create-blank-volume",
		statement: "Nova creates an empty volume for a server with a root disk of its flavor, if the list of block devices has the image, too. Its name begins with the server's id.",
		proof:     nova + "nova/virt/block_device.py#L874",
		check: func(c *cloud) response {
			server := c.activeServer(c.dataVolume())
			return c.waitFor(c.volume, c.rootVolume(server), "volume.status", "in-use").
				is("volume.name", strings.TrimPrefix(server, "/servers/")+"-blank-vol").is("volume.bootable", "false").is("volume.size", 1)
		},
	},
	{
		id:        "nova-create-blank-volume-dies",
		statement: "With delete_on_termination, such a volume is deleted with its server.",
		proof:     nova + "nova/compute/manager.py#L3271",
		check: func(c *cloud) response {
			server := c.activeServer(c.dataVolume())
			volume := c.rootVolume(server)
			c.compute.delete(server).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, server)
			return c.waitUntilGone(c.volume, volume)
		},
	},
	{
		id:        "nova-server-volumes-2.3",
		statement: "From microversion 2.3 on, a server says for each of its volumes whether it is deleted with the server.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L825",
		check: func(c *cloud) response {
			server := c.activeServer(c.dataVolume())
			seen := c.novaAt("2.3").get(server).expect(http.StatusOK)
			return seen.is("server.os-extended-volumes:volumes_attached.0.delete_on_termination", true)
		},
	},
	{
		id:        "nova-boot-volume",
		statement: "A server that boots from a volume has an empty string as image and its root volume as its only attachment.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L621",
		check: func(c *cloud) response {
			server := c.activeServer(c.bootVolume(nil))
			c.compute.get(server).expect(http.StatusOK).is("server.image", "")
			seen := c.compute.get(server + "/os-volume_attachments").expect(http.StatusOK)
			require.Regexp(c.t, `^/dev/[a-z]+a$`, seen.text("volumeAttachments.0.device"))
			require.Equal(c.t, 1, seen.size("volumeAttachments"))
			return seen
		},
	},
	{
		id:        "nova-boot-volume-shape",
		statement: "The root volume that Nova creates has an empty name and the requested size, is bootable and in-use.",
		proof:     nova + "nova/virt/block_device.py#L858",
		check: func(c *cloud) response {
			root := c.rootVolume(c.activeServer(c.bootVolume(object{"volume_size": 2})))
			return c.waitFor(c.volume, root, "volume.status", "in-use").is("volume.name", "").
				is("volume.bootable", "true").is("volume.size", 2)
		},
	},
	{
		id:        "nova-boot-volume-dies",
		statement: "With delete_on_termination, the root volume is deleted with its server.",
		proof:     nova + "nova/compute/manager.py#L3271",
		check: func(c *cloud) response {
			server := c.activeServer(c.bootVolume(nil))
			root := c.rootVolume(server)
			c.compute.delete(server).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, server)
			return c.waitUntilGone(c.volume, root)
		},
	},
	{
		id:        "nova-boot-volume-kept",
		statement: "Without delete_on_termination, the root volume remains and becomes available.",
		proof:     nova + "nova/compute/manager.py#L3271",
		check: func(c *cloud) response {
			server := c.activeServer(c.bootVolume(object{"delete_on_termination": false}))
			root := c.rootVolume(server)
			c.compute.delete(server).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, server)
			c.deleteAtEnd(c.volume, root)
			return c.waitFor(c.volume, root, "volume.status", "available")
		},
	},
	{
		id:        "nova-boot-volume-stays-attached-400",
		statement: "Detaching the root volume returns 400.",
		proof:     nova + "nova/api/openstack/compute/volumes.py#L570",
		check: func(c *cloud) response {
			server := c.activeServer(c.bootVolume(nil))
			root := c.rootVolume(server)
			return c.compute.delete(server + "/os-volume_attachments/" + root[len("/volumes/"):]).
				badRequest("Cannot detach a root device volume")
		},
	},
	{
		id:        "nova-boot-volume-strings",
		statement: "The fields boot_index and delete_on_termination of a block device mapping accept strings.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L48",
		check: func(c *cloud) response {
			return c.createServer(c.bootVolume(object{"boot_index": "0", "delete_on_termination": "1"})).expect(http.StatusAccepted)
		},
	},
	{
		id:        "nova-boot-volume-type-2.67",
		statement: "From microversion 2.67 on, the block device mapping accepts volume_type.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L356",
		check: func(c *cloud) response {
			spec := c.bootVolume(object{"volume_type": c.fixtures.OtherVolumeType})
			made := c.postServer(c.novaAt("2.67"), spec, nil).expect(http.StatusAccepted)
			server := "/servers/" + made.text("server.id")
			c.waitFor(c.compute, server, "server.status", "ACTIVE")
			return c.volume.get(c.rootVolume(server)).expect(http.StatusOK).is("volume.volume_type", c.fixtures.OtherVolumeType)
		},
	},
	{
		id:        "nova-boot-volume-type-before-2.67-400",
		statement: "Before microversion 2.67, volume_type in the block device mapping returns 400.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L356",
		invalid:   true,
		check: func(c *cloud) response {
			return c.createServer(c.bootVolume(object{"volume_type": c.fixtures.OtherVolumeType})).
				badRequest("Additional properties are not allowed ('volume_type' was unexpected)")
		},
	},
	{
		id:        "nova-boot-volume-unknown-type-400",
		statement: "An unknown volume_type in the block device mapping returns 400.",
		proof:     nova + "nova/exception.py#L810",
		check: func(c *cloud) response {
			return c.postServer(c.novaAt("2.67"), c.bootVolume(object{"volume_type": "nothing"}), nil).
				badRequest("Volume type nothing could not be found.")
		},
	},
	{
		id:        "nova-boot-volume-no-size-400",
		statement: "A block device mapping from image to volume without volume_size returns 400 if the flavor's root disk is 0.",
		proof:     nova + "nova/compute/api.py#L1996",
		check: func(c *cloud) response {
			return c.createServer(c.bootVolume(object{"volume_size": nil})).
				badRequest("Images with destination_type 'volume' need to have a non-zero size specified")
		},
	},
	{
		id:        "nova-boot-volume-small-disk",
		statement: "A flavor with a root disk can also boot from a volume.",
		proof:     nova + "nova/virt/block_device.py#L858",
		check: func(c *cloud) response {
			spec := c.bootVolume(nil)
			spec["flavorRef"] = c.flavor(c.fixtures.Flavor)
			return c.compute.get(c.activeServer(spec)).expect(http.StatusOK).is("server.image", "")
		},
	},
}
