package network

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// FloatingIPs returns the project's floating IPs with the address: one, or one for each external network that overlaps
// with another.
func (s *Service) FloatingIPs(ctx context.Context, address string) ([]floatingips.FloatingIP, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	pager := floatingips.List(client, floatingips.ListOpts{FloatingIP: address})
	all, err := openstack.List(ctx, pager, floatingips.ExtractFloatingIPs)
	return all, openstack.Wrap(err, "list floating IPs with address %s", address)
}

// AssociateFloatingIP leads the floating IP to one address of the port, taking it from the port that has it. fixedIP may
// be empty if the port has one IPv4 address only.
func (s *Service) AssociateFloatingIP(ctx context.Context, floatingIPID, portID, fixedIP string) error {
	err := s.updateFloatingIP(ctx, floatingIPID, floatingips.UpdateOpts{PortID: &portID, FixedIP: fixedIP})
	return openstack.Wrap(err, "associate floating IP %s with port %s", floatingIPID, portID)
}

// DisassociateFloatingIP takes the floating IP from its port. One that is gone already is a success.
func (s *Service) DisassociateFloatingIP(ctx context.Context, floatingIPID string) error {
	err := s.updateFloatingIP(ctx, floatingIPID, floatingips.UpdateOpts{PortID: new(string)})
	return openstack.IgnoreNotFound(openstack.Wrap(err, "disassociate floating IP %s", floatingIPID))
}

func (s *Service) updateFloatingIP(ctx context.Context, id string, opts floatingips.UpdateOpts) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	_, err = floatingips.Update(ctx, client, id, opts).Extract()
	return err
}
