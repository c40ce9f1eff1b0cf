package network

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/external"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/mtu"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/portsecurity"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// VisibleNetwork is a network with the attributes of Neutron's extensions.
type VisibleNetwork struct {
	networks.Network
	external.NetworkExternalExt
	mtu.NetworkMTUExt
	portsecurity.PortSecurityExt
}

// VisibleNetworks returns all networks that the project can use: its own, shared
// and external ones.
func (s *Service) VisibleNetworks(ctx context.Context) ([]VisibleNetwork, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, networks.List(client, nil), func(page pagination.Page) (found []VisibleNetwork, err error) {
		err = networks.ExtractNetworksInto(page, &found)
		return found, err
	})
	return all, openstack.Wrap(err, "list networks")
}
