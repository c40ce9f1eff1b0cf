package lifecycle_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/target"
)

// A VM type can have metadata, tags, and a flavor by its id. Tags need Nova 2.52.
func TestLabelsOfAVMType(t *testing.T) {
	s := newScenario(t)
	flavor := s.flavor(s.fixtures.PlainFlavor())
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{
		"instance_type": flavor.ID, "metadata": object{"team": "red", "cost center": 7}, "tags": []string{"bosh", "lifecycle"},
	}})
	s.call(nil, "set_vm_metadata", vm.cid, object{"job": "router"})
	metadata := s.server(vm.cid).Metadata
	assert.Equal(t, []string{"red", "7", "router"}, []string{metadata["team"], metadata["cost center"], metadata["job"]})

	found, err := s.cloud.Service("compute").With(microversionHeader, "compute 2.26").Do(t.Context(), http.MethodGet, "/servers/"+vm.cid, nil)
	require.NoError(t, err)
	var tagged struct{ Server struct{ Tags []string } }
	require.NoError(t, json.Unmarshal(found.Body, &tagged), string(found.Body))
	assert.ElementsMatch(t, []string{"bosh", "lifecycle"}, tagged.Server.Tags)
}

// With keep_failed_vms, the server of a failed create_vm is left for the operator.
func TestKeepFailedVMs(t *testing.T) {
	s := newScenario(t)
	s.configure(object{"keep_failed_vms": true})
	zones := s.fixtures.AvailabilityZones.Compute
	s.needs(len(zones) > 1, "two availability zones of Nova")
	first := s.createVM(vmArguments{networks: networks{s.manual("private")}, properties: object{
		"availability_zone": zones[0], "server_group": object{"policy": "affinity"},
	}})
	group := s.server(first.cid).Metadata["server_group"]
	before := s.inventory()
	failure := s.fails("VMCreationFailed", []string{"No valid host was found", "kept because openstack.keep_failed_vms is true: "},
		"create_vm", s.arguments(vmArguments{networks: networks{s.manual("private")}, properties: object{
			"availability_zone": zones[1], "server_group": object{"policy": "affinity"},
		}})...)
	assert.False(t, failure.OKToRetry)
	left := s.inventory().Leftovers(before, nil)
	kinds := map[string]string{}
	for _, line := range left {
		kind, rest, _ := strings.Cut(line, " ")
		id, _, _ := strings.Cut(rest, " ")
		if strings.Contains(failure.Message, id) {
			kinds[kind] = id
		}
	}
	require.Contains(t, kinds, "server")
	require.Contains(t, kinds, "port")
	require.NoError(t, target.Remove(s.cleanupContext(), s.cloud, "compute", "/servers/"+kinds["server"]))
	s.waitUntil("the server is deleted", func() bool { return !s.exists("compute", "/servers/"+kinds["server"]) })
	require.NoError(t, target.Remove(s.cleanupContext(), s.cloud, "network", "/ports/"+kinds["port"]))
	assert.True(t, s.exists("compute", "/os-server-groups/"+group))
}
