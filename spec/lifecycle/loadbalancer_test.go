package lifecycle_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// member is a pool member in Octavia's format.
type member struct {
	ID          string `json:"id"`
	Address     string `json:"address"`
	Port        int    `json:"protocol_port"`
	MonitorPort *int   `json:"monitor_port"`
	Weight      int    `json:"weight"`
	Backup      bool   `json:"backup"`
}

// pool returns the name of the fixtures' pool.
func (s *scenario) pool() string {
	s.Helper()
	s.needs(s.cloud.Has("load-balancer") && s.fixtures.LoadBalancer.Pool.ID != "", "a load balancer with a pool")
	return s.fixtures.LoadBalancer.Pool.Name
}

// members returns the pool's members with the address.
func (s *scenario) members(address string) (found []member) {
	s.Helper()
	path := "/pools/" + s.fixtures.LoadBalancer.Pool.ID + "/members"
	for _, one := range get[struct{ Members []member }](s, "load-balancer", path).Members {
		if one.Address == address {
			found = append(found, one)
		}
	}
	return found
}

func TestLoadBalancerPool(t *testing.T) {
	onManualAndDynamic(t, func(s *scenario, newNetwork func() network) {
		pool := s.pool()
		vm := s.createVM(vmArguments{networks: networks{newNetwork()}, properties: object{
			"loadbalancer_pools": []object{
				{"name": pool, "port": 4443},
				{"name": s.fixtures.LoadBalancer.Pool.ID, "port": 8443, "monitoring_port": 8080, "weight": 5, "backup": true},
			},
		}})
		address := s.portOf(vm.cid).addresses()[0]
		members := s.members(address)
		require.Len(s, members, 2)
		slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.Port, b.Port) })
		assert.Equal(s, member{ID: members[0].ID, Address: address, Port: 4443, Weight: 1}, members[0])
		assert.Equal(s, member{ID: members[1].ID, Address: address, Port: 8443, MonitorPort: new(8080), Weight: 5, Backup: true}, members[1])
		metadata := s.server(vm.cid).Metadata
		for i := range 2 {
			assert.Regexp(s, "^"+s.fixtures.LoadBalancer.Pool.ID+"/[0-9a-f-]{36}$", metadata[fmt.Sprintf("lbaas_pool_%d", i+1)])
		}
		s.call(nil, "delete_vm", vm.cid)
		assert.Empty(s, s.members(address))
	})
}

// If the second pool does not exist, the VM is not left in the first one.
func TestUnknownLoadBalancerPool(t *testing.T) {
	s := newScenario(t)
	pool := s.pool()
	private := s.manual("private")
	s.createVMFails("VMCreationFailed", []string{"Load balancer pool 'no-such-pool' does not exist"}, vmArguments{
		networks: networks{private}, properties: object{
			"loadbalancer_pools": []object{{"name": pool, "port": 4443}, {"name": "no-such-pool", "port": 4443}},
		},
	})
	assert.Empty(t, s.members(fmt.Sprint(private.Spec["ip"])))
}
