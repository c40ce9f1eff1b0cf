package lifecycle_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (p port) addresses() (found []string) {
	for _, ip := range p.FixedIPs {
		found = append(found, ip.Address)
	}
	return found
}

func TestManualNetwork(t *testing.T) {
	s := newScenario(t)
	private := s.manual("private")
	vm := s.createVM(vmArguments{networks: networks{private}})
	port := s.portOf(vm.cid)
	assert.Equal(t, []string{fmt.Sprint(private.Spec["ip"])}, port.addresses())
	assert.Equal(t, vm.networks.mac("private"), port.MAC)
	assert.Contains(t, port.Description, "openstack-bosh-cpi", "the port has its owner")
	assert.Contains(t, port.Description, s.director.UUID)
}

// Without DHCP the agent identifies its interfaces by their MAC addresses,
// which it reads from a config drive. The networks are not in alphabetical
// order: they must keep the director's order.
func TestTwoManualNetworks(t *testing.T) {
	s := newScenario(t)
	s.configure(object{"config_drive": "cdrom", "use_dhcp": false})
	wanted := networks{{"z-first", s.manual("private").Spec}, {"a-second", s.manual("private-2").Spec}}
	delete(wanted[1].Spec, "default")
	vm := s.createVM(vmArguments{networks: wanted})

	assert.Equal(t, "True", s.server(vm.cid).ConfigDrive)
	require.Len(t, vm.networks, 2)
	macs := map[any]any{} // by address
	for _, port := range s.ports("device_id=" + vm.cid) {
		macs[port.addresses()[0]] = port.MAC
	}
	assert.Len(t, macs, 2)
	for i, one := range vm.networks {
		assert.Equal(t, wanted[i].Name, one.Name, "networks keep their order")
		assert.Equal(t, false, one.Spec["use_dhcp"])
		assert.Equal(t, macs[wanted[i].Spec["ip"]], one.Spec["mac"])
	}
	assert.NotEqual(t, vm.networks.mac("z-first"), vm.networks.mac("a-second"))
	s.call(nil, "delete_vm", vm.cid)
	assert.Empty(t, s.ports("device_id="+vm.cid))
}

func TestDynamicDualStackNetwork(t *testing.T) {
	s := newScenario(t)
	dual := s.network("dual")
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("dual")}})
	port := s.portOf(vm.cid)
	assert.Equal(t, dual.ID, port.NetworkID)
	versions := map[bool]int{}
	for _, address := range port.addresses() {
		versions[netip.MustParseAddr(address).Is6()]++
	}
	assert.Equal(t, map[bool]int{false: 1, true: 1}, versions)
}

func TestManualIPv6Network(t *testing.T) {
	s := newScenario(t)
	six := s.ipv6("v6")
	six.Spec["default"] = []string{"dns", "gateway"}
	vm := s.createVM(vmArguments{networks: networks{six}})
	assert.Equal(t, []string{fmt.Sprint(six.Spec["ip"])}, s.portOf(vm.cid).addresses())
}

// ipv6 returns a manual network with an IPv6 address on the network dual.
func (s *scenario) ipv6(name string) network {
	s.Helper()
	address := ""
	for _, subnet := range s.network("dual").Subnets {
		if subnet.IPVersion == 6 && subnet.StaticFirst != "" {
			chosen := netip.MustParseAddr(subnet.StaticFirst).As16()
			chosen[15] += byte(rand.N(64))
			address = netip.AddrFrom16(chosen).String()
		}
	}
	s.needs(address != "", "static IPv6 addresses on the network dual")
	return network{name, object{
		"type": "manual", "ip": address, "prefix": "128", "netmask": "ffff:ffff:ffff:ffff::", "cloud_properties": object{"net_id": s.network("dual").ID},
	}}
}

