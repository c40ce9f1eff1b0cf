package lifecycle_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDisplayNames(t *testing.T) {
	for name, test := range map[string]struct {
		enabled  bool
		metadata object
		name     string // "" keeps the first one
	}{
		"enabled":                 {true, object{"name": "job/instance", "job": "job", "index": "0"}, "job/instance"},
		"older director":          {true, object{"job": "job", "index": 3}, "job/3"},
		"compilation VM":          {true, object{"compiling": "package"}, "compiling/package"},
		"no name in the metadata": {true, object{"director": "lifecycle"}, ""},
		"disabled":                {false, object{"name": "job/instance"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			s.configure(object{"human_readable_vm_names": test.enabled})
			vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
			made := s.server(vm.cid)
			assert.Regexp(t, `^vm-[0-9a-f-]{36}$`, made.Name)
			if test.enabled {
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

// A VM has its owner and its deployment's tags from its creation on.
func TestMetadataOfANewVM(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	assert.Equal(t, map[string]string{
		"bosh_cpi": "openstack-bosh-cpi", "director_uuid": s.director.UUID, "deployment": "deployment",
		"agent_id": "agent-of-" + s.director.UUID, "team": "blue",
	}, s.server(vm.cid).Metadata)
}

// Tags are any values of an operator's YAML. A director deletes a VM whose
// metadata cannot be set.
func TestMetadataValues(t *testing.T) {
	long := strings.Repeat("ä", 300)
	kept := strings.Repeat("ä", 255)
	given := object{
		"limit": strings.Repeat("x", 255), "too long": strings.Repeat("x", 300), "two-byte characters": long,
		strings.Repeat("k", 300): "a long key", "number": 7, "large": 1000000, "float": 1.5, "boolean": true, "nothing": nil, "": "no key",
		"list": []int{1, 2}, "object": object{"a": 1}, "empty": "",
	}
	stored := map[string]string{
		"limit": strings.Repeat("x", 255), "too long": strings.Repeat("x", 255), "two-byte characters": kept,
		strings.Repeat("k", 255): "a long key", "number": "7", "large": "1000000", "float": "1.5", "boolean": "true",
		"list": "[1,2]", "object": `{"a":1}`, "empty": "",
	}
	t.Run("VM", func(t *testing.T) {
		s := newScenario(t)
		vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
		wanted := maps.Clone(stored)
		maps.Copy(wanted, s.server(vm.cid).Metadata)
		s.call(nil, "set_vm_metadata", vm.cid, given)
		assert.Equal(t, wanted, s.server(vm.cid).Metadata)
	})
	t.Run("disk", func(t *testing.T) {
		s := newScenario(t)
		disk := s.createDisk(1024, object{})
		wanted := maps.Clone(stored)
		maps.Copy(wanted, s.volume(disk).Metadata)
		s.call(nil, "set_disk_metadata", disk, given)
		assert.Equal(t, wanted, s.volume(disk).Metadata)
	})
}

// Nova accepts fewer characters in a key than Cinder.
func TestMetadataKeys(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
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
