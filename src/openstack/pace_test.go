package openstack

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// waited is one wait of a new process: how long a change took, how long the
// process waited for it, and how often it asked.
type waited struct {
	ready, took time.Duration
	polls       int
}

// overhead is what the wait was longer than the change.
func (w waited) overhead() time.Duration { return w.took - w.ready }

// waitTimes waits for changes that take the given times, each in a new process,
// on a cloud whose responses take the time.
func waitTimes(t *testing.T, answer time.Duration, ready ...time.Duration) (all []waited) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cache")
	synctest.Test(t, func(t *testing.T) {
		for _, ready := range ready {
			cfg := config.OpenStack{AuthURL: "http://keystone", StateTimeout: 10 * time.Minute, PollInterval: 5 * time.Second}
			session, err := NewSession(cfg, slog.New(slog.DiscardHandler), WithTransport(&script{}), WithCache(dir))
			require.NoError(t, err)
			begun, polls := time.Now(), 0
			_, err = Wait[object]{
				Kind: "Server", ID: "s", Target: []string{"active"}, State: func(o object) string { return o.status },
				Get: func(ctx context.Context) (object, error) {
					polls++
					found := object{"build"}
					if time.Since(begun) >= ready {
						found.status = "active"
					}
					return found, Sleep(ctx, answer)
				},
			}.Run(t.Context(), session)
			require.NoError(t, err)
			all = append(all, waited{ready, time.Since(begun), polls})
		}
	})
	return all
}

// On an idle cloud whose changes take about the same time each, a wait is at most
// a tenth or 100 ms longer than the change, with a few polls.
func TestPaceOfAKnownChange(t *testing.T) {
	t.Parallel()
	const answer = 30 * time.Millisecond
	for ready := 100 * time.Millisecond; ready <= time.Minute; ready += ready / 7 {
		times := []time.Duration{ready}
		for i := range 12 {
			times = append(times, ready*time.Duration(100+(i*5)%16)/100)
		}
		for i, w := range waitTimes(t, answer, times...)[1:] {
			assert.LessOrEqual(t, w.overhead(), max(w.ready/10, 100*time.Millisecond), "%d: %+v", i, w)
			assert.LessOrEqual(t, w.polls, 12, "%d: %+v", i, w)
		}
	}
}

// The first wait does not know the cloud: it is a fifth or 310 ms longer.
func TestPaceOfAnUnknownChange(t *testing.T) {
	t.Parallel()
	for ready := 100 * time.Millisecond; ready <= time.Minute; ready += ready / 7 {
		w := waitTimes(t, 30*time.Millisecond, ready)[0]
		assert.LessOrEqual(t, w.overhead(), max(ready/5+30*time.Millisecond, 310*time.Millisecond), "%+v", w)
		assert.LessOrEqual(t, w.polls, 33, "%+v", w)
	}
}

// What was known of a busy cloud does not delay later waits for long: of waits for
// two seconds after such of 20 seconds, the fourth is not late.
func TestPaceOfACloudThatBecomesFaster(t *testing.T) {
	t.Parallel()
	busy, idle := 20*time.Second, 2*time.Second
	all := waitTimes(t, 30*time.Millisecond, busy, busy, busy, idle, idle, idle, idle, idle)
	for i, limit := range []time.Duration{15 * time.Second, 7 * time.Second, 2500 * time.Millisecond, 200 * time.Millisecond, 200 * time.Millisecond} {
		assert.LessOrEqual(t, all[3+i].overhead(), limit, "%d: %+v", i, all[3+i])
	}
}

// A remembered time is bounded, whatever a cloud once took.
func TestFirstPollIsBounded(t *testing.T) {
	t.Parallel()
	all := waitTimes(t, 30*time.Millisecond, 9*time.Minute, time.Second)
	assert.LessOrEqual(t, all[1].took, 31*time.Second)
}

// A cloud that answers slowly is asked less.
func TestPaceOfABusyCloud(t *testing.T) {
	t.Parallel()
	most := map[time.Duration]int{30 * time.Millisecond: 20, 200 * time.Millisecond: 17, time.Second: 6, 3 * time.Second: 3}
	for answer, polls := range most {
		w := waitTimes(t, answer, 20*time.Second)[0]
		assert.LessOrEqual(t, w.polls, polls, "%s: %+v", answer, w)
		assert.LessOrEqual(t, w.overhead(), 5*time.Second+4*answer, "%s: %+v", answer, w)
	}
}

// Without a cache, and with one that cannot be used, waits are those of an unknown
// cloud.
func TestPaceWithoutACache(t *testing.T) {
	t.Parallel()
	_, took, polls, err := waitFor(t, 10*time.Second, nil)
	require.NoError(t, err)
	first := waitTimes(t, 0, 10*time.Second)[0]
	assert.Equal(t, waited{10 * time.Second, took, polls}, first)
}
