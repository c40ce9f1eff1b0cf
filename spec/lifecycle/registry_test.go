package lifecycle_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// registry is the agent registry of API version 1: settings by the key of a VM.
type registry struct {
	endpoint string

	mutex    sync.Mutex
	settings map[string]string
}

// startRegistry starts a registry and configures the CPI to use it.
func (s *scenario) startRegistry(properties object) *registry {
	s.Helper()
	r := &registry{settings: map[string]string{}}
	server := httptest.NewServer(r)
	s.Cleanup(server.Close)
	r.endpoint = server.URL
	s.configure(properties, object{"registry": object{"endpoint": r.endpoint, "user": "admin", "password": "canary-registry"}})
	return r
}

func (r *registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	user, password, _ := request.BasicAuth()
	key := strings.TrimSuffix(strings.TrimPrefix(request.URL.Path, "/instances/"), "/settings")
	stored, known := r.settings[key]
	switch {
	case user != "admin" || password != "canary-registry":
		w.WriteHeader(http.StatusUnauthorized)
	case request.Method == http.MethodPut:
		body, err := io.ReadAll(request.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.settings[key] = string(body)
		w.WriteHeader(http.StatusCreated)
	case !known:
		w.WriteHeader(http.StatusNotFound)
	case request.Method == http.MethodDelete:
		delete(r.settings, key)
	default:
		answer, err := json.Marshal(map[string]string{"settings": stored, "status": "ok"})
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(answer)
	}
}

// agentSettings are the settings that an agent reads.
type agentSettings struct {
	AgentID  string   `json:"agent_id"`
	MBus     string   `json:"mbus"`
	Networks networks `json:"networks"`
	VM       struct{ Name string }
	Disks    struct {
		System     string            `json:"system"`
		Persistent map[string]string `json:"persistent"`
	} `json:"disks"`
	Env object `json:"env"`
}

// settingsOf returns the settings of a VM, or nil.
func (r *registry) settingsOf(s *scenario, key string) *agentSettings {
	s.Helper()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	stored, known := r.settings[key]
	if !known {
		return nil
	}
	var found agentSettings
	require.NoError(s, json.Unmarshal([]byte(stored), &found), stored)
	return &found
}

// If the director or the stemcell uses API version 1, the agent reads its
// settings from the registry.
func TestRegistry(t *testing.T) {
	for name, versions := range map[string]struct{ api, stemcell int }{
		"API version 1":                {1, 3},
		"stemcell with API version 1":  {2, 1},
		"stemcell without API version": {2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			s.api, s.director.Stemcell = versions.api, versions.stemcell
			registry := s.startRegistry(object{"human_readable_vm_names": true})
			vm := s.createVM(vmArguments{networks: networks{s.manual("private")}})
			key := s.server(vm.cid).Name
			settings := registry.settingsOf(s, key)
			require.NotNil(t, settings)
			assert.Equal(t, "agent-of-"+s.director.UUID, settings.AgentID)
			assert.Equal(t, key, settings.VM.Name)
			assert.Equal(t, "nats://nats:canary-mbus@127.0.0.1:4222", settings.MBus)
			assert.Equal(t, "canary-vcap", settings.Env["bosh"].(object)["password"])
			assert.Equal(t, s.portOf(vm.cid).MAC, settings.Networks.mac("private"))

			// The settings keep the first name as key.
			s.call(nil, "set_vm_metadata", vm.cid, object{"name": "job/instance"})
			assert.Equal(t, "job/instance", s.server(vm.cid).Name)
			disk := s.createDisk(1024, object{}, vm.cid)
			var hint json.RawMessage
			s.call(&hint, "attach_disk", vm.cid, disk)
			device := s.volume(disk).hint()
			assert.Equal(t, map[string]string{disk: device}, registry.settingsOf(s, key).Disks.Persistent)
			if versions.api == 1 {
				assert.Equal(t, "null", string(hint))
			} else {
				assert.Equal(t, `"`+device+`"`, string(hint))
			}
			s.call(nil, "detach_disk", vm.cid, disk)
			assert.Empty(t, registry.settingsOf(s, key).Disks.Persistent)
			s.call(nil, "delete_vm", vm.cid)
			assert.Nil(t, registry.settingsOf(s, key))
		})
	}
}

func TestMissingRegistryConfiguration(t *testing.T) {
	s := newScenario(t)
	s.api = 1
	s.createVMFails("CpiError", []string{"the registry has to be configured"}, vmArguments{networks: networks{s.manual("private")}})
	s.call(nil, "delete_vm", unknownID)
}

// If the settings cannot be published, the agent would wait for them forever.
func TestRegistryRefusesCredentials(t *testing.T) {
	s := newScenario(t)
	s.api = 1
	registry := s.startRegistry(nil)
	s.configure(nil, object{"registry": object{"endpoint": registry.endpoint, "user": "admin", "password": "canary-wrong"}})
	s.createVMFails("VMCreationFailed", []string{"Cannot update settings", "401"}, vmArguments{networks: networks{s.manual("private")}})
}
