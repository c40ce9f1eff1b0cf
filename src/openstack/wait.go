package openstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// deletePause is the pause before a deletion is sent again.
const deletePause = 250 * time.Millisecond

// A single 404 or a response without the object can be an exception, for example
// of a replica that lags behind. An object is taken for missing, and a read for
// failed, after maxOdd such responses in absenceTime at least.
const (
	maxOdd      = 3
	absenceTime = 2 * time.Second
)

// Wait polls one object until it reaches a state. The pauses between the polls
// grow with the time waited, up to the configured poll interval: a fast cloud is
// noticed early, and a slow one is not polled more often than configured. See
// pace.
type Wait[T any] struct {
	Kind, ID string // for errors; Kind is Server, Volume, Snapshot, Image, …
	// Get returns the object. Errors for which IsNotFound holds mean that the
	// object does not exist any more; with GoneOK one is enough.
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
	// Action distinguishes this wait from others for the same states, which take
	// another time: a server becomes active faster after a reboot than after its
	// creation.
	Action string
	// AtLeast is the longest time to wait if the state timeout is shorter.
	AtLeast time.Duration
	GoneOK  bool // an object that no longer exists counts as success
	Now     bool // poll at once, because the object is expected to be in the state already
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
// last seen. It fails with a *WaitError when the object fails, disappears for
// absenceTime or needs longer than the state timeout; with Get's error when that
// fails otherwise; and with the cause of ctx when that ends.
func (w Wait[T]) Run(ctx context.Context, s *Session) (T, error) {
	start := time.Now()
	found, err := w.poll(ctx, s, start)
	s.log.DebugContext(ctx, "waited for OpenStack", slog.String("kind", w.Kind), slog.String("id", w.ID),
		slog.String("target", strings.Join(w.Target, ",")), slog.Bool("reached", err == nil),
		slog.Int64("start_ms", start.Sub(s.started).Milliseconds()), slog.Int64("ms", time.Since(start).Milliseconds()))
	return found, err
}

func (w Wait[T]) poll(ctx context.Context, s *Session, start time.Time) (T, error) {
	var last T
	var odd oddResponses
	state, change := "", w.change()
	pace := s.paceOf(change)
	pause := pace.first()
	if w.Now {
		pause = 0
	}
	for {
		// The last poll is at the end of the timeout, however long the pauses
		// have become.
		left := max(s.StateTimeout(), w.AtLeast) - time.Since(start)
		if left <= 0 {
			return last, &WaitError{Kind: w.Kind, ID: w.ID, Target: w.Target, State: state, TimedOut: true}
		}
		if err := s.pause(ctx, min(pause, left)); err != nil {
			return last, fmt.Errorf("wait for %s %s: %w", w.Kind, w.ID, err)
		}
		asked := time.Since(start)
		found, err := w.Get(ctx)
		if IsNotFound(err) && w.GoneOK {
			w.keep(s, change, pace)
			return last, nil
		}
		if odd.tolerate(err) {
			pause = absenceTime / (maxOdd - 1)
			continue
		}
		if IsNotFound(err) {
			return last, &WaitError{Kind: w.Kind, ID: w.ID, Target: w.Target, State: state, Gone: true}
		}
		if err != nil {
			return last, err
		}
		last, state = found, strings.ToLower(w.State(found))
		if slices.Contains(w.Target, state) {
			w.keep(s, change, pace)
			return last, nil
		}
		if reason, failed := w.failed(found, state); failed {
			return last, &WaitError{Kind: w.Kind, ID: w.ID, Target: w.Target, State: state, Reason: reason}
		}
		pace.pending = asked
		pause = pace.next(time.Since(start) - asked)
	}
}

// change returns what the wait is for, without the object.
func (w Wait[T]) change() string {
	return strings.Join([]string{w.Kind, strings.Join(w.Target, ","), strings.Join(w.Pending, ","), w.Action}, " ")
}

// keep remembers the duration of the wait, unless the state was expected to be
// reached already.
func (w Wait[T]) keep(s *Session, change string, p pace) {
	if !w.Now {
		s.keepPace(change, p)
	}
}

// oddResponses are the consecutive responses that say that an object is missing,
// or nothing about it.
type oddResponses struct {
	count int
	since time.Time
}

// tolerate reports whether the error is such a response and not yet believed.
func (o *oddResponses) tolerate(err error) bool {
	if _, unusable := errors.AsType[*unusableError](err); !unusable && !IsNotFound(err) {
		o.count = 0
		return false
	}
	if o.count == 0 {
		o.since = time.Now()
	}
	o.count++
	return o.count < maxOdd || time.Since(o.since) < absenceTime
}

// Confirm returns the result of get, and repeats it if the object is not found:
// for callers to whom a missing object is a reason to delete or to create
// others.
func Confirm[T any](ctx context.Context, get func(context.Context) (T, error)) (T, error) {
	var odd oddResponses
	for {
		found, err := get(ctx)
		if !IsNotFound(err) || !odd.tolerate(err) {
			return found, err
		}
		if err := Sleep(ctx, absenceTime/(maxOdd-1)); err != nil {
			return found, err
		}
	}
}

// Delete sends a deletion, and sends it again if the object is not found: a
// single 404 can be an exception, and the caller would forget the object. send
// must return wrapped errors.
func Delete(ctx context.Context, send func() error) error {
	err := send()
	if !IsNotFound(err) {
		return err
	}
	if err := Sleep(ctx, deletePause); err != nil {
		return err
	}
	return send()
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
