package cpi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// net returns the UUID of a network of the simulator.
func (e *env) net(name string) string { return e.cloud.Fixtures().Networks[name] }

// build creates a VM with the networks and returns it with its ports, by the index
// of the interface.
func (e *env) build(networks bosh.Networks, properties string) (created bosh.CreatedVM, ports []builtPort) {
	e.Helper()
	created, err := e.cpi().CreateVM(e.Context(), e.newVM(networks, properties))
	require.NoError(e, err)
	return created, e.portsOf(created.CID)
}

// builtPort is a port in the simulator.
type builtPort struct {
	simulator.Object

	id string
}

// portsOf returns the ports of a VM in the order of its interfaces.
func (e *env) portsOf(vm bosh.VMCID) (ports []builtPort) {
	inventory := e.cloud.Inventory()
	for id := range strings.SplitSeq(inventory["server "+string(vm)].Fields["ports"], ", ") {
		ports = append(ports, builtPort{inventory["port "+id], id})
	}
	return ports
}

// settingOf returns a key of a network in the answer of create_vm.
func settingOf(created bosh.CreatedVM, network, key string) string {
	for _, n := range created.Networks {
		if n.Name == network {
			return strings.Trim(string(n.Raw(key)), `"`)
		}
	}
	return ""
}

func TestNICs(t *testing.T) {
	t.Parallel()
	const dual = `{"four":{"type":"manual","ip":"10.0.2.10","prefix":"32","netmask":"255.255.255.0","gateway":"10.0.2.1","default":["dns","gateway"]%[2]s,"cloud_properties":{"net_id":%[1]q}},
		"six":{"type":"manual","ip":"fd00:10:2::10","prefix":"128","netmask":"ffff:ffff:ffff:ffff::","gateway":"fd00:10:2::1"%[2]s,"cloud_properties":{"net_id":%[1]q}}}`
	for name, test := range map[string]struct {
		networks func(e *env) bosh.Networks
		static   bool
		// ips and pairs are those of the ports, in order.
		ips, pairs []string
		// nics are the networks with the index of their port.
		nics map[string]int
		// dhcp are the networks with use_dhcp.
		dhcp []string
	}{
		"dual stack without a NIC group": {
			networks: func(e *env) bosh.Networks { return e.networks(dual, e.net("dual"), "") }, static: true,
			ips: []string{"10.0.2.10, fd00:10:2::10"}, nics: map[string]int{"four": 0, "six": 0}, dhcp: []string{"four", "six"},
		},
		"dual stack with a NIC group": {
			networks: func(e *env) bosh.Networks { return e.networks(dual, e.net("dual"), `,"nic_group":"1"`) },
			ips:      []string{"10.0.2.10, fd00:10:2::10"}, nics: map[string]int{"four": 0, "six": 0}, dhcp: []string{"four", "six"},
		},
		"groups that are not in order": {
			networks: func(e *env) bosh.Networks {
				return e.networks(`{"a":{"ip":"10.0.2.10","nic_group":"1","default":["gateway"],"cloud_properties":{"net_id":%[1]q}},
					"b":{"ip":"10.0.1.10","nic_group":"2","cloud_properties":{"net_id":%[2]q}},
					"c":{"ip":"fd00:10:2::10","nic_group":"1","cloud_properties":{"net_id":%[1]q}}}`, e.net("dual"), e.net("private-2"))
			}, static: true,
			ips: []string{"10.0.2.10, fd00:10:2::10", "10.0.1.10"}, nics: map[string]int{"a": 0, "b": 1, "c": 0}, dhcp: []string{"a", "c"},
		},
		"two NICs of one network": {
			networks: func(e *env) bosh.Networks {
				return e.networks(`{"a":{"ip":"10.0.0.10","nic_group":"1","default":["gateway"],"cloud_properties":{"net_id":%[1]q}},
					"b":{"ip":"10.0.0.11","nic_group":"2","cloud_properties":{"net_id":%[1]q}}}`, e.net("private"))
			}, static: true, ips: []string{"10.0.0.10", "10.0.0.11"}, nics: map[string]int{"a": 0, "b": 1},
		},
		"a prefix beside an address": {
			networks: func(e *env) bosh.Networks {
				return e.networks(`{"a":{"ip":"10.0.0.10","prefix":"32","nic_group":"1","default":["gateway"],"cloud_properties":{"net_id":%[1]q}},
					"p":{"ip":"10.0.0.16","prefix":"28","nic_group":"1","cloud_properties":{"net_id":%[1]q}}}`, e.net("private"))
			}, static: true, ips: []string{"10.0.0.10"}, pairs: []string{"10.0.0.16/28"}, nics: map[string]int{"a": 0, "p": 0}, dhcp: []string{"p"},
		},
		"a prefix with a NIC of its own": {
			networks: func(e *env) bosh.Networks {
				return e.networks(`{"a":{"ip":"10.0.0.10","prefix":"32","default":["gateway"],"cloud_properties":{"net_id":%q}},
					"p":{"ip":"10.0.1.16","prefix":"28","cloud_properties":{"net_id":%q}}}`, e.net("private"), e.net("private-2"))
			}, static: true, ips: []string{"10.0.0.10", "10.0.1.16"}, pairs: []string{"", "10.0.1.16/28"}, nics: map[string]int{"a": 0, "p": 1},
		},
		"two prefixes alone": {
			networks: func(e *env) bosh.Networks {
				return e.networks(`{"p":{"ip":"10.0.0.16","prefix":"28","nic_group":"1","default":["gateway"],"cloud_properties":{"net_id":%[1]q}},
					"q":{"ip":"10.0.0.32","prefix":"28","nic_group":"1","cloud_properties":{"net_id":%[1]q}}}`, e.net("private"))
			}, ips: []string{"10.0.0.16"}, pairs: []string{"10.0.0.16/28, 10.0.0.32/28"}, nics: map[string]int{"p": 0, "q": 0}, dhcp: []string{"p", "q"},
		},
		"prefixes of both families": {
			networks: func(e *env) bosh.Networks {
				return e.networks(`{"four":{"ip":"10.0.2.10","prefix":32,"default":["gateway"],"cloud_properties":{"net_id":%[1]q}},
					"six":{"ip":"fd00:10:2::10","prefix":128,"cloud_properties":{"net_id":%[1]q}},
					"p4":{"ip":"10.0.2.16","prefix":28,"cloud_properties":{"net_id":%[1]q}},
					"p6":{"ip":"fd00:10:2:0:1::","prefix":80,"cloud_properties":{"net_id":%[1]q}}}`, e.net("dual"))
			}, ips: []string{"10.0.2.10, fd00:10:2::10"}, pairs: []string{"10.0.2.16/28, fd00:10:2:0:1::/80"},
			nics: map[string]int{"four": 0, "six": 0, "p4": 0, "p6": 0}, dhcp: []string{"four", "six", "p4", "p6"},
		},
		"two networks with DHCP": {
			networks: func(e *env) bosh.Networks { return e.twoNetworks() },
			ips:      []string{"10.0.0.10", "10.0.1.10"}, nics: map[string]int{"b": 0, "a": 1}, dhcp: []string{"b", "a"},
		},
		"two dynamic networks and a manual one": {
			networks: func(e *env) bosh.Networks {
				return e.networks(`{"a":{"type":"dynamic","default":["gateway"],"cloud_properties":{"net_id":%q}},"b":{"ip":"10.0.2.10","cloud_properties":{"net_id":%q}},
					"c":{"type":"dynamic","cloud_properties":{"net_id":%q}}}`, e.net("private"), e.net("dual"), e.net("private-2"))
			}, ips: []string{"10.0.0.129", "10.0.2.10", "10.0.1.128"}, nics: map[string]int{"a": 0, "b": 1, "c": 2}, dhcp: []string{"a", "b", "c"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				if test.static {
					e.overrides["use_dhcp"] = false
				}
				networks := test.networks(e)
				created, ports := e.build(networks, smallVM)
				var ips, pairs, dhcp []string
				for _, port := range ports {
					ips = append(ips, port.Fields["fixed ips"])
					pairs = append(pairs, strings.ReplaceAll(port.Fields["address pairs"], " at "+port.Fields["mac"], ""))
				}
				assert.Equal(e, test.ips, ips)
				if test.pairs == nil {
					test.pairs = make([]string, len(ips))
				}
				assert.Equal(e, test.pairs, pairs)
				require.Len(e, created.Networks, len(networks))
				for i, n := range created.Networks {
					assert.Equal(e, networks[i].Name, n.Name, "the order is kept")
					assert.Equal(e, ports[test.nics[n.Name]].Fields["mac"], settingOf(created, n.Name, "mac"), n.Name)
					assert.Equal(e, string(networks[i].Raw("prefix")), string(n.Raw("prefix")))
					if settingOf(created, n.Name, "use_dhcp") == "true" {
						dhcp = append(dhcp, n.Name)
					}
				}
				assert.ElementsMatch(e, test.dhcp, dhcp)
				for i, port := range ports {
					assert.True(e, strings.HasSuffix(port.Name, fmt.Sprint("-", i)), port.Name)
					assert.Contains(e, port.Fields["description"], "agent=agent-1")
					assert.NotEmpty(e, port.Fields["security groups"])
				}

				_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
				require.NoError(e, err)
				for key := range e.cloud.Inventory() {
					assert.NotContains(e, key, "port "+ports[0].id)
				}
			})
		})
	}
}

