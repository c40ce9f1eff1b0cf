package cpi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// writeFault is one way in which one of a method's writes can fail.
type writeFault struct {
	name  string
	fault simulator.Fault
	// passing: the call succeeds nevertheless, because the request is repeated
	// or its object is found.
	passing bool
}

func writeFaults() []writeFault {
	return []writeFault{
		{"500", simulator.Fault{Status: http.StatusInternalServerError}, true},
		{"503", simulator.Fault{Status: http.StatusServiceUnavailable}, true},
		{"429", simulator.RateLimited("", 1e9), true},
		{"answer lost after the write", simulator.Fault{Kind: simulator.LostAnswer}, true},
		{timeOutAfter, simulator.Fault{Kind: simulator.Unanswered}, true},
		{timeOutBefore, simulator.Fault{Kind: simulator.Dropped}, false},
		{"connection refused", simulator.Fault{Kind: simulator.Refused}, true},
		{"400", simulator.Fault{Status: http.StatusBadRequest}, false},
		{"403", simulator.Fault{Status: http.StatusForbidden}, false},
		{"409", simulator.Fault{Status: http.StatusConflict}, false},
	}
}

const (
	timeOutBefore = "time-out before the write"
	timeOutAfter  = "time-out after the write"
)

// Every write of every method fails in every way, once. Afterwards the method
// has succeeded and everything is as after a call without a fault, or it has
// failed with the right kind of error and everything is as before.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	for _, scenario := range scenarios() {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			s := sweepOf(t, scenario)
			assert.Subset(t, s.changes, s.done)
			assert.ElementsMatch(t, withoutFields(s.done), withoutFields(s.changes))
			require.NotEmpty(t, s.writes)
			for nth, write := range s.writes {
				for _, f := range writeFaults() {
					name := fmt.Sprintf("write %d %s %s", nth+1, write, f.name)
					if !sampled(1, s.name+name) {
						continue
					}
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						inCloud(t, simulator.Options{}, func(e *env) { s.withFailedWrite(e, f, write, nth+1) })
					})
				}
			}
		})
	}
}

// Every read of every method is refused once, and so is its second repetition.
// The method fails, and everything is as before.
func TestNoFailedReadIsIgnored(t *testing.T) {
	t.Parallel()
	for _, scenario := range scenarios() {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			s := sweepOf(t, scenario)
			require.NotEmpty(t, s.reads)
			for read, times := range s.reads {
				for nth := range min(times, 2) {
					name := fmt.Sprintf("%s %d", read, nth+1)
					if !sampled(1, s.name+name) {
						continue
					}
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						inCloud(t, simulator.Options{}, func(e *env) { s.withFailedRead(e, read, nth+1) })
					})
				}
			}
		})
	}
}

// sweep is a scenario with what it did without a fault.
type sweep struct {
	scenario

	changes []string
	after   simulator.Inventory
	writes  []string       // calls, in order
	reads   map[string]int // calls, and how often
}

func sweepOf(t *testing.T, scenario scenario) sweep {
	t.Helper()
	s := sweep{scenario: scenario, reads: map[string]int{}}
	inCloud(t, simulator.Options{}, func(e *env) {
		call := s.prepare(e)
		before := e.cloud.Inventory()
		e.cloud.ResetJournal()
		require.NoError(e, call(e.Context(), e.cpi()))
		s.after, s.changes = e.cloud.Inventory(), e.changes(before)
		for _, exchange := range e.cloud.Journal() {
			if exchange.Write {
				s.writes = append(s.writes, exchange.Call())
			} else {
				s.reads[exchange.Call()]++
			}
		}
	})
	return s
}

const uploadCall = "PUT /images/{id}/file"

// withFailedWrite makes the call while its nth write fails.
func (s sweep) withFailedWrite(e *env, f writeFault, write string, nth int) {
	call := s.prepare(e)
	before := e.cloud.Inventory()
	f.fault.Match, f.fault.Nth = func(e simulator.Exchange) bool { return e.Write }, nth
	e.cloud.Inject(f.fault)
	err := call(e.Context(), e.cpi())
	e.cloud.ClearFaults()
	if f.passing && (write != uploadCall || f.name != timeOutAfter) { // after minutes, an upload is not repeated
		require.NoError(e, err)
	}
	switch {
	case err != nil:
		s.assertKind(e, err, write, f.name)
		s.assertFailure(e, call, before, err)
	case strings.Contains(e.log.String(), "metadata of the boot volume could not be set"):
		// The VM is good without it.
		assert.Equal(e, "POST /volumes/{id}/metadata", write)
		assert.False(e, f.passing)
		assert.ElementsMatch(e, withoutFields(s.changes), withoutFields(e.changes(before)))
	case f.name == timeOutAfter && s.twice != nil:
		assert.ElementsMatch(e, s.twice, e.changes(before))
	default:
		assert.ElementsMatch(e, s.changes, e.changes(before))
	}
}

// withFailedRead makes the call while a read is refused at its nth time.
func (s sweep) withFailedRead(e *env, read string, nth int) {
	call := s.prepare(e)
	before := e.cloud.Inventory()
	e.cloud.Inject(simulator.Fault{On: read, Nth: nth, Status: http.StatusForbidden})
	err := call(e.Context(), e.cpi())
	e.cloud.ClearFaults()
	require.Error(e, err)
	require.NoError(e, checkKind(err))
	s.assertFailure(e, call, before, err)
}

