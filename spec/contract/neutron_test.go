package contract_test

import (
	"net/http"
)

// createPort sends POST /ports for the fixture network and returns any
// response; given replaces or adds fields, a nil value removes one.
func (c *cloud) createPort(given object) response {
	c.t.Helper()
	made := c.network.post("/ports", object{"port": c.portSpec(given)})
	if made.status == http.StatusCreated {
		c.deleteAtEnd(c.network, "/ports/"+made.text("port.id"))
	}
	return made
}

func (c *cloud) portSpec(given object) object {
	spec := merge(object{"name": c.name("port"), "network_id": c.fixtures.Network}, given)
	return spec
}

// port returns the id of a new port.
func (c *cloud) port(given object) string {
	c.t.Helper()
	return c.createPort(given).expect(http.StatusCreated).text("port.id")
}

// portAt returns the fields of a port that requests an address.
func portAt(network, address string) object {
	return object{"network_id": network, "fixed_ips": list{object{"ip_address": address}}}
}

// tenantNetwork creates a network with subnet 198.51.100.0/24 and returns its
// id.
func (c *cloud) tenantNetwork(given object) string {
	c.t.Helper()
	network := c.bareNetwork(given)
	c.subnet(network, nil)
	return network
}

// bareNetwork creates a network without a subnet and returns its id.
func (c *cloud) bareNetwork(given object) string {
	c.t.Helper()
	spec := merge(object{"name": c.name("network")}, given)
	made := c.network.post("/networks", object{"network": spec}).expect(http.StatusCreated)
	c.deleteAtEnd(c.network, "/networks/"+made.text("network.id"))
	return made.text("network.id")
}

// subnet adds a subnet to a network; it is deleted with the network.
func (c *cloud) subnet(network string, given object) response {
	c.t.Helper()
	spec := merge(object{"network_id": network, "name": c.name("subnet"), "ip_version": 4, "cidr": "198.51.100.0/24"}, given)
	return c.network.post("/subnets", object{"subnet": spec}).expect(http.StatusCreated)
}

// securityGroup creates a security group and returns its id.
func (c *cloud) securityGroup(name string) string {
	c.t.Helper()
	made := c.network.post("/security-groups", object{"security_group": object{"name": name}}).expect(http.StatusCreated)
	c.deleteAtEnd(c.network, "/security-groups/"+made.text("security_group.id"))
	return made.text("security_group.id")
}

// floatingIP allocates a floating IP.
func (c *cloud) floatingIP() response {
	c.t.Helper()
	made := c.network.post("/floatingips", object{"floatingip": object{
		"floating_network_id": c.fixtures.ExternalNetwork, "description": c.name("floating"),
	}}).expect(http.StatusCreated)
	c.deleteAtEnd(c.network, "/floatingips/"+made.text("floatingip.id"))
	return made
}

// expectNeutronError fails the claim unless the response is an error of Neutron
// with this status and type whose message contains the words.
func (r response) expectNeutronError(status int, kind string, words ...string) response {
	r.t.Helper()
	return r.expect(status).is("NeutronError.type", kind).is("NeutronError.detail", "").contains("NeutronError.message", words...)
}
