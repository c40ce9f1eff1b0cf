package simulator_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const serverID = "11111111-1111-4111-8111-111111111111"

func TestVolumeIsAttachedAndDetached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.volume("v", 1)
		before := c.sim.Inventory()

		require.True(t, c.sim.ReserveVolume(id))
		status, _ := c.volumeState(id)
		assert.Equal(t, "reserved", status)
		assert.False(t, c.sim.ReserveVolume(id))
		c.sim.UnreserveVolume(id)
		status, _ = c.volumeState(id)
		assert.Equal(t, "available", status)

		c.sim.AttachVolume(id, serverID, "/dev/sdb")
		r := c.send(http.MethodGet, c.volumes("/volumes/"+id), "")
		assert.Equal(t, "in-use", r.at("volume.status"))
		attached := r.at("volume.attachments").([]any)[0].(map[string]any)
		assert.Equal(t, serverID, attached["server_id"])
		assert.Equal(t, "/dev/sdb", attached["device"])
		assert.Equal(t, id, attached["id"])
		assert.Equal(t, []string{"attachment " + id + " to " + serverID + " (v)"}, c.sim.Leaks(before))

		require.True(t, c.sim.BeginDetach(id))
		status, _ = c.volumeState(id)
		assert.Equal(t, "detaching", status)
		assert.False(t, c.sim.BeginDetach(id))
		c.sim.CancelDetach(id)
		status, _ = c.volumeState(id)
		assert.Equal(t, "in-use", status)
		c.sim.DetachVolume(id, serverID)
		status, _ = c.volumeState(id)
		assert.Equal(t, "available", status)
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestVolumeInUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.volume("v", 1)
		c.sim.AttachVolume(id, serverID, "/dev/sdb")
		action := c.volumes("/volumes/" + id + "/action")

		r := c.send(http.MethodDelete, c.volumes("/volumes/"+id), "")
		assert.JSONEq(t, `{"badRequest":{"code":400,"message":"Invalid volume: Volume status must be available or error or `+
			`error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have `+
			`snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer."}}`, r.text)

		r = c.send(http.MethodPost, action, `{"os-extend":{"new_size":2}}`)
		assert.Contains(t, r.text, "status must be '{'status': 'available'}' to extend, currently in-use.")
		r = c.send(http.MethodPost, action, `{"os-extend":{"new_size":2}}`, "OpenStack-API-Version", "volume 3.42")
		assert.Equal(t, http.StatusAccepted, r.status)
		wait(time.Second)
		status, size := c.volumeState(id)
		assert.Equal(t, "in-use", status)
		assert.Equal(t, 2, size)

		r = c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+id+`"}}`)
		assert.Contains(t, r.text, "status must be available, but current status is: in-use.")
		r = c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+id+`","force":true}}`)
		assert.Equal(t, http.StatusAccepted, r.status)
		r = c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+id+`"}}`, "OpenStack-API-Version", "volume 3.66")
		assert.Equal(t, http.StatusAccepted, r.status)
	})
}

func TestVolumeForAServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{Quotas: map[string]int{"gigabytes": 4}})
		id, refused := c.sim.BootVolume(3, "hdd")
		require.Empty(t, refused)
		wait(time.Second)
		r := c.send(http.MethodGet, c.volumes("/volumes/"+id), "")
		assert.Equal(t, "available", r.at("volume.status"))
		assert.Equal(t, "true", r.at("volume.bootable"))
		assert.Equal(t, "hdd", r.at("volume.volume_type"))
		assert.Empty(t, r.at("volume.name"))
		assert.Equal(t, "z1", r.at("volume.availability_zone"), "an unknown zone falls back to the first")

		_, refused = c.sim.BootVolume(3, "")
		assert.Equal(t, "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. "+
			"Requested 3G, quota is 4G and 3G has been consumed.", refused)
		_, refused = c.sim.BootVolume(1, "nope")
		assert.Equal(t, "Volume type with name nope could not be found.", refused)

		c.sim.RemoveVolume(id)
		wait(time.Second)
		status, _ := c.volumeState(id)
		assert.Equal(t, "gone", status)
	})
}
