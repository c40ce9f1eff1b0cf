package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A VM can have a data volume besides its root disk, which is no persistent disk
// and is deleted with the VM.
func TestDataVolume(t *testing.T) {
	for name, properties := range map[string]object{
		"disk of the hypervisor": {},
		"boot volume":            {"boot_from_volume": true, "root_disk": object{"size": 2}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			properties["block_devices"] = []object{{"type": "volume", "size": 1}}
			vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: properties})
			volumes := s.server(vm.cid).Volumes
			require.Len(t, volumes, 1+len(properties)/3)
			for _, attached := range volumes {
				created := s.volume(attached.ID)
				assert.Equal(t, vm.cid, created.Metadata["boot_volume_of"])
				assert.Equal(t, s.director.UUID, created.Metadata["director_uuid"])
			}
			disk := s.createDisk(1024, object{}, vm.cid)
			s.call(nil, "attach_disk", vm.cid, disk)
			disks := []string{}
			s.call(&disks, "get_disks", vm.cid)
			assert.Equal(t, []string{disk}, disks)
			s.call(nil, "delete_vm", vm.cid)
			for _, attached := range volumes {
				assert.False(t, s.exists("volume", "/volumes/"+attached.ID))
			}
			assert.True(t, s.exists("volume", "/volumes/"+disk))
		})
	}
}
