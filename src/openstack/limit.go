package openstack

import (
	"context"
	"fmt"
	"time"
)

type limitKey struct{}

// callLimit ends the context of a call.
type callLimit struct {
	timer *time.Timer
	ends  time.Time
}

// WithLimit returns a context that ends after the limit, although every single
// request and every wait may be within its own. The time of uploads does not
// count: it depends on the size of the image, and an upload without progress ends
// by itself.
func WithLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() {
		cancel(&timeoutError{fmt.Sprintf("the limit of %s for the whole call is exceeded", limit)})
	})
	ctx = context.WithValue(ctx, limitKey{}, &callLimit{timer, time.Now().Add(limit)})
	return ctx, func() { timer.Stop(); cancel(nil) }
}

// pauseLimit stops the clock of the call's limit until the returned function is
// called. A call has one upload at a time.
func pauseLimit(ctx context.Context) (resume func()) {
	limit, limited := ctx.Value(limitKey{}).(*callLimit)
	if !limited || !limit.timer.Stop() {
		return func() {}
	}
	begun := time.Now()
	return func() {
		limit.ends = limit.ends.Add(time.Since(begun))
		limit.timer.Reset(time.Until(limit.ends))
	}
}
