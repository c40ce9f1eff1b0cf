package cpi

import (
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
)

// checkNetworks refuses combinations of networks that cannot be built.
func checkNetworks(networks bosh.Networks, cfg config.OpenStack) error {
	if err := checkNICs(networks); err != nil {
		return err
	}
	seen := map[string]bool{}
	count := map[string]int{}
	for _, n := range networks {
		count[n.Type]++
		id := n.CloudProperties.NetID
		known := id != "" && seen[id]
		seen[id] = n.Type != bosh.VIP || seen[id]
		switch {
		case n.Type != bosh.Manual && n.Type != bosh.Dynamic && n.Type != bosh.VIP:
			return bosh.Errorf(bosh.CloudError, "Invalid network type `%s' of network '%s': OpenStack CPI can only handle `dynamic', 'manual' or `vip' network types", n.Type, n.Name)
		case n.Type == bosh.Dynamic && count[bosh.Dynamic] > 1:
			return bosh.Errorf(bosh.CloudError, "Only one dynamic network per instance should be defined ('%s' is another)", n.Name)
		case n.Type == bosh.VIP && count[bosh.VIP] > 1:
			return bosh.Errorf(bosh.CloudError, "Only one VIP network per instance should be defined ('%s' is another)", n.Name)
		case n.Type == bosh.VIP && n.IP == "":
			return bosh.Errorf(bosh.VMCreationFailed, "No IP provided for vip network `%s'", n.Name)
		case n.Type == bosh.Manual && id == "":
			return bosh.Errorf(bosh.CloudError, "Manual network must have net_id (networks.%s.cloud_properties.net_id)", n.Name)
		case n.Type == bosh.Manual && n.IP == "":
			return bosh.Errorf(bosh.CloudError, "Manual network must have an IP address (networks.%s.ip)", n.Name)
		case n.Type == bosh.Manual && known:
			return bosh.Errorf(bosh.CloudError, "Manual network with id %s is already defined (networks.%s.cloud_properties.net_id)", id, n.Name)
		case n.Type == bosh.Dynamic && known:
			return bosh.Errorf(bosh.CloudError, "Dynamic network with id %s is already defined (networks.%s.cloud_properties.net_id)", id, n.Name)
		}
	}
	if count[bosh.Manual]+count[bosh.Dynamic] == 0 {
		return bosh.Errorf(bosh.CloudError, "At least one dynamic or manual network should be defined")
	}
	return checkInterfaces(networks, cfg)
}

// checkNICs refuses what needs an interface with several addresses: every network
// but a vip has an interface with one address. Directors send the prefix of a
// single address, too.
func checkNICs(networks bosh.Networks) error {
	groups := map[bosh.Scalar]string{}
	for _, n := range networks {
		other, shared := groups[n.NICGroup]
		switch {
		case n.Type == bosh.Manual && !n.WholeAddress():
			return bosh.Errorf(bosh.NotSupported, "networks.%s.prefix is %s: delegating a prefix to a VM is not supported, only a single address (32 for IPv4, 128 for IPv6). Remove prefix from the subnet", n.Name, n.Prefix)
		case n.NICGroup == "":
			continue
		case n.Type == bosh.VIP:
			return bosh.Errorf(bosh.NotSupported, "networks.%s.nic_group is %s: a NIC group of a vip network is not supported. The floating IP is associated with the network whose 'default' contains 'gateway'; remove nic_group", n.Name, n.NICGroup)
		case shared:
			return bosh.Errorf(bosh.NotSupported, "networks.%s.nic_group is %s, as that of network '%s': several networks on one interface are not supported. Give each network a nic_group of its own, or none", n.Name, n.NICGroup, other)
		}
		groups[n.NICGroup] = n.Name
	}
	return nil
}

// checkInterfaces refuses several interfaces that the agent could not configure:
// DHCP configures only one, and without DHCP the guest cannot reach the metadata
// service, so that it needs a config drive for its settings.
func checkInterfaces(networks bosh.Networks, cfg config.OpenStack) error {
	if len(networks.Private()) > 1 && (cfg.UseDHCP || cfg.ConfigDrive == "") {
		return bosh.Errorf(bosh.VMCreationFailed, "Multiple manual networks can only be used with 'openstack.use_dhcp=false' and 'openstack.config_drive=cdrom|disk'")
	}
	if networks.VIP() != nil && networks.Gateway() == nil {
		return bosh.Errorf(bosh.CloudError, "A vip network needs a network whose 'default' contains 'gateway'")
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
	if len(properties.LoadBalancerPools) == 0 {
		return nil
	}
	const text = "VM cannot be attached to load balancer pool '%s'. Reason: %s"
	name, gateway := properties.LoadBalancerPools[0].Name, networks.Gateway()
	switch {
	case gateway == nil:
		return bosh.Errorf(bosh.VMCreationFailed, text, name, "no network's 'default' contains 'gateway'")
	case gateway.Type == bosh.Dynamic && len(networks.Private()) > 1:
		return bosh.Errorf(bosh.VMCreationFailed, text, name, "Gateway IP address could not be determined. Gateway network is dynamic, but additional private networks exist.")
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
