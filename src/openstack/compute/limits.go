package compute

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/limits"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Limits returns the project's quotas of Nova, and how much of them is used. A
// negative quota is unlimited.
func (s *Service) Limits(ctx context.Context) (limits.Absolute, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return limits.Absolute{}, err
	}
	found, err := limits.Get(ctx, client, nil).Extract()
	if err == nil && found == nil {
		err = &openstack.MissingError{Kind: "Object", Name: "limits"}
	}
	if err != nil {
		return limits.Absolute{}, openstack.Wrap(err, "get the limits of Nova")
	}
	return found.Absolute, nil
}

// Rates returns how often Nova accepts requests.
func (s *Service) Rates(ctx context.Context) ([]openstack.Rate, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	rates, err := openstack.Rates(limits.Get(ctx, client, nil).Result)
	return rates, openstack.Wrap(err, "get the limits of Nova")
}
