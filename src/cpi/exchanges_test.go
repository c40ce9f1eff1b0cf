package cpi

import (
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// exhaustive makes the sweeps of this file complete: every fault at every call of
// every method. Without it they run a sample, the same one every time.
const exhaustive = "OPENSTACK_CPI_EXHAUSTIVE"

// sampled reports whether a run belongs to the sample. About one in every runs
// does; new calls of a method are sampled like the others. With the race detector
// the sample is much smaller: scripts/test also runs the package without it.
func sampled(every uint32, run string) bool {
	if os.Getenv(exhaustive) != "" {
		return true
	}
	if raceDetector {
		every *= 32
	}
	hash := fnv.New32a()
	hash.Write([]byte(run))
	return hash.Sum32()%every == 0
}

// notWithRaceDetector skips a test that would take long and is not about
// concurrency. scripts/test also runs the package without the detector.
func notWithRaceDetector(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skipf("runs without the race detector, which makes it slow: go test ./src/cpi -run %s", t.Name())
	}
}

// exchange executes a request and returns its response and body.
func exchange(request *http.Request, cloud http.RoundTripper) (*http.Response, []byte, error) {
	response, err := cloud.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(response.Body)
	return response, body, errors.Join(err, response.Body.Close())
}

func execute(request *http.Request, cloud http.RoundTripper) error {
	_, _, err := exchange(request, cloud)
	return err
}

// requests returns the requests of the call without a fault.
func (s sweep) requests(t *testing.T) (calls []string) {
	t.Helper()
	inCloud(t, simulator.Options{}, func(e *env) {
		call := s.prepare(e)
		e.cloud.ResetJournal()
		require.NoError(e, call(e.Context(), e.cpi()))
		for _, exchange := range e.cloud.Journal() {
			calls = append(calls, exchange.Method+" "+exchange.Path)
		}
	})
	require.NotEmpty(t, calls)
	return calls
}

// called returns a request without ids, for the name of a test.
func (sweep) called(call string) string { return uuids.ReplaceAllString(call, "ID") }

// assertSettled asserts that a successful call has done what it does without a
// fault. A boot volume without its mark is accepted with a warning.
func (e *env) assertSettled(s sweep, before simulator.Inventory) {
	e.Helper()
	want, have := s.changes, e.changes(before)
	if strings.Contains(e.log.String(), "metadata of the boot volume could not be set") {
		want, have = withoutFields(want), withoutFields(have)
	}
	if s.twice != nil && assert.ObjectsAreEqual(s.twice, have) {
		return
	}
	assert.ElementsMatch(e, want, have)
}

// assertLeaks asserts that a failed call has left nothing, or has named it. A
// boot volume and a port are named by their server.
func (e *env) assertLeaks(failed error, before simulator.Inventory) {
	e.Helper()
	for key, object := range e.cloud.Inventory() {
		if _, existed := before[key]; existed {
			continue
		}
		names := append(uuids.FindAllString(key, -1), object.Name)
		for _, value := range object.Fields {
			names = append(names, uuids.FindAllString(value, -1)...)
		}
		named := slices.ContainsFunc(names, func(name string) bool { return name != "" && strings.Contains(failed.Error(), name) })
		assert.True(e, named && strings.Contains(failed.Error(), "left behind"), "%s is left and not named by: %v", key, failed)
	}
}
