package lifecycle_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floatingIP is Neutron's.
type floatingIP struct {
	Address string `json:"floating_ip_address"`
	PortID  string `json:"port_id"`
	FixedIP string `json:"fixed_ip_address"`
}

// lendFloatingIP waits until no other scenario has one, and takes one that nobody else uses.
func (s *scenario) lendFloatingIP() (id, address string) {
	s.Helper()
	s.needs(len(s.fixtures.FloatingIPs) > 0, "a floating IP")
	s.placements.floating.Lock()
	s.Cleanup(s.placements.floating.Unlock)
	for _, i := range rand.Perm(len(s.fixtures.FloatingIPs)) {
		lent := s.fixtures.FloatingIPs[i]
		if s.floatingIP(lent.ID).PortID == "" {
			return lent.ID, lent.Address
		}
	}
	s.Fatal("somebody uses all floating IPs of the fixtures")
	return "", ""
}

func (s *scenario) floatingIP(id string) floatingIP {
	s.Helper()
	return see[struct{ FloatingIP floatingIP }](s, "network", "/floatingips/"+id).FloatingIP
}

func TestFloatingIP(t *testing.T) {
	for name, choose := range map[string]func(*scenario) network{
		"of a VM on a dynamic network": func(s *scenario) network { return s.dynamic("private") },
		"of a VM on a manual network":  func(s *scenario) network { return s.manual("private") },
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t)
			id, address := s.lendFloatingIP()
			vm := s.createVM(newVM{networks: networks{vip(address), choose(s)}})
			port := s.portOf(vm.cid)
			assert.Equal(t, port.ID, s.floatingIP(id).PortID)
			assert.Equal(t, port.addresses()[0], s.floatingIP(id).FixedIP)
			require.Len(t, vm.networks, 2)
			assert.NotContains(t, vm.networks[0].Spec, "use_dhcp", "a vip network stays as it was")
			s.call(nil, "delete_vm", vm.cid)
			assert.Empty(t, s.floatingIP(id).PortID)
		})
	}
}

// The address moves from the VM that has it to the one that is to have it.
func TestFloatingIPIsTakenOver(t *testing.T) {
	s := play(t)
	id, address := s.lendFloatingIP()
	first := s.createVM(newVM{networks: networks{s.dynamic("private"), vip(address)}})
	require.Equal(t, s.portOf(first.cid).ID, s.floatingIP(id).PortID)
	second := s.live(newVM{networks: networks{s.dynamic("private"), vip(address)}}, "")
	assert.NotEqual(t, first.cid, second.cid)
	assert.Empty(t, s.floatingIP(id).PortID)
	assert.Equal(t, "ACTIVE", s.server(first.cid).Status)
}

func TestFloatingIPThatIsNotTheProjects(t *testing.T) {
	s := play(t)
	s.noVM("VMCreationFailed", []string{"Floating IP '255.255.255.255' not allocated"},
		newVM{networks: networks{s.manual("private"), vip("255.255.255.255")}})
}
