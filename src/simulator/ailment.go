package simulator

import (
	"slices"
	"time"
)

// Ailment makes the cloud behave badly after it has accepted a request: the resource ends in its error state, or never leaves
// its transitional state, or takes longer.
type Ailment struct {
	// Resource: server, volume, snapshot, image or loadbalancer.
	Resource string
	// Phase: create, delete, attach, detach, extend, reboot, start, stop or update.
	Phase string
	// Zone limits the ailment to one availability zone.
	Zone string
	// Reason is the fault text of a server in ERROR, for example NoValidHost.
	Reason string
	// Stuck: the resource stays in BUILD, creating, deleting, attaching, … for ever.
	Stuck bool
	// Slow: the resource takes this much longer and then succeeds.
	Slow time.Duration
	// Times is how many resources suffer: 0 is one, a negative number all that follow.
	Times int
}

// NoValidHost is what Nova's scheduler says when no host can take a server.
const NoValidHost = "No valid host was found. There are not enough hosts available."

// Afflict lets the next resources of a kind suffer. Several ailments queue up in the order of the calls.
func (s *Simulator) Afflict(a Ailment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	setDefault(&a.Times, 1)
	s.ailments = append(s.ailments, &a)
}

// Heal ends all ailments; what is stuck stays stuck.
func (s *Simulator) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ailments = nil
}

// ailing returns the ailment that the resource at hand suffers from, and uses it up.
func (s *Simulator) ailing(resource, phase, zone string) (Ailment, bool) {
	i := slices.IndexFunc(s.ailments, func(a *Ailment) bool {
		return a.Resource == resource && a.Phase == phase && (a.Zone == "" || a.Zone == zone)
	})
	if i < 0 {
		return Ailment{}, false
	}
	found := s.ailments[i]
	if found.Times > 0 {
		found.Times--
	}
	if found.Times == 0 {
		s.ailments = slices.Delete(s.ailments, i, i+1)
	}
	return *found, true
}

// progress plans the end of a phase: done after the usual time, failed when the resource is ailing, nothing when it is stuck.
func (s *Simulator) progress(resource, phase, zone string, usual time.Duration, done func(), failed func(reason string)) {
	ailment, ill := s.ailing(resource, phase, zone)
	switch {
	case !ill:
		s.afterOrNow(usual, done)
	case ailment.Stuck:
	case ailment.Slow > 0:
		s.after(max(usual, 0)+ailment.Slow, done)
	default:
		s.afterOrNow(usual, func() { failed(ailment.Reason) })
	}
}

func (s *Simulator) afterOrNow(d time.Duration, apply func()) {
	if d < 0 {
		apply()
		return
	}
	s.after(d, apply)
}
