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

func TestSnapshotLifeCycle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		id := c.volume("volume-1", 1)

		r := c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+id+`","name":"snapshot-1",
			"description":"cf/router/0","force":true,"metadata":{"k":"v"}}}`)
		require.Equal(t, http.StatusAccepted, r.status)
		snapshot := r.id("snapshot")
		assert.Equal(t, "creating", r.at("snapshot.status"))
		r = c.send(http.MethodDelete, c.volumes("/snapshots/"+snapshot), "")
		assert.Equal(t, http.StatusBadRequest, r.status)
		wait(500 * time.Millisecond)
		assert.Equal(t, "available", c.send(http.MethodGet, c.volumes("/snapshots/"+snapshot), "").at("snapshot.status"))

		r = c.send(http.MethodDelete, c.volumes("/volumes/"+id), "")
		assert.Equal(t, http.StatusBadRequest, r.status, "a volume with snapshots cannot be deleted")
		r = c.send(http.MethodPost, c.volumes("/snapshots/"+snapshot+"/metadata"), `{"metadata":{"director":"d"}}`)
		assert.Equal(t, map[string]any{"director": "d", "k": "v"}, r.at("metadata"))
		r = c.send(http.MethodGet, c.volumes("/snapshots?name=snapshot-1"), "")
		assert.Equal(t, []any{"snapshot-1"}, r.names("snapshots"))

		assert.Equal(t, http.StatusAccepted, c.send(http.MethodDelete, c.volumes("/snapshots/"+snapshot), "").status)
		wait(500 * time.Millisecond)
		assert.Equal(t, http.StatusNotFound, c.send(http.MethodGet, c.volumes("/snapshots/"+snapshot), "").status)
		c.send(http.MethodDelete, c.volumes("/volumes/"+id), "")
		wait(500 * time.Millisecond)
		assert.Empty(t, c.sim.Leaks(before))
	})
}

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
