// Package network makes the calls to Neutron: networks, ports, security groups
// and floating IPs.
package network

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is the Neutron of one session.
type Service struct {
	session *openstack.Session
}

// New returns the Neutron of the session. It sends no request.
func New(session *openstack.Session) *Service { return &Service{session} }

// Network returns the network. Networks that the project cannot see are not
// found.
func (s *Service) Network(ctx context.Context, id string) (networks.Network, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return networks.Network{}, err
	}
	found, err := openstack.Value(networks.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get network %s", id)
}
