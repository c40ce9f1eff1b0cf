package provision

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// balancerTimeout is the time that the VM of a load balancer may take to start.
const balancerTimeout = 15 * time.Minute

// makeLoadBalancer creates a load balancer with a pool, if the cloud has Octavia.
// Each part makes the load balancer immutable for some time.
func (p *Provisioner) makeLoadBalancer(ctx context.Context, made *fixtures.Fixtures) error {
	if !p.User.Has(octavia) {
		p.logf("the cloud has no Octavia: tests of load balancers will be skipped")
		return nil
	}
	part, err := p.own(ctx, subnet, Mark+"-private-v4")
	if err != nil || len(part) == 0 {
		return errors.Join(err, errors.New("the subnet of the load balancer was not created"))
	}
	lb, err := p.ensure(ctx, balancer, Mark, object{"vip_subnet_id": part[0]["id"]})
	if isForbidden(err) {
		p.logf("the user may not create load balancers (role load-balancer_member): their tests will be skipped")
		return nil
	}
	if err != nil {
		return err
	}
	if err := p.waitForBalancer(ctx, lb); err != nil {
		return err
	}
	made.LoadBalancer.Pool.Name = Mark
	made.LoadBalancer.Pool.ID, err = p.ensurePool(ctx, lb)
	return err
}

// ensurePool returns the id of the load balancer's pool, and creates it if there
// is none. Tests of members need no listener.
func (p *Provisioner) ensurePool(ctx context.Context, lb object) (string, error) {
	var seen map[string]object
	if err := p.User.Get(ctx, octavia, fmt.Sprintf("/loadbalancers/%v", lb["id"]), &seen); err != nil {
		return "", err
	}
	if pools, ok := seen["loadbalancer"]["pools"].([]any); ok && len(pools) > 0 {
		found, _ := pools[0].(object)
		return fmt.Sprint(found["id"]), nil
	}
	created, err := p.create(ctx, pool, object{"name": Mark, "loadbalancer_id": lb["id"], "protocol": "TCP", "lb_algorithm": "ROUND_ROBIN"})
	if err != nil {
		return "", err
	}
	return fmt.Sprint(created["id"]), p.waitForBalancer(ctx, lb)
}

// waitForBalancer waits until a load balancer can be changed.
func (p *Provisioner) waitForBalancer(ctx context.Context, lb object) error {
	ctx, cancel := context.WithTimeout(ctx, balancerTimeout)
	defer cancel()
	for {
		var seen map[string]object
		if err := p.User.Get(ctx, octavia, fmt.Sprintf("/loadbalancers/%v", lb["id"]), &seen); err != nil {
			return err
		}
		switch status := seen["loadbalancer"]["provisioning_status"]; status {
		case "ACTIVE":
			return nil
		case "ERROR":
			return fmt.Errorf("load balancer %v is in provisioning_status ERROR: scripts/acceptance --clean removes it", lb["id"])
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("load balancer %v is not ACTIVE: %w", lb["id"], ctx.Err())
		case <-time.After(p.Pause):
		}
	}
}

// removeLoadBalancer deletes the load balancer with its parts, and waits until
// its port no longer uses the network.
func (p *Provisioner) removeLoadBalancer(ctx context.Context) error {
	if !p.User.Has(octavia) {
		return nil
	}
	if err := p.removeOwn(ctx, balancer, Mark, "?cascade=true"); err != nil {
		if isForbidden(err) {
			return nil // then --prepare was not permitted to create one either
		}
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, balancerTimeout)
	defer cancel()
	for {
		found, err := p.own(ctx, balancer, Mark)
		if err != nil || len(found) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("load balancer %v was not deleted: %w", found[0]["id"], ctx.Err())
		case <-time.After(p.Pause):
		}
	}
}
