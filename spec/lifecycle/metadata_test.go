package lifecycle_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNamesForPeople(t *testing.T) {
	for name, test := range map[string]struct {
		wanted   bool
		metadata object
		name     string // "" keeps the first one
	}{
		"wanted":              {true, object{"name": "job/instance", "job": "job", "index": "0"}, "job/instance"},
		"of older directors":  {true, object{"job": "job", "index": 3}, "job/3"},
		"of a compilation VM": {true, object{"compiling": "package"}, "compiling/package"},
		"that nothing tells":  {true, object{"director": "lifecycle"}, ""},
		"not wanted":          {false, object{"name": "job/instance"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t)
			s.configure(object{"human_readable_vm_names": test.wanted})
			vm := s.createVM(newVM{networks: networks{s.dynamic("private")}})
			made := s.server(vm.cid)
			assert.Regexp(t, `^vm-[0-9a-f-]{36}$`, made.Name)
			if test.wanted {
				assert.Equal(t, made.Name, made.Metadata["registry_key"])
			} else {
				assert.NotContains(t, made.Metadata, "registry_key")
			}

			s.call(nil, "set_vm_metadata", vm.cid, test.metadata)
			named := s.server(vm.cid)
			if test.name == "" {
				test.name = made.Name
			}
			assert.Equal(t, test.name, named.Name)
			assert.Equal(t, made.Metadata["registry_key"], named.Metadata["registry_key"])
		})
	}
}

// A VM carries its owner and its deployment's tags from its first moment.
func TestMetadataOfANewVM(t *testing.T) {
	s := play(t)
	vm := s.createVM(newVM{networks: networks{s.dynamic("private")}})
	assert.Equal(t, map[string]string{
		"bosh_cpi": "openstack-bosh-cpi", "director_uuid": s.director.UUID, "deployment": "deployment",
		"agent_id": "agent-of-" + s.director.UUID, "team": "blue",
	}, s.server(vm.cid).Metadata)
}

// Tags are whatever an operator's YAML holds. The director discards a VM whose metadata cannot be set.
func TestMetadataOfAllKinds(t *testing.T) {
	long := strings.Repeat("ä", 300)
	kept := strings.Repeat("ä", 255)
	given := object{
		"limit": strings.Repeat("x", 255), "too long": strings.Repeat("x", 300), "letters of two bytes": long,
		strings.Repeat("k", 300): "a long key", "number": 7, "large": 1000000, "float": 1.5, "boolean": true, "nothing": nil, "": "no key",
		"list": []int{1, 2}, "object": object{"a": 1}, "empty": "",
	}
	stored := map[string]string{
		"limit": strings.Repeat("x", 255), "too long": strings.Repeat("x", 255), "letters of two bytes": kept,
		strings.Repeat("k", 255): "a long key", "number": "7", "large": "1000000", "float": "1.5", "boolean": "true",
		"list": "[1,2]", "object": `{"a":1}`, "empty": "",
	}
	t.Run("VM", func(t *testing.T) {
		s := play(t)
		vm := s.createVM(newVM{networks: networks{s.dynamic("private")}})
		wanted := maps.Clone(stored)
		maps.Copy(wanted, s.server(vm.cid).Metadata)
		s.call(nil, "set_vm_metadata", vm.cid, given)
		assert.Equal(t, wanted, s.server(vm.cid).Metadata)
	})
	t.Run("disk", func(t *testing.T) {
		s := play(t)
		disk := s.createDisk(1024, object{})
		wanted := maps.Clone(stored)
		maps.Copy(wanted, s.volume(disk).Metadata)
		s.call(nil, "set_disk_metadata", disk, given)
		assert.Equal(t, wanted, s.volume(disk).Metadata)
	})
}

// Nova takes few characters in a key, Cinder more.
func TestMetadataKeysOfAllKinds(t *testing.T) {
	s := play(t)
	vm := s.createVM(newVM{networks: networks{s.dynamic("private")}})
	disk := s.createDisk(1024, object{})
	odd := object{"team/sub": "a", "ümlaut": "b", "a.b:c_d-e f": "c"}
	s.call(nil, "set_vm_metadata", vm.cid, odd)
	metadata := s.server(vm.cid).Metadata
	assert.Equal(t, []string{"a", "b", "c"}, []string{metadata["team_sub"], metadata["_mlaut"], metadata["a.b:c_d-e f"]})
	s.call(nil, "set_disk_metadata", disk, odd)
	assert.Equal(t, "c", s.volume(disk).Metadata["a.b:c_d-e f"])
	var snapshot string
	s.call(&snapshot, "snapshot_disk", disk, odd)
	assert.Equal(t, "c", s.snapshot(snapshot).Metadata["a.b:c_d-e f"])
	s.call(nil, "delete_snapshot", snapshot)
}
