package lifecycle_test

import (
	"path"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSnapshots(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	disk := s.createDisk(1024, object{}, vm.cid)
	s.snapshotOf(disk, "deployment/job/0")
	s.call(nil, "attach_disk", vm.cid, disk)
	s.snapshotOf(disk, "deployment/job/0/"+path.Base(s.volume(disk).Attachments[0].Device))
	assert.Equal(t, "in-use", s.volume(disk).Status)
	s.call(nil, "detach_disk", vm.cid, disk)
}

// snapshotOf creates a snapshot as a director does, and deletes it.
func (s *scenario) snapshotOf(disk, description string) {
	s.Helper()
	var cid string
	s.call(&cid, "snapshot_disk", disk, object{
		"deployment": "deployment", "job": "job", "index": 0, "director_name": "lifecycle", "director_uuid": s.director.UUID,
		"agent_id": "agent", "instance_id": "instance", "team": "blue", "cost": 7,
	})
	found := s.snapshot(cid)
	assert.Equal(s, "available", found.Status)
	assert.Equal(s, disk, found.VolumeID)
	assert.Equal(s, description, found.Description)
	assert.Equal(s, map[string]string{
		"director": "lifecycle", "director_uuid": s.director.UUID, "deployment": "deployment", "instance_id": "instance",
		"instance_index": "0", "instance_name": "job/instance", "agent_id": "agent", "team": "blue", "cost": "7",
		"bosh_cpi": "openstack-bosh-cpi",
	}, found.Metadata)
	s.call(nil, "delete_snapshot", cid)
	assert.False(s, s.exists("volume", "/snapshots/"+cid))
	s.call(nil, "delete_snapshot", cid)
}

// The validator sends less metadata than a director.
func TestSnapshotWithoutJob(t *testing.T) {
	s := newScenario(t)
	disk := s.createDisk(1024, object{})
	for _, metadata := range []any{object{"director_name": "lifecycle"}, object{}, nil} {
		var cid string
		s.call(&cid, "snapshot_disk", disk, metadata)
		assert.Equal(t, "//", s.snapshot(cid).Description)
		assert.NotContains(t, s.snapshot(cid).Metadata, "instance_name")
		s.call(nil, "delete_snapshot", cid)
	}
}
