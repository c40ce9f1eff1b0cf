// Package loadbalancer is what the CPI needs of Octavia: members of pools.
//
// A load balancer takes one change at a time. While it applies one it is PENDING_UPDATE and refuses the next, so every
// change here waits for the load balancer before and after.
package loadbalancer

import (
	"context"
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/listeners"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/pools"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is Octavia, as seen by one session; or the load balancing of Neutron that came before it and speaks the same
// language.
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

// PoolByName returns the pool with the name. None and several are errors, the former a *openstack.MissingError.
func (s *Service) PoolByName(ctx context.Context, name string) (pools.Pool, error) {
	client, err := s.client(ctx)
	if err != nil {
		return pools.Pool{}, err
	}
	named, err := openstack.List(ctx, pools.List(client, pools.ListOpts{Name: name}), pools.ExtractPools)
	if err != nil {
		return pools.Pool{}, openstack.Wrap(err, "list load balancer pools named %s", name)
	}
	switch len(named) {
	case 0:
		return pools.Pool{}, &openstack.MissingError{Kind: "Load balancer pool", Name: name}
	case 1:
		return named[0], nil
	}
	return pools.Pool{}, fmt.Errorf("Load balancer pool '%s' exists multiple times. Make sure to use unique naming.", name) //nolint:staticcheck // operators know the words
}

// PoolLoadBalancerID returns the load balancer that the pool belongs to.
func (s *Service) PoolLoadBalancerID(ctx context.Context, poolID string) (string, error) {
	client, err := s.client(ctx)
	if err != nil {
		return "", err
	}
	pool, err := openstack.Value(pools.Get(ctx, client, poolID).Extract())
	if err != nil {
		return "", openstack.Wrap(err, "get load balancer pool %s", poolID)
	}
	ids := make([]string, 0, 1)
	for _, balancer := range pool.Loadbalancers {
		ids = append(ids, balancer.ID)
	}
	if pool.Loadbalancers == nil { // before Newton
		if ids, err = s.listenerLoadBalancers(ctx, client, pool); err != nil {
			return "", err
		}
	}
	return onlyOne("load balancer", poolID, ids)
}

// listenerLoadBalancers takes the way over the pool's listener.
func (s *Service) listenerLoadBalancers(ctx context.Context, client *gophercloud.ServiceClient, pool pools.Pool) ([]string, error) {
	ids := make([]string, 0, 1)
	for _, listener := range pool.Listeners {
		ids = append(ids, listener.ID)
	}
	id, err := onlyOne("listener", pool.ID, ids)
	if err != nil {
		return nil, err
	}
	listener, err := openstack.Value(listeners.Get(ctx, client, id).Extract())
	if err != nil {
		return nil, openstack.Wrap(err, "get listener %s", id)
	}
	ids = ids[:0]
	for _, balancer := range listener.Loadbalancers {
		ids = append(ids, balancer.ID)
	}
	return ids, nil
}

func onlyOne(kind, poolID string, ids []string) (string, error) {
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("No %ss associated with load balancer pool '%s'", kind, poolID) //nolint:staticcheck // operators know the words
	case 1:
		return ids[0], nil
	}
	return "", fmt.Errorf("More than one %s is associated with load balancer pool '%s'. It is not possible to verify the status of the load balancer responsible for the pool membership.", kind, poolID) //nolint:staticcheck // operators know the words
}
