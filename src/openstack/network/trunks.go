package network

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/trunk_details"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/trunks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// A trunk carries the traffic of subports, which are in other networks, over the
// interface of its parent port, tagged with VLAN ids (Networking API v2.0, "Trunk
// networking").

// Port is a port with the trunk whose parent it is. Neutron describes the trunk in
// the attribute trunk_details, which is absent for other ports.
type Port struct {
	ports.Port
	trunk_details.TrunkDetailsExt
}

// String returns the ids of the port, of its trunk, and of the subports.
func (p Port) String() string {
	if p.TrunkID == "" {
		return p.ID
	}
	ids := make([]string, len(p.SubPorts))
	for i, sub := range p.SubPorts {
		ids[i] = sub.PortID
	}
	return fmt.Sprintf("%s with trunk %s and subports %s", p.ID, p.TrunkID, strings.Join(ids, ", "))
}

// CreateTrunk creates the trunk, once even if the response is lost. Its name must
// be unique.
func (s *Service) CreateTrunk(ctx context.Context, opts trunks.CreateOpts) (trunks.Trunk, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return trunks.Trunk{}, err
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (trunks.Trunk, error) {
		return openstack.Value(trunks.Create(ctx, client, opts).Extract())
	}, func(ctx context.Context) ([]trunks.Trunk, error) { return s.trunksNamed(ctx, opts.Name) })
	return created, openstack.Wrap(err, "create trunk %s of port %s", opts.Name, opts.PortID)
}

func (s *Service) trunksNamed(ctx context.Context, name string) ([]trunks.Trunk, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	pages := trunks.List(client, trunks.ListOpts{Name: name})
	return openstack.ListMatching(ctx, pages, trunks.ExtractTrunks, func(found trunks.Trunk) bool { return found.Name == name })
}

// releaseTime is how long Nova may need to release the port of a server after it
// has reported the server as deleted.
const releaseTime = 15 * time.Second

// DeleteTrunk deletes the trunk, and leaves its ports. Not found counts as
// success. Neutron refuses it while a server has the parent port.
func (s *Service) DeleteTrunk(ctx context.Context, id string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	for started := time.Now(); ; {
		err := openstack.IgnoreNotFound(openstack.Delete(ctx, func() error {
			return openstack.Wrap(trunks.Delete(ctx, client, id).ExtractErr(), "delete trunk %s", id)
		}))
		if !openstack.IsConflict(err) || time.Since(started) > releaseTime {
			return err
		}
		if sleepErr := openstack.Sleep(ctx, time.Second); sleepErr != nil {
			return fmt.Errorf("%w (%w)", err, sleepErr)
		}
	}
}

// DeleteTrunkNamed deletes all trunks with the name.
func (s *Service) DeleteTrunkNamed(ctx context.Context, name string) error {
	named, err := s.trunksNamed(ctx, name)
	if err != nil {
		return openstack.Wrap(err, "list trunks named %s", name)
	}
	for _, found := range named {
		if err := s.DeleteTrunk(ctx, found.ID); err != nil {
			return err
		}
	}
	return nil
}

// isTrunkParent reports whether Neutron refused to delete a port because it is the
// parent of a trunk (neutron/services/trunk/exceptions.py, PortInUseAsTrunkParent).
func isTrunkParent(err error) bool {
	return openstack.IsConflict(err) && strings.Contains(openstack.MessageOf(err), "is currently a parent port for trunk")
}

// DeletePortWithTrunk deletes the port, and before it its trunk and those subports
// that were created for the same purpose: their descriptions are that of the port.
// Others have been added to the trunk later and stay. Not found counts as success.
func (s *Service) DeletePortWithTrunk(ctx context.Context, port Port) error {
	if port.TrunkID == "" {
		return s.deletePort(ctx, port.ID)
	}
	err := s.deleteTrunkOf(ctx, port)
	if err == nil {
		err = s.deletePort(ctx, port.ID)
	}
	return openstack.Wrap(err, "delete port %s", port)
}

func (s *Service) deleteTrunkOf(ctx context.Context, parent Port) error {
	siblings, err := s.list(ctx, ports.ListOpts{Description: parent.Description})
	if err != nil {
		return openstack.Wrap(err, "list subports of trunk %s", parent.TrunkID)
	}
	if err := s.DeleteTrunk(ctx, parent.TrunkID); err != nil {
		return err
	}
	for _, port := range siblings {
		if port.Description == parent.Description && parent.has(port.ID) {
			if err := s.deletePort(ctx, port.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// portWithTrunk returns the port.
func (s *Service) portWithTrunk(ctx context.Context, id string) (found Port, err error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return found, err
	}
	found, err = openstack.Value(&found, ports.Get(ctx, client, id).ExtractInto(&found))
	return found, openstack.Wrap(err, "get port %s", id)
}

// has reports whether the trunk has the subport.
func (p Port) has(portID string) bool {
	return slices.ContainsFunc(p.SubPorts, func(sub trunk_details.Subport) bool { return sub.PortID == portID })
}

// withoutSubports returns the ports that are not subports of the trunks whose
// parents are among them.
func withoutSubports(all []Port) []Port {
	return slices.DeleteFunc(slices.Clone(all), func(port Port) bool {
		return slices.ContainsFunc(all, func(parent Port) bool { return parent.has(port.ID) })
	})
}

func extractPorts(page pagination.Page) (all []Port, err error) {
	err = ports.ExtractPortsInto(page, &all)
	return all, err
}
