package nova

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// hosts returns the number of hosts in a zone: two in the first, one in the
// others. Strict server groups are limited by it.
func (n *Service) hosts(zone string) int {
	if zone == n.world.Options.AvailabilityZones[0] {
		return 2
	}
	return 1
}

// How long Nova waits for a volume that it creates for a server.
const (
	volumePoll  = 500 * time.Millisecond
	volumePolls = 360
)

// build creates a server: scheduling, networking, block_device_mapping for
// volumes, spawning, active.
func (n *Service) build(c api.Caller, s *server, plans []plannedDisk) {
	usual := n.world.Options.Latencies.ServerBuild
	n.world.AfterOrNow(usual/5, func() {
		if !n.inBuild(s) {
			return
		}
		if !n.schedule(s) {
			n.fail(s, world.NoValidHost)
			return
		}
		n.set(s, building, "networking")
		n.world.AfterOrNow(usual/5, func() { n.connect(c, s, plans) })
	})
}

// inBuild reports whether the server is still being built.
func (n *Service) inBuild(s *server) bool {
	return n.exists(s) && s.vmState == building && s.taskState != deleting
}

// schedule chooses a zone and a host. It returns false when none is suitable.
func (n *Service) schedule(s *server) bool {
	zones := n.world.Options.AvailabilityZones
	if s.zone != "" {
		zones = []string{s.zone}
	}
	for _, zone := range zones {
		for host := 1; host <= n.hosts(zone); host++ {
			if s.group.accepts(s, zone, host) {
				s.zone, s.host = zone, host
				return true
			}
		}
	}
	return false
}

// connect binds the ports and creates the volumes.
func (n *Service) connect(c api.Caller, s *server, plans []plannedDisk) {
	if !n.inBuild(s) {
		return
	}
	if problem := n.plug(c, s); problem != "" {
		n.fail(s, problem)
		return
	}
	if len(plans) == 0 {
		n.spawn(s)
		return
	}
	n.set(s, building, "block_device_mapping")
	for _, plan := range plans {
		if err := n.makeDisk(s, plan); err != nil {
			n.fail(s, aborted(s, err.Error()))
			return
		}
	}
	n.awaitVolumes(s, volumePolls)
}

// awaitVolumes spawns the server once all its volumes can be attached.
func (n *Service) awaitVolumes(s *server, polls int) {
	for _, d := range s.disks {
		v, found := n.volumes.Volume(d.volumeID)
		if v.Status == "available" || v.Status == "reserved" {
			continue
		}
		if polls == 0 || v.Status == "error" || !found {
			n.fail(s, aborted(s, "Volume "+d.volumeID+" did not finish being created even after we waited "+
				strconv.Itoa(int(time.Duration(volumePolls-polls)*volumePoll/time.Second))+" seconds or "+strconv.Itoa(volumePolls-polls+1)+
				" attempts. And its status is "+v.Status+"."))
			return
		}
		n.world.After(volumePoll, func() {
			if n.inBuild(s) {
				n.awaitVolumes(s, polls-1)
			}
		})
		return
	}
	for _, d := range s.disks {
		n.volumes.AttachVolume(d.volumeID, s.ID, d.device)
	}
	n.spawn(s)
}

// spawn starts the server on its host.
func (n *Service) spawn(s *server) {
	n.set(s, building, "spawning")
	for _, p := range n.plugged(s) {
		n.ports.ActivatePort(p.ID)
	}
	n.world.Progress("server", "create", s.zone, n.world.Options.Latencies.ServerBuild*3/5, func() {
		if n.inBuild(s) {
			s.launched = n.world.Now()
			s.boots++
			n.set(s, active, "")
		}
	}, func(reason string) {
		if n.inBuild(s) {
			n.fail(s, reason)
		}
	})
}

// fail sets a server to ERROR, without host, ports and volumes.
func (n *Service) fail(s *server, reason string) {
	if reason == "" {
		reason = world.NoValidHost
	}
	n.unplug(s)
	n.releaseDisks(s)
	s.host, s.zone, s.fault = 0, s.requestedZone, &fault{message: reason, at: n.world.Now()}
	n.set(s, failed, "")
}

// Fail puts a server into ERROR, whatever Nova is doing with it. A server that
// was built before keeps its ports and volumes.
func (n *Service) Fail(id string) {
	i := slices.IndexFunc(n.servers, func(s *server) bool { return s.ID == id })
	if i < 0 {
		return
	}
	if n.inBuild(n.servers[i]) {
		n.fail(n.servers[i], "")
		return
	}
	// Changes that are scheduled for the server find another one.
	broken := *n.servers[i]
	n.servers[i] = &broken
	broken.fault = &fault{message: "Failed: the host of the server is down.", at: n.world.Now()}
	n.set(&broken, failed, "")
}

func (n *Service) deleteServer(c *api.Call) (api.Answer, error) {
	s, err := n.changeable(c)
	if err != nil {
		return api.Answer{}, err
	}
	n.destroy(s)
	return api.Reply(http.StatusNoContent, nil)
}

// forceDelete is DELETE for clouds that keep deleted servers for some time.
// This one does not.
func (n *Service) forceDelete(c *api.Call) (api.Answer, error) {
	s, err := n.changeable(c)
	if err != nil {
		return api.Answer{}, err
	}
	n.destroy(s)
	return api.Reply(http.StatusAccepted, nil)
}

// destroy deletes a server unless its deletion has begun.
func (n *Service) destroy(s *server) {
	if s.taskState == deleting {
		return
	}
	if s.host == 0 {
		n.remove(s) // there is no host
		return
	}
	n.set(s, s.vmState, deleting)
	n.world.Progress("server", "delete", s.zone, n.world.Options.Latencies.ServerDelete, func() { n.remove(s) }, func(reason string) {
		s.fault = &fault{message: reason, at: n.world.Now()}
		n.set(s, failed, "")
	})
}

// remove removes a server from the state.
func (n *Service) remove(s *server) {
	n.unplug(s)
	n.releaseDisks(s)
	if s.group != nil {
		s.group.members = slices.DeleteFunc(s.group.members, func(other *server) bool { return other.ID == s.ID })
	}
	n.servers = api.Without(n.servers, s)
}
