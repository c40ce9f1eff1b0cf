package openstack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// firstPoll is the pause before the first look at an object, and the shortest between two.
const firstPoll = 250 * time.Millisecond

// Wait is the waiting for one object to reach a state. The pauses grow with the time waited, up to the configured poll
// interval, so that a fast cloud is noticed fast and a slow one is not asked more often than the operator wants.
type Wait[T any] struct {
	Kind, ID string // as it shall read in errors: Server, Volume, Snapshot, Image, LoadBalancer
	// Get asks for the object; IsNotFound of its error means the object is gone.
	Get func(context.Context) (T, error)
	// State is the object's state. States are compared in lower case.
	State  func(T) string
	Target []string
	// Pending are the states on the way; any other one is a failure. Empty: every state that has not failed.
	Pending []string
	// Failed tells that waiting on is useless, and why in the service's words. Nil: in state error, error_…, failed
	// or killed.
	Failed func(T) (reason string, failed bool)
	GoneOK bool // the object's disappearance is a success
	Now    bool // look at once: the object is expected to be in the state already
}

// WaitError says that an object did not reach a state.
type WaitError struct {
	Kind, ID string
	Target   []string
	State    string // the last one seen
	Reason   string // the service's words on the failure
	TimedOut bool   // see IsTimeout
	Gone     bool   // see IsNotFound
}

// Error implements error, in the words that operators know.
func (e *WaitError) Error() string {
	target := strings.Join(e.Target, ", ")
	switch {
	case e.Gone:
		return fmt.Sprintf("%s `%s': Resource not found", e.Kind, e.ID)
	case e.TimedOut && e.State == "":
		return fmt.Sprintf("Timed out waiting for %s `%s' to be %s", e.Kind, e.ID, target)
	case e.TimedOut:
		return fmt.Sprintf("Timed out waiting for %s `%s' to be %s, its state is %s", e.Kind, e.ID, target, e.State)
	}
	text := fmt.Sprintf("%s `%s' state is %s, expected %s", e.Kind, e.ID, e.State, target)
	if e.Reason != "" {
		text += "\n" + e.Reason
	}
	if hint := HintFor(e.Reason); hint != "" {
		text += "; " + hint
	}
	return text
}

// Run waits until the object is in a target state, and returns it as last seen. It fails with a *WaitError when the
// object fails, disappears or takes longer than the configured state time-out, with Get's error when that fails
// otherwise, and with ctx's when that ends.
func (w Wait[T]) Run(ctx context.Context, s *Session) (T, error) {
	var last T
	start, state := time.Now(), ""
	pause := firstPoll
	if w.Now {
		pause = 0
	}
	for {
		// The last look is at the very end of the time, however long the pauses have become.
		left := s.StateTimeout() - time.Since(start)
		if left <= 0 {
			return last, &WaitError{Kind: w.Kind, ID: w.ID, Target: w.Target, State: state, TimedOut: true}
		}
		if err := s.pause(ctx, min(pause, left)); err != nil {
			return last, fmt.Errorf("wait for %s %s: %w", w.Kind, w.ID, err)
		}
		found, err := w.Get(ctx)
		if IsNotFound(err) && w.GoneOK {
			return last, nil
		}
		if IsNotFound(err) {
			return last, &WaitError{Kind: w.Kind, ID: w.ID, Target: w.Target, State: state, Gone: true}
		}
		if err != nil {
			return last, err
		}
		last, state = found, strings.ToLower(w.State(found))
		if slices.Contains(w.Target, state) {
			return last, nil
		}
		if reason, failed := w.failed(found, state); failed {
			return last, &WaitError{Kind: w.Kind, ID: w.ID, Target: w.Target, State: state, Reason: reason}
		}
		pause = min(max(firstPoll, time.Since(start)/5), max(firstPoll, s.cfg.PollInterval))
	}
}

func (w Wait[T]) failed(object T, state string) (reason string, failed bool) {
	if len(w.Pending) > 0 && !slices.Contains(w.Pending, state) {
		return "", true
	}
	if w.Failed != nil {
		return w.Failed(object)
	}
	return "", state == "error" || state == "failed" || state == "killed" || strings.HasPrefix(state, "error_")
}

// Sleep pauses until the time is over or ctx ends, and returns the cause in that case.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
