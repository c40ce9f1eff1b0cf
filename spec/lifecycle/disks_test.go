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
	s.refused("NotSupported", nil, "update_disk", disk, 8192, object{})
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	s.call(nil, "attach_disk", vm.cid, disk)
	s.refused("NotSupported", []string{"it still has 1 attachment"}, "resize_disk", disk, 8192)
	assert.Equal(t, 4, s.volume(disk).SizeGiB)
	s.call(nil, "detach_disk", vm.cid, disk)
	s.call(nil, "resize_disk", disk, 5120)
	assert.Equal(t, 5, s.volume(disk).SizeGiB)
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