// A further NIC costs one request.
func TestRequestsOfNICs(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		three := e.networks(`{"a":{"ip":"10.0.0.10","default":["gateway"],"cloud_properties":{"net_id":%q}},"b":{"ip":"10.0.1.10","cloud_properties":{"net_id":%q}},
			"c":{"ip":"10.0.2.10","cloud_properties":{"net_id":%q}}}`, e.net("private"), e.net("private-2"), e.net("dual"))
		requests := func(networks bosh.Networks) int {
			before := len(e.cloud.Journal())
			_, err := e.cpi().CreateVM(e.Context(), e.newVM(networks, smallVM))
			require.NoError(e, err)
			return len(e.cloud.Journal()) - before
		}
		assert.Equal(e, requests(e.manual("10.0.0.11"))+2, requests(three))
	})
}

// The error names the network whose port was refused, and no other port is left.
func TestOneOfSeveralPortsIsRefused(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["use_dhcp"] = false
		e.agentID = "agent-2"
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.networks(`{"other":{"ip":"10.0.1.10","cloud_properties":{"net_id":%q}}}`, e.net("private-2")), smallVM))
		require.NoError(e, err)
		e.agentID = "agent-1"
		before := e.cloud.Inventory()
		_, err = e.cpi().CreateVM(e.Context(), e.newVM(e.twoNetworks(), smallVM))
		text := e.requireKind(err, bosh.CloudError)
		assert.Contains(e, text, "network 'a' with ip 10.0.1.10: ")
		assert.Contains(e, text, "the address 10.0.1.10 is in use by port ")
		assert.NotContains(e, text, "network 'b'")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// The response to a request for a port is lost: the port is found by its name.
