package day

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// addresses is the number of addresses of a network that the recordings use.
const addresses = 40

// cloudNames returns the names of what the cloud and its director have from the
// beginning.
func cloudNames(ctx context.Context, in *cloud.Cloud, given fixtures.Fixtures, director string) (*names, error) {
	n := &names{values: map[string]any{
		"$director": director, "$now": time.Now().UTC().Format(time.RFC3339), "$vcap": "$6$salt$hash",
		"$mbus":   map[string]any{"cert": map[string]string{"ca": "a CA", "certificate": "a certificate", "private_key": "a key"}},
		"$m1.bfv": given.DisklessFlavor(),
	}}
	for _, flavor := range []string{"m1.tiny", "m1.small", "m1.medium"} {
		n.values["$"+flavor] = given.PlainFlavor()
		if _, known := given.Flavors[flavor]; known {
			n.values["$"+flavor] = flavor
		}
	}
	n.number("$z", both(given.AvailabilityZones.Compute, given.AvailabilityZones.Volume))
	var floating []string
	for _, one := range given.FloatingIPs {
		floating = append(floating, one.Address)
	}
	n.number("$floating-", floating)
	n.nameVolumeTypes(given)
	n.nameSecurityGroups(given)
	for name, network := range given.Networks {
		if err := n.nameNetwork(ctx, in, "$"+name, network); err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(n.values, func(_ string, value any) bool { return value == "" })
	return n, nil
}

// both returns the elements of two lists, in the order of the first one.
func both(one, other []string) (found []string) {
	for _, name := range one {
		if slices.Contains(other, name) {
			found = append(found, name)
		}
	}
	return found
}

// number names values by their position, from 1.
func (n *names) number(prefix string, values []string) {
	for i, value := range values {
		n.values[fmt.Sprint(prefix, i+1)] = value
	}
}

// nameVolumeTypes names two volume types $ssd and $hdd.
func (n *names) nameVolumeTypes(given fixtures.Fixtures) {
	types := slices.Sorted(maps.Keys(given.VolumeTypes))
	slices.Reverse(types)
	for i, name := range []string{"ssd", "hdd"} {
		if i < len(types) {
			n.values["$"+name] = types[i]
		}
	}
}

// nameSecurityGroups names the group default, and another one $bosh.
func (n *names) nameSecurityGroups(given fixtures.Fixtures) {
	n.values["$default"] = "default"
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(given.SecurityGroups))) {
		if name != "default" {
			n.values["$bosh"] = name
		}
	}
}

// nameNetwork names a network, and of its IPv4 subnet the netmask, the gateway, the
// last static addresses in order, and the first /28 among them. Those of the IPv6 subnet
// have a 6 after the name of the network.
func (n *names) nameNetwork(ctx context.Context, in *cloud.Cloud, name string, network fixtures.Network) error {
	n.values[name] = network.ID
	var found struct {
		Subnets []struct {
			CIDR    string `json:"cidr"`
			Gateway string `json:"gateway_ip"`
			Version int    `json:"ip_version"`
		}
	}
	if err := in.Get(ctx, "network", "/subnets?network_id="+url.QueryEscape(network.ID), &found); err != nil {
		return err
	}
	for _, subnet := range found.Subnets {
		key := name
		if subnet.Version == 6 {
			key += "6"
		}
		prefix, err := netip.ParsePrefix(subnet.CIDR)
		if err != nil {
			return fmt.Errorf("subnet of network %s: %w", network.ID, err)
		}
		n.values[key+".gateway"] = subnet.Gateway
		n.values[key+".netmask"] = net.IP(net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen())).String()
	}
	for _, subnet := range network.Subnets {
		key := name
		if subnet.IPVersion == 6 {
			key += "6"
		}
		n.nameAddresses(key, subnet)
	}
	return nil
}

// nameAddresses names the last static addresses of a subnet: others who use the
// network at the same time take the first free ones.
func (n *names) nameAddresses(key string, subnet fixtures.Subnet) {
	static, err := netip.ParseAddr(subnet.StaticFirst)
	last, failure := netip.ParseAddr(subnet.StaticLast)
	if cmp.Or(err, failure) != nil {
		return // it has none
	}
	first := last
	for i := 1; i < addresses && first.Compare(static) > 0; i++ {
		first = first.Prev()
	}
	for i, address := 0, first; i < addresses && address.Compare(last) <= 0; i, address = i+1, address.Next() {
		n.values[fmt.Sprintf("%s+%d", key, i)] = address.String()
		if block := netip.PrefixFrom(address, 28); address.Is4() && block.Masked().Addr() == address && n.values[key+"/28"] == nil {
			n.values[key+"/28"] = address.String()
		}
	}
}
