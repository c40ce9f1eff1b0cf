package lifecycle_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nics returns the ports of a VM by their MAC addresses.
func (s *scenario) nics(vm createdVM) map[any]port {
	s.Helper()
	found := map[any]port{}
	for _, port := range s.ports("device_id=" + vm.cid) {
		found[port.MAC] = port
	}
	return found
}

// Networks of one nic_group have one port, also if they are not next to each other.
// Networks with the same net_id and addresses of different families do so without
// nic_group.
func TestDualStack(t *testing.T) {
	for name, group := range map[string]string{"with nic_group": "1", "without nic_group": ""} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			four, six, second := s.manual("dual"), s.ipv6("six"), s.dynamic("private-2")
			delete(second.Spec, "default")
			if group != "" {
				four.Spec["nic_group"], six.Spec["nic_group"], second.Spec["nic_group"] = group, group, "2"
			}
			four.Spec["prefix"] = "32"
			vm := s.createVM(vmArguments{networks: networks{four, second, six}})

			ports := s.nics(vm)
			require.Len(t, ports, 2)
			assert.ElementsMatch(t, []string{fmt.Sprint(four.Spec["ip"]), fmt.Sprint(six.Spec["ip"])}, ports[vm.networks.mac("dual")].addresses())
			assert.Equal(t, vm.networks.mac("dual"), vm.networks.mac("six"))
			assert.NotEqual(t, vm.networks.mac("dual"), vm.networks.mac("private-2"))
			for i, want := range []string{"dual", "private-2", "six"} {
				assert.Equal(t, want, vm.networks[i].Name, "networks keep their order")
				assert.Equal(t, true, vm.networks[i].Spec["use_dhcp"])
			}
			assert.Equal(t, "128", vm.networks[2].Spec["prefix"])
			for _, port := range ports {
				assert.Contains(t, port.Description, s.director.UUID, "each port has its owner")
			}
			s.call(nil, "delete_vm", vm.cid)
			assert.Empty(t, s.nics(vm))
		})
	}
}

// A prefix is an address pair of the NIC.
func TestPrefix(t *testing.T) {
	s := newScenario(t)
	s.configure(object{"use_dhcp": false})
	private := s.manual("private")
	base, err := netip.MustParseAddr(fmt.Sprint(private.Spec["ip"])).Prefix(30)
	require.NoError(t, err)
	prefix := network{"prefix", object{
		"type": "manual", "ip": base.Addr().String(), "prefix": "30", "netmask": private.Spec["netmask"], "cloud_properties": private.Spec["cloud_properties"],
	}}
	vm := s.createVM(vmArguments{networks: networks{private, prefix}})
	port := s.portOf(vm.cid)
	assert.Equal(t, []string{fmt.Sprint(private.Spec["ip"])}, port.addresses())
	require.Len(t, port.AllowedAddressPairs, 1)
	assert.Equal(t, base.String(), port.AllowedAddressPairs[0].Address)
	assert.Equal(t, []any{"30", true}, []any{vm.networks[1].Spec["prefix"], vm.networks[1].Spec["use_dhcp"]})
	assert.Equal(t, false, vm.networks[0].Spec["use_dhcp"])
	assert.Equal(t, port.MAC, vm.networks.mac("prefix"))
}

func TestPrefixOutsideOfTheSubnet(t *testing.T) {
	s := newScenario(t)
	private := s.manual("private")
	s.createVMFails("CloudError", []string{"networks.prefix.ip and prefix are 198.18.0.0/28", "in no subnet of network " + s.network("private").ID}, vmArguments{networks: networks{
		private, {"prefix", object{"type": "manual", "ip": "198.18.0.0", "prefix": "28", "cloud_properties": private.Spec["cloud_properties"]}},
	}})
}

