package cpi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// nic is a planned network interface of a VM. It has one port.
type nic struct {
	// index is the position of the interface in the guest.
	index int
	// networks are the BOSH networks that the interface serves. All of them are in
	// one Neutron network.
	networks bosh.Networks
	// gateway says that the default route goes through the interface.
	gateway bool
	// createPort says that the CPI creates the port. Nova creates it only for a
	// dynamic network without net_id, because Nova chooses the network.
	createPort bool
	port       network.PortCreateOpts
	// tags are set when the port exists: most releases of Neutron ignore the tags
	// of a new port.
	tags []string
	// dnsName is set when the server is built: before, Nova would replace it.
	dnsName string
	// trunk says that the port is the parent of a trunk, with these subports.
	trunk    bool
	subports []subport
}

// portName returns the name of an interface's port. It contains the name of the
// VM, and is unique like that.
func portName(vmName string, index int) string { return fmt.Sprintf("%s-%d", vmName, index) }

// vmOfPort returns the name of the VM that the port was created for.
func vmOfPort(portName string) string { return portName[:max(0, strings.LastIndex(portName, "-"))] }

// groupNICs returns the networks of each interface, in the order of the director.
// The networks of one nic_group share an interface. Without nic_group, manual
// networks with the same net_id do so if each has an address of another family,
// or a prefix: this is how dual stack networks are described.
func groupNICs(networks bosh.Networks) (groups []bosh.Networks) {
next:
	for _, n := range networks.Private() {
		for i, group := range groups {
			if joins(group, n) {
				groups[i] = append(group, n)
				continue next
			}
		}
		groups = append(groups, bosh.Networks{n})
	}
	return groups
}

// joins reports whether a network belongs to an interface.
func joins(group bosh.Networks, n *bosh.Network) bool {
	first := group[0]
	if first.NICGroup != "" || n.NICGroup != "" {
		return first.NICGroup == n.NICGroup
	}
	id := n.CloudProperties.NetID
	if id == "" || id != first.CloudProperties.NetID || first.Type != bosh.Manual || n.Type != bosh.Manual {
		return false
	}
	return addressOfFamily(group, n) == nil
}

// addressOfFamily returns the network of a group that has a single address of the
// same family as n, or nil. Prefixes do not count.
func addressOfFamily(group bosh.Networks, n *bosh.Network) *bosh.Network {
	for _, other := range group {
		if other != n && other.WholeAddress() && n.WholeAddress() && other.IsIPv6() == n.IsIPv6() {
			return other
		}
	}
	return nil
}

// planNICs returns the interfaces of a VM.
func planNICs(vmName string, owner mark.Owner, args bosh.CreateVMArgs, properties vmProperties, found vmLookups) (nics []nic) {
	groups := groupNICs(args.Networks)
	for i, group := range groups {
		planned := nic{
			index: i, networks: group, gateway: hasGateway(groups, group, args.Networks), createPort: group[0].CloudProperties.NetID != "",
		}
		options := portOptions(group, properties.PortProperties)
		planned.port = network.PortCreateOpts{
			Name: portName(vmName, i), Description: owner.Description(), NetworkID: group[0].CloudProperties.NetID,
			FixedIPs: fixedIPs(group), SecurityGroups: found.groups, AddressPairs: prefixPairs(group),
			MACAddress: options.MACAddress, PortSecurity: options.PortSecurity, VNICType: options.VNICType,
			BindingProfile: options.BindingProfile, QoSPolicyID: found.qosPolicies[options.QoSPolicy],
			PropagateUplinkStatus: options.PropagateUplinkStatus, ValueSpecs: options.ValueSpecs,
		}
		planned.tags, planned.dnsName = options.Tags, options.DNSName
		planned.trunk = len(options.Subports) > 0 || options.Trunk != nil && *options.Trunk
		planned.subports = planSubports(planned.port.Name, owner, options.Subports, found.groups)
		if planned.gateway {
			planned.port.AddressPairs = append(planned.port.AddressPairs, properties.AllowedAddressPairs...)
		}
		if options.PortSecurity != nil && !*options.PortSecurity {
			// Neutron refuses them on such a port, which is not filtered in any case.
			planned.port.SecurityGroups, planned.port.AddressPairs = nil, nil
		}
		nics = append(nics, planned)
	}
	return nics
}

// hasGateway reports whether the default route goes through an interface: it is
// the only one, or serves the network whose defaults contain "gateway".
func hasGateway(groups []bosh.Networks, group, networks bosh.Networks) bool {
	if len(groups) == 1 {
		return true
	}
	return slices.Contains(group, networks.Gateway())
}

// fixedIPs returns the addresses of an interface, one of each family, because
// Neutron's DHCP server answers with any one of several. The base address of a
// prefix is one of them only if the interface has no single address of the family.
func fixedIPs(group bosh.Networks) (addresses []string) {
	for _, n := range group {
		if n.Type == bosh.Manual && addressOf(group, n.IsIPv6()) == n {
			addresses = append(addresses, n.IP)
		}
	}
	return addresses
}

// addressOf returns the network of a group that gives the interface its address of
// the family: the one with a single address, or the first prefix.
func addressOf(group bosh.Networks, ipv6 bool) (first *bosh.Network) {
	for _, n := range group {
		switch {
		case n.Type != bosh.Manual || n.IsIPv6() != ipv6:
		case n.WholeAddress():
			return n
		case first == nil:
			first = n
		}
	}
	return first
}

// prefixPairs returns the address pairs that let the VM use its prefixes.
func prefixPairs(group bosh.Networks) (pairs []ports.AddressPair) {
	for _, n := range group {
		if n.Type == bosh.Manual && !n.WholeAddress() {
			pairs = append(pairs, ports.AddressPair{IPAddress: n.IP + "/" + string(n.Prefix)})
		}
	}
	return pairs
}

// gatewayNIC returns the interface of the default route, or nil.
func (p vmPlan) gatewayNIC() *nic {
	for i := range p.nics {
		if p.nics[i].gateway {
			return &p.nics[i]
		}
	}
	return nil
}

// nicOfGroup returns the interface of the nic_group, or nil.
func (p vmPlan) nicOfGroup(group bosh.Scalar) *nic {
	for i := range p.nics {
		if p.nics[i].networks[0].NICGroup == group {
			return &p.nics[i]
		}
	}
	return nil
}

// serves reports whether the BOSH network is one of the interface.
func (n nic) serves(name string) bool {
	return slices.ContainsFunc(n.networks, func(network *bosh.Network) bool { return network.Name == name })
}

// names returns the names of the networks for errors.
func (n nic) names() string { return networkNames(n.networks) }

// networkNames returns the names as in "a', 'b".
func networkNames(networks bosh.Networks) string {
	names := make([]string, len(networks))
	for i, network := range networks {
		names[i] = network.Name
	}
	return strings.Join(names, "', '")
}

// fixedIPv4 returns the planned IPv4 address, "" if Neutron chooses it or if there
// is none.
func (n nic) fixedIPv4() string {
	for _, ip := range n.port.FixedIPs {
		if !strings.Contains(ip, ":") {
			return ip
		}
	}
	return ""
}
