package lifecycle_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// member is Octavia's.
type member struct {
	ID      string `json:"id"`
	Address string `json:"address"`
	Port    int    `json:"protocol_port"`
}

// pool is the name of the pool of the fixtures.
func (s *scenario) pool() string {
	s.Helper()
	s.needs(s.cloud.Has("load-balancer") && s.fixtures.LoadBalancer.Pool.ID != "", "a load balancer with a pool")
	return s.fixtures.LoadBalancer.Pool.Name
}

// members of the pool that have the address.
func (s *scenario) members(address string) (found []member) {
	s.Helper()
	path := "/pools/" + s.fixtures.LoadBalancer.Pool.ID + "/members"
	for _, one := range see[struct{ Members []member }](s, "load-balancer", path).Members {
		if one.Address == address {
			found = append(found, one)
		}
	}
	return found
}

func TestLoadBalancerPool(t *testing.T) {
	for duty, choose := range map[string]func(*scenario) network{
		"manual":  func(s *scenario) network { return s.manual("private") },
		"dynamic": func(s *scenario) network { return s.dynamic("private") },
	} {
		t.Run(duty, func(t *testing.T) {
			s := play(t)
			pool := s.pool()
			vm := s.createVM(newVM{networks: networks{choose(s)}, properties: object{
				"loadbalancer_pools": []object{{"name": pool, "port": 4443}, {"name": pool, "port": 8443}},
			}})
			address := s.portOf(vm.cid).addresses()[0]
			members := s.members(address)
			require.Len(t, members, 2)
			assert.ElementsMatch(t, []int{4443, 8443}, []int{members[0].Port, members[1].Port})
			remembered := s.server(vm.cid).Metadata
			for i := range 2 {
				assert.Regexp(t, "^"+s.fixtures.LoadBalancer.Pool.ID+"/[0-9a-f-]{36}$", remembered[fmt.Sprintf("lbaas_pool_%d", i+1)])
			}
			s.call(nil, "delete_vm", vm.cid)
			assert.Empty(t, s.members(address))
		})
	}
}

// The second pool does not exist: the VM cannot join it, and is not in the first one either.
func TestLoadBalancerPoolThatDoesNotExist(t *testing.T) {
	s := play(t)
	pool := s.pool()
	private := s.manual("private")
	s.noVM("VMCreationFailed", []string{"Load balancer pool 'no-such-pool' does not exist"}, newVM{
		networks: networks{private}, properties: object{
			"loadbalancer_pools": []object{{"name": pool, "port": 4443}, {"name": "no-such-pool", "port": 4443}},
		},
	})
	assert.Empty(t, s.members(fmt.Sprint(private.Spec["ip"])))
}
