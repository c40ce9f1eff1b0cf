package openstack

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// object is an object with a state.
type object struct{ status string }

func waitFor(t *testing.T, ready time.Duration, change func(*Wait[object])) (o object, took time.Duration, polls int, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		wait := Wait[object]{
			Kind: "Volume", ID: "v", Target: []string{"available"}, State: func(o object) string { return o.status },
			Get: func(context.Context) (object, error) {
				polls++
				if time.Since(begun) >= ready {
					return object{"Available"}, nil
				}
				return object{"creating"}, nil
			},
		}
		if change != nil {
			change(&wait)
		}
		o, err = wait.Run(t.Context(), sessionOn(t, &script{}))
		took = time.Since(begun)
	})
	return o, took, polls, err
}

func TestWaitIsShortAndPollsLittle(t *testing.T) {
	t.Parallel()
	for ready, want := range map[time.Duration]struct {
		took  time.Duration
		polls int
	}{
		0:                 {250 * time.Millisecond, 1},
		2 * time.Second:   {2500 * time.Millisecond, 8},
		10 * time.Second:  {12 * time.Second, 17},
		100 * time.Second: {105 * time.Second, 42},
		299 * time.Second: {300 * time.Second, 81},
	} {
		_, took, polls, err := waitFor(t, ready, nil)
		require.NoError(t, err)
		assert.LessOrEqual(t, took, want.took, "ready after %s", ready)
		assert.LessOrEqual(t, polls, want.polls, "ready after %s", ready)
	}
}

func TestWaitFails(t *testing.T) {
	t.Parallel()
	_, took, _, err := waitFor(t, time.Hour, nil)
	require.EqualError(t, err, "Timed out waiting for Volume `v' to be available, its state is creating")
	assert.True(t, IsTimeout(err))
	assert.Equal(t, 5*time.Minute, took)

	_, _, _, err = waitFor(t, 0, func(w *Wait[object]) {
		w.Get = func(context.Context) (object, error) { return object{"ERROR"}, nil }
		w.Failed = func(object) (string, bool) { return "No valid host was found.", true }
	})
	require.ErrorContains(t, err, "Volume `v' state is error, expected available\nNo valid host was found.")

	gone := func(w *Wait[object]) {
		w.Get = func(context.Context) (object, error) { return object{}, &MissingError{"Volume", "v"} }
	}
	_, _, _, err = waitFor(t, 0, gone)
	require.EqualError(t, err, "Volume `v': Resource not found")
	assert.True(t, IsNotFound(err))
	_, _, _, err = waitFor(t, 0, func(w *Wait[object]) { gone(w); w.GoneOK = true })
	require.NoError(t, err)

	_, _, _, err = waitFor(t, 0, func(w *Wait[object]) {
		w.Pending = []string{"creating"}
		w.Get = func(context.Context) (object, error) { return object{"odd"}, nil }
	})
	require.ErrorContains(t, err, "state is odd, expected available")
}
