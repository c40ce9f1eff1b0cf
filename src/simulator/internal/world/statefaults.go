package world

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
	// Phase: create, delete, attach, detach, extend, retype, reboot, start, stop,
	// update or import.
	Phase string
	// Zone limits the fault to one availability zone.
	Zone string
	// Reason is the fault text of a server in ERROR, for example NoValidHost. A
	// volume whose extension fails with NoValidBackend is available again, with
	// its old size.
	Reason string
	// Stuck: the resource stays in BUILD, creating, deleting, attaching, …
	// forever.
	Stuck bool
	// Slow: the resource takes this much longer and then succeeds.
	Slow time.Duration
	// Times is how many resources are affected: 0 is one, a negative number all
	// that follow.
	Times int
}

// NoValidHost is the fault text of Nova's scheduler when no host fits a server.
const NoValidHost = "No valid host was found. There are not enough hosts available."

// NoValidBackend is the text of Cinder's scheduler when no back end fits a volume.
const NoValidBackend = "No valid backend was found. No weighed backends available"

// InjectStateFault adds a state fault. When several select a resource, the one
// injected first applies.
func (w *World) InjectStateFault(f StateFault) {
	setDefault(&f.Times, 1)
	w.stateFaults = append(w.stateFaults, &f)
}

// ClearStateFaults removes all state faults. A resource that is stuck stays
// stuck.
func (w *World) ClearStateFaults() { w.stateFaults = nil }

// TakeStateFault returns the fault of a resource in a phase, and counts it.
func (w *World) TakeStateFault(resource, phase, zone string) (StateFault, bool) {
	i := slices.IndexFunc(w.stateFaults, func(f *StateFault) bool {
		return f.Resource == resource && f.Phase == phase && (f.Zone == "" || f.Zone == zone)
	})
	if i < 0 {
		return StateFault{}, false
	}
	found := w.stateFaults[i]
	if found.Times > 0 {
		found.Times--
	}
	if found.Times == 0 {
		w.stateFaults = slices.Delete(w.stateFaults, i, i+1)
	}
	return *found, true
}

// Progress schedules the end of a phase: done after the usual time, failed
// where a state fault applies, neither when the resource is stuck.
func (w *World) Progress(resource, phase, zone string, usual time.Duration, done func(), failed func(reason string)) {
	fault, applies := w.TakeStateFault(resource, phase, zone)
	switch {
	case !applies:
		w.AfterOrNow(usual, done)
	case fault.Stuck:
	case fault.Slow > 0:
		w.After(max(usual, 0)+fault.Slow, done)
	default:
		w.AfterOrNow(usual, func() { failed(fault.Reason) })
	}
}
