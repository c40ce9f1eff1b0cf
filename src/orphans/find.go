package orphans

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"

	"github.com/piston/openstack-bosh-cpi/src/mark"
)

// Found is what the cloud has.
type Found struct {
	// Objects are the marked objects, sorted by kind in the order of deletion,
	// and then by age, oldest first.
	Objects []Object
	// Failed are the lists that could not be read.
	Failed []ListError

	// servers are the names of all servers of the project by id, marked or not.
	servers map[string]string
}

// ListError is the failure of the list of some kinds. No object of these kinds
// was found, but there may be some.
type ListError struct {
	Kinds []Kind
	Err   error
}

// Find lists all marked objects of the project, all kinds concurrently. The
// failure of one list does not stop the others. The error is that of the login.
func (c *Cloud) Find(ctx context.Context) (Found, error) {
	if _, err := c.session.ProjectID(ctx); err != nil {
		return Found{}, err
	}
	found, listed := Found{servers: map[string]string{}}, listing{}
	lists := []struct {
		kinds []Kind
		read  func(context.Context, *listing) error
	}{
		{[]Kind{Server}, c.listServers},
		{[]Kind{Port}, c.listPorts},
		{[]Kind{FloatingIP}, c.listFloatingIPs},
		{[]Kind{BootVolume, Volume}, c.listVolumes},
		{[]Kind{Snapshot}, c.listSnapshots},
		{[]Kind{Image}, c.listImages},
		{[]Kind{PoolMember}, c.listMembers},
		{[]Kind{Network}, c.listNetworks},
		{[]Kind{Router}, c.listRouters},
		{[]Kind{ServerGroup}, c.listServerGroups},
	}
	errs := make([]error, len(lists))
	var reading sync.WaitGroup
	for i, list := range lists {
		reading.Go(func() { errs[i] = list.read(ctx, &listed) })
	}
	reading.Wait()
	for i, list := range lists {
		if errs[i] != nil {
			found.Failed = append(found.Failed, ListError{list.kinds, errs[i]})
		}
	}
	found.Objects = listed.connected()
	for _, server := range listed.servers {
		found.servers[server.ID] = server.Name
	}
	slices.SortStableFunc(found.Objects, func(a, b Object) int {
		if order := slices.Index(kinds(), a.Kind) - slices.Index(kinds(), b.Kind); order != 0 {
			return order
		}
		return a.Created.Compare(b.Created)
	})
	return found, nil
}

// failed reports whether the list of the kind could not be read.
func (f Found) failed(kind Kind) bool {
	return slices.ContainsFunc(f.Failed, func(e ListError) bool { return slices.Contains(e.Kinds, kind) })
}

// listing collects the lists while they are read concurrently.
type listing struct {
	mutex       sync.Mutex
	objects     []Object
	servers     []servers.Server
	floatingIPs []floatingips.FloatingIP
}

func (l *listing) add(objects ...Object) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.objects = append(l.objects, objects...)
}

// connected returns the objects, each member with its server, and the floating
// IPs that lead to marked ports.
func (l *listing) connected() []Object {
	all := l.objects
	for i, object := range all {
		if object.Kind == PoolMember {
			if server := l.serverOf(object); server != nil {
				all[i].Server = server.ID
				all[i].Owner, _ = mark.FromMetadata(server.Metadata)
			}
		}
	}
	for _, port := range l.objects {
		for _, ip := range l.floatingIPs {
			if port.Kind == Port && ip.PortID == port.ID {
				all = append(all, Object{
					Kind: FloatingIP, ID: ip.ID, Name: ip.FloatingIP, State: ip.Status, Created: port.Created,
					Owner: port.Owner, Server: port.Server, Port: port.ID,
				})
			}
		}
	}
	return all
}

// serverOf returns the server that a pool member stands for, or nil. The server
// has the name of the member, or recorded the name or the member.
func (l *listing) serverOf(member Object) *servers.Server {
	i := slices.IndexFunc(l.servers, func(server servers.Server) bool {
		if server.Name == member.Name || server.Metadata[mark.VMName] == member.Name {
			return true
		}
		for key, value := range server.Metadata {
			if strings.HasPrefix(key, mark.PoolPrefix) && value == member.Pool+"/"+member.ID {
				return true
			}
		}
		return false
	})
	if i < 0 {
		return nil
	}
	return &l.servers[i]
}

func (c *Cloud) listServers(ctx context.Context, l *listing) error {
	all, err := c.compute.Servers(ctx)
	if err != nil {
		return err
	}
	// Nova lists deleted servers for a short time.
	all = slices.DeleteFunc(all, func(server servers.Server) bool { return server.Status == "DELETED" })
	l.servers = all
	for _, server := range all {
		if owner, marked := mark.FromMetadata(server.Metadata); marked {
			l.add(Object{
				Kind: Server, ID: server.ID, Name: server.Name, State: server.Status, Created: server.Created,
				Owner: owner, Announced: mark.Announced(server.Metadata), Server: server.ID,
			})
		}
	}
	return nil
}

