package cloud

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// NIC is the configuration of a network interface of a VM, as a director takes
// it from its cloud config.
type NIC struct {
	NetworkID string
	Address   netip.Addr
	Subnet    netip.Prefix
	Gateway   string
	DNS       []string
}

// subnet is a subnet in Neutron's format.
type subnet struct {
	CIDR           string   `json:"cidr"`
	GatewayIP      string   `json:"gateway_ip"`
	DNSNameservers []string `json:"dns_nameservers"`
	IPVersion      int      `json:"ip_version"`
}

// ChooseNIC finds a network by id or unique name, and in it the first IPv4
// address of staticIPs that no port has and that is not reserved. staticIPs is
// "A", "A-B", or "" for any address.
func (c *Cloud) ChooseNIC(ctx context.Context, network, staticIPs string, reserved map[netip.Addr]bool) (NIC, error) {
	id, err := c.networkID(ctx, network)
	if err != nil {
		return NIC{}, err
	}
	var subnets struct{ Subnets []subnet }
	if err := c.Get(ctx, "network", "/subnets?network_id="+url.QueryEscape(id), &subnets); err != nil {
		return NIC{}, err
	}
	taken, err := c.takenAddresses(ctx, id)
	if err != nil {
		return NIC{}, err
	}
	for _, s := range subnets.Subnets {
		if s.IPVersion != 4 {
			continue
		}
		prefix, err := netip.ParsePrefix(s.CIDR)
		if err != nil {
			return NIC{}, fmt.Errorf("subnet of network %s: %w", network, err)
		}
		first, last, err := addressRange(staticIPs, prefix)
		if err != nil {
			return NIC{}, err
		}
		for address := first; prefix.Contains(address) && address.Compare(last) <= 0; address = address.Next() {
			if !taken[address.String()] && address.String() != s.GatewayIP && !reserved[address] {
				return NIC{NetworkID: id, Address: address, Subnet: prefix, Gateway: s.GatewayIP, DNS: s.DNSNameservers}, nil
			}
		}
	}
	return NIC{}, fmt.Errorf("network %s has no free IPv4 address in %q", network, staticIPs)
}

func (c *Cloud) networkID(ctx context.Context, network string) (string, error) {
	var list struct {
		Networks []struct{ ID string }
	}
	for _, key := range []string{"id", "name"} {
		if err := c.Get(ctx, "network", "/networks?"+key+"="+url.QueryEscape(network), &list); err != nil {
			return "", err
		}
		if len(list.Networks) == 1 {
			return list.Networks[0].ID, nil
		}
	}
	return "", fmt.Errorf("%d networks have the id or name %q, exactly one is required", len(list.Networks), network)
}

func (c *Cloud) takenAddresses(ctx context.Context, networkID string) (map[string]bool, error) {
	var list struct {
		Ports []struct {
			FixedIPs []struct {
				Address string `json:"ip_address"`
			} `json:"fixed_ips"`
		}
	}
	if err := c.Get(ctx, "network", "/ports?network_id="+url.QueryEscape(networkID), &list); err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, port := range list.Ports {
		for _, ip := range port.FixedIPs {
			taken[ip.Address] = true
		}
	}
	return taken, nil
}

// addressRange parses "A", "A-B" or "". The latter is all addresses of the
// subnet except the first nine, which gateways and DHCP servers often have.
func addressRange(text string, subnet netip.Prefix) (first, last netip.Addr, err error) {
	if text == "" {
		first = subnet.Masked().Addr()
		for range 10 {
			first = first.Next()
		}
		return first, netip.AddrFrom4([4]byte{255, 255, 255, 254}), nil
	}
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	if first, err = netip.ParseAddr(strings.TrimSpace(from)); err == nil {
		last, err = netip.ParseAddr(strings.TrimSpace(to))
	}
	if err != nil {
		return first, last, fmt.Errorf("static_ips %q: %w", text, err)
	}
	return first, last, nil
}

// Netmask returns the subnet's mask in dotted notation.
func (n NIC) Netmask() string {
	return net.IP(net.CIDRMask(n.Subnet.Bits(), 32)).String()
}
