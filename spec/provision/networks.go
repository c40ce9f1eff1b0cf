package provision

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// subnetPlan describes a subnet.
type subnetPlan struct {
	name       string
	version    int
	attributes object
	static     [2]string
}

func subnetV4(octet int) subnetPlan {
	base := fmt.Sprintf("10.71.%d.", octet)
	return subnetPlan{
		name: "v4", version: 4, attributes: object{
			"cidr": base + "0/24", "gateway_ip": base + "1", "allocation_pools": []object{{"start": base + "128", "end": base + "254"}},
		},
		static: [2]string{base + "10", base + "127"},
	}
}

// purposes are the networks, by what the suites use them for.
func purposes() []string { return []string{"private", "private-2", "dual"} }

// subnetsFor returns the subnets of the network with a purpose. Their pools leave
// the addresses of static to the tests.
func subnetsFor(purpose string) []subnetPlan {
	switch purpose {
	case "private":
		return []subnetPlan{subnetV4(0)}
	case "private-2":
		return []subnetPlan{subnetV4(1)}
	default:
		return []subnetPlan{subnetV4(2), {
			name: "v6", version: 6, attributes: object{
				"cidr": "fd00:10:71:2::/64", "gateway_ip": "fd00:10:71:2::1", "ipv6_ra_mode": "dhcpv6-stateful", "ipv6_address_mode": "dhcpv6-stateful",
				"allocation_pools": []object{{"start": "fd00:10:71:2::1000", "end": "fd00:10:71:2::ffff"}},
			},
			static: [2]string{"fd00:10:71:2::10", "fd00:10:71:2::fff"},
		}}
	}
}

// makeNetworks creates the networks and their subnets, and a router that connects
// them with the external network, if there is one.
func (p *Provisioner) makeNetworks(ctx context.Context, made *fixtures.Fixtures) error {
	made.Networks = map[string]fixtures.Network{}
	outside, err := p.externalNetwork(ctx)
	if err != nil {
		return err
	}
	attributes := object{}
	if outside != "" {
		made.Networks["external"] = fixtures.Network{ID: outside}
		attributes["external_gateway_info"] = object{"network_id": outside}
	}
	connection, err := p.ensure(ctx, router, Mark, attributes)
	if err != nil {
		return err
	}
	for _, purpose := range purposes() {
		if err := p.makeNetwork(ctx, made, purpose, fmt.Sprint(connection["id"])); err != nil {
			return err
		}
	}
	return nil
}

// externalNetwork returns the id of the network for floating IPs, "" for none.
func (p *Provisioner) externalNetwork(ctx context.Context) (string, error) {
	query := url.Values{"router:external": {"true"}}
	if p.External != "" {
		query.Set("name", p.External)
	}
	var page map[string][]object
	if err := p.User.Get(ctx, "network", "/networks?"+query.Encode(), &page); err != nil {
		return "", err
	}
	switch {
	case len(page["networks"]) > 0:
		return fmt.Sprint(page["networks"][0]["id"]), nil
	case p.External != "":
		return "", fmt.Errorf("there is no external network %q", p.External)
	}
	p.logf("there is no external network: tests of floating IPs will be skipped")
	return "", nil
}

func (p *Provisioner) makeNetwork(ctx context.Context, made *fixtures.Fixtures, purpose, routerID string) error {
	found, err := p.ensure(ctx, network, Mark+"-"+purpose, object{})
	if err != nil {
		return err
	}
	described := fixtures.Network{ID: fmt.Sprint(found["id"])}
	for _, plan := range subnetsFor(purpose) {
		attributes := object{"network_id": described.ID, "ip_version": plan.version}
		maps.Copy(attributes, plan.attributes)
		created, err := p.ensure(ctx, subnet, Mark+"-"+purpose+"-"+plan.name, attributes)
		if err != nil {
			return err
		}
		described.Subnets = append(described.Subnets, fixtures.Subnet{IPVersion: plan.version, StaticFirst: plan.static[0], StaticLast: plan.static[1]})
		if plan.version == 4 {
			if err := p.connect(ctx, routerID, fmt.Sprint(created["id"])); err != nil {
				return err
			}
		}
	}
	made.Networks[purpose] = described
	return nil
}

