package contract_test

import (
	"maps"
	"net/http"

	"github.com/stretchr/testify/require"
)

// bootVolume is the block device mapping of a root volume made from the image.
func (c *cloud) bootVolume(given object) object {
	mapping := object{
		"uuid": c.fixtures.Image, "source_type": "image", "destination_type": "volume",
		"volume_size": 1, "boot_index": 0, "delete_on_termination": true,
	}
	maps.Copy(mapping, given)
	maps.DeleteFunc(mapping, func(_ string, value any) bool { return value == nil })
	return object{
		"imageRef": nil, "flavorRef": c.flavor(c.fixtures.FlavorWithoutDisk), "block_device_mapping_v2": list{mapping},
	}
}

// rootVolume returns the path of the only volume of a server.
func (c *cloud) rootVolume(server string) string {
	c.t.Helper()
	return "/volumes/" + c.compute.get(server).wants(http.StatusOK).text("server.os-extended-volumes:volumes_attached.0.id")
}

var novaBootClaims = []claim{
	{
		id:    "nova-boot-volume",
		says:  "A server booted from a volume has the empty string as image and its root volume as only attachment.",
		proof: nova + "nova/api/openstack/compute/views/servers.py#L621",
		check: func(c *cloud) answer {
			server := c.server(c.bootVolume(nil))
			c.compute.get(server).wants(http.StatusOK).is("server.image", "")
			seen := c.compute.get(server + "/os-volume_attachments").wants(http.StatusOK)
			require.Regexp(c.t, `^/dev/[a-z]+a$`, seen.text("volumeAttachments.0.device"))
			require.Equal(c.t, 1, seen.size("volumeAttachments"))
			return seen
		},
	},
	{
		id:    "nova-boot-volume-shape",
		says:  "The root volume nova makes has no name, is bootable, as big as asked for and in-use.",
		proof: nova + "nova/virt/block_device.py#L858",
		check: func(c *cloud) answer {
			root := c.rootVolume(c.server(c.bootVolume(object{"volume_size": 2})))
			return c.becomes(c.volume, root, "volume.status", "in-use").is("volume.name", "").
				is("volume.bootable", "true").is("volume.size", 2)
		},
	},
	{
		id:    "nova-boot-volume-dies",
		says:  "With delete_on_termination the root volume goes with its server.",
		proof: nova + "nova/compute/manager.py#L3271",
		check: func(c *cloud) answer {
			server := c.server(c.bootVolume(nil))
			root := c.rootVolume(server)
			c.compute.delete(server).wants(http.StatusNoContent)
			c.gone(c.compute, server)
			return c.gone(c.volume, root)
		},
	},
	{
		id:    "nova-boot-volume-kept",
		says:  "Without delete_on_termination the root volume stays, available.",
		proof: nova + "nova/compute/manager.py#L3271",
		check: func(c *cloud) answer {
			server := c.server(c.bootVolume(object{"delete_on_termination": false}))
			root := c.rootVolume(server)
			c.compute.delete(server).wants(http.StatusNoContent)
			c.gone(c.compute, server)
			c.atTheEnd(c.volume, root)
			return c.becomes(c.volume, root, "volume.status", "available")
		},
	},
	{
		id:    "nova-boot-volume-stays-attached-400",
		says:  "The root volume cannot be detached; it is answered 400.",
		proof: nova + "nova/api/openstack/compute/volumes.py#L570",
		check: func(c *cloud) answer {
			server := c.server(c.bootVolume(nil))
			root := c.rootVolume(server)
			return c.compute.delete(server + "/os-volume_attachments/" + root[len("/volumes/"):]).
				badRequest("Cannot detach a root device volume")
		},
	},
	{
		id:    "nova-boot-volume-strings",
		says:  "The mapping's boot index and delete mark may be strings.",
		proof: nova + "nova/api/openstack/compute/schemas/servers.py#L48",
		check: func(c *cloud) answer {
			return c.createServer(c.bootVolume(object{"boot_index": "0", "delete_on_termination": "1"})).wants(http.StatusAccepted)
		},
	},
	{
		id:    "nova-boot-volume-type-2.67",
		says:  "From microversion 2.67 on the mapping can name the volume's type.",
		proof: nova + "nova/api/openstack/compute/schemas/servers.py#L356",
		check: func(c *cloud) answer {
			spec := c.bootVolume(object{"volume_type": c.fixtures.OtherVolumeType})
			made := c.postServer(c.novaAt("2.67"), spec, nil).wants(http.StatusAccepted)
			server := "/servers/" + made.text("server.id")
			c.becomes(c.compute, server, "server.status", "ACTIVE")
			return c.volume.get(c.rootVolume(server)).wants(http.StatusOK).is("volume.volume_type", c.fixtures.OtherVolumeType)
		},
	},
	{
		id:      "nova-boot-volume-type-before-2.67-400",
		says:    "Before microversion 2.67 a volume type in the mapping is answered 400.",
		proof:   nova + "nova/api/openstack/compute/schemas/servers.py#L356",
		offends: true,
		check: func(c *cloud) answer {
			return c.createServer(c.bootVolume(object{"volume_type": c.fixtures.OtherVolumeType})).
				badRequest("Additional properties are not allowed ('volume_type' was unexpected)")
		},
	},
	{
		id:    "nova-boot-volume-unknown-type-400",
		says:  "An unknown volume type in the mapping is answered 400.",
		proof: nova + "nova/exception.py#L810",
		check: func(c *cloud) answer {
			return c.postServer(c.novaAt("2.67"), c.bootVolume(object{"volume_type": "nothing"}), nil).
				badRequest("Volume type nothing could not be found.")
		},
	},
	{
		id:    "nova-boot-volume-no-size-400",
		says:  "A mapping from image to volume without a size is answered 400 when the flavor has no disk to take it from.",
		proof: nova + "nova/compute/api.py#L1996",
		check: func(c *cloud) answer {
			return c.createServer(c.bootVolume(object{"volume_size": nil})).
				badRequest("Images with destination_type 'volume' need to have a non-zero size specified")
		},
	},
	{
		id:    "nova-boot-volume-small-disk",
		says:  "A flavor with a root disk boots from a volume too.",
		proof: nova + "nova/virt/block_device.py#L858",
		check: func(c *cloud) answer {
			spec := c.bootVolume(nil)
			spec["flavorRef"] = c.flavor(c.fixtures.Flavor)
			return c.compute.get(c.server(spec)).wants(http.StatusOK).is("server.image", "")
		},
	},
}
