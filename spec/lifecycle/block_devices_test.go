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

// A boot volume is created in the zone of Cinder that its VM type asks for.
func TestZoneOfTheRootDisk(t *testing.T) {
	s := newScenario(t)
	zones := s.fixtures.AvailabilityZones.Volume
	s.needs(len(zones) > 0, "an availability zone of Cinder")
	for _, zone := range zones {
		vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{
			"boot_from_volume": true, "root_disk": object{"size": 2, "availability_zone": zone},
		}})
		server := s.server(vm.cid)
		assert.Empty(t, server.Image)
		require.Len(t, server.Volumes, 1)
		root := s.volume(server.Volumes[0].ID)
		assert.Equal(t, zone, root.Zone)
		assert.Equal(t, 2, root.SizeGiB)
		assert.Equal(t, vm.cid, root.Metadata["boot_volume_of"])
		disks := []string{}
		s.call(&disks, "get_disks", vm.cid)
		assert.Empty(t, disks)
		s.call(nil, "delete_vm", vm.cid)
		assert.False(t, s.exists("volume", "/volumes/"+root.ID))
	}
	s.createVMFails("CloudError", []string{noSuchZone, "(cloud_properties.root_disk"}, vmArguments{
		networks: networks{s.manual("private")}, properties: object{"boot_from_volume": true, "root_disk": object{"size": 2, "availability_zone": noSuchZone}},
	})
}
