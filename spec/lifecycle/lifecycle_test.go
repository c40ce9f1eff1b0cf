package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// runLifeCycle calls the methods of a VM and a disk from creation to deletion.
// Without a disk it creates one.
func (s *scenario) runLifeCycle(vm vmArguments, disk string) createdVM {
	s.Helper()
	created := s.createVM(vm)
	s.call(nil, "set_vm_metadata", created.cid, object{
		"director": "lifecycle", "deployment": "deployment", "id": "instance", "job": "job", "instance_group": "job",
		"index": "0", "name": "job/instance", "created_at": "2026-01-02T03:04:05Z",
	})
	assert.True(s, s.has("has_vm", created.cid))
	assert.Equal(s, "ACTIVE", s.server(created.cid).Status)
	if disk == "" {
		disk = s.createDisk(2048, object{}, created.cid)
	}
	assert.True(s, s.has("has_disk", disk))

	var hint string
	s.call(&hint, "attach_disk", created.cid, disk)
	attached := s.volume(disk)
	assert.Equal(s, "in-use", attached.Status)
	if assert.Len(s, attached.Attachments, 1) {
		assert.Equal(s, attached.hint(), hint)
	}
	var disks []string
	s.call(&disks, "get_disks", created.cid)
	assert.Equal(s, []string{disk}, disks)
	s.call(nil, "set_disk_metadata", disk, object{"director": "lifecycle", "deployment": "deployment", "instance_id": "instance"})
	s.call(nil, "detach_disk", created.cid, disk)
	assert.Equal(s, "available", s.volume(disk).Status)

	var cid string
	s.call(&cid, "snapshot_disk", disk, object{"deployment": "deployment", "job": "job", "index": 0, "director_name": "lifecycle"})
	assert.Equal(s, "available", s.snapshot(cid).Status)
	s.call(nil, "delete_snapshot", cid)
	assert.False(s, s.exists("volume", "/snapshots/"+cid))

	s.call(nil, "delete_vm", created.cid)
	assert.False(s, s.has("has_vm", created.cid))
	assert.Empty(s, s.ports("device_id="+created.cid))
	s.call(nil, "delete_disk", disk)
	assert.False(s, s.has("has_disk", disk))
	return created
}

func TestLifeCycleOnDynamicNetwork(t *testing.T) {
	s := newScenario(t)
	s.runLifeCycle(vmArguments{networks: networks{s.dynamic("private")}}, "")
}

func TestLifeCycleOnManualNetwork(t *testing.T) {
	s := newScenario(t)
	s.runLifeCycle(vmArguments{networks: networks{s.manual("private")}}, "")
}

// A VM is created for an existing disk.
func TestLifeCycleWithExistingDisk(t *testing.T) {
	onManualAndDynamic(t, func(s *scenario, newNetwork func() network) {
		first := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
		disk := s.createDisk(2048, object{}, first.cid)
		s.call(nil, "delete_vm", first.cid)
		s.runLifeCycle(vmArguments{networks: networks{newNetwork()}, disks: []string{disk}}, disk)
	})
}

// bosh delete-env deletes a VM with its disk attached, and then the disk.
func TestDeleteVMWithAttachedDisk(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.manual("private")}})
	disk := s.createDisk(1024, object{}, vm.cid)
	s.call(nil, "attach_disk", vm.cid, disk)
	s.call(nil, "delete_vm", vm.cid)
	assert.True(t, s.has("has_disk", disk))
	s.call(nil, "delete_disk", disk)
	assert.False(t, s.has("has_disk", disk))
}

// Directors repeat calls after a lost response.
func TestRepeatedCalls(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.manual("private")}})
	disk := s.createDisk(1024, object{}, vm.cid)
	var first, again string
	s.call(&first, "attach_disk", vm.cid, disk)
	s.call(&again, "attach_disk", vm.cid, disk)
	assert.Equal(t, first, again)
	for range 2 {
		s.call(nil, "set_vm_metadata", vm.cid, object{"name": "job/1"})
		s.call(nil, "set_disk_metadata", disk, object{"name": "job/1"})
	}
	for range 2 {
		s.call(nil, "detach_disk", vm.cid, disk)
	}
	for range 2 {
		s.call(nil, "delete_vm", vm.cid)
	}
	for range 2 {
		s.call(nil, "delete_disk", disk)
	}
}

func TestRebootStartsStoppedVM(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	s.call(nil, "reboot_vm", vm.cid)
	assert.Equal(t, "ACTIVE", s.server(vm.cid).Status)

	s.stopServer(vm.cid)
	s.call(nil, "reboot_vm", vm.cid)
	assert.Equal(t, "ACTIVE", s.server(vm.cid).Status)
}
