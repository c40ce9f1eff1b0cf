package network

import (
	"context"
	"net/url"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Subnets returns the subnets of networks. It sends no request if there is none.
func (s *Service) Subnets(ctx context.Context, networkIDs []string) ([]subnets.Subnet, error) {
	if len(networkIDs) == 0 {
		return nil, nil
	}
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	pages := list(client, "subnets", url.Values{"network_id": networkIDs}, func(base pagination.LinkedPageBase) pagination.Page {
		return subnets.SubnetPage{LinkedPageBase: base}
	})
	found, err := openstack.List(ctx, pages, subnets.ExtractSubnets)
	return found, openstack.Wrap(err, "list subnets of networks %v", networkIDs)
}
