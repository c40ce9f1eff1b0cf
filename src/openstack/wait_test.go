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
		0:                 {100 * time.Millisecond, 1},
		2 * time.Second:   {2500 * time.Millisecond, 9},
		10 * time.Second:  {12 * time.Second, 18},
		100 * time.Second: {105 * time.Second, 43},
		299 * time.Second: {300 * time.Second, 82},
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

// A single response that an object is missing, or without the object, does not
// end a wait for a state.
func TestWaitToleratesOddResponses(t *testing.T) {
	t.Parallel()
	missing, unusable := &MissingError{"Volume", "v"}, Wrap(&unusableError{problem: "no object"}, "get volume v")
	for name, test := range map[string]struct {
		errs  []error // of the polls in order; further polls succeed
		fails bool
		took  time.Duration
	}{
		"one 404":                   {errs: []error{missing}, took: 1100 * time.Millisecond},
		"two 404":                   {errs: []error{missing, missing}, took: 2100 * time.Millisecond},
		"missing for two seconds":   {errs: []error{missing, missing, missing}, fails: true, took: 2100 * time.Millisecond},
		"from time to time":         {errs: []error{missing, missing, nil, missing, missing}, took: 4520 * time.Millisecond},
		"no object":                 {errs: []error{unusable, unusable}, took: 2100 * time.Millisecond},
		"no object for two seconds": {errs: []error{unusable, unusable, unusable}, fails: true, took: 2100 * time.Millisecond},
		"an error of another kind":  {errs: []error{&APIError{Status: 403}}, fails: true, took: 100 * time.Millisecond},
	} {
		polls := 0
		_, took, _, err := waitFor(t, 0, func(w *Wait[object]) {
			w.Get = func(context.Context) (object, error) {
				polls++
				if polls > len(test.errs) {
					return object{"available"}, nil
				}
				return object{"creating"}, test.errs[polls-1]
			}
		})
		assert.Equal(t, test.fails, err != nil, name)
		assert.Equal(t, test.took, took, name)
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	missing := &MissingError{"Server", "s"}
	for answers, want := range map[int]bool{1: true, 2: true, 3: false} {
		synctest.Test(t, func(t *testing.T) {
			reads := 0
			_, err := Confirm(t.Context(), func(context.Context) (object, error) {
				reads++
				if reads <= answers {
					return object{}, missing
				}
				return object{"active"}, nil
			})
			assert.Equal(t, want, err == nil, answers)
			assert.LessOrEqual(t, reads, 3)
		})
	}
}
