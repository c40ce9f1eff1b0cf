package network

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/attributestags"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/dns"
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
	MACAddress  string
	// FixedIPs are the port's addresses; Neutron finds the subnet of each. If
	// there is none, Neutron chooses.
	FixedIPs []string
	// SecurityGroups are ids. If there is none, the port gets the project's
	// default group.
	SecurityGroups []string
	AddressPairs   []ports.AddressPair
	// PortSecurity is nil for the network's default.
	PortSecurity *bool
	VNICType     string
	// BindingProfile is information for the network driver of the host.
	BindingProfile        map[string]any
	QoSPolicyID           string
	PropagateUplinkStatus *bool
	// ValueSpecs are further attributes. They are sent as they are.
	ValueSpecs map[string]any
}

// portRequest is the "port" of a request. gophercloud's ports.CreateOpts does not
// have the attributes of extensions.
type portRequest struct {
	ports.CreateOpts

	PortSecurity   *bool          `json:"port_security_enabled,omitempty"`
	VNICType       string         `json:"binding:vnic_type,omitempty"`
	BindingProfile map[string]any `json:"binding:profile,omitempty"`
	QoSPolicyID    string         `json:"qos_policy_id,omitempty"`
}

// ToPortCreateMap implements ports.CreateOptsBuilder.
func (o PortCreateOpts) ToPortCreateMap() (map[string]any, error) {
	request := portRequest{
		CreateOpts: ports.CreateOpts{
			Name: o.Name, Description: o.Description, NetworkID: o.NetworkID, MACAddress: o.MACAddress,
			AllowedAddressPairs: o.AddressPairs, PropagateUplinkStatus: o.PropagateUplinkStatus,
		},
		PortSecurity: o.PortSecurity, VNICType: o.VNICType, BindingProfile: o.BindingProfile, QoSPolicyID: o.QoSPolicyID,
	}
	if len(o.SecurityGroups) > 0 {
		request.SecurityGroups = &o.SecurityGroups
	}
	if len(o.FixedIPs) > 0 {
		addresses := make([]ports.IP, len(o.FixedIPs))
		for i, ip := range o.FixedIPs {
			addresses[i].IPAddress = ip
		}
		request.FixedIPs = addresses
	}
	attributes, err := gophercloud.BuildRequestBody(request, "")
	if err != nil {
		return nil, err
	}
	maps.Copy(attributes, o.ValueSpecs)
	return map[string]any{"port": attributes}, nil
}

// CreatePort creates the port, once even if the response is lost. There is no
// request for several ports: Neutron keeps their addresses allocated, without a
// port, if it refuses one of them (docs/decisions/0014-one-request-per-port.md).
func (s *Service) CreatePort(ctx context.Context, opts PortCreateOpts) (ports.Port, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return ports.Port{}, err
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (ports.Port, error) {
		return openstack.Value(ports.Create(ctx, client, opts).Extract())
	}, func(ctx context.Context) ([]ports.Port, error) { return s.list(ctx, ports.ListOpts{Name: opts.Name}) })
	return created, openstack.Wrap(err, "create port %s with address %s on network %s", opts.Name, strings.Join(opts.FixedIPs, ", "), opts.NetworkID)
}

// TagPort replaces the tags of the port.
func (s *Service) TagPort(ctx context.Context, id string, tags []string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	_, err = attributestags.ReplaceAll(ctx, client, "ports", id, attributestags.ReplaceAllOpts{Tags: tags}).Extract()
	return openstack.Wrap(err, "set tags of port %s", id)
}

// SetDNSName sets the port's name in Neutron's internal DNS. The port must be bound:
// a host of Nova refuses a port with another name than the server
// (PortNotUsableDNS), and the next host replaces the name.
func (s *Service) SetDNSName(ctx context.Context, id, name string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	_, err = openstack.Value(ports.Update(ctx, client, id, dns.PortUpdateOptsExt{UpdateOptsBuilder: ports.UpdateOpts{}, DNSName: &name}).Extract())
	return openstack.Wrap(err, "set dns_name of port %s to %s", id, name)
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
func (s *Service) PortsOfDevice(ctx context.Context, deviceID string) ([]Port, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	pages := ports.List(client, ports.ListOpts{DeviceID: deviceID})
	all, err := openstack.ListMatching(ctx, pages, extractPorts, func(port Port) bool { return port.DeviceID == deviceID })
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

// DeletePort deletes the port. Not found counts as success. The trunk of a parent
// port is deleted before it, together with the subports that were created for it.
func (s *Service) DeletePort(ctx context.Context, id string) error {
	err := s.deletePort(ctx, id)
	if !isTrunkParent(err) {
		return err
	}
	port, err := s.portWithTrunk(ctx, id)
	if err != nil {
		return openstack.IgnoreNotFound(err)
	}
	return s.DeletePortWithTrunk(ctx, port)
}

func (s *Service) deletePort(ctx context.Context, id string) error {
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