// connect adds a subnet to the router, unless it has it.
func (p *Provisioner) connect(ctx context.Context, routerID, subnetID string) error {
	connected, err := p.connected(ctx, routerID)
	if err != nil || slices.Contains(connected, subnetID) {
		return err
	}
	return p.User.Send(ctx, http.MethodPut, "network", "/routers/"+routerID+"/add_router_interface", object{"subnet_id": subnetID}, nil)
}

// connected returns the subnets of a router.
func (p *Provisioner) connected(ctx context.Context, routerID string) (found []string, err error) {
	var page struct {
		Ports []struct {
			FixedIPs []struct {
				SubnetID string `json:"subnet_id"`
			} `json:"fixed_ips"`
		}
	}
	if err := p.User.Get(ctx, "network", "/ports?device_id="+routerID, &page); err != nil {
		return nil, err
	}
	for _, port := range page.Ports {
		for _, address := range port.FixedIPs {
			found = append(found, address.SubnetID)
		}
	}
	return found, nil
}

func (p *Provisioner) removeRouter(ctx context.Context) error {
	found, err := p.own(ctx, router, Mark)
	if err != nil {
		return err
	}
	for _, element := range found {
		id := fmt.Sprint(element["id"])
		own, err := p.own(ctx, subnet, "")
		if err != nil {
			return err
		}
		connected, err := p.connected(ctx, id)
		if err != nil {
			return err
		}
		for _, created := range own {
			if !slices.Contains(connected, fmt.Sprint(created["id"])) {
				continue
			}
			if err := p.User.Send(ctx, http.MethodPut, "network", "/routers/"+id+"/remove_router_interface", object{"subnet_id": created["id"]}, nil); err != nil {
				return err
			}
		}
	}
	return p.removeOwn(ctx, router, Mark, "")
}

func (p *Provisioner) removeNetworks(ctx context.Context) error {
	for _, purpose := range purposes() {
		if err := p.removeOwn(ctx, network, Mark+"-"+purpose, ""); err != nil {
			return fmt.Errorf("%w: delete the VMs and ports in it first (openstack_cpi orphans finds those of the tests)", err)
		}
	}
	return nil
}

// makeSecurityGroup creates a group in addition to "default". Its rules are those
// of every new group, which permit connections to the outside.
func (p *Provisioner) makeSecurityGroup(ctx context.Context, made *fixtures.Fixtures) error {
	created, err := p.ensure(ctx, securityGroup, Mark, object{})
	if err != nil {
		return err
	}
	made.SecurityGroups = map[string]string{Mark: fmt.Sprint(created["id"])}
	var page map[string][]object
	query := url.Values{"name": {"default"}, "project_id": {p.User.Token.Project.ID}}
	if err := p.User.Get(ctx, "network", "/security-groups?"+query.Encode(), &page); err != nil {
		return err
	}
	if group := first(page["security_groups"]); group != nil {
		made.SecurityGroups["default"] = fmt.Sprint(group["id"])
	}
	return nil
}

func (p *Provisioner) removeSecurityGroup(ctx context.Context) error {
	return p.removeOwn(ctx, securityGroup, Mark, "")
}

// makeFloatingIPs allocates floating IPs, which have no names.
func (p *Provisioner) makeFloatingIPs(ctx context.Context, made *fixtures.Fixtures) error {
	outside := made.Networks["external"].ID
	if outside == "" {
		return nil
	}
	found, err := p.own(ctx, floatingIP, "")
	if err != nil {
		return err
	}
	for len(found) < floatingIPs {
		created, err := p.create(ctx, floatingIP, object{"floating_network_id": outside})
		if err != nil {
			return err
		}
		found = append(found, created)
	}
	for _, address := range found {
		made.FloatingIPs = append(made.FloatingIPs, fixtures.FloatingIP{ID: fmt.Sprint(address["id"]), Address: fmt.Sprint(address["floating_ip_address"])})
	}
	return nil
}

func (p *Provisioner) removeFloatingIPs(ctx context.Context) error {
	return p.removeOwn(ctx, floatingIP, "", "")
}
