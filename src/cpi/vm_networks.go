package cpi

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// checkNetworks refuses networks that cannot be built.
func checkNetworks(networks bosh.Networks) error {
	for _, n := range networks {
		if err := checkNetwork(n); err != nil {
			return err
		}
	}
	groups := groupNICs(networks)
	if len(groups) == 0 {
		return bosh.Errorf(bosh.CloudError, "At least one dynamic or manual network should be defined")
	}
	for i, group := range groups {
		if err := checkNIC(group); err != nil {
			return err
		}
		if err := checkOtherNICs(group[0], groups[:i]); err != nil {
			return err
		}
		if group[0].CloudProperties.NetID == "" && len(groups) > 1 {
			return bosh.Errorf(bosh.CloudError, "Dynamic network '%s' must have net_id (networks.%s.cloud_properties.net_id): only the network of a VM's only NIC can be left to Nova", group[0].Name, group[0].Name)
		}
	}
	return checkVIPs(networks, groups)
}

// checkNetwork refuses a network that is wrong by itself.
func checkNetwork(n *bosh.Network) error {
	switch n.Type {
	case bosh.Dynamic:
		return nil
	case bosh.VIP:
		if n.IP == "" {
			return bosh.Errorf(bosh.VMCreationFailed, "No IP provided for vip network `%s'", n.Name)
		}
	case bosh.Manual:
		switch {
		case n.CloudProperties.NetID == "":
			return bosh.Errorf(bosh.CloudError, "Manual network must have net_id (networks.%s.cloud_properties.net_id)", n.Name)
		case n.IP == "":
			return bosh.Errorf(bosh.CloudError, "Manual network must have an IP address (networks.%s.ip)", n.Name)
		}
		_, err := prefixOf(n)
		return err
	default:
		return bosh.Errorf(bosh.CloudError, "Invalid network type `%s' of network '%s': OpenStack CPI can only handle `dynamic', 'manual' or `vip' network types", n.Type, n.Name)
	}
	return nil
}

// prefixOf returns the network's address with the length of its prefix.
func prefixOf(n *bosh.Network) (netip.Prefix, error) {
	address, err := netip.ParseAddr(n.IP)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, bosh.Errorf(bosh.CloudError, "networks.%s.ip is '%s', which is not an IP address", n.Name, n.IP)
	}
	if n.WholeAddress() {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	length, err := strconv.Atoi(string(n.Prefix))
	prefix := netip.PrefixFrom(address, length)
	switch {
	case err != nil || length < 1 || !prefix.IsValid():
		return prefix, bosh.Errorf(bosh.CloudError, "networks.%s.prefix is '%s', which is not the length of a prefix of %s (1 to %d)", n.Name, n.Prefix, n.IP, address.BitLen())
	case prefix != prefix.Masked():
		return prefix, bosh.Errorf(bosh.CloudError, "networks.%s.prefix is %s, but %s is not the first address of a prefix of that length, which is %s", n.Name, n.Prefix, n.IP, prefix.Masked().Addr())
	}
	return prefix, nil
}

// checkNIC refuses networks that cannot share an interface.
func checkNIC(group bosh.Networks) error {
	first := group[0]
	for i, n := range group[1:] {
		same := addressOfFamily(group[:i+1], n)
		switch {
		case n.Type != bosh.Manual || first.Type != bosh.Manual:
			return bosh.Errorf(bosh.CloudError, "networks.%s.nic_group is %s, as that of network '%s': only manual networks can share a NIC", n.Name, n.NICGroup, first.Name)
		case n.CloudProperties.NetID != first.CloudProperties.NetID:
			return bosh.Errorf(bosh.CloudError, "networks.%s.cloud_properties.net_id is %s, but network '%s' of the same nic_group %s has %s: a NIC is in one Neutron network",
				n.Name, n.CloudProperties.NetID, first.Name, n.NICGroup, first.CloudProperties.NetID)
		case same != nil:
			return bosh.Errorf(bosh.CloudError, "networks.%s.ip is %s, but network '%s' of the same nic_group %s has %s: a NIC has one address of each family, and any number of prefixes",
				n.Name, n.IP, same.Name, n.NICGroup, same.IP)
		}
	}
	return nil
}

// checkOtherNICs refuses a second interface in one Neutron network unless the
// manifest says so with different NIC groups.
func checkOtherNICs(n *bosh.Network, others []bosh.Networks) error {
	id := n.CloudProperties.NetID
	for _, group := range others {
		other := group[0]
		switch {
		case id == "" || other.CloudProperties.NetID != id || n.NICGroup != "" && other.NICGroup != "":
			continue
		case n.Type == bosh.Dynamic:
			return bosh.Errorf(bosh.CloudError, "Dynamic network with id %s is already defined (networks.%s.cloud_properties.net_id)", id, n.Name)
		default:
			return bosh.Errorf(bosh.CloudError, "Manual network with id %s is already defined (networks.%s.cloud_properties.net_id), by network '%s'. Networks that share a NIC need the same nic_group, and networks with NICs of their own different ones",
				id, n.Name, other.Name)
		}
	}
	return nil
}

