package loadbalancer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/loadbalancers"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/pools"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Member is one backend of a pool.
type Member struct {
	Address  string
	Port     int
	SubnetID string
	// MonitorPort is the port that the pool's health monitor asks; 0: Port.
	MonitorPort int
}

// AddMember adds the member to the pool and returns its id when the load balancer has taken it in. One that is there
// already is a success.
func (s *Service) AddMember(ctx context.Context, poolID string, member Member) (memberID string, err error) {
	err = s.change(ctx, poolID, func(ctx context.Context) error {
		created, err := s.createMember(ctx, poolID, member)
		memberID = created.ID
		return err
	})
	return memberID, openstack.Wrap(err, "add member %s:%d to load balancer pool %s", member.Address, member.Port, poolID)
}

func (s *Service) createMember(ctx context.Context, poolID string, member Member) (pools.Member, error) {
	client, err := s.client(ctx)
	if err != nil {
		return pools.Member{}, err
	}
	opts := pools.CreateMemberOpts{Address: member.Address, ProtocolPort: member.Port, SubnetID: member.SubnetID}
	if member.MonitorPort != 0 {
		opts.MonitorPort = &member.MonitorPort
	}
	find := func(ctx context.Context) (pools.Member, bool, error) { return s.findMember(ctx, poolID, member) }
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (pools.Member, error) {
		created, err := openstack.Value(pools.CreateMember(ctx, client, poolID, opts).Extract())
		return created, openstack.Wrap(err, "create member")
	}, find)
	if !openstack.IsConflict(err) || isImmutable(err) {
		return created, err
	}
	// Any other conflict is about the member itself.
	existing, found, findErr := find(ctx)
	if findErr != nil {
		return existing, findErr
	}
	if !found {
		return existing, fmt.Errorf("%w\nLoad balancer pool membership with pool id '%s', ip '%s', and port '%d' supposedly exists, but cannot be found.", //nolint:staticcheck // operators know the words
			err, poolID, member.Address, member.Port)
	}
	return existing, nil
}

func (s *Service) findMember(ctx context.Context, poolID string, wanted Member) (pools.Member, bool, error) {
	client, err := s.client(ctx)
	if err != nil {
		return pools.Member{}, false, err
	}
	all, err := openstack.List(ctx, pools.ListMembers(client, poolID, nil), pools.ExtractMembers)
	if err != nil {
		return pools.Member{}, false, openstack.Wrap(err, "list members of load balancer pool %s", poolID)
	}
	i := slices.IndexFunc(all, func(m pools.Member) bool {
		return m.Address == wanted.Address && m.ProtocolPort == wanted.Port && m.SubnetID == wanted.SubnetID
	})
	if i < 0 {
		return pools.Member{}, false, nil
	}
	return all[i], true, nil
}

// RemoveMember takes the member out of the pool and returns when the load balancer has let it go. A member, pool or
// load balancer that is gone already is a success.
func (s *Service) RemoveMember(ctx context.Context, poolID, memberID string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = s.change(ctx, poolID, func(ctx context.Context) error {
		return pools.DeleteMember(ctx, client, poolID, memberID).ExtractErr()
	})
	err = openstack.Wrap(err, "remove member %s from load balancer pool %s", memberID, poolID)
	if openstack.IsNotFound(err) {
		return nil
	}
	return err
}

// change applies one change to a pool when its load balancer is ready for it, and waits until it is applied. Others
// change the load balancer too: who comes first makes it refuse the second, which then waits again.
func (s *Service) change(ctx context.Context, poolID string, apply func(context.Context) error) error {
	balancer, err := s.PoolLoadBalancerID(ctx, poolID)
	if err != nil {
		return err
	}
	begin := time.Now()
	for attempt := 1; ; attempt++ {
		if err := s.waitActive(ctx, balancer, attempt == 1); err != nil {
			return err
		}
		err := openstack.Wrap(apply(ctx), "change load balancer pool %s", poolID)
		if err == nil {
			return s.waitActive(ctx, balancer, false)
		}
		if !isImmutable(err) {
			return err
		}
		if elapsed := time.Since(begin); elapsed > s.session.StateTimeout() {
			return fmt.Errorf("Failed after %.0fs with %d attempts: %w", elapsed.Seconds(), attempt, err) //nolint:staticcheck // operators know the words
		}
	}
}

// isImmutable tells that the load balancer is busy with another change. Octavia says so in the first words, its
// predecessor in the second.
func isImmutable(err error) bool {
	words := strings.ToLower(openstack.MessageOf(err))
	return openstack.IsConflict(err) && (strings.Contains(words, "immutable") || strings.Contains(words, "pending_"))
}

// waitActive waits until the load balancer is ready for a change; now: it is probably ready already.
func (s *Service) waitActive(ctx context.Context, id string, now bool) error {
	wait := openstack.Wait[loadbalancers.LoadBalancer]{
		Kind: "LoadBalancer", ID: id, Target: []string{"active"}, Now: now,
		Get: func(ctx context.Context) (loadbalancers.LoadBalancer, error) {
			client, err := s.client(ctx)
			if err != nil {
				return loadbalancers.LoadBalancer{}, err
			}
			found, err := openstack.Value(loadbalancers.Get(ctx, client, id).Extract())
			return found, openstack.Wrap(err, "get load balancer %s", id)
		},
		State: func(balancer loadbalancers.LoadBalancer) string { return balancer.ProvisioningStatus },
	}
	_, err := wait.Run(ctx, s.session)
	return err
}
