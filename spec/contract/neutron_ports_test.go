package contract_test

import (
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"
)

// portsWith returns the ids of the ports that match a filter.
func (c *cloud) portsWith(filter url.Values) []string {
	c.t.Helper()
	return c.network.list("/ports", filter).expect(http.StatusOK).each("ports", "id")
}

var neutronPortClaims = []claim{
	{
		id:        "neutron-port-201-shape",
		statement: "POST of a port returns 201 with status DOWN, a lower-case MAC address, an address of the subnet, no device_id and the default security group.",
		proof:     libs + "neutron_lib/api/definitions/port.py#L30",
		check: func(c *cloud) response {
			group := c.network.list("/security-groups", url.Values{"name": {"default"}, "project_id": {c.projectID}}).
				expect(http.StatusOK).text("security_groups.0.id")
			made := c.createPort(nil).expect(http.StatusCreated)
			require.Regexp(c.t, `^([0-9a-f]{2}:){5}[0-9a-f]{2}$`, made.text("port.mac_address"))
			return made.is("port.status", "DOWN").is("port.device_id", "").is("port.device_owner", "").
				is("port.security_groups", list{group}).is("port.allowed_address_pairs", list{}).
				is("port.network_id", c.fixtures.Network).is("port.admin_state_up", true).is("port.tenant_id", c.projectID).
				expectKeys("port", "project_id", "port_security_enabled", "created_at", "tags").
				expectKeys("port.fixed_ips.0", "subnet_id", "ip_address")
		},
	},
	{
		id:        "neutron-port-name-and-description",
		statement: "Name and description of a port are set at creation, and ports can be filtered by both.",
		proof:     libs + "neutron_lib/api/definitions/port.py#L38",
		check: func(c *cloud) response {
			name, description := c.name("port"), c.name("owner")
			made := c.createPort(object{"name": name, "description": description}).expect(http.StatusCreated).
				is("port.name", name).is("port.description", description)
			require.Equal(c.t, []string{made.text("port.id")}, c.portsWith(url.Values{"name": {name}}))
			require.Equal(c.t, []string{made.text("port.id")}, c.portsWith(url.Values{"description": {description}}))
			return made
		},
	},
	{
		id:        "neutron-port-name-filter-exact",
		statement: "Port names need not be unique; the name filter matches exactly.",
		proof:     neutron + "neutron/api/api_common.py#L70",
		check: func(c *cloud) response {
			name := c.name("port")
			c.port(object{"name": name})
			c.port(object{"name": name})
			c.port(object{"name": name + "0"})
			require.Len(c.t, c.portsWith(url.Values{"name": {name}}), 2)
			return c.network.list("/ports", url.Values{"name": {name}, "fields": {"id"}})
		},
	},
	{
		id:        "neutron-port-address",
		statement: "A port gets the requested address.",
		proof:     neutron + "neutron/db/ipam_pluggable_backend.py#L307",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			return c.createPort(portAt(network, "198.51.100.7")).expect(http.StatusCreated).
				is("port.fixed_ips.0.ip_address", "198.51.100.7")
		},
	},
	{
		id:        "neutron-port-address-filter",
		statement: "The filter fixed_ips=ip_address=… with network_id returns exactly the port that has the address.",
		proof:     neutron + "neutron/db/db_base_plugin_v2.py#L1680",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			made := c.createPort(portAt(network, "198.51.100.7")).expect(http.StatusCreated)
			c.createPort(portAt(network, "198.51.100.70")).expect(http.StatusCreated)
			seen := c.network.list("/ports", url.Values{"fixed_ips": {"ip_address=198.51.100.7"}, "network_id": {network}})
			require.Equal(c.t, []string{made.text("port.id")}, seen.expect(http.StatusOK).each("ports", "id"))
			return seen
		},
	},
	{
		id:        "neutron-port-address-taken-409",
		statement: "Requesting the address of another port returns 409 IpAddressAlreadyAllocated.",
		proof:     neutron + "neutron/ipam/exceptions.py#L34",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			c.createPort(portAt(network, "198.51.100.7")).expect(http.StatusCreated)
			return c.createPort(portAt(network, "198.51.100.7")).
				expectNeutronError(http.StatusConflict, "IpAddressAlreadyAllocated", "IP address 198.51.100.7 already allocated in subnet")
		},
	},
	{
		id:        "neutron-port-address-outside-400",
		statement: "Requesting an address outside every subnet of the network returns 400 InvalidIpForNetwork.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L306",
		check: func(c *cloud) response {
			return c.createPort(portAt(c.tenantNetwork(nil), "203.0.113.7")).expectNeutronError(http.StatusBadRequest, "InvalidIpForNetwork",
				"IP address 203.0.113.7 is not a valid IP for any of the subnets on the specified network.")
		},
	},
	{
		id:        "neutron-port-address-malformed-400",
		statement: "Requesting a malformed address returns 400.",
		proof:     libs + "neutron_lib/api/validators/__init__.py#L554",
		check: func(c *cloud) response {
			return c.createPort(portAt(c.tenantNetwork(nil), "198.51.100.777")).expect(http.StatusBadRequest).
				contains("NeutronError.message", "198.51.100.777", "is not a valid IP address")
		},
	},
	{
		id:        "neutron-port-no-address-left-409",
		statement: "POST of a port in a network without free addresses returns 409 IpAddressGenerationFailure.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L416",
		check: func(c *cloud) response {
			network := c.bareNetwork(nil)
			c.subnet(network, object{"enable_dhcp": false, "allocation_pools": list{
				object{"start": "198.51.100.7", "end": "198.51.100.7"},
			}})
			c.port(object{"network_id": network})
			return c.createPort(object{"network_id": network}).
				expectNeutronError(http.StatusConflict, "IpAddressGenerationFailure", "No more IP addresses available on network "+network)
		},
	},
	{
		id:        "neutron-port-unknown-network-404",
		statement: "POST of a port in an unknown network returns 404 NetworkNotFound.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L110",
		check: func(c *cloud) response {
			return c.createPort(object{"network_id": unknownID}).
				expectNeutronError(http.StatusNotFound, "NetworkNotFound", "Network "+unknownID+" could not be found.")
		},
	},
	{
		id:        "neutron-port-unknown-group-404",
		statement: "POST of a port with an unknown security group returns 404 SecurityGroupNotFound.",
		proof:     neutron + "neutron/extensions/securitygroup.py#L114",
		check: func(c *cloud) response {
			return c.createPort(object{"security_groups": list{unknownID}}).
				expectNeutronError(http.StatusNotFound, "SecurityGroupNotFound", "Security group "+unknownID+" does not exist")
		},
	},
	{
		id:        "neutron-port-groups",
		statement: "Security groups given by id at creation replace the default group.",
		proof:     neutron + "neutron/extensions/securitygroup.py#L217",
		check: func(c *cloud) response {
			one, other := c.securityGroup(c.name("group")), c.securityGroup(c.name("group"))
			made := c.createPort(object{"security_groups": list{one, other}}).expect(http.StatusCreated)
			require.ElementsMatch(c.t, list{one, other}, made.value("port.security_groups"))
			return made
		},
	},
	{
		id:        "neutron-port-pairs",
		statement: "Allowed address pairs accept addresses and CIDRs and default to the port's MAC address.",
		proof:     neutron + "neutron/db/allowedaddresspairs_db.py#L37",
		check: func(c *cloud) response {
			made := c.createPort(object{"allowed_address_pairs": list{
				object{"ip_address": "198.51.100.9"}, object{"ip_address": "203.0.113.0/24"},
			}}).expect(http.StatusCreated)
			mac := made.text("port.mac_address")
			require.ElementsMatch(c.t, list{
				object{"ip_address": "198.51.100.9", "mac_address": mac}, object{"ip_address": "203.0.113.0/24", "mac_address": mac},
			}, made.value("port.allowed_address_pairs"))
			return made
		},
	},
	{
		id:        "neutron-port-two-versions",
		statement: "A port can be created with a requested IPv4 address and a requested IPv6 address.",
		proof:     neutron + "neutron/db/ipam_pluggable_backend.py#L307",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			c.subnet(network, object{"ip_version": 6, "cidr": "2001:db8:9::/64"})
			made := c.createPort(object{"network_id": network, "fixed_ips": list{
				object{"ip_address": "198.51.100.7"}, object{"ip_address": "2001:db8:9::7"},
			}}).expect(http.StatusCreated)
			require.ElementsMatch(c.t, []string{"198.51.100.7", "2001:db8:9::7"}, made.each("port.fixed_ips", "ip_address"))
			return made
		},
	},
	{
		id:        "neutron-port-unsecured-groups-400",
		statement: "In a network without port security, POST of a port with security groups returns 400.",
		proof:     libs + "neutron_lib/exceptions/port_security.py#L24",
		check: func(c *cloud) response {
			network := c.tenantNetwork(object{"port_security_enabled": false})
			return c.createPort(object{"network_id": network, "security_groups": list{c.securityGroup(c.name("group"))}}).
				expect(http.StatusBadRequest).contains("NeutronError.message", "Port security must be enabled")
		},
	},
	{
		id:        "neutron-port-unsecured",
		statement: "In a network without port security, a port gets no security group; an empty list is accepted.",
		proof:     neutron + "neutron/plugins/ml2/extensions/port_security.py#L51",
		check: func(c *cloud) response {
			network := c.tenantNetwork(object{"port_security_enabled": false})
			c.createPort(object{"network_id": network, "security_groups": list{}}).expect(http.StatusCreated)
			return c.createPort(object{"network_id": network}).expect(http.StatusCreated).
				is("port.security_groups", list{}).is("port.port_security_enabled", false)
		},
	},
	{
		id:        "neutron-port-without-subnet",
		statement: "A port in a network without a subnet has no address.",
		proof:     neutron + "neutron/db/ipam_pluggable_backend.py#L248",
		check: func(c *cloud) response {
			return c.createPort(object{"network_id": c.bareNetwork(nil)}).expect(http.StatusCreated).is("port.fixed_ips", list{})
		},
	},
	{
		id:        "neutron-port-delete-204",
		statement: "DELETE of a port returns 204, and 404 PortNotFound the second time.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L132",
		check: func(c *cloud) response {
			id := c.port(nil)
			c.network.delete("/ports/" + id).expect(http.StatusNoContent)
			return c.network.delete("/ports/"+id).
				expectNeutronError(http.StatusNotFound, "PortNotFound", "Port "+id+" could not be found.")
		},
	},
	{
		id:        "neutron-port-unknown-404",
		statement: "GET of an unknown port returns 404 PortNotFound.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L132",
		check: func(c *cloud) response {
			return c.network.get("/ports/"+unknownID).
				expectNeutronError(http.StatusNotFound, "PortNotFound", "Port "+unknownID+" could not be found.")
		},
	},
	{
		id:        "neutron-port-bulk",
		statement: "One POST can create several ports; they are returned in the order of the request.",
		proof:     neutron + "neutron/plugins/ml2/plugin.py#L1731",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			made := c.network.post("/ports", object{"ports": list{
				c.portSpec(portAt(network, "198.51.100.7")), c.portSpec(portAt(network, "198.51.100.6")),
			}}).expect(http.StatusCreated)
			for _, id := range made.each("ports", "id") {
				c.deleteAtEnd(c.network, "/ports/"+id)
			}
			return made.is("ports.0.fixed_ips.0.ip_address", "198.51.100.7").is("ports.1.fixed_ips.0.ip_address", "198.51.100.6")
		},
	},
	{
		id:        "neutron-port-bulk-atomic",
		statement: "If one port of a bulk request cannot be created, none is.",
		proof:     neutron + "neutron/plugins/ml2/plugin.py#L1731",
		check: func(c *cloud) response {
			network := c.tenantNetwork(nil)
			c.createPort(portAt(network, "198.51.100.7")).expect(http.StatusCreated)
			refused := c.network.post("/ports", object{"ports": list{
				c.portSpec(portAt(network, "198.51.100.6")), c.portSpec(portAt(network, "198.51.100.7")),
			}}).expect(http.StatusConflict)
			require.Len(c.t, c.portsWith(url.Values{"network_id": {network}}), 1)
			return refused
		},
	},
	{
		id:        "neutron-port-update",
		statement: "PUT changes a port's name and security groups and returns the port.",
		proof:     neutron + "neutron/plugins/ml2/plugin.py#L1948",
		check: func(c *cloud) response {
			name, group := c.name("port"), c.securityGroup(c.name("group"))
			return c.network.put("/ports/"+c.port(nil), object{"port": object{"name": name, "security_groups": list{group}}}).
				expect(http.StatusOK).is("port.name", name).is("port.security_groups", list{group})
		},
	},
	{
		id:        "neutron-filter-unknown-400",
		statement: "An unknown filter returns 400.",
		proof:     neutron + "neutron/api/api_common.py#L112",
		invalid:   true,
		check: func(c *cloud) response {
			return c.network.get("/ports?nonsense=1").expectNeutronError(http.StatusBadRequest, "HTTPBadRequest",
				"['nonsense'] is invalid attribute for filtering")
		},
	},
	{
		id:        "neutron-port-field-unknown-400",
		statement: "An unknown field of a port returns 400.",
		proof:     libs + "neutron_lib/api/attributes.py#L289",
		invalid:   true,
		check: func(c *cloud) response {
			return c.createPort(object{"nonsense": 1}).
				expectNeutronError(http.StatusBadRequest, "HTTPBadRequest", "Unrecognized attribute(s) 'nonsense'")
		},
	},
	{
		id:        "neutron-port-pages",
		statement: "A port list truncated by limit has a next link with the last id as marker.",
		proof:     neutron + "neutron/api/api_common.py#L258",
		check: func(c *cloud) response {
			name := c.name("port")
			c.port(object{"name": name})
			c.port(object{"name": name})
			seen := c.network.list("/ports", url.Values{"name": {name}, "limit": {"1"}}).expect(http.StatusOK)
			return seen.is("ports_links.0.rel", "next").contains("ports_links.0.href", "marker="+seen.text("ports.0.id"))
		},
	},
	{
		id:        "neutron-port-quota-409",
		statement: "POST of a port beyond the quota returns 409 OverQuota; unlike other conflicts, no existing port causes it.",
		proof:     libs + "neutron_lib/exceptions/__init__.py#L435",
		check: func(c *cloud) response {
			limited := c.withQuota(quotas{network: object{"port": 0}})
			return limited.createPort(object{"network_id": limited.tenantNetwork(nil)}).
				expectNeutronError(http.StatusConflict, "OverQuota", "Quota exceeded for resources: ['port'].")
		},
	},
}
