package simulator_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestNetworkOfAClient(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	before := c.sim.Inventory()
	r := c.send(http.MethodPost, network+"/networks", `{"network":{"name":"n","port_security_enabled":false}}`)
	require.Equal(t, http.StatusCreated, r.status, r.text)
	id := r.id("network")
	assert.Equal(t, false, r.at("network.port_security_enabled"))

	r = c.send(http.MethodPost, network+"/subnets", fmt.Sprintf(
		`{"subnet":{"name":"s","network_id":%q,"ip_version":4,"cidr":"10.50.0.0/24","dns_nameservers":["10.0.0.2"]}}`, id))
	require.Equal(t, http.StatusCreated, r.status, r.text)
	assert.Equal(t, "10.50.0.1", r.at("subnet.gateway_ip"))
	assert.Equal(t, []any{map[string]any{"start": "10.50.0.2", "end": "10.50.0.254"}}, r.at("subnet.allocation_pools"))

	port := c.send(http.MethodPost, network+"/ports", fmt.Sprintf(`{"port":{"network_id":%q}}`, id)).id("port")
	assert.Equal(t, "NetworkInUse", c.send(http.MethodDelete, network+"/networks/"+id, "").at("NeutronError.type"))
	assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, network+"/ports/"+port, "").status)
	assert.Equal(t, []any{"n"}, c.send(http.MethodGet, network+"/networks?name=n", "").names("networks"))
	assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, network+"/networks/"+id, "").status)
	assert.Equal(t, "NetworkNotFound", c.send(http.MethodGet, network+"/networks/"+id, "").at("NeutronError.type"))
	assert.Empty(t, c.sim.Leaks(before))
}

func TestSubnetsAreRefused(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]struct{ subnet, kind, message string }{
		"overlap": {`"ip_version":4,"cidr":"10.0.0.128/25"`, "InvalidInput", "Invalid input for operation: Requested subnet with cidr: " +
			"10.0.0.128/25 for network: NETWORK overlaps with another subnet."},
		"no cidr":       {`"ip_version":4`, "BadRequest", "Bad subnets request: a subnetpool must be specified in the absence of a cidr."},
		"odd cidr":      {`"ip_version":4,"cidr":"x"`, "InvalidInput", "Invalid input for operation: x is not in a CIDR format."},
		"wrong version": {`"ip_version":6,"cidr":"10.9.0.0/24"`, "InvalidInput", "Invalid input for operation: cidr '10.9.0.0/24' does not match the ip_version '6'."},
		"odd version":   {`"ip_version":5,"cidr":"10.9.0.0/24"`, "HTTPBadRequest", "Invalid input for ip_version. Reason: 5 is not in valid_values."},
		"pool outside": {
			`"ip_version":4,"cidr":"10.9.0.0/24","allocation_pools":[{"start":"10.8.0.2","end":"10.8.0.3"}]`, "OutOfBoundsAllocationPool",
			"The allocation pool 10.8.0.2-10.8.0.3 spans beyond the subnet cidr 10.9.0.0/24.",
		},
		"pool backwards": {
			`"ip_version":4,"cidr":"10.9.0.0/24","allocation_pools":[{"start":"10.9.0.9","end":"10.9.0.3"}]`, "InvalidAllocationPool",
			"The allocation pool {'start': '10.9.0.9', 'end': '10.9.0.3'} is not valid.",
		},
		"gateway in the pool": {
			`"ip_version":4,"cidr":"10.9.0.0/24","gateway_ip":"10.9.0.3","allocation_pools":[{"start":"10.9.0.2","end":"10.9.0.9"}]`,
			"GatewayConflictWithAllocationPools", "Gateway ip 10.9.0.3 conflicts with allocation pool 10.9.0.2-10.9.0.9.",
		},
		"pools overlap": {
			`"ip_version":4,"cidr":"10.9.0.0/24","allocation_pools":[{"start":"10.9.0.2","end":"10.9.0.9"},{"start":"10.9.0.4","end":"10.9.0.5"}]`,
			"OverlappingAllocationPools", "Found overlapping allocation pools: 10.9.0.2-10.9.0.9 10.9.0.4-10.9.0.5 for subnet 10.9.0.0/24.",
		},
		"odd nameserver": {
			`"ip_version":4,"cidr":"10.9.0.0/24","dns_nameservers":["x"]`, "HTTPBadRequest",
			"Invalid input for dns_nameservers. Reason: 'x' is not a valid nameserver. 'x' is not a valid IP address.",
		},
		"tiny": {
			`"ip_version":4,"cidr":"10.9.0.0/32"`, "InvalidInput",
			"Invalid input for operation: Subnet has a prefix length that is incompatible with DHCP service enabled.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, simulator.Options{})
			id := c.sim.Fixtures().Networks["private"]
			r := c.send(http.MethodPost, network+"/subnets", fmt.Sprintf(`{"subnet":{"network_id":%q,%s}}`, id, refused.subnet))
			assert.Equal(t, refused.kind, r.at("NeutronError.type"))
			message, _ := r.at("NeutronError.message").(string)
			assert.Equal(t, refused.message, replaceID(message, id, "NETWORK"))
		})
	}
}

