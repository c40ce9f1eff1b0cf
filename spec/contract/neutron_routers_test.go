package contract_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// router creates a router with a gateway to the external network.
func (c *cloud) router() response {
	c.t.Helper()
	made := c.network.post("/routers", object{"router": object{
		"name": c.name("router"), "description": c.name("owner"), "external_gateway_info": object{"network_id": c.fixtures.ExternalNetwork},
	}}).expect(http.StatusCreated)
	c.deleteAtEnd(c.network, "/routers/"+made.text("router.id"))
	return made
}

// connect adds or removes the interface of a router.
func (c *cloud) connect(router, action, subnet string) response {
	c.t.Helper()
	return c.network.put("/routers/"+router+"/"+action+"_router_interface", object{"subnet_id": subnet})
}

// connectedRouter returns a router that is connected with a subnet, both, and the
// network. The connection is removed at the end.
func (c *cloud) connectedRouter() (router, subnet, network string, made response) {
	c.t.Helper()
	network = c.bareNetwork(nil)
	subnet = c.subnet(network, nil).text("subnet.id")
	router = c.router().text("router.id")
	made = c.connect(router, "add", subnet).expect(http.StatusOK)
	c.t.Cleanup(func() { c.connect(router, "remove", subnet) })
	return router, subnet, network, made
}

// subnetPool creates a subnet pool.
func (c *cloud) subnetPool(prefix string) string {
	c.t.Helper()
	made := c.network.post("/subnetpools", object{"subnetpool": object{
		"name": c.name("pool"), "prefixes": list{prefix}, "default_prefixlen": 26,
	}}).expect(http.StatusCreated)
	c.deleteAtEnd(c.network, "/subnetpools/"+made.text("subnetpool.id"))
	return made.text("subnetpool.id")
}

