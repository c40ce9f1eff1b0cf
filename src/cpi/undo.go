package cpi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// undoLimit bounds the cleaning up after a failure. It is generous: deleting a
// server takes a busy cloud minutes, and what is given up on is left behind.
const undoLimit = 5 * time.Minute

// undo is the stack of what has to be taken back if a method fails. A step is
// pushed before the write whose answer may be lost, and is safe to run whether
// or not the write happened.
type undo struct {
	log   *slog.Logger
	steps []undoStep
}

type undoStep struct {
	what string
	run  func(context.Context) error
}

func (c *CPI) newUndo() *undo { return &undo{log: c.log} }

// push adds a step; what names the object for the operator ("port 7f…").
func (u *undo) push(what string, run func(context.Context) error) {
	u.steps = append(u.steps, undoStep{what, run})
}

// onError is deferred right after the stack is made. When the method fails, or
// panics, it runs the steps last to first, also when the caller has cancelled,
// and adds to the error what could not be removed. The cause keeps its kind.
func (u *undo) onError(ctx context.Context, err *error) {
	panicked := recover()
	if panicked == nil && *err == nil {
		return
	}
	if left := u.run(ctx); len(left) > 0 && *err != nil {
		*err = fmt.Errorf("%w\nleft behind, delete by hand: %s", *err, strings.Join(left, "; "))
	}
	if panicked != nil {
		panic(panicked)
	}
}

// removeUnanswered takes back a creation that failed with the given error and
// gave no id. What was refused was not made. Otherwise the object may be there,
// or about to appear, because a service goes on with a request after its client
// is gone: remove, which deletes it by its name, is run four times in 10 s. A
// busy Nova has been seen to take 4.4 s for what it answers in 0.2 s when idle.
func removeUnanswered(ctx context.Context, failed error, remove func(context.Context) error) error {
	if status := openstack.StatusOf(failed); status >= 400 && status < 500 {
		return nil
	}
	for _, pause := range []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second} {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
		if err := remove(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (u *undo) run(ctx context.Context) (left []string) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), undoLimit, errors.New("cleaning up took too long"))
	defer cancel()
	for len(u.steps) > 0 {
		last := u.steps[len(u.steps)-1]
		u.steps = u.steps[:len(u.steps)-1]
		if err := last.run(ctx); err != nil {
			u.log.Error("undo failed", slog.String("object", last.what), slog.Any("error", err))
			left = append(left, fmt.Sprintf("%s (%v)", last.what, err))
			continue
		}
		u.log.Info("undone", slog.String("object", last.what))
	}
	return left
}
