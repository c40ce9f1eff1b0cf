// Package loadbalancer makes the calls to Octavia: pools and their members.
// Octavia's predecessor neutron-lbaas has the same resources at Neutron's
// endpoint.
package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/listeners"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/loadbalancers"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/pools"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is the Octavia of one session.
type Service struct {
	session *openstack.Session
}

// New returns the Octavia of the session. It sends no request.
func New(session *openstack.Session) *Service { return &Service{session} }

// Pool returns the only pool with the name or, if no pool has the name, the pool
// with the id. It fails with a *openstack.MissingError if there is none, and with
// another error if several have the name.
func (s *Service) Pool(ctx context.Context, nameOrID string) (pools.Pool, error) {
	found, err := s.poolNamed(ctx, nameOrID)
	if !openstack.IsNotFound(err) || !isUUID(nameOrID) {
		return found, err
	}
	client, clientErr := s.session.LoadBalancer(ctx)
	if clientErr != nil {
		return found, clientErr
	}
	found, getErr := openstack.Value(pools.Get(ctx, client, nameOrID).Extract())
	if getErr = openstack.Wrap(getErr, "get load balancer pool %s", nameOrID); openstack.IsNotFound(getErr) {
		return found, err
	}
	return found, getErr
}

// isUUID reports whether the text has the form of an id. Only such a text is used
// in a URL.
func isUUID(text string) bool {
	return len(text) == 36 && strings.Trim(text, "0123456789abcdefABCDEF-") == ""
}

func (s *Service) poolNamed(ctx context.Context, name string) (pools.Pool, error) {
	client, err := s.session.LoadBalancer(ctx)
	if err != nil {
		return pools.Pool{}, err
	}
	pages := pools.List(client, pools.ListOpts{Name: name})
	found, err := openstack.ListMatching(ctx, pages, pools.ExtractPools, func(pool pools.Pool) bool { return pool.Name == name })
	switch {
	case err != nil:
		return pools.Pool{}, openstack.Wrap(err, "list load balancer pools named %s", name)
	case len(found) == 0:
		return pools.Pool{}, &openstack.MissingError{Kind: "Load balancer pool", Name: name}
	case len(found) > 1:
		return pools.Pool{}, fmt.Errorf("Load balancer pool '%s' exists multiple times. Make sure to use unique naming.", name) //nolint:staticcheck,revive // text operators search for
	}
	return found[0], nil
}

// Member is a server in a pool. Address, port and subnet are unique within a
// pool.
type Member struct {
	PoolID   string
	Name     string
	Address  string
	Port     int
	SubnetID string
	// MonitorPort is the health monitor's port (default: Port).
	MonitorPort int
	// Weight is the member's share of the connections, 0 to 256, nil for 1.
	Weight *int
	// Backup members get connections only if no other member is healthy.
	Backup bool
}

// AddMember adds the member to its pool, waits until the load balancer is
// active again, and returns the member's id. A member that exists already
// counts as success.
func (s *Service) AddMember(ctx context.Context, member Member) (id string, err error) {
	client, err := s.session.LoadBalancer(ctx)
	if err != nil {
		return "", err
	}
	request := pools.CreateMemberOpts{Name: member.Name, Address: member.Address, ProtocolPort: member.Port, SubnetID: member.SubnetID}
	request.Weight = member.Weight
	if member.MonitorPort != 0 {
		request.MonitorPort = &member.MonitorPort
	}
	if member.Backup {
		request.Backup = &member.Backup
	}
	err = s.change(ctx, client, member.PoolID, func() error {
		created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (pools.Member, error) {
			return openstack.Value(pools.CreateMember(ctx, client, member.PoolID, request).Extract())
		}, func(ctx context.Context) ([]pools.Member, error) { return s.membersLike(ctx, client, member) })
		err = openstack.Wrap(err, "add member %s to pool %s", member.Address, member.PoolID)
		if openstack.IsConflict(err) && !busy(err) {
			existing, findErr := s.membersLike(ctx, client, member)
			if findErr != nil || len(existing) == 0 {
				return fmt.Errorf("Load balancer pool membership with pool id '%s', ip '%s', and port '%d' supposedly exists, but cannot be found: %w", //nolint:staticcheck // text operators search for
					member.PoolID, member.Address, member.Port, errors.Join(err, findErr))
			}
			created, err = existing[0], nil
		}
		id = created.ID
		return err
	})
	return id, err
}

// RemoveMember removes the member from its pool and waits until the load
// balancer is active again. A member or a pool that is not found counts as
// success.
func (s *Service) RemoveMember(ctx context.Context, poolID, memberID string) error {
	client, err := s.session.LoadBalancer(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, client, poolID, func() error {
		return openstack.IgnoreNotFound(openstack.Delete(ctx, func() error {
			return openstack.Wrap(pools.DeleteMember(ctx, client, poolID, memberID).ExtractErr(), "remove member %s from pool %s", memberID, poolID)
		}))
	})
}

