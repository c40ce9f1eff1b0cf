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
	var found struct {
		Zones []struct {
			Name string `json:"zoneName"`
		} `json:"availabilityZoneInfo"`
	}
	if _, err := client.Get(ctx, client.ServiceURL("os-availability-zone"), &found, nil); err != nil { //nolint:bodyclose // gophercloud has read and closed it
		return nil, openstack.Wrap(err, "list availability zones of Nova")
	}
	names := make([]string, len(found.Zones))
	for i, zone := range found.Zones {
		names[i] = zone.Name
	}
	return names, nil
}
