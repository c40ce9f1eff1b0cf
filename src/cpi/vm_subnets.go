package cpi

import (
	"net/netip"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// needsDHCP reports whether the guest can configure the interface only by DHCP:
// the agent writes one file per interface and statically configured network, so
// that of several addresses only the last would remain.
func needsDHCP(group bosh.Networks) bool {
	addresses := 0
	for _, n := range group {
		if n.WholeAddress() {
			addresses++
		}
	}
	return addresses > 1
}

// subnetsNeeded returns the Neutron networks whose subnets have to be looked up:
// those with prefixes, and those that must have DHCP.
func subnetsNeeded(networks bosh.Networks) (ids []string) {
	for _, group := range groupNICs(networks) {
		if needsDHCP(group) || len(prefixPairs(group)) > 0 {
			ids = append(ids, group[0].CloudProperties.NetID)
		}
	}
	return ids
}

// checkSubnets refuses what the subnets of the networks cannot give.
func checkSubnets(networks bosh.Networks, found []subnets.Subnet) error {
	for _, group := range groupNICs(networks) {
		for _, n := range group {
			if n.WholeAddress() && !needsDHCP(group) || n.Type != bosh.Manual {
				continue
			}
			if err := checkSubnet(n, needsDHCP(group), found); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSubnet refuses a network whose address or prefix is in no subnet, or in one
// without DHCP if that is needed.
func checkSubnet(n *bosh.Network, dhcp bool, found []subnets.Subnet) error {
	prefix, err := prefixOf(n)
	if err != nil {
		return err
	}
	var ranges []string
	for _, subnet := range found {
		cidr, err := netip.ParsePrefix(subnet.CIDR)
		if subnet.NetworkID != n.CloudProperties.NetID || err != nil {
			continue
		}
		ranges = append(ranges, subnet.CIDR)
		if !cidr.Contains(prefix.Addr()) || cidr.Bits() > prefix.Bits() {
			continue
		}
		if dhcp && !subnet.EnableDHCP {
			return bosh.Errorf(bosh.CloudError, "networks.%s shares a NIC with another network, so that the VM configures the NIC with DHCP, but the subnet %s (%s) has DHCP disabled. Enable it with `openstack subnet set --dhcp %s`, or give each network a nic_group of its own",
				n.Name, subnet.ID, subnet.CIDR, subnet.ID)
		}
		return nil
	}
	return bosh.Errorf(bosh.CloudError, "networks.%s.ip and prefix are %s, which is in no subnet of network %s, whose subnets are %v (networks.%s.cloud_properties.net_id)", n.Name, prefix, n.CloudProperties.NetID, ranges, n.Name)
}
