package cpi

import (
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
)

// checkNetworks refuses what cannot be built, before the cloud is asked.
func checkNetworks(networks bosh.Networks, cfg config.OpenStack) error {
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
			return bosh.Errorf(bosh.CloudError, "Manual network with id %s is already defined", id)
		case n.Type == bosh.Dynamic && known:
			return bosh.Errorf(bosh.CloudError, "Dynamic network with id %s is already defined", id)
		}
	}
	if count[bosh.Manual]+count[bosh.Dynamic] == 0 {
		return bosh.Errorf(bosh.CloudError, "At least one dynamic or manual network should be defined")
	}
	return checkInterfaces(networks, cfg)
}

// checkInterfaces refuses several interfaces where the agent could not set them
// up: DHCP configures one, and without DHCP the metadata service is out of
// reach, so the settings have to come on a config drive.
func checkInterfaces(networks bosh.Networks, cfg config.OpenStack) error {
	if len(networks.Private()) > 1 && (cfg.UseDHCP || cfg.ConfigDrive == "") {
		return bosh.Errorf(bosh.VMCreationFailed, "Multiple manual networks can only be used with 'openstack.use_dhcp=false' and 'openstack.config_drive=cdrom|disk'")
	}
	if networks.Gateway() == nil && slices.ContainsFunc(networks, func(n *bosh.Network) bool { return n.Type == bosh.VIP }) {
		return bosh.Errorf(bosh.CloudError, "A vip network needs a network whose 'default' contains 'gateway'")
	}
	return nil
}

// groupNames returns the security groups a VM asks for: its own, else those of
// all its networks, else the configured ones. The levels are not mixed.
func groupNames(own []string, networks bosh.Networks, configured []string) []string {
	if len(own) > 0 {
		return own
	}
	var names []string
	for _, n := range networks {
		names = append(names, n.CloudProperties.SecurityGroups...)
	}
	if len(names) == 0 {
		return configured
	}
	slices.Sort(names)
	return slices.Compact(names)
}