func TestLostResponseOfAPort(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.cloud.Inject(simulator.Fault{On: "POST /ports", Kind: simulator.LostAnswer})
		_, ports := e.build(e.twoNetworks(), smallVM)
		assert.Len(e, ports, 2)
		count := 0
		for key := range e.cloud.Inventory() {
			if strings.HasPrefix(key, "port ") && strings.Contains(e.cloud.Inventory()[key].Name, "vm-") {
				count++
			}
		}
		assert.Equal(e, 2, count)
	})
}

func TestNICsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		networks string
		vm       string
		words    []string
	}{
		"one NIC in two networks": {
			`{"a":{"ip":"10.0.0.10","nic_group":"1","cloud_properties":{"net_id":"$private"}},"b":{"ip":"10.0.1.10","nic_group":1,"cloud_properties":{"net_id":"$private-2"}}}`, "",
			[]string{"networks.b.cloud_properties.net_id is $private-2, but network 'a' of the same nic_group 1 has $private: a NIC is in one Neutron network"},
		},
		"two addresses of a family": {
			`{"a":{"ip":"10.0.0.10","nic_group":"1","cloud_properties":{"net_id":"$private"}},"b":{"ip":"10.0.0.11","nic_group":"1","cloud_properties":{"net_id":"$private"}}}`, "",
			[]string{"networks.b.ip is 10.0.0.11, but network 'a' of the same nic_group 1 has 10.0.0.10"},
		},
		"a dynamic network in a group": {
			`{"a":{"ip":"10.0.0.10","nic_group":"1","cloud_properties":{"net_id":"$private"}},"b":{"type":"dynamic","nic_group":"1","cloud_properties":{"net_id":"$private"}}}`, "",
			[]string{"networks.b.nic_group is 1, as that of network 'a': only manual networks can share a NIC"},
		},
		"one Neutron network twice": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}},"b":{"ip":"10.0.0.11","cloud_properties":{"net_id":"$private"}}}`, "",
			[]string{"Manual network with id $private is already defined (networks.b.cloud_properties.net_id), by network 'a'", "nic_group"},
		},
		"one Neutron network twice, dynamic": {
			`{"a":{"type":"dynamic","cloud_properties":{"net_id":"$private"}},"b":{"type":"dynamic","cloud_properties":{"net_id":"$private"}}}`, "",
			[]string{"Dynamic network with id $private is already defined (networks.b.cloud_properties.net_id)"},
		},
		"two dynamic networks without net_id": {
			`{"a":{"type":"dynamic"},"b":{"type":"dynamic"}}`, "",
			[]string{"Dynamic network 'a' must have net_id (networks.a.cloud_properties.net_id)"},
		},
		"a word instead of an address": {`{"a":{"ip":"ten","cloud_properties":{"net_id":"$private"}}}`, "", []string{"networks.a.ip is 'ten', which is not an IP address"}},
		"a prefix that is too long": {
			`{"a":{"ip":"10.0.0.10","prefix":"33","cloud_properties":{"net_id":"$private"}}}`, "",
			[]string{"networks.a.prefix is '33', which is not the length of a prefix of 10.0.0.10 (1 to 32)"},
		},
		"a prefix that is a word": {`{"a":{"ip":"10.0.0.10","prefix":"all","cloud_properties":{"net_id":"$private"}}}`, "", []string{"networks.a.prefix is 'all'"}},
		"an address within a prefix": {
			`{"a":{"ip":"10.0.0.17","prefix":"28","cloud_properties":{"net_id":"$private"}}}`, "",
			[]string{"networks.a.prefix is 28, but 10.0.0.17 is not the first address of a prefix of that length, which is 10.0.0.16"},
		},
		"a prefix outside of the subnet": {
			`{"a":{"ip":"10.9.0.16","prefix":"28","cloud_properties":{"net_id":"$private"}}}`, "",
			[]string{"networks.a.ip and prefix are 10.9.0.16/28, which is in no subnet of network $private, whose subnets are [10.0.0.0/24]"},
		},
		"a prefix larger than the subnet": {`{"a":{"ip":"10.0.0.0","prefix":"16","cloud_properties":{"net_id":"$private"}}}`, "", []string{"10.0.0.0/16, which is in no subnet"}},
		"several addresses without DHCP": {
			`{"a":{"ip":"192.168.7.10","cloud_properties":{"net_id":"$still"}},"b":{"ip":"fd00:7::10","prefix":"128","cloud_properties":{"net_id":"$still"}}}`, "",
			[]string{"networks.a shares a NIC with another network", "(192.168.7.0/24) has DHCP disabled", "openstack subnet set --dhcp"},
		},
		"a vip of an unknown group": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}},"v":{"type":"vip","ip":"172.24.4.10","nic_group":"1"}}`, "",
			[]string{"networks.v.nic_group is 1, but no manual or dynamic network of the VM has this nic_group"},
		},
		"a vip without a gateway": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}},"b":{"ip":"10.0.1.10","cloud_properties":{"net_id":"$private-2"}},"v":{"type":"vip","ip":"172.24.4.10"}}`, "",
			[]string{"A vip network needs a network whose 'default' contains 'gateway', or a nic_group (networks.v.nic_group)"},
		},
		"an IPv6 vip": {`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}},"v":{"type":"vip","ip":"fd00::1"}}`, "", []string{"networks.v.ip is fd00::1: floating IPs are IPv4 addresses"}},
		"a vip on an IPv6 network": {
			`{"a":{"ip":"fd00:10:2::10","prefix":"128","cloud_properties":{"net_id":"$dual"}},"v":{"type":"vip","ip":"172.24.4.10"}}`, "",
			[]string{"networks.v.ip is 172.24.4.10, but the NIC of network 'a' has no IPv4 address"},
		},
		"one vip twice": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}},"v":{"type":"vip","ip":"172.24.4.10"},"w":{"type":"vip","ip":"172.24.4.10"}}`, "",
			[]string{"networks.w.ip is 172.24.4.10, as that of network 'v'"},
		},
		"two vips on one NIC": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}},"v":{"type":"vip","ip":"$first"},"w":{"type":"vip","ip":"$second"}}`, "",
			[]string{"networks.v and networks.w are floating IPs of one external network, and lead to one NIC, that of network 'a'"},
		},
		"an attribute of the CPI in value_specs": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private","value_specs":{"fixed_ips":[]}}}}`, "",
			[]string{"networks.a.cloud_properties.value_specs.fixed_ips is set by the CPI"},
		},
		"contradictions on one NIC": {
			`{"a":{"ip":"10.0.2.10","cloud_properties":{"net_id":"$dual","vnic_type":"direct"}},"b":{"ip":"fd00:10:2::10","prefix":"128","cloud_properties":{"net_id":"$dual","vnic_type":"normal"}}}`, "",
			[]string{"networks.b.cloud_properties.vnic_type is not that of network 'a', with which the network shares a NIC"},
		},
		"a port of Nova with properties": {`{"a":{"type":"dynamic","cloud_properties":{"vnic_type":"direct"}}}`, "", []string{"networks.a.cloud_properties.net_id is missing"}},
		"an unknown QoS policy":          {`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private","qos_policy":"none"}}}`, "", []string{"QoS policy `none' not found"}},
		"a profile without the right": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private","binding_profile":{"trusted":"true"}}}}`, "",
			[]string{"network 'a' with ip 10.0.0.10", "binding:profile) is disallowed by policy"},
		},
		"an unknown vNIC type": {`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private","vnic_type":"odd"}}}`, "", []string{"Invalid input for binding:vnic_type"}},
		"an IPv6 member without an address": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}}}`, `{"instance_type":"m1.small","loadbalancer_pools":[{"name":"web","port":80,"ip_version":6}]}`,
			[]string{"VM cannot be attached to load balancer pool 'web'. Reason: the NIC of network 'a' has no IPv6 address"},
		},
		"a weight that is too large": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}}}`, `{"instance_type":"m1.small","loadbalancer_pools":[{"name":"web","port":80,"weight":257}]}`,
			[]string{"Load balancer pool 'web' has the weight 257, which must be from 0 to 256"},
		},
		"an IP version that does not exist": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}}}`, `{"instance_type":"m1.small","loadbalancer_pools":[{"name":"web","port":80,"ip_version":5}]}`,
			[]string{"Load balancer pool 'web' has the ip_version 5, which must be 4 or 6"},
		},
		"a config drive that is a word": {
			`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"$private"}}}`, `{"instance_type":"m1.small","config_drive":"floppy"}`,
			[]string{"config_drive must be true, false, disk or cdrom"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				ids := []string{"$still", e.networkWithoutDHCP(), "$first", e.floatingIPs()[0], "$second", e.floatingIPs()[1]}
				for _, name := range []string{"private-2", "private", "dual"} {
					ids = append(ids, "$"+name, e.net(name))
				}
				fill := strings.NewReplacer(ids...)
				before := e.cloud.Inventory()
				vm := test.vm
				if vm == "" {
					vm = smallVM
				}
				_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.networks("%s", json.RawMessage(fill.Replace(test.networks))), vm))
				require.Error(e, err)
				for _, word := range test.words {
					assert.Contains(e, err.Error(), fill.Replace(word))
				}
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

// networkWithoutDHCP creates a network and returns its UUID.
func (e *env) networkWithoutDHCP() string {
	e.Helper()
	client, dhcp := e.neutron(), false
	still, err := networks.Create(e.Context(), client, networks.CreateOpts{Name: "still"}).Extract()
	require.NoError(e, err)
	for cidr, version := range map[string]gophercloud.IPVersion{"192.168.7.0/24": gophercloud.IPv4, "fd00:7::/64": gophercloud.IPv6} {
		_, err := subnets.Create(e.Context(), client, subnets.CreateOpts{NetworkID: still.ID, CIDR: cidr, IPVersion: version, EnableDHCP: &dhcp}).Extract()
		require.NoError(e, err)
	}
	return still.ID
}

// floatingIPs returns the floating IPs of the project in order.
func (e *env) floatingIPs() []string {
	return slices.Sorted(maps.Keys(e.cloud.Fixtures().FloatingIPs))
}

// Floating IPs lead to the NIC of their group, and to IPv4 addresses only.
func TestSeveralFloatingIPs(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		addresses := e.floatingIPs()
		created, ports := e.build(e.networks(`{"six":{"ip":"fd00:10:2::10","prefix":"128","nic_group":"1","default":["gateway"],"cloud_properties":{"net_id":%[1]q}},
			"four":{"ip":"10.0.2.10","nic_group":"1","cloud_properties":{"net_id":%[1]q}},
			"back":{"ip":"10.0.0.10","nic_group":"2","cloud_properties":{"net_id":%[2]q}},
			"v":{"type":"vip","ip":%[3]q},"w":{"type":"vip","ip":%[4]q,"nic_group":"2"}}`, e.net("dual"), e.net("private"), addresses[0], addresses[1]), smallVM)
		inventory := e.cloud.Inventory()
		for i, want := range []string{"10.0.2.10", "10.0.0.10"} {
			ip := inventory["floating IP "+e.cloud.Fixtures().FloatingIPs[addresses[i]]].Fields
			assert.Equal(e, []string{ports[i].id, want}, []string{ip["port"], ip["fixed ip"]})
		}
		assert.Empty(e, settingOf(created, "v", "mac"))
	})
}

func TestPropertiesOfPorts(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		_, ports := e.build(e.networks(`{"a":{"ip":"10.0.0.10","default":["gateway"],"cloud_properties":{"net_id":%q,"mac_address":"fa:16:3e:aa:bb:cc","tags":["blue","web"],
				"dns_name":"web-0","qos_policy":"limited","value_specs":{"numa_affinity_policy":"preferred"}}},
			"b":{"type":"dynamic","cloud_properties":{"net_id":%q,"port_security_enabled":false,"vnic_type":"normal"}}}`, e.net("private"), e.net("private-2")),
			`{"instance_type":"m1.small","vnic_type":"direct","propagate_uplink_status":true,"security_groups":["bosh"],"config_drive":true}`)
		a, b := ports[0].Fields, ports[1].Fields
		assert.Equal(e, "fa:16:3e:aa:bb:cc", a["mac"])
		assert.Equal(e, "blue, web", a["tags"])
		assert.Equal(e, "web-0", a["dns_name"])
		assert.NotEmpty(e, a["qos_policy_id"])
		assert.Equal(e, "preferred", a["numa_affinity_policy"])
		assert.Equal(e, "direct", a["vnic type"], "the default of the VM type")
		assert.Equal(e, "true", a["propagate_uplink_status"])
		assert.Equal(e, e.cloud.Fixtures().SecurityGroups["bosh"], a["security groups"])
		assert.Equal(e, []string{"normal", "false", ""}, []string{b["vnic type"], b["port security"], b["security groups"]})
		for key, object := range e.cloud.Inventory() {
			if strings.HasPrefix(key, "server ") {
				assert.Equal(e, "true", object.Fields["config drive"])
			}
		}
	})
}

// A VM whose port cannot be tagged is not left behind.
func TestTagsAreRefused(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		e.cloud.Inject(simulator.Fault{On: "PUT /ports/{id}/tags", Status: http.StatusForbidden})
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.networks(`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":%q,"tags":["blue"]}}}`, e.net("private")), smallVM))
		require.ErrorContains(e, err, "network 'a': set tags of port ")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// Members of pools have the family, the weight and the role of the VM type.
