package cpi

import (
	"encoding/json"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// The size of the allocation pool of a managed subnet: a sixteenth of its
// addresses within these limits. Neutron takes from it the addresses of its own
// ports, two to four for DHCP and metadata servers.
const (
	minPool = 4
	maxPool = 64
)

// checkManaged refuses what cannot be created.
func checkManaged(want bosh.SubnetDefinition, properties managedProperties) error {
	switch {
	case want.Type != "" && want.Type != bosh.Manual:
		return bosh.Errorf(bosh.CloudError, "subnet_definition.type is '%s': only manual networks can be managed", want.Type)
	case want.Range == "" && want.NetmaskBits == 0:
		return bosh.Errorf(bosh.CloudError, "subnet_definition has neither range nor netmask_bits: one of them is needed")
	case want.Range != "" && want.NetmaskBits != 0:
		return bosh.Errorf(bosh.CloudError, "subnet_definition has range and netmask_bits: only one of them is possible")
	case want.Range == "" && properties.SubnetPool == "":
		return bosh.Errorf(bosh.CloudError, "subnet_definition.netmask_bits needs cloud_properties.subnet_pool, the name or id of a subnet pool")
	case want.Range != "" && properties.SubnetPool != "":
		return bosh.Errorf(bosh.CloudError, "cloud_properties.subnet_pool is for subnets with netmask_bits, but subnet_definition.range is %s", want.Range)
	case want.Range == "" && want.Gateway != "":
		return bosh.Errorf(bosh.CloudError, "subnet_definition.gateway is %s, but the range is chosen by Neutron", want.Gateway)
	case properties.NetID != "":
		return bosh.Errorf(bosh.CloudError, "cloud_properties.net_id is %s, but create_network creates a network: remove net_id, or `managed: true`", properties.NetID)
	case properties.Router != "" && properties.ExternalNetwork != "":
		return bosh.Errorf(bosh.CloudError, "cloud_properties.router and cloud_properties.external_network are both set: an external network is for a router of the subnet's own")
	}
	return nil
}

// planSubnet returns the subnet without its names.
func planSubnet(want bosh.SubnetDefinition, dhcp bool) (subnets.CreateOpts, error) {
	if want.Range == "" {
		return subnetOfPool(want.NetmaskBits, dhcp), nil
	}
	cidr, err := netip.ParsePrefix(want.Range)
	if err != nil || cidr != cidr.Masked() {
		return subnets.CreateOpts{}, bosh.Errorf(bosh.CloudError, "subnet_definition.range is '%s', which is not a CIDR", want.Range)
	}
	gateway := cidr.Addr().Next()
	if want.Gateway != "" {
		if gateway, err = netip.ParseAddr(want.Gateway); err != nil || !cidr.Contains(gateway) {
			return subnets.CreateOpts{}, bosh.Errorf(bosh.CloudError, "subnet_definition.gateway is '%s', which is not an address of the range %s", want.Gateway, want.Range)
		}
	}
	pool, err := poolIn(cidr, gateway)
	if err != nil {
		return subnets.CreateOpts{}, err
	}
	address := gateway.String()
	opts := subnets.CreateOpts{CIDR: cidr.String(), GatewayIP: &address, AllocationPools: pool}
	setFamily(&opts, cidr.Addr().Is6(), dhcp)
	return opts, nil
}

// subnetOfPool returns a subnet whose range Neutron takes from a subnet pool. DHCP
// is enabled together with the allocation pool, because DHCP servers take their
// addresses at once. The mode of IPv6 addresses can only be set at creation.
func subnetOfPool(length int, dhcp bool) subnets.CreateOpts {
	opts, ipv6 := subnets.CreateOpts{Prefixlen: length}, length > 32
	setFamily(&opts, ipv6, dhcp && ipv6)
	return opts
}

func setFamily(opts *subnets.CreateOpts, ipv6, dhcp bool) {
	opts.IPVersion, opts.EnableDHCP = gophercloud.IPv4, &dhcp
	if !ipv6 {
		return
	}
	opts.IPVersion = gophercloud.IPv6
	if dhcp {
		opts.IPv6AddressMode, opts.IPv6RAMode = "dhcpv6-stateful", "dhcpv6-stateful"
	}
}

// poolOf is poolIn for the texts of a subnet.
func poolOf(cidr, gateway string) ([]subnets.AllocationPool, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return nil, err
	}
	address, err := netip.ParseAddr(gateway)
	if err != nil {
		return nil, err
	}
	return poolIn(prefix, address)
}

// poolIn returns the allocation pool of a range: its last addresses without the
// broadcast address, or its first ones if the gateway is among the last.
func poolIn(cidr netip.Prefix, gateway netip.Addr) ([]subnets.AllocationPool, error) {
	hostBits := cidr.Addr().BitLen() - cidr.Bits()
	if hostBits < 4 {
		return nil, bosh.Errorf(bosh.CloudError, "subnet_definition: the range %s is too small: 16 addresses are the minimum", cidr)
	}
	size := maxPool
	if hostBits < 10 {
		size = max(minPool, 1<<hostBits/16)
	}
	last := lastOf(cidr).Prev()
	first := last
	for range size - 1 {
		first = first.Prev()
	}
	if !gateway.Less(first) && !last.Less(gateway) {
		first = cidr.Addr().Next()
		last = first
		for range size - 1 {
			last = last.Next()
		}
	}
	return []subnets.AllocationPool{{Start: first.String(), End: last.String()}}, nil
}

// lastOf returns the last address of a range.
func lastOf(cidr netip.Prefix) netip.Addr {
	bytes := cidr.Masked().Addr().AsSlice()
	for bit := cidr.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

// reservedOf returns the addresses of the subnet that VMs must not get: those that
// Neutron may use itself.
func reservedOf(subnet subnets.Subnet) (reserved []string) {
	for _, pool := range subnet.AllocationPools {
		reserved = append(reserved, pool.Start+"-"+pool.End)
	}
	return reserved
}

// propertiesOfVMs returns the cloud_properties that create_vm reads.
func propertiesOfVMs(data json.RawMessage) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	maps.Copy(all, members(data))
	var known []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[bosh.NetworkProperties]()) {
		known = append(known, field.Tag.Get("json"))
	}
	maps.DeleteFunc(all, func(key string, _ json.RawMessage) bool {
		return !slices.ContainsFunc(known, func(name string) bool { return strings.EqualFold(name, key) })
	})
	return all
}

// withNetID returns the cloud_properties with the id of the network.
func withNetID(properties map[string]json.RawMessage, id string) json.RawMessage {
	all := maps.Clone(properties)
	all["net_id"] = bosh.JSON(id)
	return bosh.JSON(all)
}
