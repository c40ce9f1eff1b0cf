package timeline_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/timeline"
)

func read(t *testing.T, logs ...string) *timeline.Timeline {
	t.Helper()
	readers := []io.Reader{}
	for _, log := range logs {
		readers = append(readers, strings.NewReader(log))
	}
	found, err := timeline.Read(readers...)
	require.NoError(t, err)
	return found
}

func sample(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(content)
}

// cpi returns a line of the CPI, at a second of one minute.
func cpi(second int, id, text string) string {
	return fmt.Sprintf("[openstack_cpi] 2026/11/21 13:22:%02d INFO - [req_id %s] %s\n", second, id, text)
}

// director returns a line of the director, at a second of the same minute.
func director(second int, text string) string {
	return fmt.Sprintf("D, [2026-11-21T13:22:%02d.500000 #12] [instance_update(web/0)] DEBUG -- DirectorJobRunner: %s\n", second, text)
}

const (
	started  = "call started method=create_vm global_request_id=req-1 started=2026-11-21T13:22:10.250Z"
	finished = "call finished method=create_vm seconds=10 calls=3 retries=1 waited_seconds=4 services.compute.calls=2 services.compute.retries=1 " +
		"services.compute.ms=1500 services.identity.calls=1 services.identity.retries=0 services.identity.ms=500 services.waited_ms=4000"
)

func TestCallWithDetails(t *testing.T) {
	t.Parallel()
	found := read(t, cpi(10, "cpi-1", started)+
		cpi(11, "cpi-1", `OpenStack API call service=identity method=POST host=h path=/v3/auth/tokens status=201 start_ms=100 ms=900 openstack_request_id=req-a`)+
		cpi(12, "cpi-1", `OpenStack API call service=compute method=GET host=h path=/servers/1 status=503 start_ms=1000 ms=500 openstack_request_id=req-b`)+
		cpi(12, "cpi-1", `retrying OpenStack API call method=GET path=/servers/1 status=503 error=<nil> try=1 start_ms=1500 pause=1.5s`)+
		cpi(14, "cpi-1", `OpenStack API call service=compute method=GET host=h path=/servers/1 status=200 start_ms=3000 ms=1000 openstack_request_id=req-c`)+
		cpi(18, "cpi-1", `waited for OpenStack kind=Server id=1 target=active reached=true start_ms=4000 ms=4000`)+
		cpi(20, "cpi-1", finished))
	require.Len(t, found.Calls, 1)
	call := found.Calls[0]
	assert.Equal(t, "cpi-1 create_vm req-1 true", fmt.Sprint(call.ID, " ", call.Method, " ", call.GlobalID, " ", call.Complete))
	assert.Equal(t, time.Date(2026, 11, 21, 13, 22, 10, 250000000, time.UTC), call.Start)
	assert.Equal(t, 10*time.Second, call.Took())
	require.Len(t, call.Requests, 3)
	assert.True(t, call.Requests[1].Failed())
	assert.Equal(t, call.Start.Add(3*time.Second), call.Requests[2].Start)
	require.Len(t, call.Pauses, 1)
	assert.Equal(t, "HTTP 503", call.Pauses[0].Reason)
	requests, retries := call.Counts()
	assert.Equal(t, []int{3, 1}, []int{requests, retries})
	want := timeline.Shares{timeline.API: 2400 * time.Millisecond, timeline.Pausing: 1500 * time.Millisecond, timeline.Waiting: 4 * time.Second, timeline.Own: 2100 * time.Millisecond}
	assert.Equal(t, want, call.Shares())
	assert.Equal(t, want, found.Shares(), "nothing else happened")
	assert.True(t, found.WithRequests)
	assert.False(t, found.WithDirector)
}