// assertFailure asserts that everything is as before a call that has failed, or
// that its repetition does all the work.
func (s sweep) assertFailure(e *env, call func(context.Context, *CPI) error, before simulator.Inventory, failed error) {
	if !s.repeatable || bosh.AsError(failed).Kind == bosh.NotSupported {
		assert.Empty(e, e.changes(before), "left by: %v", failed)
	}
	if !s.repeatable {
		return
	}
	require.NoError(e, call(e.Context(), e.cpi()), "the second try after: %v", failed)
	s.assertDone(e, before, failed)
}

// assertDone asserts that a repeated call has done all its work. What is left
// must have been named by the error of the first call: after the server is
// deleted, its ports cannot be found.
func (s sweep) assertDone(e *env, before simulator.Inventory, failed error) {
	want, have := slices.Clone(s.changes), e.changes(before)
	if s.twice != nil && assert.ObjectsAreEqual(s.twice, have) {
		return
	}
	for _, line := range e.cloud.Leaks(s.after) { // ids are the same in every run
		words := strings.Fields(line)
		assert.Contains(e, failed.Error(), path.Base(words[1]), "still there after the second try: %s", line)
		about := func(line string) bool { return strings.HasPrefix(line[2:], words[0]) }
		want, have = slices.DeleteFunc(want, about), slices.DeleteFunc(have, about)
	}
	assert.ElementsMatch(e, want, have, "after the second try; the first failed with: %v", failed)
}

// assertKind asserts on the kind of an error by the request that failed. An
// error that gets no kind from a method is reported as CloudError; it must be
// one that the cloud returned.
func (s sweep) assertKind(e *env, err error, write, fault string) {
	e.Helper()
	want, retry := bosh.CloudError, false
	switch creates := strings.HasPrefix(s.name, "create_vm"); {
	case write == "POST /servers" && fault == timeOutBefore:
		want = bosh.VMCreationFailed
	case (write == "POST /ports" || write == "POST /trunks") && fault == timeOutBefore:
		want, retry = bosh.VMCreationFailed, true
	case write == "PUT /floatingips/{id}" && creates, write == "POST /servers/{id}/metadata" && creates:
		want, retry = bosh.VMCreationFailed, true
	case write == "POST /volumes/{id}/action" && slices.Contains([]string{"400", "403", "409"}, fault):
		want = bosh.NotSupported
	}
	if known := bosh.AsError(err); assert.Equal(e, want, known.Kind, err) {
		assert.Equal(e, retry, known.OKToRetry, err)
	}
	if !errors.As(err, new(*bosh.Error)) {
		assert.ErrorAs(e, err, new(*openstack.APIError))
	}
}

var (
	uuids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	macs  = regexp.MustCompile(`fa:16:3e(:[0-9a-f]{2}){3}`)
)

// changes lists what has changed since before, with kinds instead of ids, so
// that two runs can be compared: "+ server" and its fields, "+ server: zone
// nova", for a created object, "- port" for a deleted one, and for every changed
// field of another "~ volume: size 1 -> 2".
func (e *env) changes(before simulator.Inventory) []string {
	after := e.cloud.Inventory()
	lines := []string{}
	for key, object := range after {
		kind := kindOf(key)
		old, known := before[key]
		if !known {
			lines = append(lines, "+ "+kind)
		}
		for field, value := range fields(object) {
			if was := fields(old)[field]; !known {
				lines = append(lines, fmt.Sprintf("+ %s: %s %s", kind, field, value))
			} else if was != value {
				lines = append(lines, fmt.Sprintf("~ %s: %s %s -> %s", kind, field, was, value))
			}
		}
	}
	for key, object := range before {
		now, exists := after[key]
		if !exists {
			lines = append(lines, "- "+kindOf(key))
			continue
		}
		for field, was := range fields(object) {
			if _, has := fields(now)[field]; !has {
				lines = append(lines, fmt.Sprintf("~ %s: %s %s -> ", kindOf(key), field, was))
			}
		}
	}
	names := e.names(before, after)
	for i, line := range lines {
		line = uuids.ReplaceAllStringFunc(line, func(id string) string { return cmp.Or(names[id], "…") })
		lines[i] = macs.ReplaceAllString(line, "fa:16:3e:…")
	}
	slices.Sort(lines)
	return lines
}

// kindOf returns the kind in a key of an inventory, "port" of "port 7f…".
func kindOf(key string) string {
	if id := uuids.FindStringIndex(key); id != nil {
		key = key[:id[0]]
	}
	return strings.TrimSpace(key)
}

// fields returns the name and the fields of an object. User data contains the
// name of the VM, so that it differs from run to run.
func fields(o simulator.Object) map[string]string {
	all := map[string]string{}
	maps.Copy(all, o.Fields)
	if o.Name != "" {
		all["name"] = o.Name
	}
	if _, has := all["user data"]; has {
		all["user data"] = "…"
	}
	return all
}

// names returns what changes writes for ids: the names of fixtures, the kinds of
// other objects.
func (e *env) names(before, after simulator.Inventory) map[string]string {
	names := map[string]string{}
	for key := range after {
		names[strings.TrimPrefix(key, kindOf(key)+" ")] = "new " + kindOf(key)
	}
	for key := range before {
		names[strings.TrimPrefix(key, kindOf(key)+" ")] = "the " + kindOf(key)
	}
	fixtures := e.cloud.Fixtures()
	for _, ids := range []map[string]string{
		fixtures.Networks, fixtures.Subnets, fixtures.SecurityGroups, fixtures.Flavors, fixtures.Images, fixtures.Pools, fixtures.FloatingIPs,
	} {
		for name, id := range ids {
			names[id] = name
		}
	}
	return names
}

// withoutFields drops the lines of changes that describe created objects.
func withoutFields(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return strings.HasPrefix(line, "+") && strings.Contains(line, ": ")
	})
}
