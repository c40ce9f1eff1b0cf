package compute

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// maxFault limits the details of a fault, in bytes: for administrators they are
// a traceback.
const maxFault = 1000

// Server returns the server.
func (s *Service) Server(ctx context.Context, id string) (servers.Server, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return servers.Server{}, err
	}
	found, err := openstack.Value(servers.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get server %s", id)
}

// Servers returns all servers of the project.
func (s *Service) Servers(ctx context.Context) ([]servers.Server, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, servers.List(client, nil), servers.ExtractServers)
	return all, openstack.Wrap(err, "list servers")
}

// ServersNamed returns the servers with the name. Nova's filter takes the name
// for a regular expression that may match a part of other names.
func (s *Service) ServersNamed(ctx context.Context, name string) ([]servers.Server, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	pages := servers.List(client, servers.ListOpts{Name: regexp.QuoteMeta(name)})
	named, err := openstack.ListMatching(ctx, pages, servers.ExtractServers, func(server servers.Server) bool { return server.Name == name })
	return named, openstack.Wrap(err, "list servers named %s", name)
}

// WaitActive waits until the server is ACTIVE. The error of a failed server
// holds Nova's fault.
func (s *Service) WaitActive(ctx context.Context, id string) (servers.Server, error) {
	return s.waitActive(id).Run(ctx, s.session)
}

func (s *Service) waitActive(id string) openstack.Wait[servers.Server] {
	return openstack.Wait[servers.Server]{
		Kind: "Server", ID: id, Target: []string{"active"}, State: status,
		Get: func(ctx context.Context) (servers.Server, error) { return s.Server(ctx, id) },
		Failed: func(server servers.Server) (string, bool) {
			return fault(server), slices.Contains([]string{"error", "deleted", "soft_deleted"}, strings.ToLower(server.Status))
		},
	}
}

func status(server servers.Server) string { return server.Status }

// fault returns Nova's message about the failure of the server.
func fault(server servers.Server) string {
	details := server.Fault.Details
	if len(details) > maxFault {
		details = strings.ToValidUTF8(details[:maxFault], "") + "…"
	}
	return strings.TrimSpace(server.Fault.Message + "\n" + details)
}

// DeleteServer deletes the server and waits until it is gone. Not found counts
// as success.
func (s *Service) DeleteServer(ctx context.Context, id string) error {
	if gone, err := s.BeginDeletion(ctx, id); gone || err != nil {
		return err
	}
	return s.WaitDeleted(ctx, id)
}

// BeginDeletion makes Nova delete the server. After an error the server is as
// before. gone reports that it does not exist.
func (s *Service) BeginDeletion(ctx context.Context, id string) (gone bool, err error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return false, err
	}
	err = openstack.Delete(ctx, func() error {
		return openstack.Wrap(servers.Delete(ctx, client, id).ExtractErr(), "delete server %s", id)
	})
	if openstack.IsNotFound(err) {
		return true, nil
	}
	if openstack.IsAmbiguous(err) && s.deleting(ctx, id) {
		return false, nil
	}
	return false, err
}

// WaitDeleted waits until a server that Nova deletes is gone.
func (s *Service) WaitDeleted(ctx context.Context, id string) error {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return err
	}
	last, err := s.waitGone(id).Run(ctx, s.session)
	if err != nil || strings.ToLower(last.Status) != "soft_deleted" {
		return openstack.Wrap(err, "delete server %s", id)
	}
	// With reclaim_instance_interval, Nova keeps a deleted server for a while,
	// with its ports and addresses.
	if err := servers.ForceDelete(ctx, client, id).ExtractErr(); err != nil {
		return openstack.IgnoreNotFound(openstack.Wrap(err, "force delete server %s", id))
	}
	wait := s.waitGone(id)
	wait.Target = []string{"deleted"}
	_, err = wait.Run(ctx, s.session)
	return openstack.Wrap(err, "force delete server %s", id)
}

// deleting reports whether a deletion without a response took effect.
func (s *Service) deleting(ctx context.Context, id string) bool {
	server, err := s.Server(ctx, id)
	return openstack.IsNotFound(err) || err == nil && server.TaskState == "deleting"
}

