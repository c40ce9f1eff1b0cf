package network

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// FloatingIPs returns the project's floating IPs with the address. There are
// several if external networks overlap.
func (s *Service) FloatingIPs(ctx context.Context, address string) ([]floatingips.FloatingIP, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	pager := floatingips.List(client, floatingips.ListOpts{FloatingIP: address})
	all, err := openstack.List(ctx, pager, floatingips.ExtractFloatingIPs)
	return all, openstack.Wrap(err, "list floating IPs with address %s", address)
}

// AssociateFloatingIP associates the floating IP with one address of the port
// and so takes it from any other port. fixedIP may be empty if the port has
// only one IPv4 address.
func (s *Service) AssociateFloatingIP(ctx context.Context, floatingIPID, portID, fixedIP string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	_, err = floatingips.Update(ctx, client, floatingIPID, floatingips.UpdateOpts{PortID: &portID, FixedIP: fixedIP}).Extract()
	return openstack.Wrap(err, "associate floating IP %s with port %s", floatingIPID, portID)
}

// DisassociateFloatingIP takes the floating IP from its port and keeps it
// allocated. Not found counts as success.
func (s *Service) DisassociateFloatingIP(ctx context.Context, floatingIPID string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	_, err = floatingips.Update(ctx, client, floatingIPID, floatingips.UpdateOpts{PortID: new(string)}).Extract()
	return openstack.IgnoreNotFound(openstack.Wrap(err, "disassociate floating IP %s", floatingIPID))
}
