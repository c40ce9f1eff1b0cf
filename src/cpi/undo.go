package cpi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// undoLimit bounds the time that all undo steps of a failed call take. Deleting
// a server can take minutes in a busy cloud. Objects that are not deleted in
// time are leaked, and named in the error.
const undoLimit = 5 * time.Minute

// undoStack holds the steps that undo the writes of a method if it fails. A step
// is pushed before the write, whose answer may be lost, and is safe to run
// whether or not the write took effect.
type undoStack struct {
	log   *slog.Logger
	steps []*undoStep
	// keeps reports whether everything is left after an error; nil for never.
	keeps func(error) bool
}

type undoStep struct {
	object string
	run    func(context.Context) error
	// uses are earlier steps whose objects the object of this step uses. They
	// are not run if this step fails.
	uses []*undoStep
}

// leftBehindError is the error of a call whose undo has left objects.
type leftBehindError struct{ error }

// Unwrap returns the error, which has the kind.
func (e *leftBehindError) Unwrap() error { return e.error }

// creation is the undo step of a POST that creates an object.
type creation struct {
	step *undoStep
	id   string
	err  error
}

func (c *CPI) newUndoStack() *undoStack {
	undo := &undoStack{log: c.log}
	c.undoStacks = append(c.undoStacks, undo)
	return undo
}

// Undo undoes what a successful call has created, because its caller could not
// receive the result and so cannot delete it. The error names what could not be
// undone. Without a call, or after a failed one, there is nothing to undo.
func (c *CPI) Undo(ctx context.Context) error {
	var left []string
	for _, undo := range slices.Backward(c.undoStacks) {
		left = append(left, undo.run(ctx)...)
	}
	if len(left) > 0 {
		return fmt.Errorf("left behind, delete by hand: %s", strings.Join(left, "; "))
	}
	return nil
}

// push adds a step. The object is named for the operator ("port vm-7f…-0").
func (u *undoStack) push(object string, run func(context.Context) error) *undoStep {
	step := &undoStep{object: object, run: run}
	u.steps = append(u.steps, step)
	return step
}

// pushCreation adds the step that undoes the creation of an object. The object is
// deleted by its id if the service has returned one, else by its unique name,
// unless the service refused the request. The caller passes the service's answer
// to answered. The object uses those of the steps in uses.
func (u *undoStack) pushCreation(kind, name string, deleteByID, deleteByName func(context.Context, string) error, uses ...*undoStep) *creation {
	created := &creation{}
	created.step = u.push(kind+" "+name, func(ctx context.Context) error {
		switch {
		case created.id != "":
			return deleteByID(ctx, created.id)
		case wasRefused(created.err):
			return nil
		}
		return deleteLate(ctx, name, deleteByName)
	})
	created.step.uses = slices.Clone(uses)
	return created
}

// answered records the answer of the service to the creation.
func (c *creation) answered(id string, err error) {
	c.id, c.err = id, err
	if id != "" {
		c.step.object += " with id " + id
	}
}

// wasRefused reports whether the service answered that it did not create the
// object.
func wasRefused(err error) bool {
	status := openstack.StatusOf(err)
	return status >= 400 && status < 500
}

// deleteLate deletes an object whose creation was not answered. It may appear
// late, because a service goes on with a request after its client has
// disconnected, so it is looked for four times within 10 s: a busy Nova took
// 4.4 s for a request that takes 0.2 s when it is idle.
func deleteLate(ctx context.Context, name string, deleteByName func(context.Context, string) error) error {
	for _, pause := range []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second} {
		if err := openstack.Sleep(ctx, pause); err != nil {
			return err
		}
		if err := deleteByName(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// onError is deferred right after the stack is made. If the method fails or
// panics, it runs the steps from last to first, also when the caller's context
// has ended, and adds to the error what could not be undone. The error keeps its
// kind.
func (u *undoStack) onError(ctx context.Context, err *error) {
	panicked := recover()
	if panicked == nil && *err == nil {
		return
	}
	if u.keeps != nil && *err != nil && ctx.Err() == nil && u.keeps(*err) {
		*err = &leftBehindError{fmt.Errorf("%w\nkept because openstack.keep_failed_vms is true: %s", *err, u.objects())}
		u.steps = nil
		return
	}
	if left := u.run(ctx); len(left) > 0 && *err != nil {
		*err = &leftBehindError{fmt.Errorf("%w\nleft behind, delete by hand: %s", *err, strings.Join(left, "; "))}
	}
	if panicked != nil {
		panic(panicked)
	}
}

// objects names what the steps would undo.
func (u *undoStack) objects() string {
	names := make([]string, len(u.steps))
	for i, step := range u.steps {
		names[i] = step.object
	}
	return strings.Join(names, ", ")
}

// run runs the steps from last to first and returns what is left. An object that
// is in use by one that could not be deleted is kept: a running server whose port
// is deleted loses its address to the next attempt to create the VM.
func (u *undoStack) run(ctx context.Context) (left []string) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), undoLimit, errors.New("undo took too long"))
	defer cancel()
	steps := u.steps
	u.steps = nil
	users := map[*undoStep]*undoStep{}
	for _, step := range slices.Backward(steps) {
		err := step.runUnlessUsed(ctx, users[step])
		if err == nil {
			u.log.Info("undone", slog.String("object", step.object))
			continue
		}
		u.log.Error("undo failed", slog.String("object", step.object), slog.Any("error", err))
		left = append(left, fmt.Sprintf("%s (%v)", step.object, err))
		for _, used := range step.uses {
			users[used] = step
		}
	}
	return left
}

// runUnlessUsed runs the step if no object that is left uses that of the step.
func (s *undoStep) runUnlessUsed(ctx context.Context, user *undoStep) error {
	if user != nil {
		return fmt.Errorf("kept because it is in use by %s", user.object)
	}
	return s.run(ctx)
}