var neutronRouterClaims = []claim{
	{
		id:        "neutron-router-create-201",
		statement: "POST of a router with external_gateway_info returns 201 with its name, description and gateway; routers can be filtered by name.",
		proof:     neutron + "neutron/db/l3_db.py#L304",
		check: func(c *cloud) response {
			made := c.router()
			found := c.network.list("/routers", url.Values{"name": {made.text("router.name")}}).expect(http.StatusOK)
			require.Equal(c.t, []string{made.text("router.id")}, found.each("routers", "id"))
			return made.is("router.external_gateway_info.network_id", c.fixtures.ExternalNetwork).expectKeys("router", "description", "project_id", "status")
		},
	},
	{
		id:        "neutron-router-gateway-internal-400",
		statement: "A router whose gateway is a network that is not external is refused with 400.",
		proof:     neutron + "neutron/db/l3_db.py#L405",
		check: func(c *cloud) response {
			network := c.bareNetwork(nil)
			return c.network.post("/routers", object{"router": object{"name": c.name("router"), "external_gateway_info": object{"network_id": network}}}).
				expectNeutronError(http.StatusBadRequest, "BadRequest", "Network "+network+" is not an external network.")
		},
	},
	{
		id:        "neutron-router-interface-add",
		statement: "PUT of add_router_interface gives the router a port with the subnet's gateway address, whose device is the router.",
		proof:     neutron + "neutron/db/l3_db.py#L965",
		check: func(c *cloud) response {
			router, subnet, network, made := c.connectedRouter()
			ports := c.network.list("/ports", url.Values{"network_id": {network}, "device_id": {router}}).expect(http.StatusOK)
			require.Equal(c.t, []string{made.text("port_id")}, ports.each("ports", "id"))
			ports.is("ports.0.device_owner", "network:router_interface").is("ports.0.fixed_ips.0.ip_address", "198.51.100.1")
			return made.is("subnet_id", subnet).is("id", router)
		},
	},
	{
		id:        "neutron-router-interface-again-400",
		statement: "Adding the interface of a subnet a second time is refused with 400 and \"Router already has a port on subnet\".",
		proof:     neutron + "neutron/db/l3_db.py#L704",
		check: func(c *cloud) response {
			router, subnet, _, _ := c.connectedRouter()
			return c.connect(router, "add", subnet).
				expectNeutronError(http.StatusBadRequest, "BadRequest", "Router already has a port on subnet "+subnet)
		},
	},
	{
		id:        "neutron-router-interface-remove",
		statement: "PUT of remove_router_interface removes the port; a second time it returns 404.",
		proof:     neutron + "neutron/db/l3_db.py#L1190",
		check: func(c *cloud) response {
			router, subnet, network, _ := c.connectedRouter()
			c.connect(router, "remove", subnet).expect(http.StatusOK)
			require.Empty(c.t, c.portsWith(url.Values{"network_id": {network}, "device_id": {router}}))
			return c.connect(router, "remove", subnet).expect(http.StatusNotFound)
		},
	},
	{
		id:        "neutron-router-in-use-409",
		statement: "A router with an interface cannot be deleted: 409 RouterInUse.",
		proof:     neutron + "neutron/db/l3_db.py#L621",
		check: func(c *cloud) response {
			router, _, _, _ := c.connectedRouter()
			return c.network.delete("/routers/"+router).expectNeutronError(http.StatusConflict, "RouterInUse", router)
		},
	},
	{
		id:        "neutron-network-with-router-409",
		statement: "A network that a router is connected with cannot be deleted: 409 NetworkInUse.",
		proof:     neutron + "neutron/db/db_base_plugin_v2.py#L576",
		check: func(c *cloud) response {
			_, _, network, _ := c.connectedRouter()
			return c.network.delete("/networks/"+network).expect(http.StatusConflict).is("NeutronError.type", "NetworkInUse")
		},
	},
	{
		id:        "neutron-subnetpool-name-filter",
		statement: "Subnet pools can be filtered by name.",
		proof:     neutron + "neutron/db/db_base_plugin_v2.py#L1418",
		check: func(c *cloud) response {
			pool := c.subnetPool("198.18.0.0/16")
			c.subnetPool("198.19.0.0/16")
			name := c.network.get("/subnetpools/" + pool).expect(http.StatusOK).text("subnetpool.name")
			found := c.network.list("/subnetpools", url.Values{"name": {name}, "fields": {"id", "name"}}).expect(http.StatusOK)
			require.Equal(c.t, []string{pool}, found.each("subnetpools", "id"))
			return found
		},
	},
	{
		id:        "neutron-subnet-of-pool",
		statement: "A subnet with subnetpool_id and prefixlen gets a range of this length from the subnet pool.",
		proof:     neutron + "neutron/ipam/subnet_alloc.py#L122",
		check: func(c *cloud) response {
			pool := c.subnetPool("198.18.0.0/16")
			made := c.network.post("/subnets", object{"subnet": object{
				"network_id": c.bareNetwork(nil), "name": c.name("subnet"), "ip_version": 4, "subnetpool_id": pool, "prefixlen": 27, "enable_dhcp": false,
			}}).expect(http.StatusCreated)
			require.Regexp(c.t, `^198\.18\.\d+\.\d+/27$`, made.text("subnet.cidr"))
			return made.is("subnet.enable_dhcp", false)
		},
	},
	{
		id:        "neutron-subnet-pool-too-small-500",
		statement: "A range that the subnet pool cannot give is refused with 500 SubnetAllocationError.",
		proof:     neutron + "neutron/ipam/subnet_alloc.py#L144",
		check: func(c *cloud) response {
			pool := c.subnetPool("198.18.0.0/24")
			return c.network.post("/subnets", object{"subnet": object{
				"network_id": c.bareNetwork(nil), "name": c.name("subnet"), "ip_version": 4, "subnetpool_id": pool, "prefixlen": 16,
			}}).expect(http.StatusInternalServerError).is("NeutronError.type", "SubnetAllocationError")
		},
	},
	{
		id:        "neutron-subnet-update-pool-and-dhcp",
		statement: "PUT of a subnet replaces its allocation pools and enables DHCP.",
		proof:     neutron + "neutron/db/db_base_plugin_v2.py#L1003",
		check: func(c *cloud) response {
			subnet := c.subnet(c.bareNetwork(nil), object{"enable_dhcp": false}).text("subnet.id")
			return c.network.put("/subnets/"+subnet, object{"subnet": object{
				"allocation_pools": list{object{"start": "198.51.100.240", "end": "198.51.100.250"}}, "enable_dhcp": true,
			}}).expect(http.StatusOK).is("subnet.enable_dhcp", true).
				is("subnet.allocation_pools", list{object{"start": "198.51.100.240", "end": "198.51.100.250"}})
		},
	},
	{
		id:        "neutron-filter-several-values",
		statement: "A filter with several values returns the objects with any of them.",
		proof:     neutron + "neutron/api/api_common.py#L70",
		check: func(c *cloud) response {
			one, two := c.tenantNetwork(nil), c.tenantNetwork(nil)
			c.tenantNetwork(nil)
			found := c.network.list("/subnets", url.Values{"network_id": {one, two}}).expect(http.StatusOK)
			networks := found.each("subnets", "network_id")
			slices.Sort(networks)
			require.ElementsMatch(c.t, []string{one, two}, networks)
			return c.network.list("/subnets", url.Values{"network_id": {one, two}, "fields": {"cidr"}}).expect(http.StatusOK)
		},
	},
	{
		id:        "neutron-port-tags",
		statement: "PUT of a port's tags replaces them.",
		proof:     neutron + "neutron/extensions/tagging.py#L259",
		check: func(c *cloud) response {
			port := c.port(nil)
			c.network.put("/ports/"+port+"/tags", object{"tags": list{"old"}}).expect(http.StatusOK)
			set := c.network.put("/ports/"+port+"/tags", object{"tags": list{"blue", "web"}}).expect(http.StatusOK)
			require.Equal(c.t, 2, c.network.get("/ports/"+port).expect(http.StatusOK).size("port.tags"))
			return set
		},
	},
	{
		id:        "neutron-port-vnic-type",
		statement: "A port has the requested binding:vnic_type; an unknown one is refused with 400.",
		proof:     libs + "neutron_lib/api/definitions/portbindings.py#L166",
		check: func(c *cloud) response {
			c.createPort(object{"binding:vnic_type": "direct"}).expect(http.StatusCreated).is("port.binding:vnic_type", "direct")
			return c.createPort(object{"binding:vnic_type": "odd"}).
				expectNeutronError(http.StatusBadRequest, "HTTPBadRequest", "Invalid input for binding:vnic_type. Reason: odd is not in valid_values.")
		},
	},
	{
		id:        "neutron-port-dns-name",
		statement: "A port has the requested dns_name, which can be changed; one with an underscore is refused with 400.",
		proof:     libs + "neutron_lib/api/definitions/dns.py#L56",
		check: func(c *cloud) response {
			c.needsExtension("dns-integration")
			port := "/ports/" + c.createPort(object{"dns_name": "web-0"}).expect(http.StatusCreated).is("port.dns_name", "web-0").text("port.id")
			c.network.put(port, object{"port": object{"dns_name": "web-1"}}).expect(http.StatusOK).is("port.dns_name", "web-1")
			return c.createPort(object{"dns_name": "web_0"}).
				expectNeutronError(http.StatusBadRequest, "HTTPBadRequest", "Invalid input for dns_name. Reason: 'web_0' not a valid PQDN or FQDN.")
		},
	},
	{
		id:        "nova-port-dns-name",
		statement: "A port of a server has the server's hostname as dns_name; it can be changed, and is reset when the server is deleted.",
		proof:     nova + "nova/network/neutron.py#L1714",
		check: func(c *cloud) response {
			c.needsExtension("dns-integration")
			port, name := c.port(nil), c.name("named")
			server := c.activeServer(merge(withPort(port), object{"name": name}))
			bound := c.network.get("/ports/"+port).expect(http.StatusOK).is("port.dns_name", strings.ToLower(name))
			c.network.put("/ports/"+port, object{"port": object{"dns_name": "web-0"}}).expect(http.StatusOK).is("port.dns_name", "web-0")
			c.compute.delete(server).expect(http.StatusNoContent)
			c.waitUntilGone(c.compute, server)
			c.network.get("/ports/"+port).expect(http.StatusOK).is("port.dns_name", "")
			return bound
		},
	},
	{
		id:        "nova-port-dns-name-lost",
		statement: "A host refuses a server whose port has a dns_name other than the hostname; on the next host the port has the hostname.",
		proof:     nova + "nova/network/neutron.py#L770",
		check: func(c *cloud) response {
			c.needsExtension("dns-integration")
			port, name := c.port(object{"dns_name": "web-0"}), c.name("named")
			server := c.buildingServer(merge(withPort(port), object{"name": name}))
			built := c.poll(server+" is built",
				func() response { return c.compute.get(server).expect(http.StatusOK) },
				func(r response) bool { return r.value("server.status") != "BUILD" })
			if built.value("server.status") == "ERROR" { // there is no next host
				return built.contains("server.fault.message", "Value web-0 assigned to dns_name attribute does not match instance's hostname")
			}
			return c.network.get("/ports/"+port).expect(http.StatusOK).is("port.dns_name", strings.ToLower(name))
		},
	},
	{
		id:        "neutron-port-qos-policy",
		statement: "Policies are filtered by name; a port has the requested policy, and an unknown one is refused with 404.",
		proof:     neutron + "neutron/services/qos/qos_plugin.py#L400",
		check: func(c *cloud) response {
			c.needsExtension("qos")
			found := c.network.get("/qos/policies?name=limited").expect(http.StatusOK)
			for _, id := range found.each("policies", "id") {
				c.createPort(object{"qos_policy_id": id}).expect(http.StatusCreated).is("port.qos_policy_id", id)
			}
			return c.createPort(object{"qos_policy_id": unknownID}).
				expectNeutronError(http.StatusNotFound, "QosPolicyNotFound", "QoS policy "+unknownID+" could not be found.")
		},
	},
	{
		id:        "neutron-policy-shared-field",
		statement: "A list of QoS policies whose fields include shared contains those of other projects.",
		proof:     neutron + "neutron/conf/policies/qos.py#L37",
		check: func(c *cloud) response {
			c.needsExtension("qos")
			all := c.network.get("/qos/policies?name=limited").expect(http.StatusOK)
			chosen := c.network.list("/qos/policies", url.Values{"name": {"limited"}, "fields": {"id", "name", "shared"}}).expect(http.StatusOK)
			require.Equal(c.t, all.each("policies", "id"), chosen.each("policies", "id"))
			return chosen
		},
	},
	{
		id:        "neutron-port-mac-address",
		statement: "A port has the requested MAC address; one that another port of the network has is refused with 409.",
		proof:     neutron + "neutron/db/db_base_plugin_v2.py#L1536",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			given := object{"network_id": network, "mac_address": "fa:16:3e:12:34:56"}
			c.createPort(given).expect(http.StatusCreated).is("port.mac_address", "fa:16:3e:12:34:56")
			return c.createPort(given).expectNeutronError(http.StatusConflict, "MacAddressInUse", "The mac address fa:16:3e:12:34:56 is in use.")
		},
	},
	{
		id:        "neutron-port-profile-403",
		statement: "A member of the project may not set binding:profile: 403.",
		proof:     neutron + "neutron/conf/policies/port.py#L220",
		varies:    true,
		check: func(c *cloud) response {
			return c.createPort(object{"binding:profile": object{"trusted": "true"}}).expect(http.StatusForbidden)
		},
	},
}
