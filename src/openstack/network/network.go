// Package network is what the CPI needs of Neutron: ports, networks and subnets, security groups, floating IPs.
package network

import (
	"context"
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is Neutron, as seen by one session.
type Service struct {
	session *openstack.Session
}

// New returns the session's Neutron. Nothing is asked of the cloud yet.
func New(session *openstack.Session) *Service { return &Service{session} }

func (s *Service) client(ctx context.Context) (*gophercloud.ServiceClient, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach Neutron: %w", err)
	}
	return client, nil
}

// Network returns the network; openstack.IsNotFound tells that there is none, or none that the project may see.
func (s *Service) Network(ctx context.Context, id string) (networks.Network, error) {
	client, err := s.client(ctx)
	if err != nil {
		return networks.Network{}, err
	}
	found, err := openstack.Value(networks.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get network %s", id)
}
