package contract_test

import (
	"net/http"

	"github.com/stretchr/testify/require"
)

// attach requests the attachment of a volume, and detaches it when the claim
// ends.
func (c *cloud) attach(server, volume string) response {
	c.t.Helper()
	return c.attachAt("2.1", server, volume)
}

// attachAt is attach at a microversion.
func (c *cloud) attachAt(microversion, server, volume string) response {
	c.t.Helper()
	attached := c.novaAt(microversion).post(server+"/os-volume_attachments", object{"volumeAttachment": object{"volumeId": volume}})
	if attached.status == http.StatusOK {
		c.t.Cleanup(func() {
			c.poll("volume "+volume+" is detached",
				func() response { // a volume that is being attached cannot be detached yet
					c.compute.delete(server + "/os-volume_attachments/" + volume)
					return c.volume.get("/volumes/" + volume)
				},
				func(r response) bool {
					return r.status == http.StatusNotFound || r.value("volume.status") == "available"
				})
		})
	}
	return attached
}

// serverWithVolume returns a running server and a volume attached to it.
func (c *cloud) serverWithVolume() (server, volume string) {
	c.t.Helper()
	server, volume = c.activeServer(nil), c.availableVolume(nil)
	c.attach(server, volume).expect(http.StatusOK)
	c.waitForVolume(volume, "in-use")
	return server, volume
}

