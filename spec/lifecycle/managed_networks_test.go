package lifecycle_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// createNetwork creates a managed network that is deleted when the scenario ends.
func (s *scenario) createNetwork(definition object) (cid string, addresses, properties object) {
	s.Helper()
	var result []json.RawMessage
	s.call(&result, "create_network", definition)
	require.Len(s, result, 3)
	for i, into := range []any{&cid, &addresses, &properties} {
		require.NoError(s, json.Unmarshal(result[i], into))
	}
	s.cids = append(s.cids, cid)
	s.Cleanup(func() { s.call(nil, "delete_network", cid) })
	return cid, addresses, properties
}

// A director creates the network, deploys VMs in it, and deletes it once.
func TestManagedNetwork(t *testing.T) {
	for name, properties := range map[string]object{
		"with a router": {"external_network": "EXTERNAL", "availability_zone": "ZONE", "tags": []string{"managed"}}, "without a router": {},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			if properties["external_network"] != nil {
				properties["external_network"] = s.network("external").ID
			}
			cid, addresses, vmProperties := s.createNetwork(object{"type": "manual", "range": "10.213.0.0/24", "gateway": "10.213.0.1", "cloud_properties": properties})
			assert.Equal(t, object{"range": "10.213.0.0/24", "gateway": "10.213.0.1", "reserved": []any{"10.213.0.239-10.213.0.254"}}, addresses)
			assert.Equal(t, cid, vmProperties["net_id"])
			assert.NotContains(t, vmProperties, "external_network")
			found := get[struct{ Network struct{ Description string } }](s, "network", "/networks/"+cid).Network
			assert.Contains(t, found.Description, s.director.UUID, "the network has its owner")

			vm := s.createVM(vmArguments{networks: networks{{"managed", object{
				"type": "manual", "ip": "10.213.0.10", "netmask": "255.255.255.0", "gateway": "10.213.0.1", "default": []string{"dns", "gateway"}, "cloud_properties": vmProperties,
			}}}})
			assert.Equal(t, []string{"10.213.0.10"}, s.portOf(vm.cid).addresses())
			s.call(nil, "delete_vm", vm.cid)
			for range 2 { // not found counts as success
				s.call(nil, "delete_network", cid)
			}
			assert.False(t, s.exists("network", "/networks/"+cid))
			assert.Empty(t, get[struct{ Routers []object }](s, "network", "/routers?name=network-"+cid).Routers)
		})
	}
}

func TestManagedNetworkFromSubnetPool(t *testing.T) {
	s := newScenario(t)
	pool := s.createDirectly("network", "/subnetpools", "subnetpool", object{
		"name": "pool-of-" + s.director.UUID, "description": s.director.UUID, "prefixes": []string{"10.214.0.0/16"}, "default_prefixlen": 26,
	})
	_, addresses, _ := s.createNetwork(object{"netmask_bits": 27, "cloud_properties": object{"subnet_pool": pool}})
	assert.Regexp(t, `^10\.214\.\d+\.\d+/27$`, addresses["range"])
	assert.Len(t, addresses["reserved"], 1)
}

func TestManagedNetworkIsRefused(t *testing.T) {
	s := newScenario(t)
	before := s.inventory()
	s.refused("CloudError", []string{"subnet_definition has neither range nor netmask_bits"}, "create_network", object{"type": "manual", "cloud_properties": object{}})
	s.refused("CloudError", []string{"Router `nothing' not found (cloud_properties.router)"}, "create_network", object{"range": "10.213.0.0/24", "cloud_properties": object{"router": "nothing"}})
	s.refused("CloudError", []string{"is not an external network"}, "create_network", object{"range": "10.213.0.0/24", "cloud_properties": object{"external_network": s.network("private").ID}})
	s.refused("CloudError", []string{fmt.Sprintf("Network '%s'", s.network("private").ID), "not created by this CPI"}, "delete_network", s.network("private").ID)
	s.call(nil, "delete_network", unknownID)
	assert.Empty(t, s.inventory().Leftovers(before, s.marks()), "leaked objects")
	assert.True(t, s.exists("network", "/networks/"+s.network("private").ID))
}
