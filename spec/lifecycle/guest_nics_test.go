package lifecycle_test

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nicGroups boots a VM with two NICs: one with an IPv4 and an IPv6 address, the
// other one with an address, a prefix and a floating IP. Another VM reaches each
// of the addresses, and one of the prefix.
func (g *guest) nicGroups() {
	_, public := g.lockFloatingIP()
	group := g.webGroup()
	dual, six, private, prefix := g.manual("dual"), g.ipv6("six"), g.manual("private"), g.prefix()
	delete(dual.Spec, "default")
	floating := vip(public)
	for _, one := range []network{dual, six} {
		one.Spec["nic_group"] = "1"
	}
	for _, one := range []network{private, prefix, floating} {
		one.Spec["nic_group"] = "2"
	}
	vm, reported := g.boot(vmArguments{networks: networks{dual, six, private, prefix, floating}, properties: object{"security_groups": []string{group}}})

	assert.Equal(g, []string{fmt.Sprint("eth0 ", vm.networks.mac("dual")), fmt.Sprint("eth1 ", vm.networks.mac("private"))}, reported.values("nic"))
	assert.ElementsMatch(g, []string{
		fmt.Sprintf("eth0 %s/24", dual.Spec["ip"]), fmt.Sprintf("eth0 %s/64", six.Spec["ip"]),
		fmt.Sprintf("eth1 %s/24", private.Spec["ip"]), fmt.Sprintf("eth1 %s/%s", prefix.Spec["ip"], prefix.Spec["prefix"]),
	}, reported.values("address"))
	assert.Contains(g, g.httpGet("http://"+public+"/"), "metadata instance-id "+reported.values("metadata instance-id")[0], "the floating IP of the second NIC")
	g.userData(vm, reported.values("metadata user-data"))

	probes := []string{fmt.Sprint(dual.Spec["ip"]), fmt.Sprint(six.Spec["ip"]), fmt.Sprint(private.Spec["ip"]), fmt.Sprint(prefix.Spec["ip"])}
	dual, six, private = g.manual("dual"), g.ipv6("six"), g.manual("private")
	delete(dual.Spec, "default")
	dual.Spec["nic_group"], six.Spec["nic_group"], private.Spec["nic_group"] = "1", "1", "2"
	other := g.start(vmArguments{networks: networks{dual, six, private}, agent: "agent-that-probes", env: object{"probes": strings.Join(probes, " ")}})
	reached := g.await(other, "reached the first VM", func(r report) bool { return len(r.values("reached")) == len(probes) })
	assert.ElementsMatch(g, probes, reached.values("reached"))
}

// prefix returns a network with the last four static addresses of "private".
func (g *guest) prefix() network {
	g.Helper()
	private := g.network("private")
	_, last, _ := strings.Cut(private.StaticIPs(), "-")
	base, err := netip.MustParseAddr(last).Prefix(30)
	require.NoError(g, err)
	return network{"prefix", object{
		"type": "manual", "ip": base.Masked().Addr().String(), "prefix": "30", "netmask": "255.255.255.0", "cloud_properties": object{"net_id": private.ID},
	}}
}

// webGroup creates a security group that permits requests of port 80.
func (g *guest) webGroup() (id string) {
	g.Helper()
	id = g.createDirectly("network", "/security-groups", "security_group", object{"name": g.director.UUID})
	for _, family := range []string{"IPv4", "IPv6"} {
		g.createDirectly("network", "/security-group-rules", "security_group_rule", object{
			"security_group_id": id, "direction": "ingress", "ethertype": family, "protocol": "tcp", "port_range_min": 80, "port_range_max": 80,
		})
	}
	return id
}
