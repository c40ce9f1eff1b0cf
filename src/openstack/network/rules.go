package network

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// SecurityGroup returns the security group with its rules.
func (s *Service) SecurityGroup(ctx context.Context, id string) (groups.SecGroup, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return groups.SecGroup{}, err
	}
	found, err := openstack.Value(groups.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get security group %s", id)
}