var novaVolumeClaims = []claim{
	{
		id:        "nova-attachments-none",
		statement: "The list of attachments of a server without volumes is empty.",
		proof:     nova + "nova/api/openstack/compute/volumes.py#L302",
		check: func(c *cloud) response {
			return c.compute.get(c.activeServer(nil)+"/os-volume_attachments").expect(http.StatusOK).is("volumeAttachments", list{})
		},
	},
	{
		id:        "nova-attach-answers-device",
		statement: "POST of a volume attachment returns 200 with the device name.",
		proof:     nova + "nova/api/openstack/compute/volumes.py#L371",
		check: func(c *cloud) response {
			server, volume := c.activeServer(nil), c.availableVolume(nil)
			attached := c.attach(server, volume).expect(http.StatusOK)
			require.Regexp(c.t, `^/dev/[a-z]+$`, attached.text("volumeAttachment.device"))
			return attached.is("volumeAttachment.volumeId", volume).is("volumeAttachment.id", volume).
				contains("volumeAttachment.serverId", server[len("/servers/"):])
		},
	},
	{
		id:        "nova-attach-listed",
		statement: "The list of attachments contains the same device as the response to the attachment.",
		proof:     nova + "nova/api/openstack/compute/volumes.py#L229",
		check: func(c *cloud) response {
			server, volume := c.activeServer(nil), c.availableVolume(nil)
			attached := c.attach(server, volume).expect(http.StatusOK)
			c.waitForVolume(volume, "in-use")
			return c.compute.get(server+"/os-volume_attachments").expect(http.StatusOK).
				is("volumeAttachments", list{attached.value("volumeAttachment")})
		},
	},
	{
		id:        "nova-attach-letters",
		statement: "Volumes attached to the same server get different devices.",
		proof:     nova + "nova/compute/utils.py#L205",
		check: func(c *cloud) response {
			server, first, second := c.activeServer(nil), c.availableVolume(nil), c.availableVolume(nil)
			one := c.attach(server, first).expect(http.StatusOK)
			c.waitForVolume(first, "in-use")
			two := c.attach(server, second).expect(http.StatusOK)
			require.NotEqual(c.t, one.text("volumeAttachment.device"), two.text("volumeAttachment.device"))
			return two
		},
	},
	{
		id:        "nova-attach-volume-states",
		statement: "While it is being attached, a volume is reserved or attaching and never available; once in-use, it contains its server and device.",
		proof:     cinder + "cinder/volume/api.py#L2472",
		check: func(c *cloud) response {
			server, volume := c.activeServer(nil), c.availableVolume(nil)
			attached := c.attach(server, volume).expect(http.StatusOK)
			seen := c.poll("the volume is in-use",
				func() response { return c.volume.get("/volumes/" + volume).expect(http.StatusOK) },
				func(r response) bool {
					require.Contains(c.t, []string{"reserved", "attaching", "in-use"}, r.text("volume.status"))
					return r.value("volume.status") == "in-use"
				})
			return seen.is("volume.attachments.0.server_id", server[len("/servers/"):]).
				is("volume.attachments.0.device", attached.text("volumeAttachment.device")).
				is("volume.attachments.0.volume_id", volume).expectKeys("volume.attachments.0", "id", "attachment_id", "attached_at", "host_name")
		},
	},
	{
		id:        "nova-attach-on-server",
		statement: "GET of a server returns the ids of its attached volumes.",
		proof:     nova + "nova/api/openstack/compute/views/servers.py#L831",
		check: func(c *cloud) response {
			server, volume := c.serverWithVolume()
			return c.compute.get(server).expect(http.StatusOK).
				is("server.os-extended-volumes:volumes_attached", list{object{"id": volume}})
		},
	},
	{
		id:        "nova-attach-twice-400",
		statement: "Attaching a volume to the server it is already attached to returns 400.",
		proof:     nova + "nova/compute/api.py#L5060",
		check: func(c *cloud) response {
			server, volume := c.serverWithVolume()
			return c.attach(server, volume).badRequest("Invalid volume: volume "+volume, "already attached")
		},
	},
	{
		id:        "nova-attach-in-use-400",
		statement: "Attaching a volume that is attached to another server returns 400 with the volume's id.",
		proof:     nova + "nova/compute/api.py#L5060",
		check: func(c *cloud) response {
			_, volume := c.serverWithVolume()
			return c.attach(c.activeServer(nil), volume).badRequest("Invalid volume: ", "olume "+volume)
		},
	},
	{
		id:        "nova-attach-unknown-volume-404",
		statement: "Attaching an unknown volume returns 404 with the volume's id.",
		proof:     nova + "nova/exception.py#L722",
		check: func(c *cloud) response {
			return c.attach(c.activeServer(nil), unknownID).notFound("Volume " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-attach-unknown-server-404",
		statement: "Attaching to an unknown server returns 404 with the server's id.",
		proof:     nova + "nova/exception.py#L1455",
		check: func(c *cloud) response {
			return c.attach("/servers/"+unknownID, c.availableVolume(nil)).notFound("Instance " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-attach-building-409",
		statement: "Attaching to a server in BUILD returns 409.",
		proof:     nova + "nova/compute/api.py#L5206",
		check: func(c *cloud) response {
			volume := c.availableVolume(nil)
			return c.attach(c.buildingServer(nil), volume).conflict("Cannot 'attach_volume' instance", "vm_state building")
		},
	},
	{
		id:        "nova-attach-multiattach-400",
		statement: "Before microversion 2.60, POST of an attachment of a volume with multiattach returns 400.",
		proof:     nova + "nova/exception.py#L346",
		check: func(c *cloud) response {
			server := c.activeServer(nil)
			volume := c.availableVolume(object{"volume_type": c.withVolumeType(object{"multiattach": "<is> True"})})
			return c.attach(server, volume).badRequest("Multiattach volumes are only supported starting with compute API version 2.60.")
		},
	},
	{
		id:        "nova-attach-multiattach-2.60",
		statement: "From microversion 2.60 on, a volume with multiattach is attached like others.",
		proof:     nova + "nova/exception.py#L346",
		check: func(c *cloud) response {
			server := c.activeServer(nil)
			volume := c.availableVolume(object{"volume_type": c.withVolumeType(object{"multiattach": "<is> True"})})
			attached := c.attachAt("2.60", server, volume).expect(http.StatusOK)
			c.waitForVolume(volume, "in-use")
			return attached.is("volumeAttachment.volumeId", volume)
		},
	},
	{
		id:        "nova-attach-stopped-200",
		statement: "Attaching a volume to a stopped server returns 200.",
		proof:     nova + "nova/compute/api.py#L5206",
		check: func(c *cloud) response {
			server, volume := c.stoppedServer(), c.availableVolume(nil)
			attached := c.attach(server, volume).expect(http.StatusOK)
			c.waitForVolume(volume, "in-use")
			return attached
		},
	},
	{
		id:        "nova-detach-202",
		statement: "Detaching returns 202; the volume becomes available, and the attachment may remain listed for a short time afterwards.",
		proof:     nova + "nova/api/openstack/compute/volumes.py#L541",
		check: func(c *cloud) response {
			server, volume := c.serverWithVolume()
			detached := c.compute.delete(server + "/os-volume_attachments/" + volume).expect(http.StatusAccepted)
			c.waitForVolume(volume, "available").is("volume.attachments", list{})
			c.waitUntilGone(c.compute, server+"/os-volume_attachments/"+volume)
			c.compute.get(server+"/os-volume_attachments").expect(http.StatusOK).is("volumeAttachments", list{})
			return detached
		},
	},
	{
		id:        "nova-detach-not-attached-404",
		statement: "Detaching a volume that is not attached returns 404.",
		proof:     nova + "nova/api/openstack/compute/volumes.py#L565",
		check: func(c *cloud) response {
			volume := c.availableVolume(nil)
			return c.compute.delete(c.activeServer(nil) + "/os-volume_attachments/" + volume).notFound()
		},
	},
	{
		id:        "nova-detach-unknown-volume-404",
		statement: "Detaching an unknown volume returns 404.",
		proof:     nova + "nova/exception.py#L722",
		check: func(c *cloud) response {
			return c.compute.delete(c.activeServer(nil) + "/os-volume_attachments/" + unknownID).notFound(unknownID)
		},
	},
	{
		id:        "nova-attachment-not-there-404",
		statement: "GET of the attachment of a volume that is not attached returns 404.",
		proof:     nova + "nova/exception.py#L823",
		check: func(c *cloud) response {
			return c.compute.get(c.activeServer(nil) + "/os-volume_attachments/" + unknownID).notFound()
		},
	},
	{
		id:        "nova-delete-server-frees-volume",
		statement: "DELETE of a server makes its attached volumes available.",
		proof:     nova + "nova/compute/manager.py#L3271",
		check: func(c *cloud) response {
			server, volume := c.serverWithVolume()
			c.compute.delete(server).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, server)
			return c.waitForVolume(volume, "available").is("volume.attachments", list{})
		},
	},
}
