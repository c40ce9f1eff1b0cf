package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (s *scenario) disklessFlavor() string {
	s.Helper()
	flavor := s.fixtures.DisklessFlavor()
	s.needs(flavor != "", "a flavor without any disk")
	return flavor
}

// bootsFromVolume asserts that the VM has one volume, which is deleted with it.
func (s *scenario) bootsFromVolume(vm vmArguments, sizeGiB int) {
	s.Helper()
	created := s.createVM(vm)
	server := s.server(created.cid)
	assert.Empty(s, server.Image)
	require.Len(s, server.Volumes, 1)
	boot := s.volume(server.Volumes[0].ID)
	assert.Equal(s, sizeGiB, boot.SizeGiB)
	assert.Equal(s, "true", boot.Bootable)
	require.Len(s, boot.Attachments, 1)
	assert.Regexp(s, `^/dev/[a-z]+a$`, boot.Attachments[0].Device)
	assert.Equal(s, s.director.UUID, boot.Metadata["director_uuid"], "the boot volume has its owner")
	disks := []string{}
	s.call(&disks, "get_disks", created.cid)
	assert.Empty(s, disks, "the boot volume is no persistent disk")

	s.call(nil, "delete_vm", created.cid)
	assert.False(s, s.exists("volume", "/volumes/"+server.Volumes[0].ID))
}

func TestBootFromVolume(t *testing.T) {
	t.Run("of all VMs", func(t *testing.T) {
		s := newScenario(t)
		s.configure(object{"boot_from_volume": true})
		s.bootsFromVolume(vmArguments{networks: networks{s.dynamic("private")}}, s.fixtures.Flavors[s.fixtures.PlainFlavor()].Disk)
	})
	t.Run("of one VM", func(t *testing.T) {
		s := newScenario(t)
		s.bootsFromVolume(vmArguments{networks: networks{s.manual("private")}, properties: object{
			"boot_from_volume": true, "root_disk": object{"size": 2},
		}}, 2)
	})
	t.Run("disabled for one VM", func(t *testing.T) {
		s := newScenario(t)
		s.configure(object{"boot_from_volume": true})
		vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{"boot_from_volume": false}})
		assert.NotEmpty(t, s.server(vm.cid).Image)
		assert.Empty(t, s.server(vm.cid).Volumes)
	})
	t.Run("of a flavor without a disk", func(t *testing.T) {
		s := newScenario(t)
		s.bootsFromVolume(vmArguments{networks: networks{s.dynamic("private")}, properties: object{
			"instance_type": s.disklessFlavor(), "boot_from_volume": true, "root_disk": object{"size": 3},
		}}, 3)
	})
	t.Run("with a volume type", func(t *testing.T) {
		s := newScenario(t)
		s.needs(s.fixtures.VolumeType() != "", "a volume type")
		vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{
			"boot_from_volume": true, "root_disk": object{"size": 1, "type": s.fixtures.VolumeType()},
		}})
		require.Len(t, s.server(vm.cid).Volumes, 1)
		assert.Equal(t, s.fixtures.VolumeType(), s.volume(s.server(vm.cid).Volumes[0].ID).Type)
	})
}

func TestFlavorWithoutDiskNeedsSize(t *testing.T) {
	s := newScenario(t)
	flavor := s.disklessFlavor()
	s.createVMFails("CloudError", []string{"Flavor '" + flavor + "' has a root disk size of 0", "root_disk.size"}, vmArguments{
		networks: networks{s.dynamic("private")}, properties: object{"instance_type": flavor, "boot_from_volume": true},
	})
}

func TestConfigDrive(t *testing.T) {
	for _, kind := range []string{"cdrom", "disk"} {
		t.Run(kind, func(t *testing.T) {
			s := newScenario(t)
			s.configure(object{"config_drive": kind})
			vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
			assert.Equal(t, "True", s.server(vm.cid).ConfigDrive)
		})
	}
	t.Run("none", func(t *testing.T) {
		s := newScenario(t)
		vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
		assert.Empty(t, s.server(vm.cid).ConfigDrive)
	})
}

func TestMissingObjectsAreNamed(t *testing.T) {
	s := newScenario(t)
	private := networks{s.manual("private")}
	s.createVMFails("CloudError", []string{"Flavor `no-such-flavor' not found"}, vmArguments{networks: private, properties: object{"instance_type": "no-such-flavor"}})
	s.createVMFails("CloudError", []string{"Key-pair `no-such-pair' not found"}, vmArguments{networks: private, properties: object{"key_name": "no-such-pair"}})
	s.createVMFails("CloudError", []string{"Image `" + unknownID + "' not found"}, vmArguments{networks: private, stemcell: unknownID})
	s.createVMFails("CloudError", []string{"Image `" + unknownID + " light' not found"}, vmArguments{networks: private, stemcell: unknownID + " light"})
}
