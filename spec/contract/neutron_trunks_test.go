package contract_test

import (
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"
)

// trunk creates a trunk with one subport that has the MAC address of the parent.
func (c *cloud) trunk() (parent, sub string, made response) {
	c.t.Helper()
	created := c.createPort(object{"network_id": c.tenantNetwork(nil)}).expect(http.StatusCreated)
	parent = created.text("port.id")
	sub = c.createPort(object{"network_id": c.tenantNetwork(nil), "mac_address": created.text("port.mac_address")}).expect(http.StatusCreated).text("port.id")
	made = c.createTrunk(parent, object{"port_id": sub, "segmentation_type": "vlan", "segmentation_id": 101}).expect(http.StatusCreated)
	c.deleteAtEnd(c.network, "/trunks/"+made.text("trunk.id"))
	return parent, sub, made
}

func (c *cloud) createTrunk(parent string, subports ...any) response {
	c.t.Helper()
	return c.network.post("/trunks", object{"trunk": object{
		"name": c.name("trunk"), "description": c.name("owner"), "port_id": parent, "sub_ports": append(list{}, subports...),
	}})
}

var neutronTrunkClaims = []claim{
	{
		id:        "neutron-trunk-create-201",
		statement: "POST of a trunk with sub_ports returns 201; a subport may have the MAC address of the parent; trunks can be filtered by name.",
		proof:     neutron + "neutron/services/trunk/plugin.py#L234",
		check: func(c *cloud) response {
			parent, sub, made := c.trunk()
			found := c.network.list("/trunks", url.Values{"name": {made.text("trunk.name")}}).expect(http.StatusOK)
			require.Equal(c.t, []string{made.text("trunk.id")}, found.each("trunks", "id"))
			return made.is("trunk.port_id", parent).is("trunk.sub_ports.0.port_id", sub).is("trunk.sub_ports.0.segmentation_id", 101).
				is("trunk.sub_ports.0.segmentation_type", "vlan").expectKeys("trunk", "description", "project_id", "status")
		},
	},
	{
		id:        "neutron-trunk-details",
		statement: "A port that is the parent of a trunk has trunk_details with its subports, alone and in a list; other ports do not have the attribute.",
		proof:     neutron + "neutron/services/trunk/plugin.py#L44",
		check: func(c *cloud) response {
			parent, sub, made := c.trunk()
			c.network.get("/ports/"+parent).expect(http.StatusOK).is("port.trunk_details.trunk_id", made.text("trunk.id")).
				is("port.trunk_details.sub_ports.0.port_id", sub)
			require.Nil(c.t, c.network.get("/ports/"+sub).expect(http.StatusOK).value("port.trunk_details"))
			return c.network.list("/ports", url.Values{"id": {parent}}).expect(http.StatusOK).is("ports.0.trunk_details.sub_ports.0.port_id", sub)
		},
	},
	{
		id:        "neutron-trunk-parent-twice-409",
		statement: "A port can be the parent of one trunk: 409 ParentPortInUse.",
		proof:     neutron + "neutron/services/trunk/rules.py#L88",
		check: func(c *cloud) response {
			parent, _, _ := c.trunk()
			return c.createTrunk(parent).expectNeutronError(http.StatusConflict, "ParentPortInUse", "Port "+parent+" is currently in use and is not eligible for use as a parent port.")
		},
	},
	{
		id:        "neutron-trunk-subport-twice-409",
		statement: "A port can be the subport of one trunk: 409 TrunkPortInUse.",
		proof:     neutron + "neutron/services/trunk/rules.py#L83",
		check: func(c *cloud) response {
			_, sub, _ := c.trunk()
			parent := c.createPort(object{"network_id": c.tenantNetwork(nil)}).expect(http.StatusCreated).text("port.id")
			return c.createTrunk(parent, object{"port_id": sub, "segmentation_type": "vlan", "segmentation_id": 5}).
				expectNeutronError(http.StatusConflict, "TrunkPortInUse", "Port "+sub+" is in use by another trunk.")
		},
	},
	{
		id:        "neutron-trunk-port-delete-409",
		statement: "The ports of a trunk cannot be deleted: 409 PortInUseAsTrunkParent and PortInUseAsSubPort, with the id of the trunk.",
		proof:     neutron + "neutron/services/trunk/rules.py#L44",
		check: func(c *cloud) response {
			parent, sub, made := c.trunk()
			id := made.text("trunk.id")
			c.network.delete("/ports/"+sub).expectNeutronError(http.StatusConflict, "PortInUseAsSubPort", "Port "+sub+" is currently a subport for trunk "+id+".")
			return c.network.delete("/ports/"+parent).expectNeutronError(http.StatusConflict, "PortInUseAsTrunkParent", "Port "+parent+" is currently a parent port for trunk "+id+".")
		},
	},
	{
		id:        "neutron-trunk-delete-204",
		statement: "DELETE of a trunk returns 204 and leaves its ports, which can be deleted then; of a missing one 404.",
		proof:     neutron + "neutron/services/trunk/plugin.py#L296",
		check: func(c *cloud) response {
			parent, sub, made := c.trunk()
			deleted := c.network.delete("/trunks/" + made.text("trunk.id")).expect(http.StatusNoContent)
			for _, port := range []string{sub, parent} {
				c.network.delete("/ports/" + port).expect(http.StatusNoContent)
			}
			c.network.delete("/trunks/"+made.text("trunk.id")).expectNeutronError(http.StatusNotFound, "TrunkNotFound", "Trunk "+made.text("trunk.id")+" could not be found.")
			return deleted
		},
	},
	{
		id:        "neutron-trunk-mtu-409",
		statement: "The MTU of a subport's network must not be greater than that of the parent's: 409.",
		proof:     neutron + "neutron/services/trunk/rules.py#L265",
		check: func(c *cloud) response {
			parent := c.createPort(object{"network_id": c.tenantNetwork(object{"mtu": 1300})}).expect(http.StatusCreated).text("port.id")
			sub := c.createPort(object{"network_id": c.tenantNetwork(object{"mtu": 1400})}).expect(http.StatusCreated).text("port.id")
			return c.createTrunk(parent, object{"port_id": sub, "segmentation_type": "vlan", "segmentation_id": 5}).
				expectNeutronError(http.StatusConflict, "SubPortMtuGreaterThanTrunkPortMtu", "MTU 1400 of subport "+sub+" cannot be greater than MTU 1300 of trunk")
		},
	},
}
