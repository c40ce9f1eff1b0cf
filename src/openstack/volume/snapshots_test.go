package volume_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// snapshot creates a snapshot, waits until it is available and returns its id.
func (c cinder) snapshot(disk, name string) string {
	c.Helper()
	made, err := c.CreateSnapshot(c.Context(), volume.SnapshotCreateOpts{VolumeID: disk, Name: name})
	require.NoError(c, err)
	_, err = c.WaitSnapshotAvailable(c.Context(), made.ID)
	require.NoError(c, err)
	return made.ID
}

func TestCreateSnapshot(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.disk("volume-1")
		made, err := c.CreateSnapshot(c.Context(), volume.SnapshotCreateOpts{
			VolumeID: disk, Name: "snapshot-1", Description: "cf/router/0", Metadata: map[string]string{"a": "b"},
		})
		require.NoError(c, err)
		ready, err := c.WaitSnapshotAvailable(c.Context(), made.ID)
		require.NoError(c, err)
		assert.Equal(c, []string{"snapshot-1", "cf/router/0", disk, "available"}, []string{ready.Name, ready.Description, ready.VolumeID, ready.Status})
		assert.Equal(c, map[string]string{"a": "b"}, ready.Metadata)
		_, err = c.CreateSnapshot(c.Context(), volume.SnapshotCreateOpts{VolumeID: unknownID, Name: "snapshot-2"})
		assert.True(c, openstack.IsNotFound(err))
		require.ErrorContains(c, err, "create snapshot snapshot-2 of volume "+unknownID+": OpenStack API NotFound")
		c.SetQuota("snapshots", 1)
		_, err = c.CreateSnapshot(c.Context(), volume.SnapshotCreateOpts{VolumeID: disk, Name: "snapshot-2"})
		assert.True(c, openstack.IsQuota(err))
		require.ErrorContains(c, c.DeleteVolume(c.Context(), disk), "have snapshots")
	})
}

func TestSnapshotsOnSeveralPages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.disk("volume-1")
		before := c.Inventory()
		for range 5 {
			c.snapshot(disk, "twin")
		}
		other := c.snapshot(disk, "twins")
		paged := c.smallPages()
		c.Inject(simulator.Fault{On: "GET /snapshots", Nth: 3, Status: http.StatusForbidden})
		require.ErrorContains(c, paged.DeleteSnapshotNamed(c.Context(), "twin"), "list snapshots named twin: OpenStack API Forbidden")
		c.Inject(simulator.Fault{On: "DELETE /snapshots/{id}", Status: http.StatusForbidden})
		require.ErrorContains(c, paged.DeleteSnapshotNamed(c.Context(), "twin"), "OpenStack API Forbidden")
		require.NoError(c, paged.DeleteSnapshotNamed(c.Context(), "twin"))
		assert.Equal(c, []string{"+ snapshot " + other + " (twins)"}, c.Inventory().Diff(before))
	})
}

func TestWaitForSnapshot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.StateFault
		says  string
	}{
		"error": {simulator.StateFault{}, "Snapshot `ID' state is error, expected available"},
		"stuck": {simulator.StateFault{Stuck: true}, "Timed out waiting for Snapshot `ID' to be available, its state is creating"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(c cinder) {
				disk := c.disk("volume-1")
				test.fault.Resource, test.fault.Phase = "snapshot", "create"
				c.InjectStateFault(test.fault)
				made, err := c.CreateSnapshot(c.Context(), volume.SnapshotCreateOpts{VolumeID: disk, Name: "snapshot-1"})
				require.NoError(c, err)
				_, err = c.WaitSnapshotAvailable(c.Context(), made.ID)
				require.EqualError(c, err, strings.ReplaceAll(test.says, "ID", made.ID))
				if test.fault.Stuck {
					require.ErrorContains(c, c.DeleteSnapshot(c.Context(), made.ID), "Snapshot status must be available or error")
					assert.True(c, openstack.IsTimeout(c.DeleteSnapshotNamed(c.Context(), "snapshot-1")))
					return
				}
				require.NoError(c, c.DeleteSnapshot(c.Context(), made.ID), "the state it was in before is no failure")
			})
		})
	}
	run(t, simulator.Options{}, func(c cinder) {
		_, err := c.WaitSnapshotAvailable(c.Context(), unknownID)
		require.EqualError(c, err, "Snapshot `"+unknownID+"': Resource not found")
	})
}

func TestDeleteSnapshotFails(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.disk("volume-1")
		id := c.snapshot(disk, "snapshot-1")
		c.Inject(simulator.Fault{On: "DELETE /snapshots/{id}", Status: http.StatusForbidden})
		require.ErrorContains(c, c.DeleteSnapshot(c.Context(), id), "delete snapshot "+id+": OpenStack API Forbidden")
		c.InjectStateFault(simulator.StateFault{Resource: "snapshot", Phase: "delete"})
		require.EqualError(c, c.DeleteSnapshot(c.Context(), id), "delete snapshot "+id+": Snapshot `"+id+"' state is error_deleting, expected deleted")
	})
}
