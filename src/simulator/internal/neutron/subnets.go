package neutron

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/netip"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// subnet is an address range of a network.
type subnet struct {
	standard
	network          *network
	cidr             netip.Prefix
	gateway          netip.Addr // invalid for none
	pools            []addressRange
	dhcp             bool
	raMode, addrMode *string
	nameservers      []string
	hostRoutes       json.RawMessage
}

// addressRange is an allocation pool, from its first to its last address.
type addressRange struct{ first, last netip.Addr }

func (r addressRange) contains(a netip.Addr) bool { return !a.Less(r.first) && !r.last.Less(a) }

func (r addressRange) String() string { return r.first.String() + "-" + r.last.String() }

func (t *subnet) version() int {
	if t.cidr.Addr().Is6() {
		return 6
	}
	return 4
}

// auto reports whether addresses are derived from the MAC.
func (t *subnet) auto() bool {
	return t.addrMode != nil && (*t.addrMode == "slaac" || *t.addrMode == "dhcpv6-stateless")
}

func (n *Service) subnetDocument(t *subnet) api.Object {
	document := t.document()
	pools := []api.Object{}
	for _, pool := range t.pools {
		pools = append(pools, api.Object{"start": pool.first.String(), "end": pool.last.String()})
	}
	maps.Copy(document, api.Object{
		"network_id": t.network.ID, "cidr": t.cidr.String(), "ip_version": t.version(), "enable_dhcp": t.dhcp,
		"allocation_pools": pools, "gateway_ip": addressOrNull(t.gateway), "dns_nameservers": t.nameservers,
		"host_routes": t.hostRoutes, "ipv6_ra_mode": t.raMode, "ipv6_address_mode": t.addrMode, "subnetpool_id": nil,
		"service_types": []string{},
	})
	return document
}

func addressOrNull(a netip.Addr) any {
	if !a.IsValid() {
		return nil
	}
	return a.String()
}

// subnetFor returns a subnet of a network that the caller may see, nil for
// none.
func (n *Service) subnetFor(c api.Caller, id string) *subnet {
	t := api.ByID(n.subnets, id)
	if t == nil || !c.Sees(t.Project) && !t.network.shared {
		return nil
	}
	return t
}

func (n *Service) wantedSubnet(c api.Caller, id string) (*subnet, error) {
	if t := n.subnetFor(c, id); t != nil {
		return t, nil
	}
	return nil, notFound("Subnet", id)
}

func (n *Service) listSubnets(c *api.Call) (api.Answer, error) {
	var found []*subnet
	for _, t := range n.subnets {
		if n.subnetFor(c.Caller, t.ID) != nil {
			found = append(found, t)
		}
	}
	return n.list(c, "subnets", api.Documents(found, n.subnetDocument))
}

type subnetBody struct {
	Subnet *struct {
		NetworkID   string          `json:"network_id"`
		Name        string          `json:"name"`
		Description string          `json:"description"`
		CIDR        *string         `json:"cidr"`
		IPVersion   int             `json:"ip_version"`
		Gateway     json.RawMessage `json:"gateway_ip"`
		DHCP        *bool           `json:"enable_dhcp"`
		Pools       *[]struct {
			Start string `json:"start"`
			End   string `json:"end"`
		} `json:"allocation_pools"`
		Nameservers []string        `json:"dns_nameservers"`
		HostRoutes  json.RawMessage `json:"host_routes"`
		RAMode      *string         `json:"ipv6_ra_mode"`
		AddrMode    *string         `json:"ipv6_address_mode"`
		PoolID      *string         `json:"subnetpool_id"`
		Length      int             `json:"prefixlen"`
		Project     *string         `json:"project_id"`
		Tenant      *string         `json:"tenant_id"`
	} `json:"subnet"`
}

func (n *Service) createSubnet(c *api.Call) (api.Answer, error) {
	var body subnetBody
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Subnet == nil {
		return api.Answer{}, missingObject("subnet")
	}
	t, err := n.planSubnet(c, body)
	if err != nil {
		return api.Answer{}, err
	}
	if err := n.overQuota("subnet", "subnets", len(api.OfProject(n.subnets, c.Project))+1); err != nil {
		return api.Answer{}, err
	}
	n.subnets = append(n.subnets, t)
	return api.Reply(http.StatusCreated, api.Object{"subnet": n.subnetDocument(t)})
}

// planSubnet checks a request in the order of the real service.
func (n *Service) planSubnet(c *api.Call, body subnetBody) (*subnet, error) {
	want := body.Subnet
	if err := n.checkSubnetAttributes(c, body); err != nil {
		return nil, err
	}
	w, err := n.changeableNetwork(c.Caller, want.NetworkID)
	if err != nil {
		return nil, err
	}
	cidr, err := n.rangeOf(c.Caller, body)
	if err != nil {
		return nil, err
	}
	t := &subnet{
		standard: n.standard(c.Project), network: w, cidr: cidr.Masked(), dhcp: true, raMode: want.RAMode, addrMode: want.AddrMode,
		nameservers: append([]string{}, want.Nameservers...), hostRoutes: want.HostRoutes,
	}
	t.name, t.description = want.Name, want.Description
	api.Assign(&t.dhcp, want.DHCP)
	if len(t.hostRoutes) == 0 {
		t.hostRoutes = json.RawMessage("[]")
	}
	if t.version() != want.IPVersion {
		return nil, invalidInput("cidr '" + t.cidr.String() + "' does not match the ip_version '" + string(api.Marshal(want.IPVersion)) + "'.")
	}
	if t.dhcp && t.cidr.Bits() > t.cidr.Addr().BitLen()-2 {
		return nil, invalidInput("Subnet has a prefix length that is incompatible with DHCP service enabled.")
	}
	for _, other := range n.subnetsOf(w) {
		if other.cidr.Overlaps(t.cidr) {
			return nil, invalidInput("Requested subnet with cidr: " + t.cidr.String() + " for network: " + w.ID +
				" overlaps with another subnet.")
		}
	}
	return t, n.placeGatewayAndPools(c, t, body)
}

