package lifecycle_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// A director calls info before nearly every other call, and then uses the
// highest API version that both support.
func TestNegotiatedAPIVersion(t *testing.T) {
	for name, test := range map[string]struct {
		preferred int
		maximum   any // max_api_version of cpi.json
		agreed    int
	}{
		"current director":        {3, nil, 3},
		"old director":            {2, nil, 2},
		"max_api_version lowered": {3, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			s.director.Preferred = test.preferred
			s.configure(object{"max_api_version": test.maximum})
			result, _, err := s.director.Call(t.Context(), "has_vm", unknownID)
			require.NoError(t, err)
			assert.Equal(t, "false", string(result))
			assert.Equal(t, test.agreed, s.director.Agreed())

			s.api = s.director.Agreed()
			s.runLifeCycle(vmArguments{networks: networks{s.dynamic("private")}}, "")
		})
	}
}

// info needs no configuration.
func TestInfoWithoutConfiguration(t *testing.T) {
	s := newScenario(t)
	s.director.CPI.Config = "/nowhere/cpi.json"
	for _, version := range []int{0, 1, 2, 3} {
		s.api = version
		var info director.Info
		s.call(&info, "info")
		assert.Equal(t, director.Info{APIVersion: 3, StemcellFormats: []string{"openstack-raw", "openstack-qcow2", "openstack-light"}}, info)
	}
}

// bosh create-env passes on the operator's complete environment, sends no
// request_id and supports the API up to version 2.
func TestCreateEnvAndDeleteEnv(t *testing.T) {
	s := newScenario(t)
	s.director.CPI.Environment = append(os.Environ(),
		"BOSH_PACKAGES_DIR=/packages", "BOSH_JOBS_DIR=/jobs", "BOSH_LOG_LEVEL=debug", "OS_PASSWORD=canary-os", "AWS_SECRET_ACCESS_KEY=canary-aws")
	call := func(into any, method string, arguments ...any) {
		t.Helper()
		version := 2
		if method == "info" {
			version = 1
		}
		request := s.director.Request(version, method, arguments...)
		request.Context = object{"director_uuid": s.director.UUID, "vm": object{"stemcell": object{"api_version": director.StemcellAPIVersion}}}
		result, failure := s.send(request)
		require.Nil(t, failure, method)
		if into != nil {
			require.NoError(t, json.Unmarshal(result, into))
		}
	}
	var info director.Info
	var stemcell, disk, hint string
	var vm json.RawMessage
	var has bool
	call(&info, "info")
	assert.Equal(t, 3, info.APIVersion)
	call(&stemcell, "create_stemcell", s.archive(1), s.stemcellProperties())
	call(&vm, "create_vm", s.arguments(vmArguments{stemcell: stemcell, networks: networks{s.manual("private")}})...)
	created := s.createdVM(vm)
	call(nil, "set_vm_metadata", created.cid, object{
		"deployment": "bosh", "job": "bosh", "instance_group": "bosh", "index": "0", "director": "bosh-init", "name": "bosh/0",
		"created_at": "2026-01-02T03:04:05Z",
	})
	call(&disk, "create_disk", 1024, object{}, created.cid)
	call(&hint, "attach_disk", created.cid, disk)
	assert.NotEmpty(t, hint)
	call(nil, "set_disk_metadata", disk, object{"deployment": "bosh", "instance_id": "0"})

	call(&has, "has_vm", created.cid)
	assert.True(t, has)
	call(nil, "delete_vm", created.cid)
	call(nil, "delete_disk", disk)
	call(nil, "delete_stemcell", stemcell)
}

// The validator checks a cloud before BOSH is installed. It sends no API
// version, so that responses are those of version 1, and omits all optional
// arguments.
func TestValidator(t *testing.T) {
	s := newScenario(t)
	s.api, s.director.Stemcell = 0, 0
	registry := s.startRegistry(object{"human_readable_vm_names": true})
	var stemcell, disk, snapshot string
	s.call(&stemcell, "create_stemcell", s.archive(1), s.stemcellProperties())
	s.Cleanup(func() { s.call(nil, "delete_stemcell", stemcell) })
	vm := s.createVM(vmArguments{stemcell: stemcell, networks: networks{s.dynamic("private")}})
	assert.True(t, s.has("has_vm", vm.cid))
	key := s.server(vm.cid).Metadata["registry_key"]
	assert.NotNil(t, registry.settingsOf(s, key))

	s.call(&disk, "create_disk", 30720, object{})
	assert.Equal(t, 30, s.volume(disk).SizeGiB)
	s.call(nil, "delete_disk", disk)
	s.call(&disk, "create_disk", 2048, object{}, vm.cid)
	assert.True(t, s.has("has_disk", disk))
	s.call(nil, "set_disk_metadata", disk, object{"validator-test": "value"})
	assert.Equal(t, "value", s.volume(disk).Metadata["validator-test"])
	s.call(nil, "attach_disk", vm.cid, disk)
	s.call(nil, "detach_disk", vm.cid, disk)
	s.call(&snapshot, "snapshot_disk", disk, object{"director_name": "validator", "job": "validator", "instance_id": "0"})
	assert.Equal(t, "validator/0", s.snapshot(snapshot).Metadata["instance_name"])
	s.call(nil, "delete_snapshot", snapshot)
	s.call(nil, "delete_disk", disk)
}