func TestCallWithoutDetails(t *testing.T) {
	t.Parallel()
	found := read(t, cpi(10, "cpi-1", started)+cpi(20, "cpi-1", finished+` error="VMCreationFailed: no host"`))
	require.Len(t, found.Calls, 1)
	assert.Equal(t, "VMCreationFailed: no host", found.Calls[0].Error)
	assert.Equal(t, timeline.Shares{timeline.API: 2 * time.Second, timeline.Waiting: 4 * time.Second, timeline.Own: 4 * time.Second}, found.Calls[0].Shares())
	assert.False(t, found.WithRequests)
}

func TestDirectorsLog(t *testing.T) {
	t.Parallel()
	found := read(t, director(0, "Starting task: 42")+
		director(9, `[external-cpi] [cpi-0] request: {"method":"info"} with command: /bin/cpi`)+
		director(9, `[external-cpi] [cpi-0] response: {"result":{},"error":null,"log":""}`)+", err: , exit_status: 0\n"+
		director(9, `[external-cpi] [cpi-1] request: {"method":"create_vm","arguments":["a"]} with command: /bin/cpi`)+
		director(21, `[external-cpi] [cpi-1] response: {"result":null,"error":{"type":"Bosh::Clouds::VMCreationFailed","message":"no host"},"log":""}`)+
		", err: "+cpi(10, "cpi-1", started)+cpi(20, "cpi-1", finished)+", exit_status: 0\n"+
		director(40, "Task took 40 seconds to process."))
	require.Len(t, found.Calls, 1)
	assert.Equal(t, 1, found.Infos)
	call := found.Calls[0]
	assert.Equal(t, "instance_update(web/0)", call.Thread)
	assert.Equal(t, "VMCreationFailed: no host", call.Error)
	assert.Equal(t, 12*time.Second, call.Took(), "with the start of the process")
	assert.Equal(t, 40*time.Second, found.Took())
	assert.Equal(t, 28*time.Second, found.Shares()[timeline.Outside])
	assert.Equal(t, 40*time.Second, found.Shares().Sum())
}

func TestDirectorInAnotherTimeZone(t *testing.T) {
	t.Parallel()
	utc := read(t, director(9, `[external-cpi] [cpi-1] request: {"method":"create_vm"} with command: c`)+cpi(10, "cpi-1", started)+cpi(20, "cpi-1", finished))
	other := read(t, strings.ReplaceAll(director(9, `[external-cpi] [cpi-1] request: {"method":"create_vm"} with command: c`), "T13:22", "T08:52")+
		cpi(10, "cpi-1", started)+cpi(20, "cpi-1", finished))
	assert.Equal(t, utc, other)
}

func TestSameTaskInTwoLogs(t *testing.T) {
	t.Parallel()
	debug, log := sample(t, "deploy.debug"), sample(t, "deploy.cpi")
	want := read(t, debug)
	assert.Equal(t, want, read(t, debug, log))
	assert.Len(t, read(t, log, debug).Calls, len(want.Calls))
	assert.Equal(t, want, read(t, debug, debug[len(debug)/2:]))
}

func TestIncompleteLogs(t *testing.T) {
	t.Parallel()
	request := `OpenStack API call service=compute method=GET host=h path=/servers/1 status=200 start_ms=3000 ms=1000 openstack_request_id=req-c`
	for name, test := range map[string]struct {
		log      string
		took     time.Duration
		complete bool
		requests int
	}{
		"without an end":       {cpi(10, "c", started) + cpi(14, "c", request), 4 * time.Second, false, 1},
		"without anything":     {cpi(10, "c", started), 0, false, 0},
		"with a later line":    {cpi(10, "c", started) + cpi(17, "c", "undone object=x"), 7 * time.Second, false, 0},
		"without a beginning":  {cpi(14, "c", request) + cpi(20, "c", finished), 10 * time.Second, true, 3},
		"with the end only":    {cpi(20, "c", finished), 10 * time.Second, true, 3},
		"with a request only":  {cpi(14, "c", request), 4 * time.Second, false, 1},
		"with absurd numbers":  {cpi(10, "c", started) + cpi(14, "c", strings.NewReplacer("3000", "-5", "ms=1000", "ms=99999999999999").Replace(request)), 0, false, 1},
		"with an absurd pause": {cpi(10, "c", started) + cpi(14, "c", "retrying OpenStack API call status=503 start_ms=1000 try=1 pause=1e99h"), 1 * time.Second, false, 0},
	} {
		found := read(t, test.log)
		require.Len(t, found.Calls, 1, name)
		call := found.Calls[0]
		requests, _ := call.Counts()
		if name == "with absurd numbers" || name == "with an absurd pause" {
			assert.LessOrEqual(t, call.Took(), 10*time.Second, name)
			continue
		}
		assert.Equal(t, test.took, call.Took(), name)
		assert.Equal(t, test.complete, call.Complete, name)
		assert.Equal(t, test.requests, requests, name)
	}
}

