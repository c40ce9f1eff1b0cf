package openstack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// firstPoll is the pause before the first poll, and the shortest pause between
// two polls.
const firstPoll = 250 * time.Millisecond

// Wait polls one object until it reaches a state. The pauses between the polls
// grow with the time waited, up to the configured poll interval: a fast cloud
// is noticed early, and a slow one is not polled more often than configured.
type Wait[T any] struct {
	Kind, ID string // for errors; Kind is Server, Volume, Snapshot, Image, …
	// Get returns the object. An error for which IsNotFound holds means that
	// the object does not exist any more.
	Get func(context.Context) (T, error)
	// State returns the object's state. States are compared in lower case.
	State  func(T) string
	Target []string
	// Pending are the intermediate states; every state but these and the target
	// is a failure. If it is empty, only the states for which Failed holds are.
	Pending []string
	// Failed reports whether the object can no longer reach the target, with
	// the service's reason. The default is the states error, error_…, failed
	// and killed.
	Failed func(T) (reason string, failed bool)
	GoneOK bool // an object that no longer exists counts as success
	Now    bool // poll at once, because the object is expected to be in the state already
}

// WaitError reports an object that did not reach a state.
type WaitError struct {
	Kind, ID string
	Target   []string
	State    string // the last one seen
	Reason   string // the service's message about the failure
	TimedOut bool   // see IsTimeout
	Gone     bool   // see IsNotFound
}

// Error implements error with the texts that operators search for.
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

// Run waits until the object is in a target state and returns the object as
// last seen. It fails with a *WaitError when the object fails, disappears or
// needs longer than the state timeout; with Get's error when that fails
// otherwise; and with the cause of ctx when that ends.
func (w Wait[T]) Run(ctx context.Context, s *Session) (T, error) {
	var last T
	start, state := time.Now(), ""
	pause := firstPoll
	if w.Now {
		pause = 0
	}
	for {
		// The last poll is at the end of the timeout, however long the pauses
		// have become.
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

// Sleep waits for the duration, or until ctx ends, and then returns its cause.
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