func TestSubnetGateways(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.send(http.MethodPost, network+"/networks", `{"network":{"name":"n"}}`).id("network")
	create := func(fields string) result {
		return c.send(http.MethodPost, network+"/subnets", fmt.Sprintf(`{"subnet":{"network_id":%q,%s}}`, id, fields))
	}
	r := create(`"ip_version":4,"cidr":"10.50.0.9/24","gateway_ip":null,"enable_dhcp":false`)
	assert.Equal(t, "10.50.0.0/24", r.at("subnet.cidr"))
	assert.Nil(t, r.at("subnet.gateway_ip"))
	r = create(`"ip_version":4,"cidr":"10.51.0.0/24","gateway_ip":"10.51.0.7"`)
	assert.Len(t, r.at("subnet.allocation_pools"), 2)
	r = create(`"ip_version":6,"cidr":"fd00:50::/64","ipv6_address_mode":"slaac","ipv6_ra_mode":"slaac"`)
	assert.Equal(t, "fd00:50::", r.at("subnet.gateway_ip"))
	port := c.send(http.MethodPost, network+"/ports",
		fmt.Sprintf(`{"port":{"network_id":%q,"mac_address":"fa:16:3e:d7:2c:a9"}}`, id))
	ips := port.at("port.fixed_ips").([]any)
	assert.Equal(t, "fd00:50::f816:3eff:fed7:2ca9", ips[len(ips)-1].(map[string]any)["ip_address"])
}

func TestExternalAddressesBelongToOne(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	external := c.sim.Fixtures().Networks["external"]
	r := c.send(http.MethodPost, network+"/floatingips", fmt.Sprintf(`{"floatingip":{"floating_network_id":%q}}`, external))
	require.Equal(t, http.StatusCreated, r.status, r.text)

	seen := map[any]bool{}
	for _, f := range c.send(http.MethodGet, network+"/floatingips", "").body["floatingips"].([]any) {
		seen[f.(map[string]any)["floating_ip_address"]] = true
	}
	assert.Len(t, seen, 3)
}

func TestNetworksOfOthers(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	external := c.sim.Fixtures().Networks["external"]
	assert.Equal(t, []any{"external"}, c.send(http.MethodGet, network+"/networks?router:external=true", "").names("networks"))
	r := c.send(http.MethodPost, network+"/ports", fmt.Sprintf(`{"port":{"network_id":%q}}`, external))
	assert.Equal(t, http.StatusForbidden, r.status)
	assert.Equal(t, "NetworkNotFound", c.send(http.MethodDelete, network+"/networks/"+external, "").at("NeutronError.type"))
	r = c.send(http.MethodPost, network+"/networks", `{"network":{"name":"n","router:external":true}}`)
	assert.Equal(t, "(rule:create_network and rule:create_network:router:external) is disallowed by policy", r.at("NeutronError.message"))
}

func TestNetworkPages(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	seen := []any{}
	for path := network + "/networks?limit=2&fields=name&fields=id"; path != ""; {
		r := c.send(http.MethodGet, path, "")
		seen = append(seen, r.names("networks")...)
		path = ""
		for _, link := range r.body["networks_links"].([]any) {
			if link.(map[string]any)["rel"] == "next" {
				path = link.(map[string]any)["href"].(string)[len(base):]
			}
		}
	}
	assert.ElementsMatch(t, []any{"private", "private-2", "dual", "private-v6", "external"}, seen)
	r := c.send(http.MethodGet, network+"/networks?limit=x", "")
	assert.Equal(t, "Bad limit request: Limit must be an integer 0 or greater and not 'x'.", r.at("NeutronError.message"))
	r = c.send(http.MethodGet, network+"/networks?sort_key=name&sort_dir=desc&fields=name&fields=id", "")
	assert.Equal(t, []any{"private-v6", "private-2", "private", "external", "dual"}, r.names("networks"))
	assert.Equal(t, http.StatusOK, c.send(http.MethodGet, "/networking/", "").status)
}