func TestInterleavedCalls(t *testing.T) {
	t.Parallel()
	found := read(t, cpi(10, "a", started)+cpi(10, "b", started)+cpi(20, "b", finished)+cpi(20, "a", finished)+
		cpi(10, "a", strings.Replace(started, "22:10", "22:30", 1))+cpi(40, "a", finished))
	require.Len(t, found.Calls, 3, "an id can be used again")
	assert.Equal(t, 20*time.Second, found.Shares().Sum()-found.Shares()[timeline.Outside])
	assert.Equal(t, 10*time.Second, found.Shares()[timeline.Outside], "between the calls")
}

func TestCallsOfCreateEnvHaveNoID(t *testing.T) {
	t.Parallel()
	log := strings.ReplaceAll(cpi(10, "x", started)+cpi(20, "x", finished)+cpi(30, "x", strings.Replace(started, "22:10", "22:30", 1)), "[req_id x] ", "")
	assert.Len(t, read(t, log).Calls, 2)
}

func TestDateThatIsFarAway(t *testing.T) {
	t.Parallel()
	found := read(t, cpi(10, "a", started)+cpi(20, "a", finished)+cpi(10, "b", started)+cpi(20, "b", finished)+
		"[openstack_cpi] 1999/01/01 00:00:00 INFO - [req_id c] "+finished+"\n")
	assert.Len(t, found.Calls, 2)
	assert.Equal(t, 10*time.Second, found.Took())
}

func TestSample(t *testing.T) {
	t.Parallel()
	found := read(t, sample(t, "deploy.debug"))
	assert.Len(t, found.Calls, 22)
	assert.Len(t, found.Failures(), 3)
	assert.InDelta(t, found.Took(), found.Shares().Sum(), float64(time.Millisecond))
	assert.Equal(t, "create_vm", found.Methods()[0].Method)
	assert.Equal(t, 1, found.Methods()[0].Failed)
	total := 0
	rates := found.Rates(10)
	for _, counts := range rates.Counts {
		assert.LessOrEqual(t, len(counts), 10)
		for _, count := range counts {
			total += count
		}
	}
	requests := 0
	for _, service := range found.Services() {
		requests += service.Requests
	}
	assert.Equal(t, requests, total)
	assert.Equal(t, 4*time.Second, rates.Period)
	var text bytes.Buffer
	require.NoError(t, found.Text(&text))
	for _, part := range []string{"22 CPI calls in", "API requests ", "VMCreationFailed: in availability zone 'z2'", " 503 ", "req-"} {
		assert.Contains(t, text.String(), part)
	}
}

func TestEmptyLog(t *testing.T) {
	t.Parallel()
	found := read(t, "nothing\n")
	var text bytes.Buffer
	require.NoError(t, found.Text(&text))
	assert.Equal(t, "The log has no lines about CPI calls. Take that of bosh task N --cpi or --debug, or of bosh create-env with BOSH_LOG_LEVEL=debug.\n", text.String())
	assert.Zero(t, found.Shares().Sum())
}
