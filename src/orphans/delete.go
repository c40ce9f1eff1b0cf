package orphans

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// atOnce is how many objects of one kind are deleted concurrently.
const atOnce = 4

// Confirmed returns the objects of the first judgement that the second one finds
// deletable as well. Between the two, a director may have begun to use an object.
func Confirmed(first, second []Judged, includeGuarded bool) []Judged {
	return slices.DeleteFunc(slices.Clone(first), func(j Judged) bool {
		return !j.Deletable(includeGuarded) || !slices.ContainsFunc(second, func(again Judged) bool {
			return again.Kind == j.Kind && again.ID == j.ID && again.Deletable(includeGuarded)
		})
	})
}

// Delete deletes the objects, those of one kind concurrently, kind after kind so
// that nothing is deleted before what uses it. It goes on after a failure, but
// leaves what belongs to a server that could not be deleted. report is called
// once for each object, not concurrently.
func (c *Cloud) Delete(ctx context.Context, found Found, objects []Judged, report func(Judged, error)) {
	d := deletion{cloud: c, servers: map[string]bool{}, report: report}
	for id := range found.servers {
		d.servers[id] = true
	}
	for _, kind := range kinds() {
		var deleting errgroup.Group
		deleting.SetLimit(atOnce)
		for _, object := range objects {
			if object.Kind == kind {
				deleting.Go(func() error { return d.delete(ctx, object) })
			}
		}
		// Failures were reported one by one.
		_ = deleting.Wait() //nolint:errcheck // see above
	}
}

// deletion is the state of Delete.
type deletion struct {
	cloud  *Cloud
	report func(Judged, error)

	mutex sync.Mutex
	// servers are the servers that exist.
	servers map[string]bool
}

func (d *deletion) delete(ctx context.Context, j Judged) error {
	err := d.blocked(j.Object)
	if err == nil {
		err = d.cloud.delete(ctx, j.Object)
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if err == nil && j.Kind == Server {
		delete(d.servers, j.ID)
	}
	d.report(j, err)
	return err
}

// blocked returns an error if the server that the object belongs to exists. Its
// ports must not be deleted before it, because it would run without a network.
func (d *deletion) blocked(o Object) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if slices.Contains([]Kind{Port, BootVolume, Volume}, o.Kind) && d.servers[o.Server] {
		return fmt.Errorf("left, because its server %s was not deleted", o.Server)
	}
	return nil
}

// delete deletes one object. Not found counts as success.
func (c *Cloud) delete(ctx context.Context, o Object) error {
	switch o.Kind {
	case PoolMember:
		return c.loadbalancers.RemoveMember(ctx, o.Pool, o.ID)
	case FloatingIP:
		return c.network.DisassociateFloatingIP(ctx, o.ID)
	case Server:
		return c.compute.DeleteServer(ctx, o.ID)
	case Port:
		return c.network.DeletePort(ctx, o.ID)
	case Snapshot:
		return c.volume.DeleteSnapshot(ctx, o.ID)
	case BootVolume, Volume:
		return c.deleteVolume(ctx, o)
	case Image:
		return c.image.DeleteImage(ctx, o.ID)
	case Network:
		return c.deleteNetwork(ctx, o)
	case Router:
		return c.network.DeleteRouter(ctx, o.ID)
	case ServerGroup:
		return c.deleteServerGroup(ctx, o.ID)
	default:
		return errors.New("unknown kind " + string(o.Kind))
	}
}

// deleteVolume waits for the end of what Cinder does with the volume, for
// example the detachment from a deleted server: it refuses to delete it before.
func (c *Cloud) deleteVolume(ctx context.Context, o Object) error {
	if o.State != "available" && !strings.HasPrefix(o.State, "error") {
		if _, err := c.volume.WaitAvailable(ctx, o.ID); err != nil {
			return openstack.IgnoreNotFound(err)
		}
	}
	return c.volume.DeleteVolume(ctx, o.ID)
}

// deleteNetwork disconnects routers from the network and deletes it. A network that
// is in use stays connected.
func (c *Cloud) deleteNetwork(ctx context.Context, o Object) error {
	all, err := c.network.PortsOfNetwork(ctx, o.ID)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, network.KeepsNetworkInUse); i >= 0 {
		return fmt.Errorf("left, because it is in use by port %s %s %s", all[i].ID, all[i].DeviceOwner, all[i].DeviceID)
	}
	if err := c.network.DisconnectRouters(ctx, all); err != nil {
		return err
	}
	return c.network.DeleteNetwork(ctx, o.ID)
}

// deleteServerGroup deletes a server group that still has no members: Nova also
// deletes one that has some.
func (c *Cloud) deleteServerGroup(ctx context.Context, id string) error {
	group, err := c.compute.ServerGroup(ctx, id)
	if err != nil {
		return openstack.IgnoreNotFound(err)
	}
	if len(group.Members) > 0 {
		return fmt.Errorf("left, because it is in use by server %s", group.Members[0])
	}
	return c.compute.DeleteServerGroup(ctx, id)
}
