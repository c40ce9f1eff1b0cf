package network

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// FloatingIPs returns the project's floating IPs with one of the addresses. There
// are several with one address if external networks overlap. It sends no request
// if there is no address.
func (s *Service) FloatingIPs(ctx context.Context, addresses []string) ([]floatingips.FloatingIP, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	pages := list(client, "floatingips", url.Values{"floating_ip_address": addresses}, func(base pagination.LinkedPageBase) pagination.Page {
		return floatingips.FloatingIPPage{LinkedPageBase: base}
	})
	all, err := openstack.ListMatching(ctx, pages, floatingips.ExtractFloatingIPs, func(ip floatingips.FloatingIP) bool {
		return slices.Contains(addresses, ip.FloatingIP)
	})
	return all, openstack.Wrap(err, "list floating IPs with address %s", strings.Join(addresses, ", "))
}

// FloatingIP returns the floating IP.
func (s *Service) FloatingIP(ctx context.Context, id string) (floatingips.FloatingIP, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return floatingips.FloatingIP{}, err
	}
	found, err := openstack.Value(floatingips.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get floating IP %s", id)
}

// TakeFloatingIP is AssociateFloatingIP if the floating IP has not changed since
// it was read. Otherwise IsChanged holds for the error. Before Ocata, Neutron does
// not compare the revisions.
func (s *Service) TakeFloatingIP(ctx context.Context, ip floatingips.FloatingIP, portID, fixedIP string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	opts := floatingips.UpdateOpts{PortID: &portID, FixedIP: fixedIP, RevisionNumber: &ip.RevisionNumber}
	_, err = floatingips.Update(ctx, client, ip.ID, opts).Extract()
	return openstack.Wrap(err, "associate floating IP %s with port %s", ip.ID, portID)
}

// IsChanged reports whether Neutron refused a change because the object has been
// changed since it was read.
func IsChanged(err error) bool { return openstack.StatusOf(err) == http.StatusPreconditionFailed }

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
