package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The volume type of a disk type overrides the configured one. Without either,
// Cinder uses its default.
func TestVolumeTypes(t *testing.T) {
	for name, choose := range map[string]func(usual, other string) (configured any, properties object, want string){
		"none":               func(usual, _ string) (any, object, string) { return nil, object{}, usual },
		"configured":         func(_, other string) (any, object, string) { return other, object{}, other },
		"of the disk":        func(_, other string) (any, object, string) { return nil, object{"type": other}, other },
		"of the disk, first": func(usual, other string) (any, object, string) { return usual, object{"type": other}, other },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			usual, other := s.volumeTypes()
			configured, properties, want := choose(usual, other)
			s.configure(object{"default_volume_type": configured})
			vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
			disk := s.createDisk(2048, properties)
			assert.Equal(t, want, s.volume(disk).Type)
			s.call(nil, "attach_disk", vm.cid, disk)
			assert.Equal(t, "in-use", s.volume(disk).Status)
			s.call(nil, "detach_disk", vm.cid, disk)
			s.call(nil, "delete_disk", disk)
			assert.False(t, s.has("has_disk", disk))
		})
	}
}

// volumeTypes returns Cinder's default volume type and another one.
func (s *scenario) volumeTypes() (usual, other string) {
	s.Helper()
	usual = s.volume(s.createDisk(1024, object{})).Type
	for name := range s.fixtures.VolumeTypes {
		if name != usual {
			other = name
		}
	}
	s.needs(usual != "" && other != "", "two volume types, one of which is the default")
	return usual, other
}

func TestDisk(t *testing.T) {
	s := newScenario(t)
	disk := s.createDisk(1025, object{"name": "a-dynamic-disk"})
	found := s.volume(disk)
	assert.Equal(t, 2, found.SizeGiB, "MiB are rounded up to GiB")
	assert.Equal(t, "available", found.Status)
	assert.Regexp(t, `^volume-[0-9a-f-]{36}$`, found.Name)
	assert.Equal(t, map[string]string{
		"bosh_cpi": "openstack-bosh-cpi", "director_uuid": s.director.UUID, "disk_name": "a-dynamic-disk",
	}, found.Metadata)
	s.refused("CloudError", []string{"Minimum disk size is 1 GiB"}, "create_disk", 1023, object{})
}

func TestDiskOfUnknownType(t *testing.T) {
	s := newScenario(t)
	before := s.inventory()
	s.refused("CloudError", []string{"no-such-type"}, "create_disk", 1024, object{"type": "no-such-type"})
	assert.Empty(t, s.inventory().Leftovers(before, s.marks()))
}

func TestResize(t *testing.T) {
	s := newScenario(t)
	disk := s.createDisk(2048, object{})
	s.call(nil, "resize_disk", disk, 4096)
	assert.Equal(t, 4, s.volume(disk).SizeGiB)
	s.call(nil, "resize_disk", disk, 4096)
	s.call(nil, "resize_disk", disk, 4000)
	assert.Equal(t, 4, s.volume(disk).SizeGiB)

	// After NotSupported the director creates a new disk and copies the data.
	s.refused("NotSupported", []string{"Cannot resize volume to a smaller size from 4 GiB to 3 GiB"}, "resize_disk", disk, 3072)
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	s.call(nil, "attach_disk", vm.cid, disk)
	s.call(nil, "resize_disk", disk, 5120)
	assert.Equal(t, 5, s.volume(disk).SizeGiB)
	assert.Equal(t, "in-use", s.volume(disk).Status)
	s.call(nil, "detach_disk", vm.cid, disk)
	s.call(nil, "resize_disk", disk, 6144)
	assert.Equal(t, 6, s.volume(disk).SizeGiB)
}

// The calls of a director for a disk type with another type and size: of an
// instance that runs, and of one that is recreated.
func TestUpdateDisk(t *testing.T) {
	s := newScenario(t)
	usual, other := s.volumeTypes()
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	disk := s.createDisk(1024, object{"type": usual}, vm.cid)
	s.call(nil, "attach_disk", vm.cid, disk)

	s.call(nil, "detach_disk", vm.cid, disk)
	for range 2 { // the second time there is nothing to do
		s.updateDisk(disk, 2048, object{"type": other})
	}
	s.call(nil, "attach_disk", vm.cid, disk)
	assert.Equal(t, []any{other, 2, "in-use"}, []any{s.volume(disk).Type, s.volume(disk).SizeGiB, s.volume(disk).Status})
	s.updateDisk(disk, 3072, object{"type": other})
	s.refused("NotSupported", []string{"while it is attached to server " + vm.cid}, "update_disk", disk, 3072, object{"type": usual})

	s.call(nil, "detach_disk", vm.cid, disk)
	s.refused("NotSupported", []string{"Cannot resize volume to a smaller size"}, "update_disk", disk, 1024, object{"type": usual})
	s.refused("NotSupported", []string{"no-such-type"}, "update_disk", disk, 4096, object{"type": "no-such-type"})
	s.refused("NotSupported", []string{"cannot be moved to " + noSuchZone}, "update_disk", disk, 4096, object{"availability_zone": noSuchZone})
	assert.Equal(t, []any{other, 3}, []any{s.volume(disk).Type, s.volume(disk).SizeGiB}, "nothing was changed")
	s.updateDisk(disk, 3072, object{"type": s.fixtures.VolumeTypes[usual], "migration_policy": "on-demand"})
	s.call(nil, "delete_vm", vm.cid)
	again := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, disks: []string{disk}})
	s.call(nil, "attach_disk", again.cid, disk)
	assert.Equal(t, []any{usual, 3, "in-use"}, []any{s.volume(disk).Type, s.volume(disk).SizeGiB, s.volume(disk).Status})
}

// updateDisk makes a call of update_disk, which must return the same CID.
func (s *scenario) updateDisk(disk string, mib int, properties object) {
	s.Helper()
	var cid string
	s.call(&cid, "update_disk", disk, mib, properties)
	assert.Equal(s, disk, cid)
}

func TestSeveralDisks(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	hints := map[string]string{}
	for range 3 {
		var hint string
		disk := s.createDisk(1024, object{}, vm.cid)
		s.call(&hint, "attach_disk", vm.cid, disk)
		assert.NotContains(t, hints, hint)
		hints[hint] = disk
	}
	var disks []string
	s.call(&disks, "get_disks", vm.cid)
	assert.Len(t, disks, 3)
	for hint, disk := range hints {
		assert.Equal(t, hint, s.volume(disk).hint())
		assert.Contains(t, disks, disk)
		s.refused("CloudError", []string{"Cannot delete volume `" + disk + "', state is in-use"}, "delete_disk", disk)
		s.call(nil, "detach_disk", vm.cid, disk)
	}
}
