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

func TestManualNetworkGetsItsAddress(t *testing.T) {
	s := play(t)
	private := s.manual("private")
	vm := s.createVM(newVM{networks: networks{private}})
	port := s.portOf(vm.cid)
	assert.Equal(t, []string{fmt.Sprint(private.Spec["ip"])}, port.addresses())
	assert.Equal(t, vm.networks.mac("private"), port.MAC)
	assert.Contains(t, port.Description, "openstack-bosh-cpi", "the port tells whose it is")
	assert.Contains(t, port.Description, s.director.UUID)
}

// Without DHCP the agent finds its interfaces by their MACs, on a config drive. The second network comes first in the
// alphabet: only what the director wrote decides about the order.
func TestTwoManualNetworks(t *testing.T) {
	s := play(t)
	s.configure(object{"config_drive": "cdrom", "use_dhcp": false})
	wanted := networks{{"z-first", s.manual("private").Spec}, {"a-second", s.manual("private-2").Spec}}
	delete(wanted[1].Spec, "default")
	vm := s.createVM(newVM{networks: wanted})

	assert.Equal(t, "True", s.server(vm.cid).ConfigDrive)
	require.Len(t, vm.networks, 2)
	ports := s.ports("device_id=" + vm.cid)
	assert.Len(t, ports, 2)
	for i, one := range vm.networks {
		assert.Equal(t, wanted[i].Name, one.Name, "networks keep their order")
		assert.Equal(t, false, one.Spec["use_dhcp"])
		for _, port := range ports {
			if port.addresses()[0] == one.Spec["ip"] {
				assert.Equal(t, port.MAC, one.Spec["mac"])
			}
		}
	}
	assert.NotEqual(t, vm.networks.mac("z-first"), vm.networks.mac("a-second"))
	s.call(nil, "delete_vm", vm.cid)
	assert.Empty(t, s.ports("device_id="+vm.cid))
}

func TestSeveralNetworksNeedAConfigDrive(t *testing.T) {
	s := play(t)
	second := s.manual("private-2")
	delete(second.Spec, "default")
	s.noVM("VMCreationFailed", []string{"Multiple manual networks", "use_dhcp=false", "config_drive"},
		newVM{networks: networks{s.manual("private"), second}})
}

func TestDynamicNetworkGetsAnAddressOfBothKinds(t *testing.T) {
	s := play(t)
	dual := s.network("dual")
	vm := s.createVM(newVM{networks: networks{s.dynamic("dual")}})
	port := s.portOf(vm.cid)
	assert.Equal(t, dual.ID, port.NetworkID)
	versions := map[bool]int{}
	for _, address := range port.addresses() {
		versions[netip.MustParseAddr(address).Is6()]++
	}
	assert.Equal(t, map[bool]int{false: 1, true: 1}, versions)
}

func TestManualNetworkOfIPv6(t *testing.T) {
	s := play(t)
	address := ""
	for _, subnet := range s.network("dual").Subnets {
		if subnet.IPVersion == 6 && subnet.StaticFirst != "" {
			chosen := netip.MustParseAddr(subnet.StaticFirst).As16()
			chosen[15] += byte(rand.N(64))
			address = netip.AddrFrom16(chosen).String()
		}
	}
	s.needs(address != "", "addresses of IPv6 that may be chosen on the network for the duty dual")
	vm := s.createVM(newVM{networks: networks{{"v6", object{
		"type": "manual", "ip": address, "netmask": "ffff:ffff:ffff:ffff::", "default": []string{"dns", "gateway"},
		"cloud_properties": object{"net_id": s.network("dual").ID},
	}}}})
	assert.Equal(t, []string{address}, s.portOf(vm.cid).addresses())
}

// A VM that was lost may leave a port with the address of the one that replaces it.
func TestAddressIsTakenFromAForgottenPort(t *testing.T) {
	s := play(t)
	private := s.manual("private")
	forgotten := s.neighbour("network", "/ports", "port", object{
		"network_id": s.network("private").ID, "description": s.director.UUID,
		"fixed_ips": []object{{"ip_address": private.Spec["ip"]}},
	})
	vm := s.createVM(newVM{networks: networks{private}})
	assert.False(t, s.exists("network", "/ports/"+forgotten))
	assert.Equal(t, []string{fmt.Sprint(private.Spec["ip"])}, s.portOf(vm.cid).addresses())
}

func TestAddressOfALivingVMIsNotTaken(t *testing.T) {
	s := play(t)
	private := s.manual("private")
	living := s.createVM(newVM{networks: networks{private}})
	s.noVM("CloudError", []string{"Conflict", fmt.Sprint(private.Spec["ip"]), "'private'"}, newVM{networks: networks{private}})
	assert.Len(t, s.ports("device_id="+living.cid), 1)
	assert.Equal(t, "ACTIVE", s.server(living.cid).Status)
}

func TestNetworkThatDoesNotExistIsNamed(t *testing.T) {
	for kind, spec := range map[string]object{
		"dynamic": {"type": "dynamic", "cloud_properties": object{"net_id": unknownID}},
		"manual":  {"type": "manual", "ip": "10.0.0.9", "netmask": "255.255.255.0", "cloud_properties": object{"net_id": unknownID}},
	} {
		t.Run(kind, func(t *testing.T) {
			s := play(t)
			s.noVM("VMCreationFailed", []string{"Following network IDs are not existing", unknownID},
				newVM{networks: networks{{"private", spec}}})
		})
	}
}

// A virtual address, which several VMs share, is reserved by a port of nobody.
func TestAllowedAddressPairs(t *testing.T) {
	s := play(t)
	shared := s.place("private").Address.String()
	properties := object{"allowed_address_pairs": shared}
	s.noVM("CloudError", []string{"Configured VRRP port with ip '" + shared + "' does not exist"},
		newVM{networks: networks{s.manual("private")}, properties: properties})

	s.neighbour("network", "/ports", "port", object{
		"network_id": s.network("private").ID, "description": s.director.UUID, "fixed_ips": []object{{"ip_address": shared}},
	})
	vm := s.createVM(newVM{networks: networks{s.manual("private")}, properties: properties})
	pairs := s.portOf(vm.cid).AllowedAddressPairs
	require.Len(t, pairs, 1)
	assert.Equal(t, shared, pairs[0].Address)

	s.noVM("CloudError", []string{"VRRP is not supported for dynamic networks"},
		newVM{networks: networks{s.dynamic("private")}, properties: properties})
}
