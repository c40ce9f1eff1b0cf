package lifecycle_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type serverGroup struct {
	ID, Name          string
	Members, Policies []string
}

// serverGroups returns those of the scenario's director, and those with the name.
func (s *scenario) serverGroups(name string) (found []serverGroup) {
	s.Helper()
	for _, group := range get[struct {
		Groups []serverGroup `json:"server_groups"`
	}](s, "compute", "/os-server-groups").Groups {
		if group.Name == name || strings.Contains(group.Name, s.director.UUID) {
			found = append(found, group)
		}
	}
	return found
}

// VMs that are created at the same time for one instance group are in one server
// group, which disappears with the last one.
func TestServerGroupOfAnInstanceGroup(t *testing.T) {
	s := newScenario(t)
	s.configure(object{"default_server_group_policy": "soft-anti-affinity"})
	results, requests := make([]json.RawMessage, 3), [][]any{}
	for range results {
		requests = append(requests, s.arguments(vmArguments{networks: networks{s.dynamic("private")}}))
	}
	var creating sync.WaitGroup
	for i, arguments := range requests {
		creating.Go(func() { results[i], _ = s.ask("create_vm", arguments...) }) //nolint:errcheck // ask logs the error
	}
	creating.Wait()
	cids := []string{}
	for _, result := range results {
		if len(result) > 0 && string(result) != "null" { // ask has logged the error
			cid := s.createdVM(result).cid
			cids, s.cids = append(cids, cid), append(s.cids, cid)
			t.Cleanup(func() { s.call(nil, "delete_vm", cid) })
		}
	}
	require.Len(t, cids, len(results))

	groups := s.serverGroups("")
	require.Len(t, groups, 1)
	assert.Contains(t, groups[0].Name, "openstack-bosh-cpi director="+s.director.UUID+" deployment=deployment policy=soft-anti-affinity group=")
	for _, cid := range cids {
		assert.Equal(t, groups[0].ID, s.server(cid).Metadata["server_group"])
	}
	assert.ElementsMatch(t, cids, groups[0].Members)

	s.call(nil, "delete_vm", cids[0])
	require.Len(t, s.serverGroups(""), 1)
	other := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{"server_group": object{"policy": "anti-affinity"}}})
	groups = s.serverGroups("")
	require.Len(t, groups, 2)
	at := slices.IndexFunc(groups, func(group serverGroup) bool { return group.Members[0] == other.cid })
	require.GreaterOrEqual(t, at, 0)
	assert.Contains(t, groups[at].Name, " policy=anti-affinity ")

	for _, cid := range append(cids[1:], other.cid) {
		s.call(nil, "delete_vm", cid)
	}
	assert.Empty(t, s.serverGroups(""))
}

// A server group of the operator is found by its name, and stays.
func TestServerGroupByName(t *testing.T) {
	s := newScenario(t)
	name := "lifecycle-" + s.director.UUID
	id := s.createDirectly("compute", "/os-server-groups", "server_group", object{"name": name, "policies": []string{"anti-affinity"}})
	for _, properties := range []object{
		{"server_group": name},
		{"server_group": id},
		{"server_group": object{"name": name}},
		{"scheduler_hints": object{"group": name}},
		{"scheduler_hints": object{"group": id}},
	} {
		vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: properties})
		groups := s.serverGroups(name)
		require.Len(t, groups, 1)
		assert.Equal(t, []string{vm.cid}, groups[0].Members)
		s.call(nil, "delete_vm", vm.cid)
	}
	require.Len(t, s.serverGroups(name), 1)
	s.createVMFails("CloudError", []string{"Server group `no-such-group' not found"}, vmArguments{
		networks: networks{s.manual("private")}, properties: object{"server_group": "no-such-group"},
	})
	s.createVMFails("CloudError", []string{"Instance group " + unknownID + " could not be found", "openstack server group list"}, vmArguments{
		networks: networks{s.manual("private")}, properties: object{"server_group": unknownID},
	})
}