// rangeOf returns the range of a new subnet: that of the request, or one of a
// subnet pool.
func (n *Service) rangeOf(c api.Caller, body subnetBody) (netip.Prefix, error) {
	want := body.Subnet
	if want.CIDR == nil {
		return n.rangeOfPool(c, *want.PoolID, want.Length)
	}
	cidr, err := netip.ParsePrefix(*want.CIDR)
	if err != nil {
		return cidr, invalidInput(*want.CIDR + " is not in a CIDR format.")
	}
	return cidr, nil
}

func (n *Service) checkSubnetAttributes(c *api.Call, body subnetBody) error {
	want := body.Subnet
	switch {
	case want.NetworkID == "":
		return badRequest("Failed to parse request. Required attribute 'network_id' not specified")
	case !world.IsUUID(want.NetworkID):
		return invalidAttribute("network_id", "'"+want.NetworkID+"' is not a valid UUID.")
	case want.IPVersion == 0:
		return badRequest("Failed to parse request. Required attribute 'ip_version' not specified")
	case want.IPVersion != 4 && want.IPVersion != 6:
		return invalidAttribute("ip_version", string(api.Marshal(want.IPVersion))+" is not in valid_values.")
	case want.CIDR == nil && want.PoolID == nil:
		return api.RefuseKind(http.StatusBadRequest, "BadRequest",
			"Bad subnets request: a subnetpool must be specified in the absence of a cidr.")
	}
	for _, server := range want.Nameservers {
		if _, err := netip.ParseAddr(server); err != nil {
			return invalidAttribute("dns_nameservers",
				"'"+server+"' is not a valid nameserver. '"+server+"' is not a valid IP address.")
		}
	}
	return checkOwner(c.Caller, firstOf(want.Project, want.Tenant))
}

// placeGatewayAndPools sets the gateway to the requested or the first address,
// and the pools to the requested ones or the rest.
func (n *Service) placeGatewayAndPools(c *api.Call, t *subnet, body subnetBody) error {
	want := body.Subnet
	switch {
	case len(want.Gateway) == 0 && t.version() == 6:
		t.gateway = t.cidr.Addr() // the anycast address of the routers
	case len(want.Gateway) == 0:
		t.gateway = t.cidr.Addr().Next()
	case string(want.Gateway) != "null":
		var text string
		if err := json.Unmarshal(want.Gateway, &text); err != nil {
			return c.WrongBody(err)
		}
		gateway, err := netip.ParseAddr(text)
		if err != nil {
			return invalidAttribute("gateway_ip", "'"+text+"' is not a valid IP address.")
		}
		t.gateway = gateway
	}
	if want.Pools == nil {
		t.pools = usablePools(t.cidr, t.gateway)
		return nil
	}
	for _, asked := range *want.Pools {
		first, errFirst := netip.ParseAddr(asked.Start)
		last, errLast := netip.ParseAddr(asked.End)
		if errFirst != nil || errLast != nil || last.Less(first) {
			return api.RefuseKind(http.StatusBadRequest, "InvalidAllocationPool",
				"The allocation pool {'start': '"+asked.Start+"', 'end': '"+asked.End+"'} is not valid.")
		}
		t.pools = append(t.pools, addressRange{first, last})
	}
	return n.checkPools(t)
}

func (n *Service) checkPools(t *subnet) error {
	for i, pool := range t.pools {
		if !t.cidr.Contains(pool.first) || !t.cidr.Contains(pool.last) {
			return api.RefuseKind(http.StatusBadRequest, "OutOfBoundsAllocationPool",
				"The allocation pool "+pool.String()+" spans beyond the subnet cidr "+t.cidr.String()+".")
		}
		for _, other := range t.pools[i+1:] {
			if pool.contains(other.first) || other.contains(pool.first) {
				return api.RefuseKind(http.StatusConflict, "OverlappingAllocationPools",
					"Found overlapping allocation pools: "+pool.String()+" "+other.String()+" for subnet "+t.cidr.String()+".")
			}
		}
		if t.gateway.IsValid() && pool.contains(t.gateway) {
			return api.RefuseKind(http.StatusConflict, "GatewayConflictWithAllocationPools",
				"Gateway ip "+t.gateway.String()+" conflicts with allocation pool "+pool.String()+".")
		}
	}
	return nil
}

// lastAddress returns the last address of a range.
func lastAddress(cidr netip.Prefix) netip.Addr {
	last := cidr.Addr().AsSlice()
	for bit := cidr.Bits(); bit < len(last)*8; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	return end
}

// usablePools returns all addresses of a range except its own, the broadcast
// address of IPv4 and the gateway.
func usablePools(cidr netip.Prefix, gateway netip.Addr) []addressRange {
	end := lastAddress(cidr)
	if cidr.Addr().Is4() {
		end = end.Prev()
	}
	whole := addressRange{cidr.Addr().Next(), end}
	if !gateway.IsValid() || !whole.contains(gateway) {
		return []addressRange{whole}
	}
	pools := []addressRange{}
	if whole.first != gateway {
		pools = append(pools, addressRange{whole.first, gateway.Prev()})
	}
	if whole.last != gateway {
		pools = append(pools, addressRange{gateway.Next(), whole.last})
	}
	return pools
}

// parseRange reads "first-last".
func parseRange(text string) addressRange {
	first, last, _ := strings.Cut(text, "-")
	return addressRange{netip.MustParseAddr(first), netip.MustParseAddr(last)}
}
