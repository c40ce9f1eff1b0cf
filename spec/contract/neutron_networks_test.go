package contract_test

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"
)

// groupsWith returns the ids of the security groups that match a filter.
func (c *cloud) groupsWith(filter url.Values) []string {
	c.t.Helper()
	return c.network.list("/security-groups", filter).expect(http.StatusOK).each("security_groups", "id")
}

// associate associates a floating IP with a port.
func (c *cloud) associate(floating response, port any) response {
	c.t.Helper()
	return c.network.put("/floatingips/"+floating.text("floatingip.id"), object{"floatingip": object{"port_id": port}})
}

// portWithTwoAddresses creates a port with two IPv4 addresses of the fixture
// network.
func (c *cloud) portWithTwoAddresses() response {
	c.t.Helper()
	subnets := c.network.list("/subnets", url.Values{"network_id": {c.fixtures.Network}, "ip_version": {"4"}}).expect(http.StatusOK)
	subnet := object{"subnet_id": subnets.text("subnets.0.id")}
	return c.createPort(object{"fixed_ips": list{subnet, subnet}}).expect(http.StatusCreated)
}

var neutronNetworkClaims = []claim{
	{
		id:        "neutron-network-shape",
		statement: "A network has the fields subnets, mtu, router:external and port_security_enabled.",
		proof:     libs + "neutron_lib/api/definitions/network.py#L34",
		check: func(c *cloud) response {
			return c.network.get("/networks/"+c.fixtures.Network).expect(http.StatusOK).
				expectKeys("network", "id", "name", "subnets", "mtu", "status", "shared", "project_id").
				is("network.router:external", false).is("network.port_security_enabled", true)
		},
	},
	{
		id:        "neutron-network-unknown-404",
		statement: "GET of an unknown network id, or of a subnet's id as a network, returns 404 NetworkNotFound.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L110",
		check: func(c *cloud) response {
			subnet := c.network.get("/networks/" + c.fixtures.Network).expect(http.StatusOK).text("network.subnets.0")
			c.network.get("/networks/"+subnet).expectNeutronError(http.StatusNotFound, "NetworkNotFound", subnet)
			return c.network.get("/networks/"+unknownID).
				expectNeutronError(http.StatusNotFound, "NetworkNotFound", "Network "+unknownID+" could not be found.")
		},
	},
	{
		id:        "neutron-network-in-use-409",
		statement: "DELETE of a network that has a port returns 409 NetworkInUse.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L172",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			c.port(object{"network_id": network})
			return c.network.delete("/networks/"+network).expectNeutronError(http.StatusConflict, "NetworkInUse", network)
		},
	},
	{
		id:        "neutron-network-delete-204",
		statement: "DELETE of a network also deletes its subnets.",
		proof:     neutron + "neutron/plugins/ml2/plugin.py#L1408",
		check: func(c *cloud) response {
			network := c.bareNetwork(nil)
			subnet := c.subnet(network, nil).text("subnet.id")
			deleted := c.network.delete("/networks/" + network).expect(http.StatusNoContent)
			c.network.get("/subnets/"+subnet).expectNeutronError(http.StatusNotFound, "SubnetNotFound", subnet)
			return deleted
		},
	},
	{
		id:        "neutron-subnet-shape",
		statement: "The subnets of a network are listed with CIDR, IP version, gateway, DHCP and DNS.",
		proof:     libs + "neutron_lib/api/definitions/subnet.py#L27",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			return c.network.list("/subnets", url.Values{"network_id": {network}}).expect(http.StatusOK).
				is("subnets.0.cidr", "198.51.100.0/24").is("subnets.0.ip_version", 4).is("subnets.0.gateway_ip", "198.51.100.1").
				is("subnets.0.enable_dhcp", true).is("subnets.0.dns_nameservers", list{}).is("subnets.0.network_id", network).
				expectKeys("subnets.0", "id", "name", "allocation_pools", "host_routes", "ipv6_address_mode", "ipv6_ra_mode")
		},
	},
	{
		id:        "neutron-subnet-no-dhcp",
		statement: "A subnet created without DHCP has enable_dhcp false, and its addresses are still allocated to ports.",
		proof:     libs + "neutron_lib/api/definitions/subnet.py#L111",
		check: func(c *cloud) response {
			network := c.bareNetwork(nil)
			made := c.subnet(network, object{"enable_dhcp": false}).is("subnet.enable_dhcp", false)
			c.createPort(object{"network_id": network}).expect(http.StatusCreated).
				is("port.fixed_ips.0.subnet_id", made.text("subnet.id"))
			return made
		},
	},
	{
		id:        "neutron-extensions",
		statement: "The extensions are listed with their aliases.",
		proof:     neutron + "neutron/api/extensions.py#L115",
		check: func(c *cloud) response {
			seen := c.network.get("/extensions").expect(http.StatusOK)
			require.Subset(c.t, seen.each("extensions", "alias"), []string{
				"allowed-address-pairs", "port-security", "quota_details", "router", "security-group", "standard-attr-tag",
			})
			return seen
		},
	},
	{
		id:        "neutron-quota-details",
		statement: "An ordinary user sees limit and usage of the quotas of his project.",
		proof:     neutron + "neutron/extensions/quotasv2_detail.py#L54",
		check: func(c *cloud) response {
			seen := c.network.get("/quotas/" + c.projectID + "/details.json").expect(http.StatusOK)
			for _, name := range []string{"port", "floatingip", "security_group"} {
				seen.expectKeys("quota."+name, "limit", "used", "reserved")
			}
			return seen
		},
	},
	{
		id:        "neutron-group-name-filter",
		statement: "The name filter of security groups can be repeated and matches any of the names.",
		proof:     neutron + "neutron/api/api_common.py#L70",
		check: func(c *cloud) response {
			one, other := c.name("group"), c.name("group")
			ids := []string{c.securityGroup(one), c.securityGroup(other)}
			require.ElementsMatch(c.t, ids, c.groupsWith(url.Values{"name": {one, other, c.name("none")}}))
			return c.network.list("/security-groups", url.Values{"name": {one, other}})
		},
	},
	{
		id:        "neutron-group-id-filter",
		statement: "The id filter of security groups can be repeated; combined with a name filter, both must match.",
		proof:     neutron + "neutron/api/api_common.py#L70",
		check: func(c *cloud) response {
			name := c.name("group")
			one, other := c.securityGroup(name), c.securityGroup(c.name("group"))
			require.ElementsMatch(c.t, []string{one, other}, c.groupsWith(url.Values{"id": {one, other}}))
			require.Equal(c.t, []string{one}, c.groupsWith(url.Values{"id": {one, other}, "name": {name}}))
			return c.network.list("/security-groups", url.Values{"id": {one, other}})
		},
	},
	{
		id:        "neutron-group-same-name",
		statement: "Security group names need not be unique in a project.",
		proof:     neutron + "neutron/db/securitygroups_db.py#L86",
		check: func(c *cloud) response {
			name := c.name("twin")
			ids := []string{c.securityGroup(name), c.securityGroup(name)}
			require.ElementsMatch(c.t, ids, c.groupsWith(url.Values{"name": {name}}))
			return c.network.list("/security-groups", url.Values{"name": {name}})
		},
	},
	{
		id:        "neutron-group-fields",
		statement: "The fields parameter of a list selects the returned fields; without security_group_rules the rules are omitted.",
		proof:     neutron + "neutron/api/api_common.py#L218",
		check: func(c *cloud) response {
			seen := c.network.list("/security-groups", url.Values{
				"name": {"default"}, "project_id": {c.projectID}, "fields": {"id", "name"},
			}).expect(http.StatusOK)
			require.Equal(c.t, 2, seen.size("security_groups.0"))
			return seen.is("security_groups.0.name", "default")
		},
	},
	{
		id:        "neutron-group-in-use-409",
		statement: "DELETE of a security group that a port uses returns 409 SecurityGroupInUse.",
		proof:     neutron + "neutron/extensions/securitygroup.py#L68",
		check: func(c *cloud) response {
			group := c.securityGroup(c.name("group"))
			c.port(object{"security_groups": list{group}})
			return c.network.delete("/security-groups/"+group).expectNeutronError(http.StatusConflict, "SecurityGroupInUse", group)
		},
	},
	{
		id:        "neutron-floating-filter",
		statement: "Floating IPs can be filtered by address; an unallocated address returns an empty list.",
		proof:     libs + "neutron_lib/api/definitions/l3.py#L112",
		check: func(c *cloud) response {
			made := c.floatingIP().is("floatingip.port_id", nil).is("floatingip.fixed_ip_address", nil).is("floatingip.status", "DOWN")
			c.network.get("/floatingips?floating_ip_address=203.0.113.250").expect(http.StatusOK).is("floatingips", list{})
			return c.network.list("/floatingips", url.Values{"floating_ip_address": {made.text("floatingip.floating_ip_address")}}).
				expect(http.StatusOK).is("floatingips.0.id", made.text("floatingip.id")).
				expectKeys("floatingips.0", "floating_network_id", "router_id", "port_id", "fixed_ip_address")
		},
	},
	{
		id:        "neutron-floating-associate",
		statement: "PUT of port_id associates the floating IP with the port and returns the port's fixed address.",
		proof:     neutron + "neutron/db/l3_db.py#L1598",
		check: func(c *cloud) response {
			port := c.createPort(nil).expect(http.StatusCreated)
			return c.associate(c.floatingIP(), port.text("port.id")).expect(http.StatusOK).
				is("floatingip.port_id", port.text("port.id")).
				is("floatingip.fixed_ip_address", port.text("port.fixed_ips.0.ip_address"))
		},
	},
	{
		id:        "neutron-floating-address-of-port",
		statement: "On a port with two IPv4 addresses, fixed_ip_address selects the one that the floating IP is associated with.",
		proof:     neutron + "neutron/db/l3_db.py#L1328",
		check: func(c *cloud) response {
			port := c.portWithTwoAddresses()
			second := port.text("port.fixed_ips.1.ip_address")
			return c.network.put("/floatingips/"+c.floatingIP().text("floatingip.id"), object{"floatingip": object{
				"port_id": port.text("port.id"), "fixed_ip_address": second,
			}}).expect(http.StatusOK).is("floatingip.fixed_ip_address", second)
		},
	},
	{
		id:        "neutron-floating-address-of-port-needed-400",
		statement: "On a port with two IPv4 addresses, an association without fixed_ip_address returns 400.",
		proof:     neutron + "neutron/db/l3_db.py#L1368",
		check: func(c *cloud) response {
			return c.associate(c.floatingIP(), c.portWithTwoAddresses().text("port.id")).expect(http.StatusBadRequest).
				contains("NeutronError.message", "has multiple fixed IPv4 addresses", "Must provide a specific IPv4 address")
		},
	},
	{
		id:        "neutron-floating-moves",
		statement: "An associated floating IP can be associated with another port without disassociating it first.",
		proof:     neutron + "neutron/db/l3_db.py#L1598",
		check: func(c *cloud) response {
			floating, first, second := c.floatingIP(), c.port(nil), c.port(nil)
			c.associate(floating, first).expect(http.StatusOK)
			return c.associate(floating, second).expect(http.StatusOK).is("floatingip.port_id", second)
		},
	},
	{
		id:        "neutron-floating-again",
		statement: "Associating a floating IP with the port it is already associated with returns 200 and changes nothing.",
		proof:     neutron + "neutron/db/l3_db.py#L1598",
		check: func(c *cloud) response {
			floating, port := c.floatingIP(), c.port(nil)
			c.associate(floating, port).expect(http.StatusOK)
			return c.associate(floating, port).expect(http.StatusOK).is("floatingip.port_id", port)
		},
	},
	{
		id:        "neutron-floating-revision-412",
		statement: "PUT of a floating IP with If-Match: revision_number=N returns 412 if its revision_number is not N any more; every association changes it.",
		proof:     "https://docs.openstack.org/api-ref/network/v2/#revisions",
		check: func(c *cloud) response {
			floating, first, second := c.floatingIP(), c.port(nil), c.port(nil)
			limited := *c
			limited.network = c.network.with("If-Match", fmt.Sprintf("revision_number=%v", floating.value("floatingip.revision_number")))
			limited.associate(floating, first).expect(http.StatusOK)
			refused := limited.associate(floating, second)
			c.network.get("/floatingips/"+floating.text("floatingip.id")).is("floatingip.port_id", first)
			return refused.expectNeutronError(http.StatusPreconditionFailed, "RevisionNumberConstraintFailed", "Constrained to", "current revision is")
		},
	},
	{
		id:        "neutron-floating-disassociate",
		statement: "PUT of a null port_id disassociates the floating IP.",
		proof:     neutron + "neutron/db/l3_db.py#L1598",
		check: func(c *cloud) response {
			floating := c.floatingIP()
			c.associate(floating, c.port(nil)).expect(http.StatusOK)
			return c.associate(floating, nil).expect(http.StatusOK).is("floatingip.port_id", nil).is("floatingip.fixed_ip_address", nil)
		},
	},
	{
		id:        "neutron-floating-port-dies",
		statement: "When its port is deleted, a floating IP remains allocated and has no port.",
		proof:     neutron + "neutron/db/l3_db.py#L1806",
		check: func(c *cloud) response {
			floating, port := c.floatingIP(), c.port(nil)
			c.associate(floating, port).expect(http.StatusOK)
			c.network.delete("/ports/" + port).expect(http.StatusNoContent)
			return c.network.get("/floatingips/"+floating.text("floatingip.id")).expect(http.StatusOK).is("floatingip.port_id", nil)
		},
	},
	{
		id:        "neutron-floating-two-on-port-409",
		statement: "Associating a second floating IP with the same fixed address of a port returns 409.",
		proof:     libs + "neutron_lib/exceptions/l3.py#L59",
		check: func(c *cloud) response {
			port := c.port(nil)
			c.associate(c.floatingIP(), port).expect(http.StatusOK)
			return c.associate(c.floatingIP(), port).
				expectNeutronError(http.StatusConflict, "FloatingIPPortAlreadyAssociated", "already has a floating IP on external network")
		},
	},
	{
		id:        "neutron-floating-unreachable-404",
		statement: "Associating a floating IP with a port whose network has no route to the external network returns 404.",
		proof:     libs + "neutron_lib/exceptions/l3.py#L53",
		check: func(c *cloud) response {
			return c.associate(c.floatingIP(), c.port(object{"network_id": c.tenantNetwork(nil)})).
				expectNeutronError(http.StatusNotFound, "ExternalGatewayForFloatingIPNotFound", "is not reachable from subnet")
		},
	},
	{
		id:        "neutron-floating-unknown-port-404",
		statement: "Associating a floating IP with an unknown port returns 404 PortNotFound.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L132",
		check: func(c *cloud) response {
			return c.associate(c.floatingIP(), unknownID).expectNeutronError(http.StatusNotFound, "PortNotFound", unknownID)
		},
	},
	{
		id:        "neutron-floating-on-server",
		statement: "The addresses of a server contain the floating IP of its port with type floating.",
		proof:     nova + "nova/api/openstack/compute/views/addresses.py#L35",
		check: func(c *cloud) response {
			floating, port := c.floatingIP(), c.port(nil)
			server := c.activeServer(withPort(port))
			c.associate(floating, port).expect(http.StatusOK)
			network := c.network.get("/networks/" + c.fixtures.Network).expect(http.StatusOK).text("network.name")
			return c.poll("the server's addresses contain the floating IP",
				func() response { return c.compute.get(server).expect(http.StatusOK) },
				func(r response) bool { return r.size("server.addresses."+network) == 2 }).
				is("server.addresses."+network+".1.OS-EXT-IPS:type", "floating").
				is("server.addresses."+network+".1.addr", floating.text("floatingip.floating_ip_address"))
		},
	},
}
