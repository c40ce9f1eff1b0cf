package cpi

import (
	"context"
	"fmt"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/trunks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// subport is a planned subport of an interface's trunk.
type subport struct {
	vlan int
	port network.PortCreateOpts
}

// checkSubports refuses subports that no trunk can have.
func checkSubports(path string, properties bosh.NetworkProperties) error {
	if len(properties.Subports) > 0 && properties.Trunk != nil && !*properties.Trunk {
		return bosh.Errorf(bosh.CloudError, "%s.trunk is false, but %s.subports are described", path, path)
	}
	networks := map[int]string{}
	for i, sub := range properties.Subports {
		item := fmt.Sprintf("%s.subports[%d]", path, i)
		switch other, used := networks[sub.SegmentationID]; {
		case sub.NetID == "":
			return bosh.Errorf(bosh.CloudError, "%s.net_id is missing: a subport is in a Neutron network", item)
		case sub.NetID == properties.NetID:
			return bosh.Errorf(bosh.CloudError, "%s.net_id is %s, the network of the NIC itself: a subport is in another one", item, sub.NetID)
		case sub.SegmentationID < 1 || sub.SegmentationID > 4094:
			return bosh.Errorf(bosh.CloudError, "%s.segmentation_id is %d, which is not a VLAN id (1 to 4094)", item, sub.SegmentationID)
		case used:
			return bosh.Errorf(bosh.CloudError, "%s.segmentation_id is %d, as that of the subport in network %s", item, sub.SegmentationID, other)
		}
		networks[sub.SegmentationID] = sub.NetID
	}
	return nil
}

// planSubports returns the subports of an interface's trunk. Their MAC address is
// that of the parent port, which is known when it exists: VLAN interfaces in a
// guest have the address of the interface below them.
func planSubports(parent string, owner mark.Owner, described []bosh.Subport, groups []string) (subports []subport) {
	for _, sub := range described {
		planned := subport{vlan: sub.SegmentationID, port: network.PortCreateOpts{
			Name: fmt.Sprintf("%s-vlan%d", parent, sub.SegmentationID), Description: owner.Description(), NetworkID: sub.NetID,
			SecurityGroups: groups, PortSecurity: sub.PortSecurity,
		}}
		if sub.PortSecurity != nil && !*sub.PortSecurity {
			planned.port.SecurityGroups = nil
		}
		subports = append(subports, planned)
	}
	return subports
}

// createTrunk creates the subports of an interface, and the trunk that connects
// them with its port. Neutron accepts a port as parent only before a server has it.
func (c *CPI) createTrunk(ctx context.Context, undo *undoStack, n nic, parent ports.Port) error {
	if !n.trunk {
		return nil
	}
	opts := trunks.CreateOpts{Name: n.port.Name, Description: n.port.Description, PortID: parent.ID}
	for _, sub := range n.subports {
		sub.port.MACAddress = parent.MACAddress
		port, err := c.createPort(ctx, undo, sub.port)
		if err != nil {
			return trunkError(fmt.Errorf("subport with segmentation_id %d: %w", sub.vlan, err), n)
		}
		opts.Subports = append(opts.Subports, trunks.Subport{PortID: port.ID, SegmentationType: "vlan", SegmentationID: sub.vlan})
	}
	creation := undo.pushCreation("trunk", opts.Name, c.network.DeleteTrunk, c.network.DeleteTrunkNamed)
	trunk, err := c.network.CreateTrunk(ctx, opts)
	creation.answered(trunk.ID, err)
	if openstack.IsNotFound(err) {
		err = bosh.Errorf(bosh.VMCreationFailed, "this cloud has no trunks (networks.%s.cloud_properties.trunk): %w", n.networks[0].Name, err)
	}
	return trunkError(err, n)
}

// trunkError names the manifest's network in an error. A creation without response
// may be repeated, because the undo deletes what it made.
func trunkError(err error, n nic) error {
	switch {
	case err == nil:
		return nil
	case openstack.IsAmbiguous(err):
		return bosh.Retryable(bosh.VMCreationFailed, "network '%s': %w", n.names(), err)
	default:
		return fmt.Errorf("network '%s': %w", n.names(), err)
	}
}