// A create_vm that was killed leaves a port, or a server that no director was
// told of. The next call for the same agent replaces them.
func TestAddressOfInterruptedCall(t *testing.T) {
	t.Run("port", func(t *testing.T) {
		s := newScenario(t)
		private := s.manual("private")
		unused := s.createDirectly("network", "/ports", "port", object{
			"network_id": s.network("private").ID, "fixed_ips": []object{{"ip_address": private.Spec["ip"]}},
			"description": "openstack-bosh-cpi director=" + s.director.UUID + " agent=agent-of-" + s.director.UUID,
		})
		vm := s.createVM(vmArguments{networks: networks{private}})
		assert.False(t, s.exists("network", "/ports/"+unused))
		assert.Equal(t, []string{fmt.Sprint(private.Spec["ip"])}, s.portOf(vm.cid).addresses())
	})
	t.Run("server", func(t *testing.T) {
		s := newScenario(t)
		private := s.manual("private")
		lost := s.createVM(vmArguments{networks: networks{private}})
		vm := s.createVM(vmArguments{networks: networks{private}})
		assert.False(t, s.exists("compute", "/servers/"+lost.cid))
		assert.Equal(t, []string{fmt.Sprint(private.Spec["ip"])}, s.portOf(vm.cid).addresses())
	})
}

// What is not certainly left by an interrupted call keeps its address, and the
// error names it.
func TestAddressInUse(t *testing.T) {
	t.Run("by the operator's port", func(t *testing.T) {
		s := newScenario(t)
		private := s.manual("private")
		reserved := s.createDirectly("network", "/ports", "port", object{
			"network_id": s.network("private").ID, "description": s.director.UUID,
			"fixed_ips": []object{{"ip_address": private.Spec["ip"]}},
		})
		s.createVMFails("CloudError", []string{"Conflict", fmt.Sprint(private.Spec["ip"]), "'private'", "port " + reserved, "not created by this CPI"},
			vmArguments{networks: networks{private}})
		assert.True(t, s.exists("network", "/ports/"+reserved))
	})
	t.Run("by another VM", func(t *testing.T) {
		s := newScenario(t)
		private := s.manual("private")
		first := s.createVM(vmArguments{networks: networks{private}})
		s.call(nil, "set_vm_metadata", first.cid, object{"director": "d", "deployment": "cf", "job": "router", "index": "0", "id": "e55d3c34"})
		next := vmArguments{networks: networks{private}, agent: "agent-of-another-vm"}
		s.createVMFails("CloudError", []string{"Conflict", "'private'", "of server " + first.cid, "deployment cf, job router", "bosh delete-vm " + first.cid}, next)
		assert.Len(t, s.ports("device_id="+first.cid), 1)
		assert.Equal(t, "ACTIVE", s.server(first.cid).Status)

		s.configure(object{"replace_lost_vms": true})
		s.createVM(next)
		assert.False(t, s.exists("compute", "/servers/"+first.cid))
	})
}

func TestUnknownNetwork(t *testing.T) {
	for kind, spec := range map[string]object{
		"dynamic": {"type": "dynamic", "cloud_properties": object{"net_id": unknownID}},
		"manual":  {"type": "manual", "ip": "10.0.0.9", "netmask": "255.255.255.0", "cloud_properties": object{"net_id": unknownID}},
	} {
		t.Run(kind, func(t *testing.T) {
			s := newScenario(t)
			s.createVMFails("VMCreationFailed", []string{"Following network IDs are not existing", unknownID},
				vmArguments{networks: networks{{"private", spec}}})
		})
	}
}

// A virtual address, which several VMs share, is reserved by a port without a
// VM.
func TestAllowedAddressPairs(t *testing.T) {
	s := newScenario(t)
	shared := s.chooseNIC("private").Address.String()
	properties := object{"allowed_address_pairs": shared}
	s.createVMFails("CloudError", []string{"Configured VRRP port with ip '" + shared + "' does not exist"},
		vmArguments{networks: networks{s.manual("private")}, properties: properties})

	s.createDirectly("network", "/ports", "port", object{
		"network_id": s.network("private").ID, "description": s.director.UUID, "fixed_ips": []object{{"ip_address": shared}},
	})
	vm := s.createVM(vmArguments{networks: networks{s.manual("private")}, properties: properties})
	pairs := s.portOf(vm.cid).AllowedAddressPairs
	require.Len(t, pairs, 1)
	assert.Equal(t, shared, pairs[0].Address)

	s.createVMFails("CloudError", []string{"VRRP is not supported for dynamic networks"},
		vmArguments{networks: networks{s.dynamic("private")}, properties: properties})
}
