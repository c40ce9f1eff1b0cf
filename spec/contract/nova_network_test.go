package contract_test

import (
	"net/http"
	"net/url"
)

// portsOf lists the ports of a server.
func (c *cloud) portsOf(server string) answer {
	c.t.Helper()
	return c.network.list("/ports", url.Values{"device_id": {server[len("/servers/"):]}}).wants(http.StatusOK)
}

// withPort is the part of a server that uses a port made before.
func withPort(port string) object { return object{"networks": list{object{"port": port}}} }

var novaNetworkClaims = []claim{
	{
		id:    "nova-group-by-id",
		says:  "A security group's id is accepted where its name belongs, and the server then shows the group.",
		proof: nova + "nova/network/neutron.py#L825",
		check: func(c *cloud) answer {
			group := c.securityGroup(c.name("group"))
			server := c.server(object{"security_groups": list{object{"name": group}}})
			return c.portsOf(server).is("ports.0.security_groups", list{group})
		},
	},
	{
		id:    "nova-group-ambiguous-409",
		says:  "A security group name that the project has twice is answered 409.",
		proof: nova + "nova/network/neutron.py#L867",
		check: func(c *cloud) answer {
			name := c.name("twin")
			c.securityGroup(name)
			c.securityGroup(name)
			return c.createServer(object{"security_groups": list{object{"name": name}}}).
				conflict("Multiple security", "'"+name+"'", "se an ID to be more specific.")
		},
	},
	{
		id:    "nova-group-unknown-400",
		says:  "An unknown security group is answered 400 with its name.",
		proof: nova + "nova/network/neutron.py#L873",
		check: func(c *cloud) answer {
			name := c.name("group")
			return c.createServer(object{"security_groups": list{object{"name": name}}}).
				badRequest("Unable to find security_group with name or id '" + name + "'")
		},
	},
	{
		id:    "nova-group-default",
		says:  "A server made without security groups gets the project's default one.",
		proof: nova + "nova/network/neutron.py#L879",
		check: func(c *cloud) answer {
			group := c.network.list("/security-groups", url.Values{"name": {"default"}, "project_id": {c.projectID}}).
				wants(http.StatusOK).text("security_groups.0.id")
			return c.portsOf(c.server(nil)).is("ports.0.security_groups", list{group})
		},
	},
	{
		id:    "nova-group-not-on-given-port",
		says:  "The security groups of a server do not change a port made before.",
		proof: nova + "nova/network/neutron.py#L1186",
		check: func(c *cloud) answer {
			mine, other := c.securityGroup(c.name("group")), c.securityGroup(c.name("group"))
			port := c.port(object{"security_groups": list{mine}})
			spec := withPort(port)
			spec["security_groups"] = list{object{"name": other}}
			return c.portsOf(c.server(spec)).is("ports.0.id", port).is("ports.0.security_groups", list{mine})
		},
	},
	{
		id:    "nova-port-bound",
		says:  "A port given to a server gets the server as device_id and compute with the zone as device_owner.",
		proof: nova + "nova/network/neutron.py#L1769",
		check: func(c *cloud) answer {
			port := c.port(nil)
			server := c.server(withPort(port))
			zone := c.compute.get(server).wants(http.StatusOK).text("server.OS-EXT-AZ:availability_zone")
			return c.network.get("/ports/"+port).wants(http.StatusOK).is("port.device_id", server[len("/servers/"):]).
				is("port.device_owner", "compute:"+zone)
		},
	},
	{
		id:    "nova-port-order",
		says:  "The addresses of a server with several ports carry the ports' MAC addresses.",
		proof: nova + "nova/api/openstack/compute/views/addresses.py#L36",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			first, second := c.port(nil), c.port(object{"network_id": network})
			server := c.server(object{"networks": list{object{"port": first}, object{"port": second}}})
			seen := c.compute.get(server).wants(http.StatusOK)
			for _, port := range []string{first, second} {
				made := c.network.get("/ports/" + port).wants(http.StatusOK)
				name := c.network.get("/networks/" + made.text("port.network_id")).wants(http.StatusOK).text("network.name")
				seen.is("server.addresses."+name+".0.addr", made.text("port.fixed_ips.0.ip_address")).
					is("server.addresses."+name+".0.OS-EXT-IPS-MAC:mac_addr", made.text("port.mac_address"))
			}
			return seen
		},
	},
	{
		id:    "nova-port-in-use-409",
		says:  "A port that a server has is answered 409 to the next server.",
		proof: nova + "nova/exception.py#L951",
		check: func(c *cloud) answer {
			port := c.port(nil)
			c.server(withPort(port))
			return c.createServer(withPort(port)).conflict("Port " + port + " is still in use.")
		},
	},
	{
		id:    "nova-port-survives",
		says:  "A port made before stays when its server goes, without device_id and device_owner.",
		proof: nova + "nova/network/neutron.py#L632",
		check: func(c *cloud) answer {
			port := c.port(nil)
			server := c.server(withPort(port))
			c.compute.delete(server).wants(http.StatusNoContent)
			c.gone(c.compute, server)
			return c.network.get("/ports/"+port).wants(http.StatusOK).is("port.device_id", "").is("port.device_owner", "")
		},
	},
	{
		id:    "nova-port-dies",
		says:  "The port nova made for a network goes with the server.",
		proof: nova + "nova/network/neutron.py#L1860",
		check: func(c *cloud) answer {
			server := c.server(nil)
			port := c.portsOf(server).text("ports.0.id")
			c.compute.delete(server).wants(http.StatusNoContent)
			c.gone(c.compute, server)
			return c.network.get("/ports/" + port).wants(http.StatusNotFound)
		},
	},
	{
		id:    "nova-network-without-subnet-400",
		says:  "A server in a network without a subnet is answered 400.",
		proof: nova + "nova/exception.py#L921",
		check: func(c *cloud) answer {
			network := c.bareNetwork(nil)
			return c.createServer(object{"networks": list{object{"uuid": network}}}).
				badRequest("Network " + network + " requires a subnet in order to boot instances on.")
		},
	},
	{
		id:    "nova-fixed-ip-taken-400",
		says:  "A fixed IP that another port has is refused by nova itself with 400.",
		proof: nova + "nova/exception.py#L1002",
		check: func(c *cloud) answer {
			address := c.network.get("/ports/" + c.port(nil)).wants(http.StatusOK).text("port.fixed_ips.0.ip_address")
			return c.createServer(object{"networks": list{object{"uuid": c.fixtures.Network, "fixed_ip": address}}}).
				badRequest("Fixed IP address " + address + " is already in use")
		},
	},
}
