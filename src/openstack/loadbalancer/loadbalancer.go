// Package loadbalancer is what the CPI needs of Octavia: pools and their members. Octavia's predecessor neutron-lbaas has
// the same resources below Neutron's endpoint.
package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/listeners"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/loadbalancers"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/pools"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is Octavia, as seen by one session.
type Service struct {
	session *openstack.Session
}

// New returns the session's Octavia. Nothing is asked of the cloud yet.
func New(session *openstack.Session) *Service { return &Service{session} }

func (s *Service) client(ctx context.Context) (*gophercloud.ServiceClient, error) {
	client, err := s.session.LoadBalancer(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach Octavia: %w", err)
	}
	return client, nil
}

// PoolByName returns the one pool with the name; a *openstack.MissingError if there is none, an error if there are several.
func (s *Service) PoolByName(ctx context.Context, name string) (pools.Pool, error) {
	client, err := s.client(ctx)
	if err != nil {
		return pools.Pool{}, err
	}
	found, err := openstack.List(ctx, pools.List(client, pools.ListOpts{Name: name}), pools.ExtractPools)
	found = slices.DeleteFunc(found, func(pool pools.Pool) bool { return pool.Name != name })
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

// Member is a server in a pool. A pool has one member at most with the same address, port and subnet.
type Member struct {
	PoolID string
	// Name is for people.
	Name     string
	Address  string
	Port     int
	SubnetID string
	// MonitorPort is where the health monitor knocks; 0 is at Port.
	MonitorPort int
}

// AddMember adds the member to its pool, waits until the load balancer has taken it over, and returns its id. A member
// that is there already is a success.
func (s *Service) AddMember(ctx context.Context, member Member) (id string, err error) {
	client, err := s.client(ctx)
	if err != nil {
		return "", err
	}
	request := pools.CreateMemberOpts{Name: member.Name, Address: member.Address, ProtocolPort: member.Port, SubnetID: member.SubnetID}
	if member.MonitorPort != 0 {
		request.MonitorPort = &member.MonitorPort
	}
	err = s.change(ctx, client, member.PoolID, func() error {
		created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (pools.Member, error) {
			return openstack.Value(pools.CreateMember(ctx, client, member.PoolID, request).Extract())
		}, func(ctx context.Context) (pools.Member, bool, error) { return s.find(ctx, client, member) })
		err = openstack.Wrap(err, "add member %s to pool %s", member.Address, member.PoolID)
		if openstack.IsConflict(err) && !busy(err) {
			existing, ok, findErr := s.find(ctx, client, member)
			if findErr != nil || !ok {
				return fmt.Errorf("Load balancer pool membership with pool id '%s', ip '%s', and port '%d' supposedly exists, but cannot be found: %w", //nolint:staticcheck // text operators search for
					member.PoolID, member.Address, member.Port, errors.Join(err, findErr))
			}
			created, err = existing, nil
		}
		id = created.ID
		return err
	})
	return id, err
}

// RemoveMember removes the member from its pool and waits until the load balancer has let it go. A member or a pool that
// is gone already is a success.
func (s *Service) RemoveMember(ctx context.Context, poolID, memberID string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, client, poolID, func() error {
		err := pools.DeleteMember(ctx, client, poolID, memberID).ExtractErr()
		return openstack.IgnoreNotFound(openstack.Wrap(err, "remove member %s from pool %s", memberID, poolID))
	})
}

// RemoveMemberLike removes the member whose id is not known, if it and its pool are there.
func (s *Service) RemoveMemberLike(ctx context.Context, member Member) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	found, ok, err := s.find(ctx, client, member)
	if err != nil || !ok {
		return openstack.IgnoreNotFound(err)
	}
	return s.RemoveMember(ctx, member.PoolID, found.ID)
}

func (s *Service) find(ctx context.Context, client *gophercloud.ServiceClient, like Member) (pools.Member, bool, error) {
	all, err := openstack.List(ctx, pools.ListMembers(client, like.PoolID, nil), pools.ExtractMembers)
	i := slices.IndexFunc(all, func(member pools.Member) bool {
		return member.Address == like.Address && member.ProtocolPort == like.Port && (member.SubnetID == "" || member.SubnetID == like.SubnetID)
	})
	if err != nil || i < 0 {
		return pools.Member{}, false, openstack.Wrap(err, "list members of pool %s", like.PoolID)
	}
	return all[i], true, nil
}

// change makes a change of a pool. Octavia is busy while it carries out an earlier change: that is waited for, and the
// change made again, for as long as a wait may take: many VMs may want to join at once.
func (s *Service) change(ctx context.Context, client *gophercloud.ServiceClient, poolID string, apply func() error) error {
	for begun := time.Now(); ; {
		failed := apply()
		if failed != nil && (!busy(failed) || time.Since(begun) > s.session.StateTimeout()) {
			return failed
		}
		balancer, err := s.balancerOf(ctx, client, poolID)
		if openstack.IsNotFound(err) && failed == nil {
			return nil
		}
		if err == nil {
			err = s.waitActive(ctx, client, balancer)
		}
		if err != nil || failed == nil {
			return err
		}
	}
}

// busy tells that the load balancer, or the quota of its project, is being changed. Octavia says so with 409 "… is immutable
// and cannot be updated" and 503 "Project busy", its predecessor with a 409 that names a state; both use 409 for members
// that exist as well.
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

// balancerOf returns the load balancer of a pool: named by the pool itself, or, before Newton, by its listener.
func (s *Service) balancerOf(ctx context.Context, client *gophercloud.ServiceClient, poolID string) (string, error) {
	pool, err := openstack.Value(pools.Get(ctx, client, poolID).Extract())
	if err != nil {
		return "", openstack.Wrap(err, "get load balancer pool %s", poolID)
	}
	if len(pool.Loadbalancers) == 1 {
		return pool.Loadbalancers[0].ID, nil
	}
	if len(pool.Loadbalancers) > 1 || len(pool.Listeners) != 1 {
		return "", fmt.Errorf("the load balancer of pool '%s' cannot be told: it has %d load balancers and %d listeners", poolID, len(pool.Loadbalancers), len(pool.Listeners))
	}
	listener, err := openstack.Value(listeners.Get(ctx, client, pool.Listeners[0].ID).Extract())
	if err != nil {
		return "", openstack.Wrap(err, "get listener %s", pool.Listeners[0].ID)
	}
	if len(listener.Loadbalancers) != 1 {
		return "", fmt.Errorf("the load balancer of pool '%s' cannot be told: its listener has %d", poolID, len(listener.Loadbalancers))
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
