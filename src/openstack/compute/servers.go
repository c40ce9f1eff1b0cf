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

// maxFault bounds the details of a fault, in bytes: administrators get a traceback there.
const maxFault = 1000

// Server returns the server; openstack.IsNotFound tells that there is none.
func (s *Service) Server(ctx context.Context, id string) (servers.Server, error) {
	client, err := s.client(ctx)
	if err != nil {
		return servers.Server{}, err
	}
	found, err := openstack.Value(servers.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get server %s", id)
}

// ServersNamed returns the servers with exactly the name. Nova's own filter takes the name for a regular expression, and
// finds it within other names.
func (s *Service) ServersNamed(ctx context.Context, name string) ([]servers.Server, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, servers.List(client, servers.ListOpts{Name: regexp.QuoteMeta(name)}), servers.ExtractServers)
	all = slices.DeleteFunc(all, func(server servers.Server) bool { return server.Name != name })
	return all, openstack.Wrap(err, "list servers named %s", name)
}

// WaitActive waits until the server runs. A failure carries Nova's fault.
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

// fault is why Nova failed, in its words.
func fault(server servers.Server) string {
	details := server.Fault.Details
	if len(details) > maxFault {
		details = strings.ToValidUTF8(details[:maxFault], "") + "…"
	}
	return strings.TrimSpace(server.Fault.Message + "\n" + details)
}

// DeleteServer deletes the server and waits until it is gone. One that is gone already is a success.
func (s *Service) DeleteServer(ctx context.Context, id string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = openstack.Wrap(servers.Delete(ctx, client, id).ExtractErr(), "delete server %s", id)
	if openstack.IsNotFound(err) {
		return nil
	}
	if err != nil && !(openstack.IsAmbiguous(err) && s.deleting(ctx, id)) {
		return err
	}
	last, err := s.waitGone(id).Run(ctx, s.session)
	if err != nil || strings.ToLower(last.Status) != "soft_deleted" {
		return openstack.Wrap(err, "delete server %s", id)
	}
	// The cloud keeps deleted servers for a while, with their ports and addresses, unless told not to.
	if err := servers.ForceDelete(ctx, client, id).ExtractErr(); err != nil {
		return openstack.IgnoreNotFound(openstack.Wrap(err, "force delete server %s", id))
	}
	wait := s.waitGone(id)
	wait.Target = []string{"deleted"}
	_, err = wait.Run(ctx, s.session)
	return openstack.Wrap(err, "force delete server %s", id)
}

// deleting tells that a request to delete took effect although it was not answered.
func (s *Service) deleting(ctx context.Context, id string) bool {
	server, err := s.Server(ctx, id)
	return openstack.IsNotFound(err) || err == nil && server.TaskState == "deleting"
}

// waitGone waits for the end of a deletion.
func (s *Service) waitGone(id string) openstack.Wait[servers.Server] {
	return openstack.Wait[servers.Server]{
		Kind: "Server", ID: id, Target: []string{"deleted", "soft_deleted"}, GoneOK: true, State: status,
		Get:    func(ctx context.Context) (servers.Server, error) { return s.Server(ctx, id) },
		Failed: failedAtLast,
	}
}

// failedAtLast tells that a server is in ERROR and Nova does nothing about it any more: ERROR may be the state that the
// server was in before. Nova drops the task when it gives up.
func failedAtLast(server servers.Server) (reason string, failed bool) {
	return fault(server), strings.EqualFold(server.Status, "error") && server.TaskState == ""
}

// DeleteServerNamed deletes all servers with the name; none is a success.
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

// SetMetadata adds to the server's metadata and returns all of it. Keys that are not given stay.
func (s *Service) SetMetadata(ctx context.Context, id string, metadata map[string]string) (map[string]string, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	all, err := servers.UpdateMetadata(openstack.Repeatable(ctx), client, id, servers.MetadataOpts(metadata)).Extract()
	return all, openstack.Wrap(err, "set metadata of server %s", id)
}

// Rename gives the server another name.
func (s *Service) Rename(ctx context.Context, id, name string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	_, err = servers.Update(ctx, client, id, servers.UpdateOpts{Name: name}).Extract()
	return openstack.Wrap(err, "rename server %s to %s", id, name)
}

// Reboot restarts the server and waits until it runs; one that is off is started. It is shut down properly, or cut off
// if it does not react or Nova refuses to ask it.
func (s *Service) Reboot(ctx context.Context, id string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	server, err := s.Server(ctx, id)
	if err != nil {
		return err
	}
	if strings.EqualFold(server.Status, "shutoff") {
		err := openstack.Wrap(servers.Start(openstack.Repeatable(ctx), client, id).ExtractErr(), "start server %s", id)
		return s.comesUp(ctx, id, err, "task_state powering-on", "vm_state active")
	}
	err = s.reboot(ctx, client, id, servers.SoftReboot)
	if openstack.IsConflict(err) || openstack.IsTimeout(err) && ctx.Err() == nil {
		err = s.reboot(ctx, client, id, servers.HardReboot)
	}
	return err
}

func (s *Service) reboot(ctx context.Context, client *gophercloud.ServiceClient, id string, how servers.RebootMethod) error {
	err := servers.Reboot(openstack.Repeatable(ctx), client, id, servers.RebootOpts{Type: how}).ExtractErr()
	return s.comesUp(ctx, id, openstack.Wrap(err, "reboot (%s) server %s", how, id), "task_state reboot")
}

// comesUp waits until the server runs, if refused, the error of the request that shall make it run, allows for that. Nova
// refuses to be asked twice, which happens when its first answer was lost; underway is how it says that.
func (s *Service) comesUp(ctx context.Context, id string, refused error, underway ...string) error {
	said := func(words string) bool { return strings.Contains(openstack.MessageOf(refused), words) }
	if refused != nil && !(openstack.IsConflict(refused) && slices.ContainsFunc(underway, said)) {
		return refused
	}
	wait := s.waitActive(id)
	wait.Failed = failedAtLast
	_, err := wait.Run(ctx, s.session)
	return err
}
