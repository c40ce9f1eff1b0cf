package simulator

import (
	"net/http"
	"slices"
	"time"
)

// hosts is how many hosts a zone has: two in the first, one in the others. That bounds what strict server groups can do.
func (n *nova) hosts(zone string) int {
	if zone == n.options.AvailabilityZones[0] {
		return 2
	}
	return 1
}

// How long Nova waits for a volume that it makes for a server.
const (
	volumePoll  = 500 * time.Millisecond
	volumePolls = 360
)

// build lets a server come into being: scheduling, networking, block_device_mapping for volumes, spawning, active.
func (n *nova) build(c caller, s *server, plans []plannedDisk) {
	usual := n.options.Latencies.ServerBuild
	n.afterOrNow(usual/5, func() {
		if !n.inBuild(s) {
			return
		}
		if !n.schedule(s) {
			n.fail(s, NoValidHost)
			return
		}
		n.set(s, building, "networking")
		n.afterOrNow(usual/5, func() { n.connect(c, s, plans) })
	})
}

// inBuild tells whether the server still wants to be built.
func (n *nova) inBuild(s *server) bool {
	return n.exists(s) && s.vmState == building && s.taskState != deleting
}

// schedule chooses a zone and a host; false when none will do.
func (n *nova) schedule(s *server) bool {
	zones := n.options.AvailabilityZones
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

// connect plugs in the cards and makes the volumes.
func (n *nova) connect(c caller, s *server, plans []plannedDisk) {
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
func (n *nova) awaitVolumes(s *server, polls int) {
	for _, d := range s.disks {
		v, found := n.volumes.Volume(d.volumeID)
		if v.Status == "available" || v.Status == "reserved" {
			continue
		}
		if polls == 0 || v.Status == "error" || !found {
			n.fail(s, aborted(s, "Volume "+d.volumeID+" did not finish being created even after we waited "+
				itoa(int(time.Duration(volumePolls-polls)*volumePoll/time.Second))+" seconds or "+itoa(volumePolls-polls+1)+
				" attempts. And its status is "+v.Status+"."))
			return
		}
		n.after(volumePoll, func() {
			if n.inBuild(s) {
				n.awaitVolumes(s, polls-1)
			}
		})
		return
	}
	for _, d := range s.disks {
		n.volumes.AttachVolume(d.volumeID, s.id, d.device)
	}
	n.spawn(s)
}

// spawn starts the server on its host.
func (n *nova) spawn(s *server) {
	n.set(s, building, "spawning")
	for _, p := range n.plugged(s) {
		n.ports.ActivatePort(p.ID)
	}
	n.progress("server", "create", s.zone, n.options.Latencies.ServerBuild*3/5, func() {
		if n.inBuild(s) {
			s.launched = n.now
			s.boots++
			n.set(s, active, "")
		}
	}, func(reason string) {
		if n.inBuild(s) {
			n.fail(s, reason)
		}
	})
}

// fail leaves a server in ERROR without host, ports and volumes.
func (n *nova) fail(s *server, reason string) {
	if reason == "" {
		reason = NoValidHost
	}
	n.unplug(s)
	n.releaseDisks(s)
	s.host, s.zone, s.fault = 0, s.requestedZone, &fault{message: reason, at: n.now}
	n.set(s, failed, "")
}

func (n *nova) deleteServer(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	n.destroy(s)
	return reply(http.StatusNoContent, nil)
}

// forceDelete is DELETE for clouds that keep deleted servers for a while; this one does not.
func (n *nova) forceDelete(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	n.destroy(s)
	return reply(http.StatusAccepted, nil)
}

// destroy lets a server go, unless it is going already.
func (n *nova) destroy(s *server) {
	if s.taskState == deleting {
		return
	}
	if s.host == 0 {
		n.remove(s) // no host has to do anything
		return
	}
	n.set(s, s.vmState, deleting)
	n.progress("server", "delete", s.zone, n.options.Latencies.ServerDelete, func() { n.remove(s) }, func(reason string) {
		s.fault = &fault{message: reason, at: n.now}
		n.set(s, failed, "")
	})
}

// remove takes a server out of the world.
func (n *nova) remove(s *server) {
	n.unplug(s)
	n.releaseDisks(s)
	if s.group != nil {
		s.group.members = slices.DeleteFunc(s.group.members, func(other *server) bool { return other == s })
	}
	n.servers = without(n.servers, s)
}
