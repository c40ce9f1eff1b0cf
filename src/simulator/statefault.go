package simulator

import (
	"slices"
	"time"
)

// StateFault makes an operation fail after the service has accepted the
// request: the resource ends in its error state, or never leaves its
// transitional state, or takes longer.
type StateFault struct {
	// Resource: server, volume, snapshot, image or loadbalancer.
	Resource string
	// Phase: create, delete, attach, detach, extend, reboot, start, stop or update.
	Phase string
	// Zone limits the fault to one availability zone.
	Zone string
	// Reason is the fault text of a server in ERROR, for example NoValidHost.
	Reason string
	// Stuck: the resource stays in BUILD, creating, deleting, attaching, … forever.
	Stuck bool
	// Slow: the resource takes this much longer and then succeeds.
	Slow time.Duration
	// Times is how many resources are affected: 0 is one, a negative number all
	// that follow.
	Times int
}

// NoValidHost is what Nova's scheduler says when no host can take a server.
const NoValidHost = "No valid host was found. There are not enough hosts available."

// InjectStateFault adds a state fault. When several select a resource, the one
// injected first applies.
func (s *Simulator) InjectStateFault(f StateFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	setDefault(&f.Times, 1)
	s.stateFaults = append(s.stateFaults, &f)
}

// ClearStateFaults removes all state faults. A resource that is stuck stays
// stuck.
func (s *Simulator) ClearStateFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stateFaults = nil
}

// takeStateFault returns the fault of a resource in a phase, and counts it.
func (s *Simulator) takeStateFault(resource, phase, zone string) (StateFault, bool) {
	i := slices.IndexFunc(s.stateFaults, func(f *StateFault) bool {
		return f.Resource == resource && f.Phase == phase && (f.Zone == "" || f.Zone == zone)
	})
	if i < 0 {
		return StateFault{}, false
	}
	found := s.stateFaults[i]
	if found.Times > 0 {
		found.Times--
	}
	if found.Times == 0 {
		s.stateFaults = slices.Delete(s.stateFaults, i, i+1)
	}
	return *found, true
}

// progress schedules the end of a phase: done after the usual time, failed
// where a state fault applies, neither when the resource is stuck.
func (s *Simulator) progress(resource, phase, zone string, usual time.Duration, done func(), failed func(reason string)) {
	fault, applies := s.takeStateFault(resource, phase, zone)
	switch {
	case !applies:
		s.afterOrNow(usual, done)
	case fault.Stuck:
	case fault.Slow > 0:
		s.after(max(usual, 0)+fault.Slow, done)
	default:
		s.afterOrNow(usual, func() { failed(fault.Reason) })
	}
}

func (s *Simulator) afterOrNow(d time.Duration, apply func()) {
	if d < 0 {
		apply()
		return
	}
	s.after(d, apply)
}
