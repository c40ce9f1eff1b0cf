package cpi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

var errKilled = errors.New("the process is dead")

// dyingTransport is the cloud as a process uses it that gets SIGKILL during its
// nth request: the cloud executes that request, and receives no further one.
type dyingTransport struct {
	cloud http.RoundTripper
	nth   int

	mu    sync.Mutex
	count int
}

func (d *dyingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	d.mu.Lock()
	d.count++
	count := d.count
	d.mu.Unlock()
	if count > d.nth {
		return nil, errKilled
	}
	if count == d.nth {
		return nil, errors.Join(errKilled, execute(request, d.cloud))
	}
	return d.cloud.RoundTrip(request)
}

// A process is killed at every request of every method, and its caller repeats
// the call, later and for another agent, as the next deployment does. The
// repetition succeeds. What the dead process has left is marked, so that
// `openstack_cpi orphans` finds it.
func TestDeathAtEveryCall(t *testing.T) {
	t.Parallel()
	for _, scenario := range scenarios() {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			s := sweepOf(t, scenario)
			for nth, request := range s.requests(t) {
				if name := fmt.Sprintf("%d %s", nth+1, s.called(request)); sampled(1, "death"+s.name+name) {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						inCloud(t, simulator.Options{}, func(e *env) { s.withDeath(e, nth+1) })
					})
				}
			}
		})
	}
}

func (s sweep) withDeath(e *env, nth int) {
	call := s.prepare(e)
	before := e.cloud.Inventory()
	e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper { return &dyingTransport{cloud: cloud, nth: nth} }
	if err := call(e.Context(), e.cpi()); err == nil {
		e.Log("the process had done its work, but its response was not delivered")
	}
	e.wrapTransport = nil
	e.pass(30 * time.Minute)

	e.agentID = "agent-of-the-next-deployment"
	require.NoError(e, call(e.Context(), e.cpi()))
	expected, have := countKinds(s.after), countKinds(e.cloud.Inventory())
	for key := range e.cloud.Inventory() {
		if _, existed := before[key]; !existed && have[kindOf(key)] > expected[kindOf(key)] {
			assert.True(e, e.isFindable(key), "%s is left and not marked", key)
		}
	}
}

func countKinds(inventory simulator.Inventory) map[string]int {
	kinds := map[string]int{}
	for key := range inventory {
		kinds[kindOf(key)]++
	}
	return kinds
}

// isFindable reports whether an object carries the mark of the CPI, or belongs
// to a server that does. The port of a router belongs to its network.
func (e *env) isFindable(key string) bool {
	objects := e.cloud.Inventory()
	if isMarked(objects[key]) {
		return true
	}
	ids := uuids.FindAllString(key, -1)
	for _, value := range objects[key].Fields {
		ids = append(ids, uuids.FindAllString(value, -1)...)
	}
	owners := []string{"server "}
	if objects[key].Fields["device owner"] == "network:router_interface" {
		owners = append(owners, "network ")
	}
	return slices.ContainsFunc(ids, func(id string) bool {
		return slices.ContainsFunc(owners, func(kind string) bool { return isMarked(objects[kind+id]) })
	})
}

// isMarked reports whether the object carries the mark of the CPI.
func isMarked(object simulator.Object) bool {
	for _, value := range object.Fields {
		if strings.Contains(value, mark.Value) {
			return true
		}
	}
	return mark.IsVMName(object.Name)
}

// terminated is the cloud as a process uses it that gets SIGTERM during its nth
// request, before or after the cloud has executed that.
type terminated struct {
	cloud  http.RoundTripper
	nth    int
	after  bool
	signal context.CancelFunc

	mu    sync.Mutex
	count int
}

func (d *terminated) RoundTrip(request *http.Request) (*http.Response, error) {
	d.mu.Lock()
	d.count++
	now := d.count == d.nth
	d.mu.Unlock()
	if !now {
		return d.cloud.RoundTrip(request)
	}
	if d.after {
		if err := execute(request.WithContext(context.WithoutCancel(request.Context())), d.cloud); err != nil {
			return nil, err
		}
	}
	d.signal()
	return nil, context.Canceled
}

// A call that is told to end at any of its requests undoes what it has done, or
// is complete.
func TestTerminationAtEveryCall(t *testing.T) {
	t.Parallel()
	for _, scenario := range scenarios() {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			s := sweepOf(t, scenario)
			for nth, request := range s.requests(t) {
				for _, when := range []string{"before", "after"} {
					if name := fmt.Sprintf("%s %d %s", when, nth+1, s.called(request)); sampled(1, "termination"+s.name+name) {
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							inCloud(t, simulator.Options{}, func(e *env) { s.withTermination(e, nth+1, when == "after") })
						})
					}
				}
			}
		})
	}
}

func (s sweep) withTermination(e *env, nth int, after bool) {
	call := s.prepare(e)
	before := e.cloud.Inventory()
	ctx, cancel := context.WithCancel(e.Context())
	defer cancel()
	e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper {
		return &terminated{cloud: cloud, nth: nth, after: after, signal: cancel}
	}
	begun := time.Now()
	err := call(ctx, e.cpi())
	assert.Less(e, time.Since(begun), time.Minute, "the call has ended late")
	e.wrapTransport = nil
	if err == nil {
		e.assertSettled(s, before)
		return
	}
	e.pass(time.Minute) // Nova deletes the boot volume after the server
	if !s.repeatable {
		e.assertLeaks(err, before)
	} else {
		require.NoError(e, call(e.Context(), e.cpi()), "the second try after: %v", err)
		s.assertDone(e, before, err)
	}
}