// waitGone returns the wait for the end of a deletion. Nova shows the status
// DELETED before it has released the server's ports and volumes, so only a
// server that is not found any more is deleted.
func (s *Service) waitGone(id string) openstack.Wait[servers.Server] {
	return openstack.Wait[servers.Server]{
		Kind: "Server", ID: id, Target: []string{"deleted", "soft_deleted"}, GoneOK: true,
		State: func(server servers.Server) string {
			if strings.EqualFold(server.Status, "deleted") {
				return "deleted, but still found"
			}
			return server.Status
		},
		Get:    func(ctx context.Context) (servers.Server, error) { return s.Server(ctx, id) },
		Failed: failedFinally,
	}
}

// failedFinally reports whether the server is in ERROR and Nova has no task for
// it. ERROR alone may be the state from before the request; Nova clears the
// task when it gives up.
func failedFinally(server servers.Server) (reason string, failed bool) {
	return fault(server), strings.EqualFold(server.Status, "error") && server.TaskState == ""
}

// DeleteServerNamed deletes all servers with the name.
func (s *Service) DeleteServerNamed(ctx context.Context, name string) error {
	named, err := s.ServersNamed(ctx, name)
	if err != nil {
		return err
	}
	for _, server := range named {
		if err := s.DeleteServer(ctx, server.ID); err != nil {
			return err
		}
	}
	return nil
}

// SetMetadata adds to the server's metadata and returns the result. Other keys
// are kept.
func (s *Service) SetMetadata(ctx context.Context, id string, metadata map[string]string) (map[string]string, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	all, err := servers.UpdateMetadata(openstack.Repeatable(ctx), client, id, servers.MetadataOpts(metadata)).Extract()
	return all, openstack.Wrap(err, "set metadata of server %s", id)
}

// Rename changes the server's name.
func (s *Service) Rename(ctx context.Context, id, name string) error {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return err
	}
	_, err = servers.Update(ctx, client, id, servers.UpdateOpts{Name: name}).Extract()
	return openstack.Wrap(err, "rename server %s to %s", id, name)
}

// Reboot reboots the server and waits until it is ACTIVE. A server that is shut
// off is started. If the soft reboot is refused or does not end in time, a hard
// reboot follows.
func (s *Service) Reboot(ctx context.Context, id string) error {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return err
	}
	server, err := s.Server(ctx, id)
	if err != nil {
		return err
	}
	if strings.EqualFold(server.Status, "shutoff") {
		err := openstack.Wrap(servers.Start(openstack.Repeatable(ctx), client, id).ExtractErr(), "start server %s", id)
		return s.acceptedAndActive(ctx, id, err, "task_state powering-on", "vm_state active")
	}
	err = s.reboot(ctx, client, id, servers.SoftReboot)
	if openstack.IsConflict(err) || openstack.IsTimeout(err) && ctx.Err() == nil {
		err = s.reboot(ctx, client, id, servers.HardReboot)
	}
	return err
}

func (s *Service) reboot(ctx context.Context, client *gophercloud.ServiceClient, id string, how servers.RebootMethod) error {
	err := servers.Reboot(openstack.Repeatable(ctx), client, id, servers.RebootOpts{Type: how}).ExtractErr()
	return s.acceptedAndActive(ctx, id, openstack.Wrap(err, "reboot (%s) server %s", how, id), "task_state reboot")
}

// acceptedAndActive waits for ACTIVE. A 409 that says that the action is
// already in progress counts as accepted: an earlier request had its response
// lost. inProgress are the texts with which Nova says so.
func (s *Service) acceptedAndActive(ctx context.Context, id string, requestErr error, inProgress ...string) error {
	inMessage := func(text string) bool { return strings.Contains(openstack.MessageOf(requestErr), text) }
	if requestErr != nil && !(openstack.IsConflict(requestErr) && slices.ContainsFunc(inProgress, inMessage)) {
		return requestErr
	}
	wait := s.waitActive(id)
	wait.Failed, wait.Action = failedFinally, "reboot"
	_, err := wait.Run(ctx, s.session)
	return err
}