// checkVIPs refuses floating IPs that have no interface to lead to.
func checkVIPs(networks bosh.Networks, groups []bosh.Networks) error {
	for i, vip := range networks.VIPs() {
		if other := slices.IndexFunc(networks.VIPs()[:i], func(o *bosh.Network) bool { return o.IP == vip.IP }); other >= 0 {
			return bosh.Errorf(bosh.CloudError, "networks.%s.ip is %s, as that of network '%s'", vip.Name, vip.IP, networks.VIPs()[other].Name)
		}
		target := nicOfVIP(vip, networks, groups)
		switch {
		case target == nil && vip.NICGroup != "":
			return bosh.Errorf(bosh.CloudError, "networks.%s.nic_group is %s, but no manual or dynamic network of the VM has this nic_group", vip.Name, vip.NICGroup)
		case target == nil:
			return bosh.Errorf(bosh.CloudError, "A vip network needs a network whose 'default' contains 'gateway', or a nic_group (networks.%s.nic_group)", vip.Name)
		case vip.IsIPv6():
			return bosh.Errorf(bosh.CloudError, "networks.%s.ip is %s: floating IPs are IPv4 addresses", vip.Name, vip.IP)
		case target[0].Type == bosh.Manual && !slices.ContainsFunc(target, func(n *bosh.Network) bool { return !n.IsIPv6() }):
			return bosh.Errorf(bosh.CloudError, "networks.%s.ip is %s, but the NIC of network '%s' has no IPv4 address that it could lead to", vip.Name, vip.IP, networkNames(target))
		}
	}
	return nil
}

// nicOfVIP returns the networks of the interface that a floating IP leads to: that
// of its nic_group, or else that of the default route. It returns nil if there is
// none.
func nicOfVIP(vip *bosh.Network, networks bosh.Networks, groups []bosh.Networks) bosh.Networks {
	for _, group := range groups {
		if vip.NICGroup != "" && group[0].NICGroup == vip.NICGroup || vip.NICGroup == "" && hasGateway(groups, group, networks) {
			return group
		}
	}
	return nil
}

// checkAddressPairs fails if there is no fixed address that address pairs could
// be added to.
func checkAddressPairs(properties vmProperties, networks bosh.Networks) error {
	if len(properties.AllowedAddressPairs) == 0 {
		return nil
	}
	gateway := networks.Gateway()
	switch {
	case gateway == nil:
		return bosh.Errorf(bosh.CloudError, "allowed_address_pairs needs a network whose 'default' contains 'gateway'")
	case gateway.Type == bosh.Dynamic:
		return bosh.Errorf(bosh.CloudError, "Network with id '%s' is a dynamic network. VRRP is not supported for dynamic networks", gateway.CloudProperties.NetID)
	}
	return nil
}

// checkPools fails if the VM has no address that a load balancer can reach.
func checkPools(properties vmProperties, networks bosh.Networks) error {
	const text = "VM cannot be attached to load balancer pool '%s'. Reason: %s"
	groups := groupNICs(networks)
	i := slices.IndexFunc(groups, func(group bosh.Networks) bool { return hasGateway(groups, group, networks) })
	for _, pool := range properties.LoadBalancerPools {
		if i < 0 {
			return bosh.Errorf(bosh.VMCreationFailed, text, pool.Name, "no network's 'default' contains 'gateway'")
		}
		gateway := groups[i]
		if pool.IPVersion != 0 && gateway[0].Type == bosh.Manual && addressOf(gateway, pool.IPVersion == 6) == nil {
			return bosh.Errorf(bosh.VMCreationFailed, text, pool.Name, fmt.Sprintf("the NIC of network '%s' has no IPv%d address", networkNames(gateway), pool.IPVersion))
		}
	}
	return nil
}

// reservedAddresses returns the addresses of address pairs that a port must
// have. Operators can turn this off for a network.
func reservedAddresses(properties vmProperties, networks bosh.Networks) (addresses []string) {
	if gateway := networks.Gateway(); gateway != nil {
		if check := gateway.CloudProperties.VRRPPortCheck; check != nil && !*check {
			return nil
		}
	}
	for _, pair := range properties.AllowedAddressPairs {
		addresses = append(addresses, pair.IPAddress)
	}
	return addresses
}

// groupNames returns the security groups of the VM: its own, or else those of
// all its networks, or else the configured ones. The levels are not merged.
func (c *CPI) groupNames(properties vmProperties, networks bosh.Networks) []string {
	if len(properties.SecurityGroups) > 0 {
		return properties.SecurityGroups
	}
	var names []string
	for _, n := range networks {
		names = append(names, n.CloudProperties.SecurityGroups...)
	}
	if len(names) == 0 {
		return c.config.OpenStack.DefaultSecurityGroups
	}
	slices.Sort(names)
	return slices.Compact(names)
}
