package contract_test

import (
	"net/http"
	"net/url"
)

// portsOf lists the ports of a server.
func (c *cloud) portsOf(server string) response {
	c.t.Helper()
	return c.network.list("/ports", url.Values{"device_id": {server[len("/servers/"):]}}).expect(http.StatusOK)
}

// withPort returns the fields of a server that uses an existing port.
func withPort(port string) object { return object{"networks": list{object{"port": port}}} }

var novaNetworkClaims = []claim{
	{
		id:        "nova-group-by-id",
		statement: "The field name of a server's security_groups accepts a security group's id; the server's port then has the group.",
		proof:     nova + "nova/network/neutron.py#L825",
		check: func(c *cloud) response {
			group := c.securityGroup(c.name("group"))
			server := c.activeServer(object{"security_groups": list{object{"name": group}}})
			return c.portsOf(server).is("ports.0.security_groups", list{group})
		},
	},
	{
		id:        "nova-group-ambiguous-409",
		statement: "POST of a server with a security group name that two groups of the project have returns 409.",
		proof:     nova + "nova/network/neutron.py#L867",
		check: func(c *cloud) response {
			name := c.name("twin")
			c.securityGroup(name)
			c.securityGroup(name)
			return c.createServer(object{"security_groups": list{object{"name": name}}}).
				conflict("Multiple security", "'"+name+"'", "se an ID to be more specific.")
		},
	},
	{
		id:        "nova-group-unknown-400",
		statement: "POST of a server with an unknown security group returns 400 with its name.",
		proof:     nova + "nova/network/neutron.py#L873",
		check: func(c *cloud) response {
			name := c.name("group")
			return c.createServer(object{"security_groups": list{object{"name": name}}}).
				badRequest("Unable to find security_group with name or id '" + name + "'")
		},
	},
	{
		id:        "nova-group-default",
		statement: "A server created without security groups gets the project's default group.",
		proof:     nova + "nova/network/neutron.py#L879",
		check: func(c *cloud) response {
			group := c.network.list("/security-groups", url.Values{"name": {"default"}, "project_id": {c.projectID}}).
				expect(http.StatusOK).text("security_groups.0.id")
			return c.portsOf(c.activeServer(nil)).is("ports.0.security_groups", list{group})
		},
	},
	{
		id:        "nova-group-not-on-given-port",
		statement: "The security groups of a server do not change an existing port that is given at creation.",
		proof:     nova + "nova/network/neutron.py#L1186",
		check: func(c *cloud) response {
			mine, other := c.securityGroup(c.name("group")), c.securityGroup(c.name("group"))
			port := c.port(object{"security_groups": list{mine}})
			spec := withPort(port)
			spec["security_groups"] = list{object{"name": other}}
			return c.portsOf(c.activeServer(spec)).is("ports.0.id", port).is("ports.0.security_groups", list{mine})
		},
	},
	{
		id:        "nova-port-bound",
		statement: "A port given to a server gets the server's id as device_id and compute:ZONE as device_owner.",
		proof:     nova + "nova/network/neutron.py#L1769",
		check: func(c *cloud) response {
			port := c.port(nil)
			server := c.activeServer(withPort(port))
			zone := c.compute.get(server).expect(http.StatusOK).text("server.OS-EXT-AZ:availability_zone")
			return c.network.get("/ports/"+port).expect(http.StatusOK).is("port.device_id", server[len("/servers/"):]).
				is("port.device_owner", "compute:"+zone)
		},
	},
	{
		id:        "nova-port-order",
		statement: "The addresses of a server with several ports contain each port's MAC address.",
		proof:     nova + "nova/api/openstack/compute/views/addresses.py#L36",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			first, second := c.port(nil), c.port(object{"network_id": network})
			server := c.activeServer(object{"networks": list{object{"port": first}, object{"port": second}}})
			seen := c.compute.get(server).expect(http.StatusOK)
			for _, port := range []string{first, second} {
				made := c.network.get("/ports/" + port).expect(http.StatusOK)
				name := c.network.get("/networks/" + made.text("port.network_id")).expect(http.StatusOK).text("network.name")
				seen.is("server.addresses."+name+".0.addr", made.text("port.fixed_ips.0.ip_address")).
					is("server.addresses."+name+".0.OS-EXT-IPS-MAC:mac_addr", made.text("port.mac_address"))
			}
			return seen
		},
	},
	{
		id:        "nova-port-in-use-409",
		statement: "POST of a server with a port that another server uses returns 409.",
		proof:     nova + "nova/exception.py#L951",
		check: func(c *cloud) response {
			port := c.port(nil)
			c.activeServer(withPort(port))
			return c.createServer(withPort(port)).conflict("Port " + port + " is still in use.")
		},
	},
	{
		id:        "nova-port-survives",
		statement: "An existing port given to a server remains when the server is deleted, with device_id and device_owner cleared.",
		proof:     nova + "nova/network/neutron.py#L632",
		check: func(c *cloud) response {
			port := c.port(nil)
			server := c.activeServer(withPort(port))
			c.compute.delete(server).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, server)
			return c.network.get("/ports/"+port).expect(http.StatusOK).is("port.device_id", "").is("port.device_owner", "")
		},
	},
	{
		id:        "nova-port-dies",
		statement: "A port that Nova created for a server is deleted with the server.",
		proof:     nova + "nova/network/neutron.py#L1860",
		check: func(c *cloud) response {
			server := c.activeServer(nil)
			port := c.portsOf(server).text("ports.0.id")
			c.compute.delete(server).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, server)
			return c.network.get("/ports/" + port).expect(http.StatusNotFound)
		},
	},
	{
		id:        "nova-network-without-subnet-400",
		statement: "POST of a server in a network without a subnet returns 400.",
		proof:     nova + "nova/exception.py#L921",
		check: func(c *cloud) response {
			network := c.bareNetwork(nil)
			return c.createServer(object{"networks": list{object{"uuid": network}}}).
				badRequest("Network " + network + " requires a subnet in order to boot instances on.")
		},
	},
	{
		id:        "nova-fixed-ip-taken-400",
		statement: "POST of a server with a fixed IP that another port has returns 400.",
		proof:     nova + "nova/exception.py#L1002",
		check: func(c *cloud) response {
			address := c.network.get("/ports/" + c.port(nil)).expect(http.StatusOK).text("port.fixed_ips.0.ip_address")
			return c.createServer(object{"networks": list{object{"uuid": c.fixtures.Network, "fixed_ip": address}}}).
				badRequest("Fixed IP address " + address + " is already in use")
		},
	},
}
