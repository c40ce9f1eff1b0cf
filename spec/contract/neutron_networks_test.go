package contract_test

import (
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"
)

// groupsWith lists the ids of the security groups that a filter finds.
func (c *cloud) groupsWith(filter url.Values) []string {
	c.t.Helper()
	return c.network.list("/security-groups", filter).wants(http.StatusOK).each("security_groups", "id")
}

// associate gives a floating IP to a port.
func (c *cloud) associate(floating answer, port any) answer {
	c.t.Helper()
	return c.network.put("/floatingips/"+floating.text("floatingip.id"), object{"floatingip": object{"port_id": port}})
}

// portWithTwoAddresses makes a port with two IPv4 addresses of the fixture network.
func (c *cloud) portWithTwoAddresses() answer {
	c.t.Helper()
	subnets := c.network.list("/subnets", url.Values{"network_id": {c.fixtures.Network}, "ip_version": {"4"}}).wants(http.StatusOK)
	subnet := object{"subnet_id": subnets.text("subnets.0.id")}
	return c.createPort(object{"fixed_ips": list{subnet, subnet}}).wants(http.StatusCreated)
}

var neutronNetworkClaims = []claim{
	{
		id:    "neutron-network-shape",
		says:  "A network tells its subnets, its MTU, whether it is external and whether ports are secured.",
		proof: libs + "neutron_lib/api/definitions/network.py#L34",
		check: func(c *cloud) answer {
			return c.network.get("/networks/"+c.fixtures.Network).wants(http.StatusOK).
				wantsKeys("network", "id", "name", "subnets", "mtu", "status", "shared", "project_id").
				is("network.router:external", false).is("network.port_security_enabled", true)
		},
	},
	{
		id:    "neutron-network-unknown-404",
		says:  "An unknown network, and the id of a subnet too, is answered 404 NetworkNotFound.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L110",
		check: func(c *cloud) answer {
			subnet := c.network.get("/networks/" + c.fixtures.Network).wants(http.StatusOK).text("network.subnets.0")
			c.network.get("/networks/"+subnet).wantsNeutron(http.StatusNotFound, "NetworkNotFound", subnet)
			return c.network.get("/networks/"+nobody).
				wantsNeutron(http.StatusNotFound, "NetworkNotFound", "Network "+nobody+" could not be found.")
		},
	},
	{
		id:    "neutron-network-in-use-409",
		says:  "DELETE of a network with a port in it is answered 409 NetworkInUse.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L172",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			c.port(object{"network_id": network})
			return c.network.delete("/networks/"+network).wantsNeutron(http.StatusConflict, "NetworkInUse", network)
		},
	},
	{
		id:    "neutron-network-delete-204",
		says:  "DELETE of a network takes its subnets along.",
		proof: neutron + "neutron/plugins/ml2/plugin.py#L1408",
		check: func(c *cloud) answer {
			network := c.bareNetwork(nil)
			subnet := c.subnet(network, nil).text("subnet.id")
			deleted := c.network.delete("/networks/" + network).wants(http.StatusNoContent)
			c.network.get("/subnets/"+subnet).wantsNeutron(http.StatusNotFound, "SubnetNotFound", subnet)
			return deleted
		},
	},
	{
		id:    "neutron-subnet-shape",
		says:  "The subnets of a network are listed with CIDR, IP version, gateway, DHCP and DNS.",
		proof: libs + "neutron_lib/api/definitions/subnet.py#L27",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			return c.network.list("/subnets", url.Values{"network_id": {network}}).wants(http.StatusOK).
				is("subnets.0.cidr", "198.51.100.0/24").is("subnets.0.ip_version", 4).is("subnets.0.gateway_ip", "198.51.100.1").
				is("subnets.0.enable_dhcp", true).is("subnets.0.dns_nameservers", list{}).is("subnets.0.network_id", network).
				wantsKeys("subnets.0", "id", "name", "allocation_pools", "host_routes", "ipv6_address_mode", "ipv6_ra_mode")
		},
	},
	{
		id:    "neutron-subnet-no-dhcp",
		says:  "A subnet made without DHCP says so, and addresses are given out of it all the same.",
		proof: libs + "neutron_lib/api/definitions/subnet.py#L111",
		check: func(c *cloud) answer {
			network := c.bareNetwork(nil)
			made := c.subnet(network, object{"enable_dhcp": false}).is("subnet.enable_dhcp", false)
			c.createPort(object{"network_id": network}).wants(http.StatusCreated).
				is("port.fixed_ips.0.subnet_id", made.text("subnet.id"))
			return made
		},
	},
	{
		id:    "neutron-group-name-filter",
		says:  "The name filter of security groups can be repeated and finds every one of the names.",
		proof: neutron + "neutron/api/api_common.py#L70",
		check: func(c *cloud) answer {
			one, other := c.name("group"), c.name("group")
			ids := []string{c.securityGroup(one), c.securityGroup(other)}
			require.ElementsMatch(c.t, ids, c.groupsWith(url.Values{"name": {one, other, c.name("none")}}))
			return c.network.list("/security-groups", url.Values{"name": {one, other}})
		},
	},
	{
		id:    "neutron-group-id-filter",
		says:  "The id filter of security groups can be repeated too; together with a name both must hold.",
		proof: neutron + "neutron/api/api_common.py#L70",
		check: func(c *cloud) answer {
			name := c.name("group")
			one, other := c.securityGroup(name), c.securityGroup(c.name("group"))
			require.ElementsMatch(c.t, []string{one, other}, c.groupsWith(url.Values{"id": {one, other}}))
			require.Equal(c.t, []string{one}, c.groupsWith(url.Values{"id": {one, other}, "name": {name}}))
			return c.network.list("/security-groups", url.Values{"id": {one, other}})
		},
	},
	{
		id:    "neutron-group-same-name",
		says:  "A project can have two security groups of one name.",
		proof: neutron + "neutron/db/securitygroups_db.py#L86",
		check: func(c *cloud) answer {
			name := c.name("twin")
			ids := []string{c.securityGroup(name), c.securityGroup(name)}
			require.ElementsMatch(c.t, ids, c.groupsWith(url.Values{"name": {name}}))
			return c.network.list("/security-groups", url.Values{"name": {name}})
		},
	},
	{
		id:    "neutron-group-fields",
		says:  "The fields of a list can be chosen, which leaves out the rules.",
		proof: neutron + "neutron/api/api_common.py#L218",
		check: func(c *cloud) answer {
			seen := c.network.list("/security-groups", url.Values{
				"name": {"default"}, "project_id": {c.projectID}, "fields": {"id", "name"},
			}).wants(http.StatusOK)
			require.Equal(c.t, 2, seen.size("security_groups.0"))
			return seen.is("security_groups.0.name", "default")
		},
	},
	{
		id:    "neutron-group-in-use-409",
		says:  "DELETE of a security group that a port has is answered 409 SecurityGroupInUse.",
		proof: neutron + "neutron/extensions/securitygroup.py#L68",
		check: func(c *cloud) answer {
			group := c.securityGroup(c.name("group"))
			c.port(object{"security_groups": list{group}})
			return c.network.delete("/security-groups/"+group).wantsNeutron(http.StatusConflict, "SecurityGroupInUse", group)
		},
	},
	{
		id:    "neutron-floating-filter",
		says:  "A floating IP is found by its address; one nobody allocated gives an empty list.",
		proof: libs + "neutron_lib/api/definitions/l3.py#L112",
		check: func(c *cloud) answer {
			made := c.floatingIP().is("floatingip.port_id", nil).is("floatingip.fixed_ip_address", nil).is("floatingip.status", "DOWN")
			c.network.get("/floatingips?floating_ip_address=203.0.113.250").wants(http.StatusOK).is("floatingips", list{})
			return c.network.list("/floatingips", url.Values{"floating_ip_address": {made.text("floatingip.floating_ip_address")}}).
				wants(http.StatusOK).is("floatingips.0.id", made.text("floatingip.id")).
				wantsKeys("floatingips.0", "floating_network_id", "router_id", "port_id", "fixed_ip_address")
		},
	},
	{
		id:    "neutron-floating-associate",
		says:  "PUT of port_id gives the floating IP to the port and answers with the port's address.",
		proof: neutron + "neutron/db/l3_db.py#L1598",
		check: func(c *cloud) answer {
			port := c.createPort(nil).wants(http.StatusCreated)
			return c.associate(c.floatingIP(), port.text("port.id")).wants(http.StatusOK).
				is("floatingip.port_id", port.text("port.id")).
				is("floatingip.fixed_ip_address", port.text("port.fixed_ips.0.ip_address"))
		},
	},
	{
		id:    "neutron-floating-address-of-port",
		says:  "A port with two IPv4 addresses gets the floating IP for the one that fixed_ip_address names.",
		proof: neutron + "neutron/db/l3_db.py#L1328",
		check: func(c *cloud) answer {
			port := c.portWithTwoAddresses()
			second := port.text("port.fixed_ips.1.ip_address")
			return c.network.put("/floatingips/"+c.floatingIP().text("floatingip.id"), object{"floatingip": object{
				"port_id": port.text("port.id"), "fixed_ip_address": second,
			}}).wants(http.StatusOK).is("floatingip.fixed_ip_address", second)
		},
	},
	{
		id:    "neutron-floating-address-of-port-needed-400",
		says:  "A port with two IPv4 addresses and no fixed_ip_address is answered 400.",
		proof: neutron + "neutron/db/l3_db.py#L1368",
		check: func(c *cloud) answer {
			return c.associate(c.floatingIP(), c.portWithTwoAddresses().text("port.id")).wants(http.StatusBadRequest).
				says("NeutronError.message", "has multiple fixed IPv4 addresses", "Must provide a specific IPv4 address")
		},
	},
	{
		id:    "neutron-floating-moves",
		says:  "A floating IP of one port can be given to another without being taken from the first.",
		proof: neutron + "neutron/db/l3_db.py#L1598",
		check: func(c *cloud) answer {
			floating, first, second := c.floatingIP(), c.port(nil), c.port(nil)
			c.associate(floating, first).wants(http.StatusOK)
			return c.associate(floating, second).wants(http.StatusOK).is("floatingip.port_id", second)
		},
	},
	{
		id:    "neutron-floating-again",
		says:  "Giving a floating IP to the port that has it is answered 200 and changes nothing.",
		proof: neutron + "neutron/db/l3_db.py#L1598",
		check: func(c *cloud) answer {
			floating, port := c.floatingIP(), c.port(nil)
			c.associate(floating, port).wants(http.StatusOK)
			return c.associate(floating, port).wants(http.StatusOK).is("floatingip.port_id", port)
		},
	},
	{
		id:    "neutron-floating-disassociate",
		says:  "PUT of a null port_id takes the floating IP from its port.",
		proof: neutron + "neutron/db/l3_db.py#L1598",
		check: func(c *cloud) answer {
			floating := c.floatingIP()
			c.associate(floating, c.port(nil)).wants(http.StatusOK)
			return c.associate(floating, nil).wants(http.StatusOK).is("floatingip.port_id", nil).is("floatingip.fixed_ip_address", nil)
		},
	},
	{
		id:    "neutron-floating-port-dies",
		says:  "When its port goes the floating IP stays, with no port.",
		proof: neutron + "neutron/db/l3_db.py#L1806",
		check: func(c *cloud) answer {
			floating, port := c.floatingIP(), c.port(nil)
			c.associate(floating, port).wants(http.StatusOK)
			c.network.delete("/ports/" + port).wants(http.StatusNoContent)
			return c.network.get("/floatingips/"+floating.text("floatingip.id")).wants(http.StatusOK).is("floatingip.port_id", nil)
		},
	},
	{
		id:    "neutron-floating-two-on-port-409",
		says:  "A second floating IP for the same address of a port is answered 409.",
		proof: libs + "neutron_lib/exceptions/l3.py#L59",
		check: func(c *cloud) answer {
			port := c.port(nil)
			c.associate(c.floatingIP(), port).wants(http.StatusOK)
			return c.associate(c.floatingIP(), port).
				wantsNeutron(http.StatusConflict, "FloatingIPPortAlreadyAssociated", "already has a floating IP on external network")
		},
	},
	{
		id:    "neutron-floating-unreachable-404",
		says:  "A port in a network without a way to the floating IP's network is answered 404.",
		proof: libs + "neutron_lib/exceptions/l3.py#L53",
		check: func(c *cloud) answer {
			return c.associate(c.floatingIP(), c.port(object{"network_id": c.tenantNetwork(nil)})).
				wantsNeutron(http.StatusNotFound, "ExternalGatewayForFloatingIPNotFound", "is not reachable from subnet")
		},
	},
	{
		id:    "neutron-floating-unknown-port-404",
		says:  "An unknown port is answered 404 PortNotFound.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L132",
		check: func(c *cloud) answer {
			return c.associate(c.floatingIP(), nobody).wantsNeutron(http.StatusNotFound, "PortNotFound", nobody)
		},
	},
	{
		id:    "neutron-floating-on-server",
		says:  "The floating IP of a server's port is among the server's addresses, as floating.",
		proof: nova + "nova/api/openstack/compute/views/addresses.py#L35",
		check: func(c *cloud) answer {
			floating, port := c.floatingIP(), c.port(nil)
			server := c.server(withPort(port))
			c.associate(floating, port).wants(http.StatusOK)
			network := c.network.get("/networks/" + c.fixtures.Network).wants(http.StatusOK).text("network.name")
			return c.until("nova knows the floating IP",
				func() answer { return c.compute.get(server).wants(http.StatusOK) },
				func(a answer) bool { return a.size("server.addresses."+network) == 2 }).
				is("server.addresses."+network+".1.OS-EXT-IPS:type", "floating").
				is("server.addresses."+network+".1.addr", floating.text("floatingip.floating_ip_address"))
		},
	},
}
