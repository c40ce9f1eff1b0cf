package network

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// PortCreateOpts describes a port to create. Empty fields are not sent.
type PortCreateOpts struct {
	// Name must be unique: a port whose creation got no response is found by
	// it.
	Name        string
	Description string
	NetworkID   string
	// FixedIPs are the port's addresses; Neutron finds the subnet of each. If
	// there is none, Neutron chooses.
	FixedIPs []string
	// SecurityGroups are ids. If there is none, the port gets the project's
	// default group.
	SecurityGroups []string
	AddressPairs   []ports.AddressPair
}

// CreatePort creates the port, once even if the response is lost.
func (s *Service) CreatePort(ctx context.Context, opts PortCreateOpts) (ports.Port, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return ports.Port{}, err
	}
	request := ports.CreateOpts{
		Name: opts.Name, Description: opts.Description, NetworkID: opts.NetworkID, AllowedAddressPairs: opts.AddressPairs,
	}
	if len(opts.SecurityGroups) > 0 {
		request.SecurityGroups = &opts.SecurityGroups
	}
	if len(opts.FixedIPs) > 0 {
		addresses := make([]ports.IP, len(opts.FixedIPs))
		for i, ip := range opts.FixedIPs {
			addresses[i].IPAddress = ip
		}
		request.FixedIPs = addresses
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (ports.Port, error) {
		return openstack.Value(ports.Create(ctx, client, request).Extract())
	}, func(ctx context.Context) ([]ports.Port, error) { return s.list(ctx, ports.ListOpts{Name: opts.Name}) })
	return created, openstack.Wrap(err, "create port %s with address %s on network %s", opts.Name, strings.Join(opts.FixedIPs, ", "), opts.NetworkID)
}

// IsPortSecurityDisabled reports whether Neutron refused security groups or
// address pairs because the network has port security disabled.
func IsPortSecurityDisabled(err error) bool {
	return openstack.IsBadRequest(err) && strings.Contains(openstack.MessageOf(err), "Port security must be enabled")
}

// Port returns the port.
func (s *Service) Port(ctx context.Context, id string) (ports.Port, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return ports.Port{}, err
	}
	found, err := openstack.Value(ports.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get port %s", id)
}

// PortsOfDevice returns the ports of a server.
func (s *Service) PortsOfDevice(ctx context.Context, deviceID string) ([]ports.Port, error) {
	all, err := s.list(ctx, ports.ListOpts{DeviceID: deviceID})
	return all, openstack.Wrap(err, "list ports of server %s", deviceID)
}

// PortsWithIP returns the ports with the address, on all networks that the
// project can see if networkID is empty.
func (s *Service) PortsWithIP(ctx context.Context, ip, networkID string) ([]ports.Port, error) {
	all, err := s.list(ctx, ports.ListOpts{NetworkID: networkID, FixedIPs: []ports.FixedIPOpts{{IPAddress: ip}}})
	all = slices.DeleteFunc(all, func(port ports.Port) bool {
		return !slices.ContainsFunc(port.FixedIPs, func(fixed ports.IP) bool { return sameAddress(fixed.IPAddress, ip) })
	})
	return all, openstack.Wrap(err, "list ports with address %s", ip)
}

// sameAddress compares addresses: IPv6 addresses can be written in several
// ways.
func sameAddress(one, other string) bool {
	a, errOne := netip.ParseAddr(one)
	b, errOther := netip.ParseAddr(other)
	return errOne == nil && errOther == nil && a == b
}

// DeletePort deletes the port. Not found counts as success.
func (s *Service) DeletePort(ctx context.Context, id string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	return openstack.IgnoreNotFound(openstack.Delete(ctx, func() error {
		return openstack.Wrap(ports.Delete(ctx, client, id).ExtractErr(), "delete port %s", id)
	}))
}

// DeletePortNamed deletes all ports with the name.
func (s *Service) DeletePortNamed(ctx context.Context, name string) error {
	named, err := s.list(ctx, ports.ListOpts{Name: name})
	if err != nil {
		return openstack.Wrap(err, "list ports named %s", name)
	}
	for _, port := range named {
		if err := s.DeletePort(ctx, port.ID); err != nil {
			return err
		}
	}
	return nil
}

// list returns the ports that match the filter.
func (s *Service) list(ctx context.Context, filter ports.ListOpts) ([]ports.Port, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	return openstack.ListMatching(ctx, ports.List(client, filter), ports.ExtractPorts, func(port ports.Port) bool {
		return (filter.Name == "" || port.Name == filter.Name) && (filter.DeviceID == "" || port.DeviceID == filter.DeviceID) &&
			(filter.NetworkID == "" || port.NetworkID == filter.NetworkID)
	})
}
