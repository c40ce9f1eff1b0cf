package cpi

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack/loadbalancer"
)

// joinPools makes the VM a member of its pools and records the memberships in
// the server's metadata.
func (c *CPI) joinPools(ctx context.Context, undo *undoStack, plan vmPlan, server servers.Server, created vmPorts) error {
	if len(plan.pools) == 0 {
		return nil
	}
	port, err := c.portOf(ctx, *plan.gatewayNIC(), server, created)
	if err != nil {
		return bosh.Errorf(bosh.VMCreationFailed, "VM with id '%s' cannot be attached to load balancer pool '%s'. Reason: %w", server.ID, plan.pools[0].Name, err)
	}
	memberships := map[string]string{}
	for i, planned := range plan.pools {
		address, found := memberAddress(port, *plan.gatewayNIC(), planned.IPVersion)
		if !found {
			return bosh.Errorf(bosh.VMCreationFailed, "VM with id '%s' cannot be attached to load balancer pool '%s'. Reason: the NIC of network '%s' has no such address", server.ID, planned.Name, plan.gatewayNIC().names())
		}
		member := loadbalancer.Member{
			Name: plan.name, PoolID: planned.id, Address: address.IPAddress, Port: planned.Port, SubnetID: address.SubnetID,
			MonitorPort: planned.MonitoringPort, Weight: planned.Weight, Backup: planned.Backup,
		}
		id, err := c.joinPool(ctx, undo, member)
		if err != nil {
			return bosh.Errorf(bosh.CloudError, "VM with id '%s' cannot be attached to load balancer pool '%s'. Reason: %w", server.ID, planned.Name, err)
		}
		memberships[fmt.Sprintf("%s%d", mark.PoolPrefix, i+1)] = member.PoolID + "/" + id
	}
	if _, err := c.compute.SetMetadata(ctx, server.ID, memberships); err != nil {
		return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
	}
	return nil
}

func (c *CPI) joinPool(ctx context.Context, undo *undoStack, member loadbalancer.Member) (id string, err error) {
	creation := undo.pushCreation("member", member.Address+" of pool "+member.PoolID,
		func(ctx context.Context, id string) error {
			return c.loadbalancers.RemoveMember(ctx, member.PoolID, id)
		},
		func(ctx context.Context, _ string) error { return c.loadbalancers.RemoveMemberLike(ctx, member) })
	id, err = c.loadbalancers.AddMember(ctx, member)
	creation.answered(id, err)
	return id, err
}

// leavePools ends the memberships that are recorded in the server's metadata. It
// goes on after a failure: without the metadata, which the server takes with it,
// memberships are found by the names of lost ports only.
func (c *CPI) leavePools(ctx context.Context, metadata map[string]string) (failed []error) {
	for _, membership := range memberships(metadata) {
		pool, member, _ := strings.Cut(membership, "/")
		if err := c.loadbalancers.RemoveMember(ctx, pool, member); err != nil {
			failed = append(failed, fmt.Errorf("Removing lbaas pool memberships: %w", err)) //nolint:staticcheck // text operators search for
		}
	}
	return failed
}

// memberships returns the pool members that are recorded in the server's metadata,
// as POOL/MEMBER.
func memberships(metadata map[string]string) (recorded []string) {
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if strings.HasPrefix(key, mark.PoolPrefix) && strings.Contains(metadata[key], "/") {
			recorded = append(recorded, metadata[key])
		}
	}
	return recorded
}

// removeMembersOf removes the pool members with the names of VMs.
func (c *CPI) removeMembersOf(ctx context.Context, vms []string) (failed []error) {
	if len(vms) == 0 {
		return nil
	}
	all, err := c.loadbalancers.ProjectMembers(ctx)
	if err != nil {
		return []error{fmt.Errorf("Removing lbaas pool memberships: %w", err)} //nolint:staticcheck // text operators search for
	}
	for _, member := range all {
		if !mark.IsVMName(member.Name) || !slices.Contains(vms, member.Name) {
			continue
		}
		if err := c.loadbalancers.RemoveMember(ctx, member.PoolID, member.ID); err != nil {
			failed = append(failed, fmt.Errorf("Removing lbaas pool memberships: %w", err)) //nolint:staticcheck // text operators search for
		}
	}
	return failed
}

// memberAddress returns the address at which load balancers reach the VM: of the
// given family, or else the IPv4 address of the interface of the default route, or
// its only address.
func memberAddress(port ports.Port, gateway nic, version int) (address ports.IP, found bool) {
	for _, fixed := range port.FixedIPs {
		isIPv6 := strings.Contains(fixed.IPAddress, ":")
		switch {
		case version == 6 && !isIPv6, version == 4 && isIPv6:
		case version != 6 && gateway.fixedIPv4() != "" && fixed.IPAddress != gateway.fixedIPv4():
		case found && isIPv6 && version == 0:
		default:
			address, found = fixed, true
		}
	}
	return address, found
}
