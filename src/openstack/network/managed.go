package network

import (
	"context"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// CreateOpts describes a network to create. The name must be unique: a
// network whose creation got no response is found by it.
type CreateOpts struct {
	Name         string `json:"name"`
	Description  string `json:"description"`
	PortSecurity *bool  `json:"port_security_enabled,omitempty"`
	// MTU is 0 for Neutron's choice.
	MTU int `json:"mtu,omitempty"`
}

// ToNetworkCreateMap implements networks.CreateOptsBuilder.
func (o CreateOpts) ToNetworkCreateMap() (map[string]any, error) {
	return gophercloud.BuildRequestBody(o, "network")
}

// CreateNetwork creates the network, once even if the response is lost.
func (s *Service) CreateNetwork(ctx context.Context, opts CreateOpts) (networks.Network, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return networks.Network{}, err
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (networks.Network, error) {
		return openstack.Value(networks.Create(ctx, client, opts).Extract())
	}, func(ctx context.Context) ([]networks.Network, error) { return s.networksNamed(ctx, opts.Name) })
	return created, openstack.Wrap(err, "create network %s", opts.Name)
}

// DeleteNetworkNamed deletes all networks with the name.
func (s *Service) DeleteNetworkNamed(ctx context.Context, name string) error {
	named, err := s.networksNamed(ctx, name)
	if err != nil {
		return openstack.Wrap(err, "list networks named %s", name)
	}
	for _, found := range named {
		if err := s.DeleteNetwork(ctx, found.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) networksNamed(ctx context.Context, name string) ([]networks.Network, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	pages := networks.List(client, networks.ListOpts{Name: name})
	return openstack.ListMatching(ctx, pages, networks.ExtractNetworks, func(found networks.Network) bool { return found.Name == name })
}

// CreateSubnet creates the subnet, once even if the response is lost. Its name must
// be unique.
func (s *Service) CreateSubnet(ctx context.Context, opts subnets.CreateOpts) (subnets.Subnet, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return subnets.Subnet{}, err
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (subnets.Subnet, error) {
		return openstack.Value(subnets.Create(ctx, client, opts).Extract())
	}, func(ctx context.Context) ([]subnets.Subnet, error) {
		pages := subnets.List(client, subnets.ListOpts{Name: opts.Name})
		return openstack.ListMatching(ctx, pages, subnets.ExtractSubnets, func(found subnets.Subnet) bool { return found.Name == opts.Name })
	})
	return created, openstack.Wrap(err, "create subnet %s of network %s", opts.CIDR, opts.NetworkID)
}

// UpdateSubnet changes the subnet.
func (s *Service) UpdateSubnet(ctx context.Context, id string, opts subnets.UpdateOpts) (subnets.Subnet, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return subnets.Subnet{}, err
	}
	changed, err := openstack.Value(subnets.Update(ctx, client, id, opts).Extract())
	return changed, openstack.Wrap(err, "update subnet %s", id)
}

// SubnetPool returns the id of a subnet pool by its name or id.
func (s *Service) SubnetPool(ctx context.Context, nameOrID string) (string, error) {
	return s.id(ctx, "Subnet pool", "subnetpools", "subnetpools", nameOrID)
}

// Router returns the id of a router by its name or id.
func (s *Service) Router(ctx context.Context, nameOrID string) (string, error) {
	return s.id(ctx, "Router", "routers", "routers", nameOrID)
}

// NetworkID returns the id of a network by its name or id.
func (s *Service) NetworkID(ctx context.Context, nameOrID string) (string, error) {
	return s.id(ctx, "Network", "networks", "networks", nameOrID)
}