// ProjectMembers returns the members of all pools of the project. A cloud
// without load balancers has none.
func (s *Service) ProjectMembers(ctx context.Context) ([]pools.Member, error) {
	client, err := s.session.LoadBalancer(ctx)
	if err != nil {
		return nil, err
	}
	project, err := s.session.ProjectID(ctx)
	if err != nil {
		return nil, err
	}
	ours := func(pool pools.Pool) bool { return pool.ProjectID == project }
	found, err := openstack.ListMatching(ctx, pools.List(client, pools.ListOpts{ProjectID: project}), pools.ExtractPools, ours)
	if client.Type == "network" && openstack.StatusOf(err) == http.StatusNotFound {
		// There is no Octavia, and Neutron has no load balancers either.
		return nil, nil
	}
	if err != nil {
		return nil, openstack.Wrap(err, "list load balancer pools of project %s", project)
	}
	var all []pools.Member
	for _, pool := range found {
		members, err := openstack.List(ctx, pools.ListMembers(client, pool.ID, nil), pools.ExtractMembers)
		if err != nil && !openstack.IsNotFound(err) {
			return nil, openstack.Wrap(err, "list members of pool %s", pool.ID)
		}
		for _, member := range members {
			member.PoolID = pool.ID // absent from Octavia's lists
			all = append(all, member)
		}
	}
	return all, nil
}

// RemoveMemberLike removes a member whose id is not known. A member or a pool
// that is not found counts as success.
func (s *Service) RemoveMemberLike(ctx context.Context, member Member) error {
	client, err := s.session.LoadBalancer(ctx)
	if err != nil {
		return err
	}
	found, err := s.membersLike(ctx, client, member)
	if err != nil || len(found) == 0 {
		return openstack.IgnoreNotFound(err)
	}
	return s.RemoveMember(ctx, member.PoolID, found[0].ID)
}

// membersLike returns the member of the pool with the same address, port and
// subnet, or none. neutron-lbaas does not always return the subnet.
func (s *Service) membersLike(ctx context.Context, client *gophercloud.ServiceClient, like Member) ([]pools.Member, error) {
	pages := pools.ListMembers(client, like.PoolID, nil)
	found, err := openstack.ListMatching(ctx, pages, pools.ExtractMembers, func(member pools.Member) bool {
		return member.Address == like.Address && member.ProtocolPort == like.Port && (member.SubnetID == "" || member.SubnetID == like.SubnetID)
	})
	return found, openstack.Wrap(err, "list members of pool %s", like.PoolID)
}

// change applies a change to a pool and waits until the load balancer is active
// again. Octavia refuses changes while it applies an earlier one. Then the
// change is repeated, for at most the state timeout: many VMs may join a pool
// at once.
func (s *Service) change(ctx context.Context, client *gophercloud.ServiceClient, poolID string, apply func() error) error {
	for start := time.Now(); ; {
		applyErr := apply()
		if applyErr != nil && (!busy(applyErr) || time.Since(start) > s.session.StateTimeout()) {
			return applyErr
		}
		balancer, err := s.balancerOf(ctx, client, poolID)
		if openstack.IsNotFound(err) && applyErr == nil {
			return nil
		}
		if err == nil {
			err = s.waitActive(ctx, client, balancer)
		}
		if err != nil || applyErr == nil {
			return err
		}
	}
}

// busy reports whether the load balancer, or the quota of its project, is being
// changed. Octavia answers 409 "… is immutable and cannot be updated" or 503
// "Project busy", its predecessor 409 with the name of a state. Both also
// answer 409 for a member that exists.
func busy(err error) bool {
	text := strings.ToLower(openstack.MessageOf(err))
	switch openstack.StatusOf(err) {
	case http.StatusConflict:
		return strings.Contains(text, "immutable") || strings.Contains(text, "pending_")
	case http.StatusServiceUnavailable:
		return strings.Contains(text, "project busy")
	}
	return false
}

// balancerOf returns the id of the load balancer of a pool. Before Newton, only
// the pool's listener has it.
func (s *Service) balancerOf(ctx context.Context, client *gophercloud.ServiceClient, poolID string) (string, error) {
	pool, err := openstack.Value(pools.Get(ctx, client, poolID).Extract())
	if err != nil {
		return "", openstack.Wrap(err, "get load balancer pool %s", poolID)
	}
	if len(pool.Loadbalancers) == 1 {
		return pool.Loadbalancers[0].ID, nil
	}
	if len(pool.Loadbalancers) > 1 || len(pool.Listeners) != 1 {
		return "", fmt.Errorf("cannot determine the load balancer of pool '%s': it has %d load balancers and %d listeners", poolID, len(pool.Loadbalancers), len(pool.Listeners))
	}
	listener, err := openstack.Value(listeners.Get(ctx, client, pool.Listeners[0].ID).Extract())
	if err != nil {
		return "", openstack.Wrap(err, "get listener %s", pool.Listeners[0].ID)
	}
	if len(listener.Loadbalancers) != 1 {
		return "", fmt.Errorf("cannot determine the load balancer of pool '%s': its listener has %d", poolID, len(listener.Loadbalancers))
	}
	return listener.Loadbalancers[0].ID, nil
}

func (s *Service) waitActive(ctx context.Context, client *gophercloud.ServiceClient, id string) error {
	_, err := openstack.Wait[loadbalancers.LoadBalancer]{
		Kind: "LoadBalancer", ID: id, Target: []string{"active"},
		Get: func(ctx context.Context) (loadbalancers.LoadBalancer, error) {
			found, err := openstack.Value(loadbalancers.Get(ctx, client, id).Extract())
			return found, openstack.Wrap(err, "get load balancer %s", id)
		},
		State: func(balancer loadbalancers.LoadBalancer) string { return balancer.ProvisioningStatus },
	}.Run(ctx, s.session)
	return err
}
