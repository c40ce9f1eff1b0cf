package cpi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// DeleteVM deletes the server and everything that was created for it. Not found
// counts as success. It goes on after a failure and returns all errors, but it
// keeps the ports if the server could not be deleted. Nova detaches persistent
// disks.
func (c *CPI) DeleteVM(ctx context.Context, args bosh.VMArgs) (Nothing, error) {
	server, ports, err := c.findVM(ctx, string(args.VM))
	if err != nil {
		return nil, err
	}

	failed, err := c.deleteServer(ctx, server)
	if err != nil {
		return nil, aggregate(append(failed, fmt.Errorf("Wait for server deletion: %w%s", err, kept(ports)))) //nolint:staticcheck // text operators search for
	}
	if server.ID == "" && len(ports) == 0 {
		failed = append(failed, c.deleteLostPorts(ctx)...)
		c.deleteLostGroups(ctx)
	}
	for _, port := range ports {
		if err := c.network.DeletePortWithTrunk(ctx, port); err != nil {
			failed = append(failed, fmt.Errorf("Removing ports: %w", err)) //nolint:staticcheck // text operators search for
		}
	}
	failed = append(failed, c.deleteOwnVolumes(ctx, server)...)
	if err := c.leaveGroup(ctx, server); err != nil {
		failed = append(failed, fmt.Errorf("Removing server group: %w", err)) //nolint:staticcheck // like its siblings
	}
	if server.ID != "" && !c.request.Registryless() && c.config.Registry != nil {
		if err := c.registryEntry(server.Name, server.Metadata).delete(ctx); err != nil {
			failed = append(failed, fmt.Errorf("Deleting registry settings: %w", err)) //nolint:staticcheck // text operators search for
		}
	}
	return nil, aggregate(failed)
}

// deleteServer deletes the server, if there is one, and removes it from its pools
// while Nova deletes it. Nova may refuse the deletion, for example of a locked
// server: then nothing has changed.
func (c *CPI) deleteServer(ctx context.Context, server servers.Server) (failed []error, err error) {
	if server.ID == "" {
		return nil, nil
	}
	gone, err := c.compute.BeginDeletion(ctx, server.ID)
	if members := memberships(server.Metadata); err != nil && len(members) > 0 {
		return nil, fmt.Errorf("%w (its pool members are not deleted: %s)", err, strings.Join(members, ", "))
	}
	if err != nil {
		return nil, err
	}
	failed = c.leavePools(ctx, server.Metadata)
	if gone {
		return failed, nil
	}
	return failed, c.compute.WaitDeleted(ctx, server.ID)
}

// kept names the ports of a server that may be deleted later: they cannot be
// found by the server's id then.
func kept(ports []network.Port) string {
	if len(ports) == 0 {
		return ""
	}
	ids := make([]string, len(ports))
	for i, port := range ports {
		ids[i] = port.String()
	}
	return " (its ports are not deleted: " + strings.Join(ids, ", ") + ")"
}

// serverAge is the age up to which delete_vm uses what create_vm has read about the
// server: the names, marks and volumes that it has from its creation do not change.
const serverAge = 24 * time.Hour

// findVM returns the server, which is empty if it does not exist, and its ports.
// Once the server is deleted, its ports cannot be found any more. So a server that
// was recalled from create_vm is looked up only if it has no port.
func (c *CPI) findVM(ctx context.Context, id string) (server servers.Server, found []network.Port, err error) {
	var memory openstack.Memory
	lookups, all := errgroup.WithContext(ctx)
	lookups.Go(func() (err error) {
		server, err = c.serverToDelete(memory.Recall(all, serverAge), id)
		return err
	})
	lookups.Go(func() (err error) {
		found, err = c.network.PortsOfDevice(all, id)
		return err
	})
	if err = lookups.Wait(); err == nil && memory.Used() && len(found) == 0 {
		server, err = c.serverToDelete(ctx, id)
	}
	return server, found, err
}

// serverToDelete returns the server, which is empty if it does not exist.
func (c *CPI) serverToDelete(ctx context.Context, id string) (servers.Server, error) {
	server, err := openstack.Confirm(ctx, func(ctx context.Context) (servers.Server, error) { return c.compute.Server(ctx, id) })
	if openstack.IsNotFound(err) {
		c.log.Info("server is already deleted", slog.String("server", id))
		return servers.Server{}, nil
	}
	return server, err
}

// deleteLostPorts deletes the ports and pool members of VMs of this director that
// do not exist any more. Nova clears the device of a port when it deletes the
// server, so the ports of one VM cannot be told from those of others.
func (c *CPI) deleteLostPorts(ctx context.Context) (failed []error) {
	all, err := c.network.ProjectPorts(ctx)
	if err != nil {
		return []error{fmt.Errorf("Removing ports: %w", err)} //nolint:staticcheck // text operators search for
	}
	var vms []string
	for _, port := range all {
		owner, marked := mark.FromDescription(port.Description)
		if !marked || owner.DirectorUUID != c.owner().DirectorUUID || port.DeviceID != "" || time.Since(port.CreatedAt) < c.creationLimit() {
			continue
		}
		c.log.Warn("deleting the port of a VM that does not exist any more", slog.String("port", port.ID), slog.String("port_name", port.Name))
		if err := c.network.DeletePortWithTrunk(ctx, port); err != nil {
			failed = append(failed, fmt.Errorf("Removing ports: %w", err)) //nolint:staticcheck // text operators search for
		}
		vms = append(vms, vmOfPort(port.Name))
	}
	return append(failed, c.removeMembersOf(ctx, vms)...)
}

// deleteOwnVolumes deletes the volumes that Nova created for the server: the one
// that it booted from, and a data volume. Nova does so itself, but leaks a volume
// if Cinder fails at that moment.
func (c *CPI) deleteOwnVolumes(ctx context.Context, server servers.Server) (failed []error) {
	if len(server.Image) > 0 && server.Metadata[mark.DataVolume] == "" {
		return nil
	}
	for _, attached := range server.AttachedVolumes {
		found, err := c.volume.Volume(ctx, attached.ID)
		if err == nil && found.Metadata[mark.BootVolumeOf] == server.ID {
			err = c.deleteOwnVolume(ctx, found)
		}
		if err != nil && !openstack.IsNotFound(err) {
			failed = append(failed, fmt.Errorf("Removing boot volume: %w", err)) //nolint:staticcheck // like its siblings
		}
	}
	return failed
}

// deleteOwnVolume deletes a volume of a deleted server. Cinder may show it as
// attached for a short time, and refuses to delete it before that ends.
func (c *CPI) deleteOwnVolume(ctx context.Context, volume volumes.Volume) error {
	if volume.Status == "in-use" || volume.Status == "detaching" {
		detached := func(found volumes.Volume) bool { return found.Status == "available" }
		if _, err := c.volume.WaitChanged(ctx, volume.ID, detached); err != nil {
			return err
		}
	}
	return c.volume.DeleteVolume(ctx, volume.ID)
}

// aggregate returns one error that contains all of them, or nil if there are none.
func aggregate(failed []error) error {
	if len(failed) < 2 {
		return errors.Join(failed...)
	}
	return bosh.Errorf(bosh.CloudError, "Multiple cloud errors occurred:\n%w", errors.Join(failed...))
}
