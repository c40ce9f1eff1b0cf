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

// bootsFromVolume asserts that the VM has one volume, which goes away with it.
func (s *scenario) bootsFromVolume(vm newVM, sizeGiB int) {
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
	assert.Equal(s, s.director.UUID, boot.Metadata["director_uuid"], "the boot volume tells whose it is")
	disks := []string{}
	s.call(&disks, "get_disks", created.cid)
	assert.Empty(s, disks, "it is none of BOSH's disks")

	s.call(nil, "delete_vm", created.cid)
	assert.False(s, s.exists("volume", "/volumes/"+server.Volumes[0].ID))
}

func TestBootFromVolume(t *testing.T) {
	t.Run("of every VM", func(t *testing.T) {
		s := play(t)
		s.configure(object{"boot_from_volume": true})
		s.bootsFromVolume(newVM{networks: networks{s.dynamic("private")}}, s.fixtures.Flavors[s.fixtures.PlainFlavor()].Disk)
	})
	t.Run("of this VM", func(t *testing.T) {
		s := play(t)
		s.bootsFromVolume(newVM{networks: networks{s.manual("private")}, properties: object{
			"boot_from_volume": true, "root_disk": object{"size": 2},
		}}, 2)
	})
	t.Run("not of this VM", func(t *testing.T) {
		s := play(t)
		s.configure(object{"boot_from_volume": true})
		vm := s.createVM(newVM{networks: networks{s.dynamic("private")}, properties: object{"boot_from_volume": false}})
		assert.NotEmpty(t, s.server(vm.cid).Image)
		assert.Empty(t, s.server(vm.cid).Volumes)
	})
	t.Run("of a flavor without a disk", func(t *testing.T) {
		s := play(t)
		s.bootsFromVolume(newVM{networks: networks{s.dynamic("private")}, properties: object{
			"instance_type": s.disklessFlavor(), "boot_from_volume": true, "root_disk": object{"size": 3},
		}}, 3)
	})
	t.Run("of a type", func(t *testing.T) {
		s := play(t)
		s.needs(s.fixtures.VolumeType() != "", "a volume type")
		vm := s.createVM(newVM{networks: networks{s.dynamic("private")}, properties: object{
			"boot_from_volume": true, "root_disk": object{"size": 1, "type": s.fixtures.VolumeType()},
		}})
		require.Len(t, s.server(vm.cid).Volumes, 1)
		assert.Equal(t, s.fixtures.VolumeType(), s.volume(s.server(vm.cid).Volumes[0].ID).Type)
	})
}

func TestFlavorWithoutADiskNeedsASize(t *testing.T) {
	s := play(t)
	flavor := s.disklessFlavor()
	s.noVM("CloudError", []string{"Flavor '" + flavor + "' has a root disk size of 0", "root_disk.size"}, newVM{
		networks: networks{s.dynamic("private")}, properties: object{"instance_type": flavor, "boot_from_volume": true},
	})
}

func TestConfigDrive(t *testing.T) {
	for _, kind := range []string{"cdrom", "disk"} {
		t.Run(kind, func(t *testing.T) {
			s := play(t)
			s.configure(object{"config_drive": kind})
			vm := s.live(newVM{networks: networks{s.dynamic("private")}}, "")
			assert.Len(t, vm.networks, 1)
		})
	}
	t.Run("none", func(t *testing.T) {
		s := play(t)
		vm := s.createVM(newVM{networks: networks{s.dynamic("private")}})
		assert.Empty(t, s.server(vm.cid).ConfigDrive)
	})
}

func TestWhatDoesNotExistIsNamed(t *testing.T) {
	s := play(t)
	private := networks{s.manual("private")}
	s.noVM("CloudError", []string{"Flavor `no-such-flavor' not found"}, newVM{networks: private, properties: object{"instance_type": "no-such-flavor"}})
	s.noVM("CloudError", []string{"Key-pair `no-such-pair' not found"}, newVM{networks: private, properties: object{"key_name": "no-such-pair"}})
	s.noVM("CloudError", []string{"Image `" + unknownID + "' not found"}, newVM{networks: private, stemcell: unknownID})
	s.noVM("CloudError", []string{"Image `" + unknownID + " light' not found"}, newVM{networks: private, stemcell: unknownID + " light"})
}