func TestMembersOfPools(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ pool, address, weight, backup string }{
		"default":        {`"port":80`, "10.0.2.10", "1", "false"},
		"weight, backup": {`"port":80,"weight":0,"backup":true`, "10.0.2.10", "0", "true"},
		"IPv6":           {`"port":80,"ip_version":6,"weight":256`, "fd00:10:2::10", "256", "false"},
		"IPv4":           {`"port":80,"ip_version":4`, "10.0.2.10", "1", "false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				_, _ = e.build(e.networks(`{"six":{"ip":"fd00:10:2::10","default":["gateway"],"cloud_properties":{"net_id":%[1]q}},"four":{"ip":"10.0.2.10","cloud_properties":{"net_id":%[1]q}},
					"back":{"ip":"10.0.0.10","cloud_properties":{"net_id":%[2]q}}}`, e.net("dual"), e.net("private")),
					fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,%s}]}`, e.cloud.Fixtures().Pools[e.pool()], test.pool))
				var members [][]string
				for key, object := range e.cloud.Inventory() {
					if strings.HasPrefix(key, "member ") {
						members = append(members, []string{object.Fields["address"], object.Fields["weight"], object.Fields["backup"]})
					}
				}
				assert.Equal(e, [][]string{{test.address, test.weight, test.backup}}, members)
			})
		})
	}
}
