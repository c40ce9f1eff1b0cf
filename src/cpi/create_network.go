package cpi

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// managedProperties are the cloud_properties of a managed network's subnet. The
// director merges those of its availability zones with them.
type managedProperties struct {
	// Router is the name or UUID of a router that is connected with the subnet.
	Router string `json:"router"`
	// ExternalNetwork is the name or UUID of an external network. The subnet gets
	// a router of its own, which has a gateway to that network.
	ExternalNetwork string `json:"external_network"`
	// SubnetPool is the name or UUID of the subnet pool from which Neutron takes
	// the range of a subnet with netmask_bits.
	SubnetPool string `json:"subnet_pool"`
	// DNSNameservers are the name servers that VMs get from Neutron.
	DNSNameservers []string `json:"dns_nameservers"`
	// DHCP says whether VMs get their addresses from Neutron. Default: true.
	DHCP *bool `json:"enable_dhcp"`
	// MTU is the largest packet in the network. Default: Neutron's choice. Since:
	// the extension net-mtu-writable (Pike).
	MTU int `json:"mtu"`

	bosh.NetworkProperties

	// AvailabilityZone is the zone of VMs; it does not matter for networks.
	AvailabilityZone json.RawMessage `json:"availability_zone"`
	// AvailabilityZones are zones of VMs; they do not matter for networks.
	AvailabilityZones json.RawMessage `json:"availability_zones"`
}

// networkPlan is everything that create_network decides before it writes.
type networkPlan struct {
	network network.CreateOpts
	subnet  subnets.CreateOpts
	dhcp    bool
	// routerID is an existing router, externalID the external network of a router
	// to create. Both are empty for a subnet without router.
	routerID, externalID string
	properties           map[string]json.RawMessage
}

// CreateNetwork creates a Neutron network with one subnet, for a network that BOSH
// manages. The addresses that Neutron may use itself, for DHCP servers and for
// other ports, are a small allocation pool, which the result reserves. A failed
// call leaves nothing.
func (c *CPI) CreateNetwork(ctx context.Context, args bosh.CreateNetworkArgs) (created bosh.CreatedNetwork, err error) {
	plan, err := c.planNetwork(ctx, args.Subnet)
	if err != nil {
		return created, err
	}
	undo := c.newUndoStack()
	defer undo.onError(ctx, &err)

	made, err := c.buildNetwork(ctx, undo, plan)
	if err != nil {
		return created, err
	}
	subnet, err := c.buildSubnet(ctx, plan, made)
	if err != nil {
		return created, err
	}
	if err := c.connectRouter(ctx, undo, plan, subnet); err != nil {
		return created, err
	}
	created.CID = bosh.NetworkCID(made.ID)
	created.Addresses = bosh.NetworkAddresses{Range: subnet.CIDR, Gateway: subnet.GatewayIP, Reserved: reservedOf(subnet)}
	created.CloudProperties = withNetID(plan.properties, made.ID)
	return created, nil
}

func (c *CPI) planNetwork(ctx context.Context, want bosh.SubnetDefinition) (plan networkPlan, err error) {
	var properties managedProperties
	if err := decode(want.CloudProperties, &properties); err != nil {
		return plan, err
	}
	if err := checkManaged(want, properties); err != nil {
		return plan, err
	}
	if err := c.reportIgnored(unknownKeys(cloudProperties, want.CloudProperties, reflect.TypeOf(properties))); err != nil {
		return plan, err
	}
	name := newName("network-")
	plan.network = network.CreateOpts{
		Name: name, Description: c.owner().Description(), PortSecurity: properties.PortSecurity, MTU: properties.MTU,
	}
	plan.dhcp = properties.DHCP == nil || *properties.DHCP
	if plan.subnet, err = planSubnet(want, plan.dhcp); err != nil {
		return plan, err
	}
	plan.subnet.Name, plan.subnet.Description, plan.subnet.DNSNameservers = name, plan.network.Description, properties.DNSNameservers
	plan.properties = propertiesOfVMs(want.CloudProperties)
	return plan, c.lookUpForNetwork(ctx, properties, &plan)
}

// lookUpForNetwork looks up the objects that the properties name.
func (c *CPI) lookUpForNetwork(ctx context.Context, properties managedProperties, plan *networkPlan) (err error) {
	if properties.Router != "" {
		if plan.routerID, err = c.network.Router(ctx, properties.Router); err != nil {
			return bosh.Errorf(bosh.CloudError, "%w (cloud_properties.router)", err)
		}
	}
	if properties.ExternalNetwork != "" {
		if plan.externalID, err = c.network.NetworkID(ctx, properties.ExternalNetwork); err != nil {
			return bosh.Errorf(bosh.CloudError, "%w (cloud_properties.external_network)", err)
		}
	}
	if properties.SubnetPool != "" {
		if plan.subnet.SubnetPoolID, err = c.network.SubnetPool(ctx, properties.SubnetPool); err != nil {
			return bosh.Errorf(bosh.CloudError, "%w (cloud_properties.subnet_pool)", err)
		}
	}
	return nil
}

func (c *CPI) buildNetwork(ctx context.Context, undo *undoStack, plan networkPlan) (networks.Network, error) {
	creation := undo.pushCreation("network", plan.network.Name, c.network.DeleteNetwork, c.network.DeleteNetworkNamed)
	made, err := c.network.CreateNetwork(ctx, plan.network)
	creation.answered(made.ID, err)
	return made, err
}

// buildSubnet creates the subnet. The deletion of the network deletes it, so it has
// no undo of its own. The allocation pool in a range that Neutron has chosen is set
// before DHCP is enabled, whose servers take their addresses at once.
func (c *CPI) buildSubnet(ctx context.Context, plan networkPlan, made networks.Network) (subnets.Subnet, error) {
	plan.subnet.NetworkID = made.ID
	subnet, err := c.network.CreateSubnet(ctx, plan.subnet)
	if err != nil || plan.subnet.CIDR != "" {
		return subnet, err
	}
	pool, err := poolOf(subnet.CIDR, subnet.GatewayIP)
	if err != nil {
		return subnet, err
	}
	return c.network.UpdateSubnet(ctx, subnet.ID, subnets.UpdateOpts{AllocationPools: pool, EnableDHCP: &plan.dhcp})
}

// connectRouter connects the subnet with the router of the operator, or with a new
// one that has a gateway to the external network.
func (c *CPI) connectRouter(ctx context.Context, undo *undoStack, plan networkPlan, subnet subnets.Subnet) error {
	routerID := plan.routerID
	if plan.externalID != "" {
		creation := undo.pushCreation("router", plan.network.Name, c.network.DeleteRouter, c.network.DeleteRouterNamed)
		router, err := c.network.CreateRouter(ctx, plan.network.Name, plan.network.Description, plan.externalID)
		creation.answered(router.ID, err)
		if err != nil {
			return err
		}
		routerID = router.ID
	}
	if routerID == "" {
		return nil
	}
	undo.push("connection of router "+routerID+" with subnet "+subnet.ID, func(ctx context.Context) error {
		return c.network.RemoveRouterInterface(ctx, routerID, subnet.ID)
	})
	return c.network.AddRouterInterface(ctx, routerID, subnet.ID)
}
