package openstack

import (
	"context"
	"fmt"
	"time"
)

// CreateOnce makes one object, and not two, on a cloud that loses answers. post sends the request, find looks the object
// up by a name that no other object has.
//
// When it is open whether a failed POST took effect, the object is looked up and taken over if it is there. If it is
// not, the POST is repeated only after the service answered with a 5xx, which ends the request on its side; after a
// time-out or a lost connection the service may still be at work, so that a second POST could make a second object.
// What such a request makes after all has the name by which the caller can delete it.
func CreateOnce[T any](ctx context.Context, post func(context.Context) (T, error), find func(context.Context) (T, bool, error)) (T, error) {
	const tries = 4
	for try := 1; ; try++ {
		object, err := post(ctx)
		if err == nil || !IsAmbiguous(err) || ctx.Err() != nil {
			return object, err
		}
		over := StatusOf(err) != 0 && !IsTimeout(err)
		found, ok, findErr := lookUp(ctx, find, over)
		if findErr != nil {
			// Wrap: StatusOf must find the POST, not the look-up.
			return found, fmt.Errorf("%w (it may exist all the same, looking for it failed: %w)", Wrap(err, "POST"), findErr)
		}
		if ok {
			return found, nil
		}
		if !over || try == tries {
			return found, err
		}
	}
}

// lookUp looks for an object that may be about to appear. A service that has given up shows what it made after a
// moment, one that may still be at work is given longer.
func lookUp[T any](ctx context.Context, find func(context.Context) (T, bool, error), over bool) (object T, ok bool, err error) {
	pauses := []time.Duration{0, time.Second, 2 * time.Second}
	if over {
		pauses = pauses[:2]
	}
	for _, pause := range pauses {
		if err := Sleep(ctx, pause); err != nil {
			return object, false, err
		}
		if object, ok, err = find(ctx); ok || err != nil {
			return object, ok, err
		}
	}
	return object, false, nil
}
