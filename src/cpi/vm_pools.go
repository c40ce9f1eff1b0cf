package cpi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/loadbalancer"
)

// poolKey begins the server metadata keys that remember memberships, so that
// delete_vm can end them: lbaas_pool_1 = "<pool id>/<member id>".
const poolKey = "lbaas_pool_"

// lookUpPools finds the load balancer pools the VM shall join.
func (c *CPI) lookUpPools(ctx context.Context, plan *vmPlan) error {
	for _, wanted := range plan.properties.LoadBalancerPools {
		pool, err := c.loadbalancers.PoolByName(ctx, wanted.Name)
		if openstack.IsNotFound(err) {
			return bosh.Errorf(bosh.VMCreationFailed, "Load balancer pool '%s' does not exist: %w", wanted.Name, err)
		}
		if err != nil {
			return bosh.Errorf(bosh.VMCreationFailed, "%w", err)
		}
		plan.pools = append(plan.pools, pool)
	}
	return nil
}

// joinPools makes the VM a member of its pools and remembers that on the server.
func (c *CPI) joinPools(ctx context.Context, undo *undo, plan *vmPlan, server servers.Server) error {
	if len(plan.pools) == 0 {
		return nil
	}
	address, subnet, err := c.memberAddress(ctx, plan, server)
	if err != nil {
		return bosh.Errorf(bosh.VMCreationFailed, "VM with id '%s' cannot be attached to load balancer pool '%s'. Reason: %w", server.ID, plan.pools[0].Name, err)
	}
	memberships := map[string]string{}
	for i, wanted := range plan.properties.LoadBalancerPools {
		member := loadbalancer.Member{
			Name: plan.name, PoolID: plan.pools[i].ID, Address: address, Port: wanted.Port, SubnetID: subnet, MonitorPort: wanted.MonitoringPort,
		}
		id, err := c.joinPool(ctx, undo, member)
		if err != nil {
			return bosh.Errorf(bosh.CloudError, "VM with id '%s' cannot be attached to load balancer pool '%s'. Reason: %w", server.ID, wanted.Name, err)
		}
		memberships[fmt.Sprintf("%s%d", poolKey, i+1)] = member.PoolID + "/" + id
	}
	if _, err := c.compute.SetMetadata(ctx, server.ID, memberships); err != nil {
		return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
	}
	return nil
}

func (c *CPI) joinPool(ctx context.Context, undo *undo, member loadbalancer.Member) (id string, err error) {
	undo.push("member "+member.Address+" of pool "+member.PoolID, func(ctx context.Context) error {
		if id != "" {
			return c.loadbalancers.RemoveMember(ctx, member.PoolID, id)
		}
		return c.loadbalancers.RemoveMemberLike(ctx, member)
	})
	id, err = c.loadbalancers.AddMember(ctx, member)
	return id, err
}

// leavePools ends the memberships that the server's metadata remember. It tries
// them all: what is not ended now cannot be found once the server is gone.
func (c *CPI) leavePools(ctx context.Context, metadata map[string]string) (failed []error) {
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		pool, member, ok := strings.Cut(metadata[key], "/")
		if !strings.HasPrefix(key, poolKey) || !ok {
			continue
		}
		if err := c.loadbalancers.RemoveMember(ctx, pool, member); err != nil {
			failed = append(failed, fmt.Errorf("Removing lbaas pool memberships: %w", err)) //nolint:staticcheck // text operators search for
		}
	}
	return failed
}

// memberAddress returns the address that load balancers reach the VM at, and
// the subnet it is in.
func (c *CPI) memberAddress(ctx context.Context, plan *vmPlan, server servers.Server) (address, subnetID string, err error) {
	gateway := plan.networks.Gateway()
	switch {
	case gateway == nil:
		return "", "", errors.New("no network's 'default' contains 'gateway'")
	case gateway.Type == bosh.Dynamic && len(plan.networks.Private()) > 1:
		return "", "", errors.New("Gateway IP address could not be determined. Gateway network is dynamic, but additional private networks exist.") //nolint:staticcheck,revive // text operators search for
	}
	found, err := c.network.PortsOfDevice(ctx, server.ID)
	if err != nil {
		return "", "", err
	}
	for _, port := range found {
		for _, fixed := range port.FixedIPs {
			if fixed.IPAddress == gateway.IP || gateway.Type == bosh.Dynamic {
				return fixed.IPAddress, fixed.SubnetID, nil
			}
		}
	}
	return "", "", fmt.Errorf("server %s has no port with the address of network '%s'", server.ID, gateway.Name)
}