func (c *Cloud) listPorts(ctx context.Context, l *listing) error {
	all, err := c.network.ProjectPorts(ctx)
	if err != nil {
		return err
	}
	for _, port := range all {
		if owner, marked := mark.FromDescription(port.Description); marked {
			l.add(Object{
				Kind: Port, ID: port.ID, Name: port.Name, State: port.Status, Created: port.CreatedAt, Owner: owner, Server: port.DeviceID,
			})
		}
	}
	return nil
}

func (c *Cloud) listFloatingIPs(ctx context.Context, l *listing) (err error) {
	l.floatingIPs, err = c.network.ProjectFloatingIPs(ctx)
	return err
}

// listVolumes tells boot volumes from persistent disks: their mark names the
// server that boots from them.
func (c *Cloud) listVolumes(ctx context.Context, l *listing) error {
	all, err := c.volume.Volumes(ctx)
	if err != nil {
		return err
	}
	for _, volume := range all {
		owner, marked := mark.FromMetadata(volume.Metadata)
		if !marked {
			continue
		}
		object := Object{
			Kind: Volume, ID: volume.ID, Name: volume.Name, State: volume.Status, Created: volume.CreatedAt,
			Owner: owner, Announced: mark.Announced(volume.Metadata),
		}
		if server := volume.Metadata[mark.BootVolumeOf]; server != "" {
			object.Kind, object.Server = BootVolume, server
		}
		if len(volume.Attachments) > 0 {
			object.Server = volume.Attachments[0].ServerID
		}
		l.add(object)
	}
	return nil
}

func (c *Cloud) listSnapshots(ctx context.Context, l *listing) error {
	all, err := c.volume.Snapshots(ctx)
	if err != nil {
		return err
	}
	for _, snapshot := range all {
		if owner, marked := mark.FromMetadata(snapshot.Metadata); marked {
			l.add(Object{Kind: Snapshot, ID: snapshot.ID, Name: snapshot.Name, State: snapshot.Status, Created: snapshot.CreatedAt, Owner: owner})
		}
	}
	return nil
}

func (c *Cloud) listImages(ctx context.Context, l *listing) error {
	all, err := c.image.ProjectImages(ctx, map[string]string{mark.Key: mark.Value})
	if err != nil {
		return err
	}
	for _, image := range all {
		if owner, marked := mark.FromMetadata(texts(image.Properties)); marked {
			l.add(Object{Kind: Image, ID: image.ID, Name: image.Name, State: string(image.Status), Created: image.CreatedAt, Owner: owner})
		}
	}
	return nil
}

// texts returns the properties of an image that are texts.
func texts(properties map[string]any) map[string]string {
	all := map[string]string{}
	for key, value := range maps.All(properties) {
		if text, ok := value.(string); ok {
			all[key] = text
		}
	}
	return all
}

func (c *Cloud) listMembers(ctx context.Context, l *listing) error {
	all, err := c.loadbalancers.ProjectMembers(ctx)
	if err != nil {
		return err
	}
	for _, member := range all {
		if mark.IsVMName(member.Name) {
			l.add(Object{Kind: PoolMember, ID: member.ID, Name: member.Name, State: member.ProvisioningStatus, Created: member.CreatedAt, Pool: member.PoolID})
		}
	}
	return nil
}

func (c *Cloud) listNetworks(ctx context.Context, l *listing) error {
	all, err := c.network.ProjectNetworks(ctx)
	if err != nil {
		return err
	}
	for _, network := range all {
		if owner, marked := mark.FromDescription(network.Description); marked {
			l.add(Object{Kind: Network, ID: network.ID, Name: network.Name, State: network.Status, Created: network.CreatedAt, Owner: owner})
		}
	}
	return nil
}

func (c *Cloud) listRouters(ctx context.Context, l *listing) error {
	all, err := c.network.ProjectRouters(ctx)
	if err != nil {
		return err
	}
	for _, router := range all {
		if owner, marked := mark.FromDescription(router.Description); marked {
			l.add(Object{Kind: Router, ID: router.ID, Name: router.Name, State: router.Status, Created: router.CreatedAt, Owner: owner})
		}
	}
	return nil
}

// listServerGroups finds those without members. Nova does not report when one was
// created, nor does it matter: create_vm makes another one if its own is deleted.
func (c *Cloud) listServerGroups(ctx context.Context, l *listing) error {
	all, err := c.compute.ServerGroups(ctx)
	if err != nil {
		return err
	}
	for _, group := range all {
		if owner, marked := mark.FromDescription(group.Name); marked && len(group.Members) == 0 {
			l.add(Object{Kind: ServerGroup, ID: group.ID, Name: group.Name, State: "empty", Owner: owner})
		}
	}
	return nil
}
