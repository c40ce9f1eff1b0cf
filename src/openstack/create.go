package openstack

import (
	"context"
	"fmt"
	"time"
)

// CreateOnce creates one object, and never two, although responses may be lost.
// post sends the request; find lists the objects that the request may have
// created, usually those with a unique name.
//
// If it is unknown whether a failed POST took effect, the object is looked up
// and returned if it exists. If it does not exist, the POST is repeated only
// after a 5xx response, because that ends the request on the server's side.
// After a timeout or a lost connection the service may still be working on the
// request, so that a second POST could create a second object. An object that
// such a request creates later has the name by which the caller can delete it.
func CreateOnce[T any](ctx context.Context, post func(context.Context) (T, error), find func(context.Context) ([]T, error)) (T, error) {
	const tries = 4
	for try := 1; ; try++ {
		object, err := finishing(ctx, post)
		if err == nil || !IsAmbiguous(err) || ctx.Err() != nil {
			return object, err
		}
		serverFinished := StatusOf(err) != 0 && !IsTimeout(err)
		found, findErr := findCreated(ctx, find, serverFinished)
		if findErr != nil {
			// Wrap: StatusOf must find the status of the POST, not of the
			// look-up.
			return object, fmt.Errorf("%w (the object may exist: looking for it failed: %w)", Wrap(err, "POST"), findErr)
		}
		if len(found) > 0 {
			return found[0], nil
		}
		if !serverFinished || try == tries {
			return object, err
		}
	}
}

// cancelGrace is how long a POST may go on after the call was told to end. A busy
// Nova takes seconds for it.
const cancelGrace = 8 * time.Second

// finishing sends a request that goes on for a while after ctx was cancelled. The
// service would execute it in any case, and its response contains the id by
// which the object is deleted.
func finishing[T any](ctx context.Context, send func(context.Context) (T, error)) (T, error) {
	detached, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() {
		if Sleep(detached, cancelGrace) == nil {
			cancel(context.Cause(ctx))
		}
	})()
	return send(detached)
}

// findCreated looks for an object that may appear with a delay. A service that
// has finished the request shows the object within a second; one that may still
// be working on it is given three.
func findCreated[T any](ctx context.Context, find func(context.Context) ([]T, error), serverFinished bool) ([]T, error) {
	pauses := []time.Duration{0, time.Second, 2 * time.Second}
	if serverFinished {
		pauses = pauses[:2]
	}
	for _, pause := range pauses {
		if err := Sleep(ctx, pause); err != nil {
			return nil, err
		}
		if found, err := find(ctx); len(found) > 0 || err != nil {
			return found, err
		}
	}
	return nil, nil
}
