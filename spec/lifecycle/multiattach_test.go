package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// sharedType returns a volume type that allows several attachments.
func (s *scenario) sharedType() (name string) {
	s.Helper()
	if s.simulator != nil {
		s.simulator.AddVolumeType("shared", map[string]string{"multiattach": "<is> True"})
	}
	types := get[struct {
		VolumeTypes []struct {
			Name       string
			ExtraSpecs map[string]string `json:"extra_specs"`
		} `json:"volume_types"`
	}](s, "volume", "/types")
	for _, each := range types.VolumeTypes {
		if each.ExtraSpecs["multiattach"] == "<is> True" {
			name = each.Name
		}
	}
	s.needs(name != "", "a volume type that shows the extra spec multiattach")
	return name
}

// A disk whose type allows several attachments is attached to one VM after the
// other, as other disks are, and never to two.
func TestMultiattachDisk(t *testing.T) {
	s := newScenario(t)
	kind := s.sharedType()
	one := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	two := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	disk := s.createDisk(1024, object{"type": kind}, one.cid)
	assert.Equal(t, kind, s.volume(disk).Type)
	for range 2 { // the second time it is attached
		s.call(nil, "attach_disk", one.cid, disk)
	}
	s.refused("CloudError", []string{"volume " + disk + " is attached to server " + one.cid, "its type " + kind + " allows several attachments"},
		"attach_disk", two.cid, disk)
	s.call(nil, "detach_disk", two.cid, disk) // it is not attached there
	assert.Equal(t, "in-use", s.volume(disk).Status)
	s.call(nil, "detach_disk", one.cid, disk)
	assert.Equal(t, "available", s.volume(disk).Status)

	s.call(nil, "attach_disk", two.cid, disk)
	s.call(nil, "delete_vm", two.cid)
	s.waitUntil("the disk is free", func() bool { return s.volume(disk).Status == "available" })
	usual, _ := s.volumeTypes()
	s.updateDisk(disk, 2048, object{"type": usual})
	s.call(nil, "attach_disk", one.cid, disk)
	assert.Equal(t, []any{usual, 2, "in-use"}, []any{s.volume(disk).Type, s.volume(disk).SizeGiB, s.volume(disk).Status})
	s.call(nil, "detach_disk", one.cid, disk)
}
