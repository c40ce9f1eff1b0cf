package simulator_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const aVolume = `{"volume":{"name":"v","size":1}}`

func (c *client) postVolume() (result, error) {
	return c.try(http.MethodPost, c.volumes("/volumes"), strings.NewReader(aVolume))
}

func (c *client) volumeCount() int {
	return len(c.send(http.MethodGet, c.volumes("/volumes"), "").names("volumes"))
}

func TestAnsweredFaultIsNotExecuted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	c.sim.Inject(simulator.Fault{On: "POST /volumes", Status: 503, Nth: 2, Times: 2})

	statuses := []int{}
	for range 4 {
		r, err := c.postVolume()
		require.NoError(t, err)
		statuses = append(statuses, r.status)
	}

	assert.Equal(t, []int{202, 503, 503, 202}, statuses)
	assert.Equal(t, 2, c.volumeCount())
}

func TestAnsweredFaultHasTheGivenAnswer(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	c.sim.Inject(simulator.Fault{Status: 409, Body: `{"conflictingRequest":{"code":409,"message":"no"}}`, Header: http.Header{"X-Why": {"test"}}})
	r, err := c.postVolume()
	require.NoError(t, err)
	assert.Equal(t, 409, r.status)
	assert.Equal(t, "no", r.at("conflictingRequest.message"))
	assert.Equal(t, "test", r.header.Get("X-Why"))

	c.sim.Inject(simulator.RateLimited("POST /volumes", 7*time.Second))
	r, err = c.postVolume()
	require.NoError(t, err)
	assert.Equal(t, http.StatusTooManyRequests, r.status)
	assert.Equal(t, "7", r.header.Get("Retry-After"))
	assert.Contains(t, r.text, "overLimit")
}

func TestLostAnswerIsExecuted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	c.sim.Inject(simulator.Fault{On: "POST /volumes", Kind: simulator.LostAnswer})

	_, err := c.postVolume()

	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, 1, c.volumeCount())
	lost := c.sim.Journal()[1]
	assert.Equal(t, "lost answer", lost.Fault)
	assert.Zero(t, lost.Status)
}

func TestRefusedConnectionIsNotExecuted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	c.sim.Inject(simulator.Fault{On: "POST /volumes", Kind: simulator.Refused})
	_, err := c.postVolume()
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.Zero(t, c.volumeCount())
}

func TestNoAnswerUntilTheClientGivesUp(t *testing.T) {
	t.Parallel()
	for kind, executed := range map[simulator.FaultKind]int{simulator.Unanswered: 1, simulator.Dropped: 0} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, simulator.Options{})
			c.http.Timeout = time.Minute
			c.sim.Inject(simulator.Fault{On: "POST /volumes", Kind: kind})
			start := time.Now()

			_, err := c.postVolume()

			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, time.Minute, time.Since(start))
			assert.Equal(t, executed, c.volumeCount())
		})
	}
}

func TestDelayedAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		c.sim.Inject(simulator.Fault{On: "POST /volumes", Kind: simulator.Delayed, Delay: 3 * time.Second})
		start := time.Now()
		r, err := c.postVolume()
		require.NoError(t, err)
		assert.Equal(t, http.StatusAccepted, r.status)
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestFaultCanHitTheNthWrite(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	c.sim.Inject(simulator.Fault{Match: func(e simulator.Exchange) bool { return e.Write }, Nth: 2, Status: 500})

	c.send(http.MethodPost, images, stemcell)
	c.volumeCount()
	r, err := c.postVolume()
	require.NoError(t, err)

	assert.Equal(t, 500, r.status)
}

func TestClearedFaultsDoNotHappen(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	c.sim.Inject(simulator.Fault{Status: 500, Times: -1})
	c.sim.ClearFaults()
	assert.Zero(t, c.volumeCount())
}

func TestStateFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.StateFault
		after time.Duration
		want  string
	}{
		"an error":            {simulator.StateFault{}, time.Second, "error"},
		"stuck":               {simulator.StateFault{Stuck: true}, 30 * time.Minute, "creating"},
		"slow, not yet":       {simulator.StateFault{Slow: time.Minute}, time.Minute, "creating"},
		"slow, then":          {simulator.StateFault{Slow: time.Minute}, 61 * time.Second, "available"},
		"in another zone":     {simulator.StateFault{Zone: "z2"}, time.Second, "available"},
		"for all that follow": {simulator.StateFault{Times: -1, Zone: "z1"}, time.Second, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, simulator.Options{})
				test.fault.Resource, test.fault.Phase = "volume", "create"
				c.sim.InjectStateFault(test.fault)
				r, err := c.postVolume()
				require.NoError(t, err)
				wait(test.after)
				status, _ := c.volumeState(r.id("volume"))
				assert.Equal(t, test.want, status)

				c.sim.ClearStateFaults()
				r, err = c.postVolume()
				require.NoError(t, err)
				wait(time.Second)
				status, _ = c.volumeState(r.id("volume"))
				assert.Equal(t, "available", status)
			})
		})
	}
}

func TestFailedPhasesLeaveTheStatesOfTheRealService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.volume("v", 1)
		for _, phase := range []string{"extend", "delete"} {
			c.sim.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: phase})
		}
		c.send(http.MethodPost, c.volumes("/volumes/"+id+"/action"), `{"os-extend":{"new_size":2}}`)
		wait(time.Second)
		status, size := c.volumeState(id)
		assert.Equal(t, "error_extending", status)
		assert.Equal(t, 1, size)
		c.send(http.MethodDelete, c.volumes("/volumes/"+id), "")
		wait(time.Second)
		status, _ = c.volumeState(id)
		assert.Equal(t, "error_deleting", status)
	})
}

func TestTruncatedFaultIsExecuted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	request := func() (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+c.volumes("/volumes"), nil)
		require.NoError(t, err)
		req.Header.Set("X-Auth-Token", c.token)
		response, err := c.http.Do(req)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response, string(body)
	}
	_, whole := request()
	c.sim.Inject(simulator.Fault{On: "GET /volumes", Kind: simulator.Truncated})
	response, half := request()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, whole[:len(whole)/2], half)
}
