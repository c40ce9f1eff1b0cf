package openstack

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCreateOnce(t *testing.T) {
	t.Parallel()
	answered := func(code int) error { return &APIError{Status: code, Class: "X"} }
	unanswered := &APIError{Class: "Timeout", Err: lost}
	for name, test := range map[string]struct {
		posts  []error
		exists []bool // whether the object is there at the first, second, … look
		want   string
		count  int
	}{
		"at once":                    {posts: []error{nil}, want: "made", count: 1},
		"refused":                    {posts: []error{answered(400)}, want: "", count: 1},
		"500, but it is there":       {posts: []error{answered(500)}, exists: []bool{true}, want: "found", count: 1},
		"500, shows up late":         {posts: []error{answered(500)}, exists: []bool{false, true}, want: "found", count: 1},
		"500, it is not there":       {posts: []error{answered(500), nil}, exists: []bool{false}, want: "made", count: 2},
		"500 for ever":               {posts: []error{answered(500)}, exists: []bool{false}, want: "", count: 4},
		"lost, but it is there":      {posts: []error{unanswered}, exists: []bool{true}, want: "found", count: 1},
		"lost, it is not there":      {posts: []error{unanswered}, exists: []bool{false}, want: "", count: 1},
		"504 is no end of a request": {posts: []error{answered(504)}, exists: []bool{false}, want: "", count: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				posts, looks := 0, 0
				got, err := CreateOnce(t.Context(), func(context.Context) (string, error) {
					posts++
					return "made", test.posts[min(posts, len(test.posts))-1]
				}, func(context.Context) ([]string, error) {
					looks++
					if test.exists[min(looks, len(test.exists))-1] {
						return []string{"found"}, nil
					}
					return nil, nil
				})
				assert.Equal(t, test.count, posts)
				if test.want == "" {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, test.want, got)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		_, err := CreateOnce(t.Context(), func(context.Context) (string, error) { return "", answered(500) },
			func(context.Context) ([]string, error) { return nil, errors.New("the list failed") })
		require.ErrorContains(t, err, "the list failed", "a list that failed is not an empty list")
	})
}

// A creation that the service is executing when the call is told to end is waited
// for: its response contains the id.
func TestCreateOnceFinishesAfterACancellation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		takes time.Duration
		want  string
	}{
		"in time":  {3 * time.Second, "made"},
		"too late": {time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				begun := time.Now()
				got, err := CreateOnce(ctx, func(ctx context.Context) (string, error) {
					cancel()
					return "made", Sleep(ctx, test.takes)
				}, func(context.Context) ([]string, error) { return nil, errors.New("not looked for") })
				if test.want == "" {
					require.ErrorIs(t, err, context.Canceled)
					assert.Equal(t, cancelGrace, time.Since(begun))
					return
				}
				require.NoError(t, err)
				assert.Equal(t, test.want, got)
				assert.Equal(t, test.takes, time.Since(begun))
			})
		})
	}
}
