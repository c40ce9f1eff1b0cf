package lifecycle_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floatingIP is a floating IP in Neutron's format.
type floatingIP struct {
	Address string `json:"floating_ip_address"`
	PortID  string `json:"port_id"`
	FixedIP string `json:"fixed_ip_address"`
}

// lockFloatingIP returns an unassociated floating IP. Until the scenario ends,
// no other scenario uses floating IPs.
func (s *scenario) lockFloatingIP() (id, address string) {
	s.Helper()
	s.needs(len(s.fixtures.FloatingIPs) > 0, "a floating IP")
	s.addresses.floating.Lock()
	s.Cleanup(s.addresses.floating.Unlock)
	for _, i := range rand.Perm(len(s.fixtures.FloatingIPs)) {
		found := s.fixtures.FloatingIPs[i]
		if s.floatingIP(found.ID).PortID == "" {
			return found.ID, found.Address
		}
	}
	s.Fatal("all floating IPs of the fixtures are associated")
	return "", ""
}

func (s *scenario) floatingIP(id string) floatingIP {
	s.Helper()
	return get[struct{ FloatingIP floatingIP }](s, "network", "/floatingips/"+id).FloatingIP
}

func TestFloatingIP(t *testing.T) {
	onManualAndDynamic(t, func(s *scenario, newNetwork func() network) {
		id, address := s.lockFloatingIP()
		vm := s.createVM(vmArguments{networks: networks{vip(address), newNetwork()}})
		port := s.portOf(vm.cid)
		assert.Equal(s, port.ID, s.floatingIP(id).PortID)
		assert.Equal(s, port.addresses()[0], s.floatingIP(id).FixedIP)
		require.Len(s, vm.networks, 2)
		assert.NotContains(s, vm.networks[0].Spec, "use_dhcp", "a vip network is returned unchanged")
		s.call(nil, "delete_vm", vm.cid)
		assert.Empty(s, s.floatingIP(id).PortID)
	})
}

// create_vm disassociates a floating IP from the VM that has it.
func TestFloatingIPMovesToNewVM(t *testing.T) {
	s := newScenario(t)
	id, address := s.lockFloatingIP()
	first := s.createVM(vmArguments{networks: networks{s.dynamic("private"), vip(address)}})
	require.Equal(t, s.portOf(first.cid).ID, s.floatingIP(id).PortID)
	second := s.createVM(vmArguments{networks: networks{s.dynamic("private"), vip(address)}})
	assert.Equal(t, s.portOf(second.cid).ID, s.floatingIP(id).PortID)
	s.call(nil, "delete_vm", second.cid)
	assert.Empty(t, s.floatingIP(id).PortID)
	assert.Equal(t, "ACTIVE", s.server(first.cid).Status)
}

func TestUnknownFloatingIP(t *testing.T) {
	s := newScenario(t)
	s.createVMFails("VMCreationFailed", []string{"Floating IP '255.255.255.255' not allocated"},
		vmArguments{networks: networks{s.manual("private"), vip("255.255.255.255")}})
}
