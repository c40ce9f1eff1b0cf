package day

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/target"
)

// changeOutside does what another client of the project, or the operator, does.
func (r *Replay) changeOutside(ctx context.Context, step Step, arguments []json.RawMessage) error {
	if step.Outside == "configure" {
		return r.configure(step.Properties)
	}
	var cid, disk string
	if err := decode(arguments[:1], &cid); err != nil {
		return err
	}
	if len(arguments) > 1 {
		if err := decode(arguments[1:], &disk); err != nil {
			return err
		}
	}
	if err := r.change(ctx, step.Outside, cid, disk); err != nil {
		return err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.state.changedOutside(step.Outside, cid, disk)
	return nil
}

func (r *Replay) change(ctx context.Context, what, cid, disk string) error {
	switch what {
	case "delete_server":
		return r.deleteServer(ctx, cid)
	case "delete_volume":
		return target.Remove(ctx, r.cloud, "volume", "/volumes/"+cid)
	case "delete_image":
		return target.Remove(ctx, r.cloud, "image", "/images/"+cid)
	case "detach_volume":
		if err := r.cloud.Delete(ctx, "compute", "/servers/"+cid+"/os-volume_attachments/"+disk); err != nil {
			return err
		}
		return r.waitFor(ctx, "volume", "/volumes/"+disk, "volume", "available")
	case "stop_server":
		action := map[string]any{"os-stop": nil}
		if err := r.cloud.Send(ctx, http.MethodPost, "compute", "/servers/"+cid+"/action", action, nil); err != nil {
			return err
		}
		return r.waitFor(ctx, "compute", "/servers/"+cid, "server", "SHUTOFF")
	}
	return fmt.Errorf("nothing outside is called %q", what)
}

// deleteServer deletes a server and its ports. Nova keeps the ports, and delete_vm
// deletes those of VMs that do not exist any more, but only after a time in which
// they cannot belong to a VM in creation. The replay is faster than that.
func (r *Replay) deleteServer(ctx context.Context, cid string) error {
	var found struct{ Ports []struct{ ID string } }
	if err := r.cloud.Get(ctx, "network", "/ports?device_id="+cid, &found); err != nil {
		return err
	}
	if err := target.Remove(ctx, r.cloud, "compute", "/servers/"+cid); err != nil {
		return err
	}
	for _, port := range found.Ports {
		if err := r.cloud.Delete(ctx, "network", "/ports/"+port.ID); err != nil {
			return err
		}
	}
	return nil
}

// waitFor waits until an object has a status.
func (r *Replay) waitFor(ctx context.Context, service, path, key, status string) error {
	for range 600 {
		var found map[string]struct{ Status string }
		if err := r.cloud.Get(ctx, service, path, &found); err != nil {
			return err
		}
		if found[key].Status == status {
			return nil
		}
		<-time.After(100 * time.Millisecond)
	}
	return errors.New(path + " is not " + status + " after a minute")
}
