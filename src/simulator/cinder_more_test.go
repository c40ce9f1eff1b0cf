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

func TestVolumesAreCopiedFromSnapshotsAndVolumes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		source := c.volume("source", 2)
		snapshot := c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+source+`"}}`).id("snapshot")
		wait(time.Second)

		r := c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"snapshot_id":"`+snapshot+`"}}`)
		assert.InDelta(t, 2, r.at("volume.size"), 0, "the size is that of the snapshot")
		r = c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"source_volid":"`+source+`","size":3}}`)
		assert.InDelta(t, 3, r.at("volume.size"), 0)
		r = c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"snapshot_id":"`+snapshot+`","size":1}}`)
		assert.Contains(t, r.text, "Volume size '1'GB cannot be smaller than the snapshot size 2GB. They must be >= original snapshot size.")
		r = c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"source_volid":"`+source+`","size":1}}`)
		assert.Contains(t, r.text, "Volume size '1'GB cannot be smaller than original volume size  2GB. They must be >= original volume size.")
	})
}

func TestCascadeDeletesTheSnapshotsToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		id := c.volume("v", 1)
		c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+id+`"}}`)
		wait(time.Second)
		assert.Equal(t, http.StatusAccepted, c.send(http.MethodDelete, c.volumes("/volumes/"+id+"?cascade=true"), "").status)
		wait(time.Second)
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestVolumesCanBeRenamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		path := c.volumes("/volumes/" + c.volume("old", 1))
		r := c.send(http.MethodPut, path, `{"volume":{"name":"new","description":"d","metadata":{"a":"b"}}}`)
		require.Equal(t, http.StatusOK, r.status)
		r = c.send(http.MethodGet, path, "")
		assert.Equal(t, "new", r.at("volume.name"))
		assert.Equal(t, "d", r.at("volume.description"))
		assert.Equal(t, map[string]any{"a": "b"}, r.at("volume.metadata"))
	})
}

func TestSnapshotsAreListedByPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.volume("v", 1)
		for _, name := range []string{"a", "b", "c"} {
			c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"name":"`+name+`","volume_id":"`+id+`"}}`,
				"OpenStack-API-Version", "volume 3.70")
		}
		r := c.send(http.MethodGet, c.volumes("/snapshots/detail?limit=2&volume_id="+id), "")
		assert.Equal(t, []any{"c", "b"}, r.names("snapshots"))
		last := r.body["snapshots"].([]any)[1].(map[string]any)
		assert.Equal(t, "0%", last["os-extended-snapshot-attributes:progress"])
		r = c.send(http.MethodGet, c.volumes("/snapshots/detail?limit=2&marker="+last["id"].(string)), "")
		assert.Equal(t, []any{"a"}, r.names("snapshots"))
		assert.Equal(t, http.StatusNotFound, c.send(http.MethodGet, c.volumes("/snapshots?marker=nope"), "").status)
	})
}

func TestActionsThatCinderRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, text string }{
		"a smaller size":     {`{"os-extend":{"new_size":1}}`, "Invalid input received: New size for extend must be greater than current size. (current: 2, extended: 1)."},
		"no size":            {`{"os-extend":{}}`, "Invalid input for field/attribute os-extend. Value: {}. 'new_size' is a required property"},
		"the same type":      {`{"os-retype":{"new_type":"ssd"}}`, "Invalid volume: Retype needs volume to be in available or in-use state"},
		"an unknown type":    {`{"os-retype":{"new_type":"nope"}}`, "Volume type with name nope could not be found."},
		"no type":            {`{"os-retype":{}}`, "'new_type' is a required property"},
		"a migration policy": {`{"os-retype":{"new_type":"hdd","migration_policy":"x"}}`, "'x' is not one of ['on-demand', 'never']"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, simulator.Options{})
				r := c.send(http.MethodPost, c.volumes("/volumes/"+c.volume("v", 2)+"/action"), test.body)
				assert.Contains(t, r.text, test.text)
				assert.GreaterOrEqual(t, r.status, 400)
			})
		})
	}
}

func TestVolumeIsNotExtendedWhileItIsMade(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.send(http.MethodPost, c.volumes("/volumes"), aVolume).id("volume")
	r := c.send(http.MethodPost, c.volumes("/volumes/"+id+"/action"), `{"os-extend":{"new_size":2}}`)
	assert.JSONEq(t, `{"badRequest":{"code":400,"message":"Invalid volume: Volume `+id+
		` status must be '{'status': 'available'}' to extend, currently creating."}}`, r.text)
	r = c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+id+`","force":true}}`)
	assert.JSONEq(t, `{"badRequest":{"code":400,"message":"Invalid volume: Volume `+id+
		` status must be available, but current status is: creating."}}`, r.text)
}