// CreateRouter creates a router with a gateway to an external network, once even
// if the response is lost. Its name must be unique.
func (s *Service) CreateRouter(ctx context.Context, name, description, externalNetworkID string) (routers.Router, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return routers.Router{}, err
	}
	opts := routers.CreateOpts{Name: name, Description: description, GatewayInfo: &routers.GatewayInfo{NetworkID: externalNetworkID}}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (routers.Router, error) {
		return openstack.Value(routers.Create(ctx, client, opts).Extract())
	}, func(ctx context.Context) ([]routers.Router, error) { return s.RoutersNamed(ctx, name) })
	return created, openstack.Wrap(err, "create router %s with a gateway to network %s", name, externalNetworkID)
}

// RoutersNamed returns all routers with the name, of any origin.
func (s *Service) RoutersNamed(ctx context.Context, name string) ([]routers.Router, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	pages := routers.List(client, routers.ListOpts{Name: name})
	named, err := openstack.ListMatching(ctx, pages, routers.ExtractRouters, func(found routers.Router) bool { return found.Name == name })
	return named, openstack.Wrap(err, "list routers named %s", name)
}

// DeleteRouter deletes the router. Not found counts as success.
func (s *Service) DeleteRouter(ctx context.Context, id string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	return openstack.IgnoreNotFound(openstack.Wrap(routers.Delete(ctx, client, id).ExtractErr(), "delete router %s", id))
}

// DeleteRouterNamed deletes all routers with the name.
func (s *Service) DeleteRouterNamed(ctx context.Context, name string) error {
	named, err := s.RoutersNamed(ctx, name)
	if err != nil {
		return err
	}
	for _, found := range named {
		if err := s.DeleteRouter(ctx, found.ID); err != nil {
			return err
		}
	}
	return nil
}

// AddRouterInterface connects the router with the subnet, whose gateway address it
// takes. A router that is connected already counts as success.
func (s *Service) AddRouterInterface(ctx context.Context, routerID, subnetID string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	_, err = routers.AddInterface(ctx, client, routerID, routers.AddInterfaceOpts{SubnetID: subnetID}).Extract()
	if openstack.IsBadRequest(err) && strings.Contains(openstack.MessageOf(err), "already has a port on subnet "+subnetID) {
		return nil
	}
	return openstack.Wrap(err, "connect router %s with subnet %s", routerID, subnetID)
}

// RemoveRouterInterface disconnects the router from the subnet. Not connected, and
// not found, count as success.
func (s *Service) RemoveRouterInterface(ctx context.Context, routerID, subnetID string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	_, err = routers.RemoveInterface(ctx, client, routerID, routers.RemoveInterfaceOpts{SubnetID: subnetID}).Extract()
	return openstack.IgnoreNotFound(openstack.Wrap(err, "disconnect router %s from subnet %s", routerID, subnetID))
}

// PortsOfNetwork returns all ports of the network.
func (s *Service) PortsOfNetwork(ctx context.Context, networkID string) ([]ports.Port, error) {
	all, err := s.list(ctx, ports.ListOpts{NetworkID: networkID})
	return all, openstack.Wrap(err, "list ports of network %s", networkID)
}

// KeepsNetworkInUse reports whether the network of a port cannot be deleted before
// the port. Those of DHCP and metadata servers are deleted with the network, those
// of its routers when they are disconnected.
func KeepsNetworkInUse(port ports.Port) bool {
	if port.DeviceOwner == "network:router_gateway" || port.DeviceOwner == "network:floatingip" {
		return true
	}
	return !strings.HasPrefix(port.DeviceOwner, "network:")
}

// DisconnectRouters disconnects the routers whose ports are among the network's.
func (s *Service) DisconnectRouters(ctx context.Context, all []ports.Port) error {
	for _, port := range all {
		if !isRouterPort(port) {
			continue
		}
		for _, fixed := range port.FixedIPs {
			if err := s.RemoveRouterInterface(ctx, port.DeviceID, fixed.SubnetID); err != nil {
				return err
			}
		}
	}
	return nil
}

// isRouterPort reports whether a router is connected with a network by the port.
func isRouterPort(port ports.Port) bool {
	return slices.Contains([]string{"network:router_interface", "network:router_interface_distributed", "network:ha_router_replicated_interface"}, port.DeviceOwner)
}
