package contract_test

import (
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"
)

// portsWith lists the ids of the ports that a filter finds.
func (c *cloud) portsWith(filter url.Values) []string {
	c.t.Helper()
	return c.network.list("/ports", filter).wants(http.StatusOK).each("ports", "id")
}

var neutronPortClaims = []claim{
	{
		id:    "neutron-port-201-shape",
		says:  "A new port is answered 201, DOWN, with a lower-case MAC, an address of the subnet, no device and the default group.",
		proof: libs + "neutron_lib/api/definitions/port.py#L30",
		check: func(c *cloud) answer {
			group := c.network.list("/security-groups", url.Values{"name": {"default"}, "project_id": {c.projectID}}).
				wants(http.StatusOK).text("security_groups.0.id")
			made := c.createPort(nil).wants(http.StatusCreated)
			require.Regexp(c.t, `^([0-9a-f]{2}:){5}[0-9a-f]{2}$`, made.text("port.mac_address"))
			return made.is("port.status", "DOWN").is("port.device_id", "").is("port.device_owner", "").
				is("port.security_groups", list{group}).is("port.allowed_address_pairs", list{}).
				is("port.network_id", c.fixtures.Network).is("port.admin_state_up", true).is("port.tenant_id", c.projectID).
				wantsKeys("port", "project_id", "port_security_enabled", "created_at", "tags").
				wantsKeys("port.fixed_ips.0", "subnet_id", "ip_address")
		},
	},
	{
		id:    "neutron-port-name-and-description",
		says:  "Name and description are set at creation, and both are filters.",
		proof: libs + "neutron_lib/api/definitions/port.py#L38",
		check: func(c *cloud) answer {
			name, description := c.name("port"), c.name("owner")
			made := c.createPort(object{"name": name, "description": description}).wants(http.StatusCreated).
				is("port.name", name).is("port.description", description)
			require.Equal(c.t, []string{made.text("port.id")}, c.portsWith(url.Values{"name": {name}}))
			require.Equal(c.t, []string{made.text("port.id")}, c.portsWith(url.Values{"description": {description}}))
			return made
		},
	},
	{
		id:    "neutron-port-name-filter-exact",
		says:  "The name filter is exact, and two ports may have one name.",
		proof: neutron + "neutron/api/api_common.py#L70",
		check: func(c *cloud) answer {
			name := c.name("port")
			c.port(object{"name": name})
			c.port(object{"name": name})
			c.port(object{"name": name + "0"})
			require.Len(c.t, c.portsWith(url.Values{"name": {name}}), 2)
			return c.network.list("/ports", url.Values{"name": {name}, "fields": {"id"}})
		},
	},
	{
		id:    "neutron-port-address",
		says:  "A port gets the address it asks for.",
		proof: neutron + "neutron/db/ipam_pluggable_backend.py#L307",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			return c.createPort(at(network, "198.51.100.7")).wants(http.StatusCreated).
				is("port.fixed_ips.0.ip_address", "198.51.100.7")
		},
	},
	{
		id:    "neutron-port-address-filter",
		says:  "The filter fixed_ips=ip_address=… with network_id finds exactly the port that has the address.",
		proof: neutron + "neutron/db/db_base_plugin_v2.py#L1680",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			made := c.createPort(at(network, "198.51.100.7")).wants(http.StatusCreated)
			c.createPort(at(network, "198.51.100.70")).wants(http.StatusCreated)
			seen := c.network.list("/ports", url.Values{"fixed_ips": {"ip_address=198.51.100.7"}, "network_id": {network}})
			require.Equal(c.t, []string{made.text("port.id")}, seen.wants(http.StatusOK).each("ports", "id"))
			return seen
		},
	},
	{
		id:    "neutron-port-address-taken-409",
		says:  "An address that another port has is answered 409 IpAddressAlreadyAllocated.",
		proof: neutron + "neutron/ipam/exceptions.py#L34",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			c.createPort(at(network, "198.51.100.7")).wants(http.StatusCreated)
			return c.createPort(at(network, "198.51.100.7")).
				wantsNeutron(http.StatusConflict, "IpAddressAlreadyAllocated", "IP address 198.51.100.7 already allocated in subnet")
		},
	},
	{
		id:    "neutron-port-address-outside-400",
		says:  "An address outside every subnet of the network is answered 400 InvalidIpForNetwork.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L306",
		check: func(c *cloud) answer {
			return c.createPort(at(c.tenantNetwork(nil), "203.0.113.7")).wantsNeutron(http.StatusBadRequest, "InvalidIpForNetwork",
				"IP address 203.0.113.7 is not a valid IP for any of the subnets on the specified network.")
		},
	},
	{
		id:    "neutron-port-address-malformed-400",
		says:  "An address that is none is answered 400.",
		proof: libs + "neutron_lib/api/validators/__init__.py#L554",
		check: func(c *cloud) answer {
			return c.createPort(at(c.tenantNetwork(nil), "198.51.100.777")).wants(http.StatusBadRequest).
				says("NeutronError.message", "198.51.100.777", "is not a valid IP address")
		},
	},
	{
		id:    "neutron-port-no-address-left-409",
		says:  "A port in a network whose addresses are used up is answered 409 IpAddressGenerationFailure.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L416",
		check: func(c *cloud) answer {
			network := c.bareNetwork(nil)
			c.subnet(network, object{"enable_dhcp": false, "allocation_pools": list{
				object{"start": "198.51.100.7", "end": "198.51.100.7"},
			}})
			c.port(object{"network_id": network})
			return c.createPort(object{"network_id": network}).
				wantsNeutron(http.StatusConflict, "IpAddressGenerationFailure", "No more IP addresses available on network "+network)
		},
	},
	{
		id:    "neutron-port-unknown-network-404",
		says:  "A port in an unknown network is answered 404 NetworkNotFound.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L110",
		check: func(c *cloud) answer {
			return c.createPort(object{"network_id": nobody}).
				wantsNeutron(http.StatusNotFound, "NetworkNotFound", "Network "+nobody+" could not be found.")
		},
	},
	{
		id:    "neutron-port-unknown-group-404",
		says:  "A port with an unknown security group is answered 404 SecurityGroupNotFound.",
		proof: neutron + "neutron/extensions/securitygroup.py#L114",
		check: func(c *cloud) answer {
			return c.createPort(object{"security_groups": list{nobody}}).
				wantsNeutron(http.StatusNotFound, "SecurityGroupNotFound", "Security group "+nobody+" does not exist")
		},
	},
	{
		id:    "neutron-port-groups",
		says:  "Security groups given by id at creation are on the port, in place of the default one.",
		proof: neutron + "neutron/extensions/securitygroup.py#L217",
		check: func(c *cloud) answer {
			one, other := c.securityGroup(c.name("group")), c.securityGroup(c.name("group"))
			made := c.createPort(object{"security_groups": list{one, other}}).wants(http.StatusCreated)
			require.ElementsMatch(c.t, list{one, other}, made.value("port.security_groups"))
			return made
		},
	},
	{
		id:    "neutron-port-pairs",
		says:  "Allowed address pairs take addresses and CIDRs, and get the port's MAC when none is given.",
		proof: neutron + "neutron/db/allowedaddresspairs_db.py#L37",
		check: func(c *cloud) answer {
			made := c.createPort(object{"allowed_address_pairs": list{
				object{"ip_address": "198.51.100.9"}, object{"ip_address": "203.0.113.0/24"},
			}}).wants(http.StatusCreated)
			mac := made.text("port.mac_address")
			require.ElementsMatch(c.t, list{
				object{"ip_address": "198.51.100.9", "mac_address": mac}, object{"ip_address": "203.0.113.0/24", "mac_address": mac},
			}, made.value("port.allowed_address_pairs"))
			return made
		},
	},
	{
		id:    "neutron-port-two-versions",
		says:  "One port can have an IPv4 and an IPv6 address, both asked for.",
		proof: neutron + "neutron/db/ipam_pluggable_backend.py#L307",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			c.subnet(network, object{"ip_version": 6, "cidr": "2001:db8:9::/64"})
			made := c.createPort(object{"network_id": network, "fixed_ips": list{
				object{"ip_address": "198.51.100.7"}, object{"ip_address": "2001:db8:9::7"},
			}}).wants(http.StatusCreated)
			require.ElementsMatch(c.t, []string{"198.51.100.7", "2001:db8:9::7"}, made.each("port.fixed_ips", "ip_address"))
			return made
		},
	},
	{
		id:    "neutron-port-unsecured-groups-400",
		says:  "Where the network has no port security, security groups are answered 400.",
		proof: libs + "neutron_lib/exceptions/port_security.py#L24",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(object{"port_security_enabled": false})
			return c.createPort(object{"network_id": network, "security_groups": list{c.securityGroup(c.name("group"))}}).
				wants(http.StatusBadRequest).says("NeutronError.message", "Port security must be enabled")
		},
	},
	{
		id:    "neutron-port-unsecured",
		says:  "Where the network has no port security, a port gets no group; an empty list is accepted.",
		proof: neutron + "neutron/plugins/ml2/extensions/port_security.py#L51",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(object{"port_security_enabled": false})
			c.createPort(object{"network_id": network, "security_groups": list{}}).wants(http.StatusCreated)
			return c.createPort(object{"network_id": network}).wants(http.StatusCreated).
				is("port.security_groups", list{}).is("port.port_security_enabled", false)
		},
	},
	{
		id:    "neutron-port-without-subnet",
		says:  "A port in a network without a subnet has no address.",
		proof: neutron + "neutron/db/ipam_pluggable_backend.py#L248",
		check: func(c *cloud) answer {
			return c.createPort(object{"network_id": c.bareNetwork(nil)}).wants(http.StatusCreated).is("port.fixed_ips", list{})
		},
	},
	{
		id:    "neutron-port-delete-204",
		says:  "DELETE of a port is answered 204, and 404 PortNotFound the second time.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L132",
		check: func(c *cloud) answer {
			id := c.port(nil)
			c.network.delete("/ports/" + id).wants(http.StatusNoContent)
			return c.network.delete("/ports/"+id).
				wantsNeutron(http.StatusNotFound, "PortNotFound", "Port "+id+" could not be found.")
		},
	},
	{
		id:    "neutron-port-unknown-404",
		says:  "An unknown port is answered 404 PortNotFound.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L132",
		check: func(c *cloud) answer {
			return c.network.get("/ports/"+nobody).
				wantsNeutron(http.StatusNotFound, "PortNotFound", "Port "+nobody+" could not be found.")
		},
	},
	{
		id:    "neutron-port-bulk",
		says:  "Several ports are made by one request, answered in the order asked for.",
		proof: neutron + "neutron/plugins/ml2/plugin.py#L1731",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			made := c.network.post("/ports", object{"ports": list{
				c.portSpec(at(network, "198.51.100.7")), c.portSpec(at(network, "198.51.100.6")),
			}}).wants(http.StatusCreated)
			for _, id := range made.each("ports", "id") {
				c.atTheEnd(c.network, "/ports/"+id)
			}
			return made.is("ports.0.fixed_ips.0.ip_address", "198.51.100.7").is("ports.1.fixed_ips.0.ip_address", "198.51.100.6")
		},
	},
	{
		id:    "neutron-port-bulk-atomic",
		says:  "When one port of a bulk request cannot be made, none is.",
		proof: neutron + "neutron/plugins/ml2/plugin.py#L1731",
		check: func(c *cloud) answer {
			network := c.tenantNetwork(nil)
			c.createPort(at(network, "198.51.100.7")).wants(http.StatusCreated)
			refused := c.network.post("/ports", object{"ports": list{
				c.portSpec(at(network, "198.51.100.6")), c.portSpec(at(network, "198.51.100.7")),
			}}).wants(http.StatusConflict)
			require.Len(c.t, c.portsWith(url.Values{"network_id": {network}}), 1)
			return refused
		},
	},
	{
		id:    "neutron-port-update",
		says:  "PUT changes a port's name, groups and pairs, and answers with the port.",
		proof: neutron + "neutron/plugins/ml2/plugin.py#L1948",
		check: func(c *cloud) answer {
			name, group := c.name("port"), c.securityGroup(c.name("group"))
			return c.network.put("/ports/"+c.port(nil), object{"port": object{"name": name, "security_groups": list{group}}}).
				wants(http.StatusOK).is("port.name", name).is("port.security_groups", list{group})
		},
	},
	{
		id:      "neutron-filter-unknown-400",
		says:    "A filter neutron does not know is answered 400.",
		proof:   neutron + "neutron/api/api_common.py#L112",
		offends: true,
		check: func(c *cloud) answer {
			return c.network.get("/ports?nonsense=1").wantsNeutron(http.StatusBadRequest, "HTTPBadRequest",
				"['nonsense'] is invalid attribute for filtering")
		},
	},
	{
		id:      "neutron-port-field-unknown-400",
		says:    "A field neutron does not know is answered 400.",
		proof:   libs + "neutron_lib/api/attributes.py#L289",
		offends: true,
		check: func(c *cloud) answer {
			return c.createPort(object{"nonsense": 1}).
				wantsNeutron(http.StatusBadRequest, "HTTPBadRequest", "Unrecognized attribute(s) 'nonsense'")
		},
	},
	{
		id:    "neutron-port-pages",
		says:  "A port list cut by limit carries a next link with the last id as marker.",
		proof: neutron + "neutron/api/api_common.py#L258",
		check: func(c *cloud) answer {
			name := c.name("port")
			c.port(object{"name": name})
			c.port(object{"name": name})
			seen := c.network.list("/ports", url.Values{"name": {name}, "limit": {"1"}}).wants(http.StatusOK)
			return seen.is("ports_links.0.rel", "next").says("ports_links.0.href", "marker="+seen.text("ports.0.id"))
		},
	},
	{
		id:    "neutron-port-quota-409",
		says:  "A port beyond the quota is answered 409 OverQuota: a conflict that no other port causes.",
		proof: libs + "neutron_lib/exceptions/__init__.py#L435",
		check: func(c *cloud) answer {
			limited := c.withQuota(quotas{network: object{"port": 0}})
			return limited.createPort(object{"network_id": limited.tenantNetwork(nil)}).
				wantsNeutron(http.StatusConflict, "OverQuota", "Quota exceeded for resources: ['port'].")
		},
	},
}