// A floating IP leads to the NIC of its nic_group, there to the IPv4 address.
func TestFloatingIPOfNICGroup(t *testing.T) {
	s := newScenario(t)
	id, address := s.lockFloatingIP()
	six, four, other := s.ipv6("six"), s.manual("dual"), s.manual("private-2")
	six.Spec["nic_group"], four.Spec["nic_group"], other.Spec["nic_group"] = "1", "1", "2"
	delete(four.Spec, "default")
	public := vip(address)
	public.Spec["nic_group"] = "1"
	vm := s.createVM(vmArguments{networks: networks{other, six, four, public}})
	assert.Equal(t, s.nics(vm)[vm.networks.mac("dual")].ID, s.floatingIP(id).PortID)
	assert.Equal(t, fmt.Sprint(four.Spec["ip"]), s.floatingIP(id).FixedIP)
}

func TestPropertiesOfPorts(t *testing.T) {
	s := newScenario(t)
	private := s.manual("private")
	private.Spec["cloud_properties"] = object{
		"net_id": s.network("private").ID, "mac_address": fmt.Sprintf("fa:16:3e:%02x:%02x:%02x", rand.N(256), rand.N(256), rand.N(256)), "tags": []string{"blue", "web"},
	}
	open := s.dynamic("private-2")
	delete(open.Spec, "default")
	open.Spec["cloud_properties"] = object{"net_id": s.network("private-2").ID, "port_security_enabled": false}
	vm := s.createVM(vmArguments{networks: networks{private, open}, properties: object{"vnic_type": "normal", "config_drive": true}})
	first, second := s.nics(vm)[vm.networks.mac("private")], s.nics(vm)[vm.networks.mac("private-2")]
	assert.Equal(t, private.Spec["cloud_properties"].(object)["mac_address"], first.MAC)
	assert.ElementsMatch(t, []string{"blue", "web"}, first.Tags)
	assert.True(t, first.PortSecurity)
	assert.False(t, second.PortSecurity)
	assert.Empty(t, second.SecurityGroups)
	assert.Equal(t, "True", s.server(vm.cid).ConfigDrive)
}

// Nova gives a port the name of its server, and the CPI changes it.
func TestDNSNameAndQoSPolicy(t *testing.T) {
	s := newScenario(t)
	var extensions struct{ Extensions []struct{ Alias string } }
	require.NoError(t, s.cloud.Get(t.Context(), "network", "/extensions", &extensions))
	for _, alias := range []string{"dns-integration", "qos"} {
		s.needs(slices.Contains(extensions.Extensions, struct{ Alias string }{alias}), "Neutron's extension "+alias)
	}
	policies := get[struct{ Policies []struct{ ID string } }](s, "network", "/qos/policies?name=limited").Policies
	s.needs(len(policies) == 1, "a QoS policy called limited")
	private := s.manual("private")
	private.Spec["cloud_properties"] = object{"net_id": s.network("private").ID, "dns_name": "web-0", "qos_policy": "limited"}
	vm := s.createVM(vmArguments{networks: networks{private}})
	created := s.portOf(vm.cid)
	assert.Equal(t, "web-0", created.DNSName)
	assert.Equal(t, policies[0].ID, created.QoSPolicy)

	for property, words := range map[string][]string{
		"dns_name":   {"networks.private.cloud_properties.dns_name is 'web_0'", "not a DNS name"},
		"qos_policy": {"QoS policy `web_0' not found", "cloud_properties.qos_policy"},
	} {
		refused := s.manual("private")
		refused.Spec["cloud_properties"] = object{"net_id": s.network("private").ID, property: "web_0"}
		s.createVMFails("CloudError", words, vmArguments{networks: networks{refused}})
	}
}

// Neutron refuses all ports of a request or none, and the error names the network.
func TestOneOfSeveralAddressesIsInUse(t *testing.T) {
	s := newScenario(t)
	private, second := s.manual("private"), s.manual("private-2")
	delete(second.Spec, "default")
	s.createDirectly("network", "/ports", "port", object{
		"network_id": s.network("private-2").ID, "description": s.director.UUID, "fixed_ips": []object{{"ip_address": second.Spec["ip"]}},
	})
	s.createVMFails("CloudError", []string{"network 'private-2' with ip " + fmt.Sprint(second.Spec["ip"]), "not created by this CPI"}, vmArguments{networks: networks{private, second}})
}
