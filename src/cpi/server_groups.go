package cpi

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
)

// groupSettles is how long a server group without members is left alone before
// the first VM is created in it. Names of server groups need not be unique: other
// processes may have created one with the same name at the same time, and this is
// longer than a usual request takes. Afterwards all of them choose the same one.
const groupSettles = 2 * time.Second

// prepareGroup returns the server group for a new server, which it creates if
// there is none. Server groups of the operator are never created or deleted.
func (c *CPI) prepareGroup(ctx context.Context, undo *undoStack, planned plannedGroup) (plannedGroup, error) {
	if planned.create == nil {
		return planned, nil
	}
	undo.push("server group "+planned.create.Name, func(ctx context.Context) error {
		return c.deleteEmptyGroups(ctx, planned.create.Name)
	})
	if planned.id != "" {
		return planned, nil
	}
	return c.settleGroup(ctx, planned)
}

// settleGroup creates the server group if it does not exist, and returns the one
// that all processes use.
func (c *CPI) settleGroup(ctx context.Context, planned plannedGroup) (plannedGroup, error) {
	found, err := c.compute.ServerGroupsNamed(ctx, planned.create.Name)
	if err != nil {
		return planned, err
	}
	planned.id = ""
	if chosen, ok := chooseGroup(found); ok && len(chosen.Members) > 0 {
		planned.id = chosen.ID
		return planned, nil
	}
	own := servergroups.ServerGroup{}
	if len(found) == 0 {
		if own, err = c.compute.CreateServerGroup(ctx, *planned.create); err != nil {
			return c.withoutGroup(planned, err)
		}
	}
	if err := openstack.Sleep(ctx, groupSettles); err != nil {
		return planned, err
	}
	if found, err = c.compute.ServerGroupsNamed(ctx, planned.create.Name); err != nil {
		return planned, err
	}
	// A list can be older than the group. If the group was deleted, Nova refuses the
	// server, and createInGroup tries again.
	if own.ID != "" && !slices.ContainsFunc(found, func(group servergroups.ServerGroup) bool { return group.ID == own.ID }) {
		found = append(found, own)
	}
	chosen, ok := chooseGroup(found)
	if !ok {
		return planned, bosh.Retryable(bosh.VMCreationFailed, "server group %s was deleted by another process", planned.create.Name)
	}
	planned.id = chosen.ID
	for _, group := range found {
		if group.ID == own.ID && group.ID != planned.id && len(group.Members) == 0 {
			return planned, c.compute.DeleteServerGroup(ctx, group.ID)
		}
	}
	return planned, nil
}

// withoutGroup returns the plan without a server group if the quota is used up
// and the policy is a soft one, or else the error.
func (c *CPI) withoutGroup(planned plannedGroup, err error) (plannedGroup, error) {
	switch {
	case openstack.IsQuota(err) && planned.soft():
		c.log.Warn("the VM is created without a server group because the quota is used up",
			slog.String("server_group", planned.create.Name), slog.Any("error", err))
		return plannedGroup{}, nil
	case openstack.StatusOf(err) == http.StatusNotAcceptable:
		return planned, bosh.Errorf(bosh.CloudError, "cloud_properties.server_group.max_server_per_host needs Nova API 2.64, which came with OpenStack Rocky: %w", err)
	case openstack.IsQuota(err):
		return planned, bosh.Errorf(bosh.CloudError, "the policy %s needs a server group; with soft-%s the VM would be created without one: %w",
			planned.create.Policy, planned.create.Policy, err)
	}
	return planned, err
}

// groupTries is how often a server is requested if its server group disappears.
const groupTries = 3

// createInGroup requests the server in its server group. If another process has
// deleted the group because it was empty, or if it is full, another try follows.
func (c *CPI) createInGroup(ctx context.Context, group plannedGroup, opts compute.CreateOpts) (servers.Server, error) {
	for try := 1; ; try++ {
		server, err := c.compute.CreateServer(ctx, group.apply(opts))
		message := openstack.MessageOf(err)
		switch {
		case err == nil || group.create == nil || try == groupTries:
			return server, err
		case openstack.IsBadRequest(err) && strings.Contains(message, "Instance group "+group.id):
			c.log.Warn("another process has deleted the server group while it was empty", slog.String("server_group", group.id))
			group, err = c.settleGroup(ctx, group)
		case openstack.IsQuota(err) && strings.Contains(message, "servers in group"):
			group, err = c.withoutGroup(group, err)
		}
		if err != nil {
			return server, err
		}
	}
}

// apply returns the options for a server in the group. The metadata of the server
// has the id of a group that delete_vm may delete.
func (g plannedGroup) apply(opts compute.CreateOpts) compute.CreateOpts {
	if g.id == "" {
		return opts
	}
	hints, metadata := map[string]any{}, map[string]string{}
	maps.Copy(hints, opts.SchedulerHints)
	maps.Copy(metadata, opts.Metadata)
	hints["group"] = g.id
	if g.create != nil {
		metadata[mark.ServerGroup] = g.id
	}
	opts.SchedulerHints, opts.Metadata = hints, metadata
	return opts
}

// checkMember fails if a new server is not in the server group that was created
// for it. Between a look at an empty group and its deletion by another process,
// Nova can have accepted the server.
func (c *CPI) checkMember(ctx context.Context, server servers.Server) error {
	id := server.Metadata[mark.ServerGroup]
	if id == "" {
		return nil
	}
	group, err := c.compute.ServerGroup(ctx, id)
	if err != nil && !openstack.IsNotFound(err) {
		return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
	}
	if !slices.Contains(group.Members, server.ID) {
		return bosh.Retryable(bosh.VMCreationFailed, "server %s is not in server group %s, which another process has deleted", server.ID, id)
	}
	return nil
}

// leaveGroup deletes the server group of a deleted server if it was created by
// the CPI and has no other members.
func (c *CPI) leaveGroup(ctx context.Context, deleted servers.Server) error {
	id := deleted.Metadata[mark.ServerGroup]
	if id == "" {
		return nil
	}
	group, err := openstack.Confirm(ctx, func(ctx context.Context) (servergroups.ServerGroup, error) { return c.compute.ServerGroup(ctx, id) })
	if err == nil {
		group.Members = slices.DeleteFunc(group.Members, func(member string) bool { return member == deleted.ID })
		err = c.deleteIfEmpty(ctx, group)
	}
	return openstack.IgnoreNotFound(err)
}

// deleteIfEmpty deletes a server group that was created by the CPI for this
// director and has no members.
func (c *CPI) deleteIfEmpty(ctx context.Context, group servergroups.ServerGroup) error {
	owner, marked := mark.FromDescription(group.Name)
	if !marked || owner.DirectorUUID != c.owner().DirectorUUID || len(group.Members) > 0 {
		return nil
	}
	return c.compute.DeleteServerGroup(ctx, group.ID)
}

// deleteEmptyGroups deletes the server groups with the name that have no members.
func (c *CPI) deleteEmptyGroups(ctx context.Context, name string) error {
	found, err := c.compute.ServerGroupsNamed(ctx, name)
	if err != nil {
		return err
	}
	for _, group := range found {
		if err := c.deleteIfEmpty(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// deleteLostGroups deletes the empty server groups of this director. A create_vm
// that is about to use one creates another.
func (c *CPI) deleteLostGroups(ctx context.Context) {
	all, err := c.compute.ServerGroups(ctx)
	for _, group := range all {
		if err == nil {
			err = c.deleteIfEmpty(ctx, group)
		}
	}
	if err != nil {
		c.log.Warn("empty server groups could not be deleted", slog.Any("error", err))
	}
}
