package network

import (
	"context"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// The lists in this file name the project, because Neutron returns the objects
// of all projects to administrators. Before Ocata it calls the project a tenant.

// project returns the id of the project and a client.
func (s *Service) project(ctx context.Context) (id string, client *gophercloud.ServiceClient, err error) {
	if id, err = s.session.ProjectID(ctx); err != nil {
		return "", nil, err
	}
	client, err = s.session.Network(ctx)
	return id, client, err
}

// ProjectPorts returns the ports of the project, without the subports of trunks:
// they are deleted with the ports of their trunks.
func (s *Service) ProjectPorts(ctx context.Context) ([]Port, error) {
	project, client, err := s.project(ctx)
	if err != nil {
		return nil, err
	}
	pages := ports.List(client, ports.ListOpts{ProjectID: project})
	all, err := openstack.ListMatching(ctx, pages, extractPorts, func(port Port) bool {
		return port.ProjectID == project || port.TenantID == project
	})
	return withoutSubports(all), openstack.Wrap(err, "list ports of project %s", project)
}

// ProjectFloatingIPs returns the floating IPs of the project.
func (s *Service) ProjectFloatingIPs(ctx context.Context) ([]floatingips.FloatingIP, error) {
	project, client, err := s.project(ctx)
	if err != nil {
		return nil, err
	}
	pages := floatingips.List(client, floatingips.ListOpts{ProjectID: project})
	all, err := openstack.ListMatching(ctx, pages, floatingips.ExtractFloatingIPs, func(ip floatingips.FloatingIP) bool {
		return ip.ProjectID == project || ip.TenantID == project
	})
	return all, openstack.Wrap(err, "list floating IPs of project %s", project)
}

// ProjectNetworks returns the networks of the project. Networks that other
// projects share are left out.
func (s *Service) ProjectNetworks(ctx context.Context) ([]networks.Network, error) {
	project, client, err := s.project(ctx)
	if err != nil {
		return nil, err
	}
	pages := networks.List(client, networks.ListOpts{ProjectID: project})
	all, err := openstack.ListMatching(ctx, pages, networks.ExtractNetworks, func(network networks.Network) bool {
		return network.ProjectID == project || network.TenantID == project
	})
	return all, openstack.Wrap(err, "list networks of project %s", project)
}

// ProjectRouters returns the routers of the project.
func (s *Service) ProjectRouters(ctx context.Context) ([]routers.Router, error) {
	project, client, err := s.project(ctx)
	if err != nil {
		return nil, err
	}
	pages := routers.List(client, routers.ListOpts{ProjectID: project})
	all, err := openstack.ListMatching(ctx, pages, routers.ExtractRouters, func(found routers.Router) bool {
		return found.ProjectID == project || found.TenantID == project
	})
	return all, openstack.Wrap(err, "list routers of project %s", project)
}

// DeleteNetwork deletes the network with its subnets. Not found counts as
// success.
func (s *Service) DeleteNetwork(ctx context.Context, id string) error {
	client, err := s.session.Network(ctx)
	if err != nil {
		return err
	}
	return openstack.IgnoreNotFound(openstack.Wrap(networks.Delete(ctx, client, id).ExtractErr(), "delete network %s", id))
}
