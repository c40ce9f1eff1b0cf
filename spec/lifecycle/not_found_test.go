package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Deleting a missing object succeeds. Using one fails with the error type that
// directors handle.
func TestNotFound(t *testing.T) {
	for name, id := range map[string]string{"unknown id": unknownID, "not a UUID": "non-existing"} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
			disk := s.createDisk(1024, object{})

			assert.False(t, s.has("has_vm", id))
			assert.False(t, s.has("has_disk", id))
			for _, method := range []string{"delete_vm", "delete_disk", "delete_snapshot", "delete_stemcell"} {
				s.call(nil, method, id)
			}
			s.call(nil, "detach_disk", vm.cid, id)
			s.call(nil, "detach_disk", vm.cid, disk)

			server := []string{"Server `" + id + "' not found"}
			s.refused("VMNotFound", server, "reboot_vm", id)
			s.refused("VMNotFound", server, "set_vm_metadata", id, object{"a": "b"})
			s.refused("VMNotFound", server, "get_disks", id)
			s.refused("VMNotFound", server, "attach_disk", id, disk)
			s.call(nil, "detach_disk", id, disk)
			s.refused("DiskNotFound", []string{"Volume `" + id + "' not found"}, "attach_disk", vm.cid, id)
			s.refused("DiskNotFound", []string{"Volume `" + id + "' not found"}, "snapshot_disk", id, object{})
			s.refused("DiskNotFound", []string{"Disk `" + id + "' not found"}, "set_disk_metadata", id, object{"a": "b"})
			s.refused("DiskNotFound", []string{id}, "resize_disk", id, 2048)
			assert.Equal(t, "available", s.volume(disk).Status)
		})
	}
}

func TestNotImplemented(t *testing.T) {
	s := newScenario(t)
	s.refused("NotImplemented", []string{"Method is not known, got: 'make_coffee'"}, "make_coffee")
}
