package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// placement is where the VM's network card goes, as a director would have it from its cloud config.
type placement struct {
	networkID string
	address   netip.Addr
	subnet    netip.Prefix
	gateway   string
	dns       []string
}

// subnet is Neutron's.
type subnet struct {
	CIDR           string   `json:"cidr"`
	GatewayIP      string   `json:"gateway_ip"`
	DNSNameservers []string `json:"dns_nameservers"`
	IPVersion      int      `json:"ip_version"`
}

// place finds the network and the first of its wanted addresses that no port has.
func (c *cloud) place(ctx context.Context, network, staticIPs string) (placement, error) {
	id, err := c.networkID(ctx, network)
	if err != nil {
		return placement{}, err
	}
	var subnets struct{ Subnets []subnet }
	if err := c.get(ctx, "network", "/v2.0/subnets?network_id="+url.QueryEscape(id), &subnets); err != nil {
		return placement{}, err
	}
	taken, err := c.takenAddresses(ctx, id)
	if err != nil {
		return placement{}, err
	}
	for _, s := range subnets.Subnets {
		if s.IPVersion != 4 {
			continue
		}
		prefix, err := netip.ParsePrefix(s.CIDR)
		if err != nil {
			return placement{}, fmt.Errorf("subnet of network %s: %w", network, err)
		}
		first, last, err := addressRange(staticIPs, prefix)
		if err != nil {
			return placement{}, err
		}
		for address := first; prefix.Contains(address) && address.Compare(last) <= 0; address = address.Next() {
			if !taken[address.String()] && address.String() != s.GatewayIP {
				return placement{networkID: id, address: address, subnet: prefix, gateway: s.GatewayIP, dns: s.DNSNameservers}, nil
			}
		}
	}
	return placement{}, fmt.Errorf("network %s has no free IPv4 address in %q", network, staticIPs)
}

func (c *cloud) networkID(ctx context.Context, network string) (string, error) {
	var list struct {
		Networks []struct{ ID string }
	}
	for _, key := range []string{"id", "name"} {
		if err := c.get(ctx, "network", "/v2.0/networks?"+key+"="+url.QueryEscape(network), &list); err != nil {
			return "", err
		}
		if len(list.Networks) == 1 {
			return list.Networks[0].ID, nil
		}
	}
	return "", fmt.Errorf("%d networks have the id or name %q, one is needed", len(list.Networks), network)
}

func (c *cloud) takenAddresses(ctx context.Context, networkID string) (map[string]bool, error) {
	var list struct {
		Ports []struct {
			FixedIPs []struct {
				Address string `json:"ip_address"`
			} `json:"fixed_ips"`
		}
	}
	if err := c.get(ctx, "network", "/v2.0/ports?network_id="+url.QueryEscape(networkID), &list); err != nil {
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

// addressRange reads "A", "A-B" or "", which means all addresses of the subnet but the first nine, where gateways and
// DHCP servers live.
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

// netmask is the mask in the notation that BOSH's networks use.
func (p placement) netmask() string {
	return net.IP(net.CIDRMask(p.subnet.Bits(), 32)).String()
}
