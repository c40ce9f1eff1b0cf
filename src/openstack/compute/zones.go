package compute

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Zones returns the names of Nova's availability zones, also of those that are
// not available at the moment.
func (s *Service) Zones(ctx context.Context) ([]string, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	type zone struct {
		Name string `json:"zoneName"`
	}
	var found struct {
		Zones []zone `json:"availabilityZoneInfo"`
	}
	_, err = client.Get(ctx, client.ServiceURL("os-availability-zone"), &found, nil) //nolint:bodyclose // gophercloud has read and closed it
	zones, err := openstack.Values(found.Zones, err)
	if err != nil {
		return nil, openstack.Wrap(err, "list availability zones of Nova")
	}
	names := make([]string, len(zones))
	for i, zone := range zones {
		names[i] = zone.Name
	}
	return names, nil
}
