package volume

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/availabilityzones"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/limits"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumetypes"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Zones returns the names of Cinder's availability zones, also of those that are
// not available at the moment.
func (s *Service) Zones(ctx context.Context) ([]string, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return nil, err
	}
	pages, err := availabilityzones.List(client).AllPages(ctx)
	if err != nil {
		return nil, openstack.Wrap(err, "list availability zones of Cinder")
	}
	zones, err := availabilityzones.ExtractAvailabilityZones(pages)
	names := make([]string, len(zones))
	for i, zone := range zones {
		names[i] = zone.ZoneName
	}
	return names, openstack.Wrap(err, "list availability zones of Cinder")
}

// Types returns the volume types that the project can use.
func (s *Service) Types(ctx context.Context) ([]volumetypes.VolumeType, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return nil, err
	}
	// openstack.List expects a list with the name of the path.
	pages, err := volumetypes.List(client, nil).AllPages(ctx)
	if err != nil {
		return nil, openstack.Wrap(err, "list volume types")
	}
	all, err := volumetypes.ExtractVolumeTypes(pages)
	return all, openstack.Wrap(err, "list volume types")
}

// Limits returns the project's quotas of Cinder, and how much of them is used. A
// negative quota is unlimited.
func (s *Service) Limits(ctx context.Context) (limits.Absolute, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return limits.Absolute{}, err
	}
	found, err := limits.Get(ctx, client).Extract()
	if err == nil && found == nil {
		err = &openstack.MissingError{Kind: "Object", Name: "limits"}
	}
	if err != nil {
		return limits.Absolute{}, openstack.Wrap(err, "get the limits of Cinder")
	}
	return found.Absolute, nil
}

// Rates returns how often Cinder accepts requests.
func (s *Service) Rates(ctx context.Context) ([]openstack.Rate, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return nil, err
	}
	rates, err := openstack.Rates(limits.Get(ctx, client).Result)
	return rates, openstack.Wrap(err, "get the limits of Cinder")
}
