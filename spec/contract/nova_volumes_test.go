package contract_test

import (
	"net/http"

	"github.com/stretchr/testify/require"
)

// attach asks nova to attach a volume, and sees to it that the volume is free again in the end.
func (c *cloud) attach(server, volume string) answer {
	c.t.Helper()
	attached := c.compute.post(server+"/os-volume_attachments", object{"volumeAttachment": object{"volumeId": volume}})
	if attached.status == http.StatusOK {
		c.t.Cleanup(func() {
			c.until("volume "+volume+" is detached",
				func() answer { // a volume that is just being attached cannot be detached yet
					c.compute.delete(server + "/os-volume_attachments/" + volume)
					return c.volume.get("/volumes/" + volume)
				},
				func(a answer) bool { return a.status == http.StatusNotFound || a.value("volume.status") == "available" })
		})
	}
	return attached
}

// attached returns a running server with a volume attached to it.
func (c *cloud) attached() (server, volume string) {
	c.t.Helper()
	server, volume = c.server(nil), c.newVolume(nil)
	c.attach(server, volume).wants(http.StatusOK)
	c.volumeIs(volume, "in-use")
	return server, volume
}

var novaVolumeClaims = []claim{
	{
		id:    "nova-attachments-none",
		says:  "A server without volumes has an empty list of attachments.",
		proof: nova + "nova/api/openstack/compute/volumes.py#L302",
		check: func(c *cloud) answer {
			return c.compute.get(c.server(nil)+"/os-volume_attachments").wants(http.StatusOK).is("volumeAttachments", list{})
		},
	},
	{
		id:    "nova-attach-answers-device",
		says:  "The answer to an attachment is 200 and holds the device the server will see.",
		proof: nova + "nova/api/openstack/compute/volumes.py#L371",
		check: func(c *cloud) answer {
			server, volume := c.server(nil), c.newVolume(nil)
			attached := c.attach(server, volume).wants(http.StatusOK)
			require.Regexp(c.t, `^/dev/[a-z]+$`, attached.text("volumeAttachment.device"))
			return attached.is("volumeAttachment.volumeId", volume).is("volumeAttachment.id", volume).
				says("volumeAttachment.serverId", server[len("/servers/"):])
		},
	},
	{
		id:    "nova-attach-listed",
		says:  "An attachment is listed with the same device as in the answer to its creation.",
		proof: nova + "nova/api/openstack/compute/volumes.py#L229",
		check: func(c *cloud) answer {
			server, volume := c.server(nil), c.newVolume(nil)
			attached := c.attach(server, volume).wants(http.StatusOK)
			c.volumeIs(volume, "in-use")
			return c.compute.get(server+"/os-volume_attachments").wants(http.StatusOK).
				is("volumeAttachments", list{attached.value("volumeAttachment")})
		},
	},
	{
		id:    "nova-attach-letters",
		says:  "Volumes attached one after the other get different devices.",
		proof: nova + "nova/compute/utils.py#L205",
		check: func(c *cloud) answer {
			server, first, second := c.server(nil), c.newVolume(nil), c.newVolume(nil)
			one := c.attach(server, first).wants(http.StatusOK)
			c.volumeIs(first, "in-use")
			two := c.attach(server, second).wants(http.StatusOK)
			require.NotEqual(c.t, one.text("volumeAttachment.device"), two.text("volumeAttachment.device"))
			return two
		},
	},
	{
		id:    "nova-attach-volume-states",
		says:  "An attached volume is never available between the answer and in-use, and then names its server and device.",
		proof: cinder + "cinder/volume/api.py#L2472",
		check: func(c *cloud) answer {
			server, volume := c.server(nil), c.newVolume(nil)
			attached := c.attach(server, volume).wants(http.StatusOK)
			seen := c.until("the volume is in-use",
				func() answer { return c.volume.get("/volumes/" + volume).wants(http.StatusOK) },
				func(a answer) bool {
					require.Contains(c.t, []string{"reserved", "attaching", "in-use"}, a.text("volume.status"))
					return a.value("volume.status") == "in-use"
				})
			return seen.is("volume.attachments.0.server_id", server[len("/servers/"):]).
				is("volume.attachments.0.device", attached.text("volumeAttachment.device")).
				is("volume.attachments.0.volume_id", volume).wantsKeys("volume.attachments.0", "id", "attachment_id", "attached_at", "host_name")
		},
	},
	{
		id:    "nova-attach-on-server",
		says:  "A server tells the ids of its attached volumes.",
		proof: nova + "nova/api/openstack/compute/views/servers.py#L831",
		check: func(c *cloud) answer {
			server, volume := c.attached()
			return c.compute.get(server).wants(http.StatusOK).
				is("server.os-extended-volumes:volumes_attached", list{object{"id": volume}})
		},
	},
	{
		id:    "nova-attach-twice-400",
		says:  "Attaching a volume again to the server that has it is answered 400.",
		proof: nova + "nova/compute/api.py#L5060",
		check: func(c *cloud) answer {
			server, volume := c.attached()
			return c.attach(server, volume).badRequest("Invalid volume: volume "+volume, "already attached")
		},
	},
	{
		id:    "nova-attach-in-use-400",
		says:  "Attaching a volume that another server has is answered 400 about the volume.",
		proof: nova + "nova/compute/api.py#L5060",
		check: func(c *cloud) answer {
			_, volume := c.attached()
			return c.attach(c.server(nil), volume).badRequest("Invalid volume: ", "olume "+volume)
		},
	},
	{
		id:    "nova-attach-unknown-volume-404",
		says:  "Attaching an unknown volume is answered 404 about the volume.",
		proof: nova + "nova/exception.py#L722",
		check: func(c *cloud) answer {
			return c.attach(c.server(nil), nobody).notFound("Volume " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-attach-unknown-server-404",
		says:  "Attaching to an unknown server is answered 404 about the server.",
		proof: nova + "nova/exception.py#L1455",
		check: func(c *cloud) answer {
			return c.attach("/servers/"+nobody, c.newVolume(nil)).notFound("Instance " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-attach-building-409",
		says:  "Attaching to a server in BUILD is answered 409.",
		proof: nova + "nova/compute/api.py#L5206",
		check: func(c *cloud) answer {
			volume := c.newVolume(nil)
			return c.attach(c.building(nil), volume).conflict("Cannot 'attach_volume' instance", "vm_state building")
		},
	},
	{
		id:    "nova-attach-stopped-200",
		says:  "A volume can be attached to a stopped server.",
		proof: nova + "nova/compute/api.py#L5206",
		check: func(c *cloud) answer {
			server, volume := c.stopped(), c.newVolume(nil)
			attached := c.attach(server, volume).wants(http.StatusOK)
			c.volumeIs(volume, "in-use")
			return attached
		},
	},
	{
		id:    "nova-detach-202",
		says:  "Detaching is answered 202; the volume becomes available, and some moments later the list is empty.",
		proof: nova + "nova/api/openstack/compute/volumes.py#L541",
		check: func(c *cloud) answer {
			server, volume := c.attached()
			detached := c.compute.delete(server + "/os-volume_attachments/" + volume).wants(http.StatusAccepted)
			c.volumeIs(volume, "available").is("volume.attachments", list{})
			c.gone(c.compute, server+"/os-volume_attachments/"+volume)
			c.compute.get(server+"/os-volume_attachments").wants(http.StatusOK).is("volumeAttachments", list{})
			return detached
		},
	},
	{
		id:    "nova-detach-not-attached-404",
		says:  "Detaching a volume that is not attached is answered 404.",
		proof: nova + "nova/api/openstack/compute/volumes.py#L565",
		check: func(c *cloud) answer {
			volume := c.newVolume(nil)
			return c.compute.delete(c.server(nil) + "/os-volume_attachments/" + volume).notFound()
		},
	},
	{
		id:    "nova-detach-unknown-volume-404",
		says:  "Detaching an unknown volume is answered 404.",
		proof: nova + "nova/exception.py#L722",
		check: func(c *cloud) answer {
			return c.compute.delete(c.server(nil) + "/os-volume_attachments/" + nobody).notFound(nobody)
		},
	},
	{
		id:    "nova-attachment-not-there-404",
		says:  "Reading the attachment of a volume that is not attached is answered 404.",
		proof: nova + "nova/exception.py#L823",
		check: func(c *cloud) answer {
			return c.compute.get(c.server(nil) + "/os-volume_attachments/" + nobody).notFound()
		},
	},
	{
		id:    "nova-delete-server-frees-volume",
		says:  "Deleting a server makes its attached volumes available.",
		proof: nova + "nova/compute/manager.py#L3271",
		check: func(c *cloud) answer {
			server, volume := c.attached()
			c.compute.delete(server).wants(http.StatusNoContent)
			c.gone(c.compute, server)
			return c.volumeIs(volume, "available").is("volume.attachments", list{})
		},
	},
}
