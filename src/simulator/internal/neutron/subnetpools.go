package neutron

import (
	"maps"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// subnetPool is a range from which subnets get theirs.
type subnetPool struct {
	standard
	prefix netip.Prefix
}

func (n *Service) addSubnetPoolRoutes() {
	n.Frontend.Handle("GET /subnetpools", n.listSubnetPools, filters("ip_version", "shared", "is_default", "address_scope_id")...)
	n.Frontend.Handle("POST /subnetpools", n.createSubnetPool)
	n.Frontend.Handle("GET /subnetpools/{id}", api.Show("subnetpool", n.wantedSubnetPool, n.subnetPoolDocument), "fields")
	n.Frontend.Handle("DELETE /subnetpools/{id}", n.deleteSubnetPool)
	n.Frontend.Handle("PUT /subnets/{id}", n.updateSubnet)
}

func (n *Service) createSubnetPool(c *api.Call) (api.Answer, error) {
	var body struct {
		Pool *struct {
			Name        string         `json:"name"`
			Description string         `json:"description"`
			Prefixes    []netip.Prefix `json:"prefixes"`
			Length      int            `json:"default_prefixlen"`
		} `json:"subnetpool"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	switch {
	case body.Pool == nil:
		return api.Answer{}, missingObject("subnetpool")
	case len(body.Pool.Prefixes) == 0:
		return api.Answer{}, badRequest("Failed to parse request. Required attribute 'prefixes' not specified")
	}
	p := &subnetPool{n.standard(c.Project), body.Pool.Prefixes[0].Masked()}
	p.name, p.description = body.Pool.Name, body.Pool.Description
	n.subnetPools = append(n.subnetPools, p)
	return api.Reply(http.StatusCreated, api.Object{"subnetpool": n.subnetPoolDocument(p)})
}

func (n *Service) wantedSubnetPool(c api.Caller, id string) (*subnetPool, error) {
	if p := api.ByID(api.Visible(c, n.subnetPools), id); p != nil {
		return p, nil
	}
	return nil, notFound("Subnetpool", id)
}

func (n *Service) deleteSubnetPool(c *api.Call) (api.Answer, error) {
	p, err := n.wantedSubnetPool(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	n.subnetPools = api.Without(n.subnetPools, p)
	return api.Reply(http.StatusNoContent, nil)
}

func (n *Service) subnetPoolDocument(p *subnetPool) api.Object {
	document := p.document()
	maps.Copy(document, api.Object{
		"prefixes": []string{p.prefix.String()}, "ip_version": 4, "shared": false, "is_default": false, "address_scope_id": nil,
		"default_prefixlen": "26", "min_prefixlen": "8", "max_prefixlen": "32", "default_quota": nil,
	})
	return document
}

func (n *Service) listSubnetPools(c *api.Call) (api.Answer, error) {
	return n.list(c, "subnetpools", api.Documents(api.Visible(c.Caller, n.subnetPools), n.subnetPoolDocument))
}

// rangeOfPool returns the first free range of a length in a subnet pool.
func (n *Service) rangeOfPool(c api.Caller, id string, length int) (netip.Prefix, error) {
	pool, err := n.wantedSubnetPool(c, id)
	if err != nil {
		return netip.Prefix{}, err
	}
	if length < pool.prefix.Bits() || length > pool.prefix.Addr().BitLen() {
		return netip.Prefix{}, api.RefuseKind(http.StatusInternalServerError, "SubnetAllocationError", "Failed to allocate subnet: Insufficient prefix space to allocate subnet size /"+strconv.Itoa(length)+".")
	}
	for free := netip.PrefixFrom(pool.prefix.Addr(), length); pool.prefix.Contains(free.Addr()); free = netip.PrefixFrom(lastAddress(free).Next(), length) {
		if !n.rangeIsUsed(free) {
			return free, nil
		}
	}
	return netip.Prefix{}, api.RefuseKind(http.StatusInternalServerError, "SubnetAllocationError", "Failed to allocate subnet: Insufficient prefix space to allocate subnet size /"+strconv.Itoa(length)+".")
}

func (n *Service) rangeIsUsed(wanted netip.Prefix) bool {
	for _, t := range n.subnets {
		if t.cidr.Overlaps(wanted) {
			return true
		}
	}
	return false
}

func (n *Service) updateSubnet(c *api.Call) (api.Answer, error) {
	var body subnetBody
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Subnet == nil {
		return api.Answer{}, missingObject("subnet")
	}
	t, err := n.wantedSubnet(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	changed := *t
	api.Assign(&changed.dhcp, body.Subnet.DHCP)
	if body.Subnet.Pools != nil {
		changed.pools = nil
		body.Subnet.Gateway = api.Marshal(t.gateway.String())
		if err := n.placeGatewayAndPools(c, &changed, body); err != nil {
			return api.Answer{}, err
		}
	}
	*t = changed
	n.touch(&t.standard)
	return api.OK(api.Object{"subnet": n.subnetDocument(t)})
}
