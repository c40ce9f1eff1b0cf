package contract_test

import (
	"maps"
	"net/http"
)

// createPort asks neutron for a port in the fixture network and hands its answer back, whatever it is.
// given replaces or adds fields, and nil removes one.
func (c *cloud) createPort(given object) answer {
	c.t.Helper()
	made := c.network.post("/ports", object{"port": c.portSpec(given)})
	if made.status == http.StatusCreated {
		c.atTheEnd(c.network, "/ports/"+made.text("port.id"))
	}
	return made
}

func (c *cloud) portSpec(given object) object {
	spec := object{"name": c.name("port"), "network_id": c.fixtures.Network}
	maps.Copy(spec, given)
	maps.DeleteFunc(spec, func(_ string, value any) bool { return value == nil })
	return spec
}

// port returns the id of a new port.
func (c *cloud) port(given object) string {
	c.t.Helper()
	return c.createPort(given).wants(http.StatusCreated).text("port.id")
}

// at is the part of a port that asks for an address.
func at(network, address string) object {
	return object{"network_id": network, "fixed_ips": list{object{"ip_address": address}}}
}

// tenantNetwork makes a network of the project's own with subnet 198.51.100.0/24 and returns its id.
func (c *cloud) tenantNetwork(given object) string {
	c.t.Helper()
	network := c.bareNetwork(given)
	c.subnet(network, nil)
	return network
}

// bareNetwork makes a network without a subnet and returns its id.
func (c *cloud) bareNetwork(given object) string {
	c.t.Helper()
	spec := object{"name": c.name("network")}
	maps.Copy(spec, given)
	made := c.network.post("/networks", object{"network": spec}).wants(http.StatusCreated)
	c.atTheEnd(c.network, "/networks/"+made.text("network.id"))
	return made.text("network.id")
}

// subnet adds a subnet to a network; it goes with the network.
func (c *cloud) subnet(network string, given object) answer {
	c.t.Helper()
	spec := object{"network_id": network, "name": c.name("subnet"), "ip_version": 4, "cidr": "198.51.100.0/24"}
	maps.Copy(spec, given)
	return c.network.post("/subnets", object{"subnet": spec}).wants(http.StatusCreated)
}

// securityGroup makes a security group and returns its id.
func (c *cloud) securityGroup(name string) string {
	c.t.Helper()
	made := c.network.post("/security-groups", object{"security_group": object{"name": name}}).wants(http.StatusCreated)
	c.atTheEnd(c.network, "/security-groups/"+made.text("security_group.id"))
	return made.text("security_group.id")
}

// floatingIP allocates a floating IP.
func (c *cloud) floatingIP() answer {
	c.t.Helper()
	made := c.network.post("/floatingips", object{"floatingip": object{
		"floating_network_id": c.fixtures.ExternalNetwork, "description": c.name("floating"),
	}}).wants(http.StatusCreated)
	c.atTheEnd(c.network, "/floatingips/"+made.text("floatingip.id"))
	return made
}

// wantsNeutron fails the claim unless the answer is neutron's error with this status, type and words.
func (a answer) wantsNeutron(status int, kind string, words ...string) answer {
	a.t.Helper()
	return a.wants(status).is("NeutronError.type", kind).is("NeutronError.detail", "").says("NeutronError.message", words...)
}
