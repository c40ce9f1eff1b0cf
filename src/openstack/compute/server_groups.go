package compute

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// The microversions in which server groups are created.
const (
	// groupPolicies (Mitaka) is the first one that has soft-affinity and
	// soft-anti-affinity.
	groupPolicies = "2.15"
	// groupRules (Rocky) is the first one that has max_server_per_host. The
	// policy has another form from then on.
	groupRules = "2.64"
)

// ServerGroupOpts describes a server group to create.
type ServerGroupOpts struct {
	// Name need not be unique.
	Name   string
	Policy string
	// MaxServerPerHost is 0 for Nova's choice, which is 1. It needs Nova 2.64.
	MaxServerPerHost int
}

// ServerGroups returns the server groups of the project. Their members are the
// servers that exist.
func (s *Service) ServerGroups(ctx context.Context) ([]servergroups.ServerGroup, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, servergroups.List(client, nil), servergroups.ExtractServerGroups)
	return all, openstack.Wrap(err, "list server groups")
}

// ServerGroupsNamed returns the server groups with the name.
func (s *Service) ServerGroupsNamed(ctx context.Context, name string) ([]servergroups.ServerGroup, error) {
	all, err := s.ServerGroups(ctx)
	var named []servergroups.ServerGroup
	for _, group := range all {
		if group.Name == name {
			named = append(named, group)
		}
	}
	return named, err
}

// ServerGroup returns the server group.
func (s *Service) ServerGroup(ctx context.Context, id string) (servergroups.ServerGroup, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return servergroups.ServerGroup{}, err
	}
	found, err := openstack.Value(servergroups.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get server group %s", id)
}

// CreateServerGroup creates a server group. After a lost response, an existing one
// with the name is returned.
func (s *Service) CreateServerGroup(ctx context.Context, opts ServerGroupOpts) (servergroups.ServerGroup, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return servergroups.ServerGroup{}, err
	}
	request, later := servergroups.CreateOpts{Name: opts.Name, Policies: []string{opts.Policy}}, *client
	later.Microversion = groupPolicies
	if opts.MaxServerPerHost > 0 {
		later.Microversion = groupRules
		request.Policies, request.Policy = nil, opts.Policy
		request.Rules = &servergroups.Rules{MaxServerPerHost: opts.MaxServerPerHost}
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (servergroups.ServerGroup, error) {
		return openstack.Value(servergroups.Create(ctx, &later, request).Extract())
	}, func(ctx context.Context) ([]servergroups.ServerGroup, error) {
		return s.ServerGroupsNamed(ctx, opts.Name)
	})
	return created, openstack.Wrap(err, "create server group %s", opts.Name)
}

// DeleteServerGroup deletes the server group. Its members keep running. Not found
// counts as success.
func (s *Service) DeleteServerGroup(ctx context.Context, id string) error {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return err
	}
	err = openstack.Delete(ctx, func() error {
		return openstack.Wrap(servergroups.Delete(ctx, client, id).ExtractErr(), "delete server group %s", id)
	})
	return openstack.IgnoreNotFound(err)
}
