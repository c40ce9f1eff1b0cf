// Package timeline makes a model of the CPI calls of a deployment out of its
// logs: when each call ran, what it requested from the cloud, what it waited
// for, and where the time of the deployment went.
package timeline

import (
	"cmp"
	"io"
	"slices"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/timeline/tasklog"
)

// Timeline is the model.
type Timeline struct {
	Calls []Call // by their start
	// Infos is the number of calls of info, which send nothing to the cloud.
	Infos      int
	Start, End time.Time
	// WithDirector is whether the log has lines of the director, so that Start
	// and End are those of its task.
	WithDirector bool
	// WithRequests is whether the log has lines about single requests, which the
	// CPI writes with log_level debug.
	WithRequests bool
}

// Call is one call of the CPI.
type Call struct {
	ID       string // the director's, "" for none
	Method   string
	GlobalID string // of its requests in the logs of the cloud
	Thread   string // of the director
	Start    time.Time
	End      time.Time // of the last known moment if it is not complete
	Complete bool      // the log has the end of the call
	Error    string
	Requests []Request
	Waits    []Wait
	Pauses   []Pause
	// Services are the totals by service, also without lines about single
	// requests.
	Services map[string]Service
	Waited   time.Duration // without its polls; known at the end of the call
}

// Took returns the duration of the call.
func (c *Call) Took() time.Duration { return c.End.Sub(c.Start) }

// Counts returns how many requests were sent, and how many of them were repeated.
func (c *Call) Counts() (requests, retries int) {
	for _, service := range c.Services {
		requests, retries = requests+service.Requests, retries+service.Retries
	}
	return requests, retries
}

// Request is one API call, a retry included.
type Request struct {
	Service, Method, Path string
	Status                int // 0 without a response
	ID                    string
	Error                 string
	Start                 time.Time
	Took                  time.Duration
}

// Failed reports whether the request had no usable response. A 404 is the
// expected response to many requests.
func (r *Request) Failed() bool {
	return r.Error != "" || r.Status == 0 || r.Status >= 400 && r.Status != 404
}

// Wait is the time in which an object had to reach a state.
type Wait struct {
	Kind, ID, Target string
	Reached          bool
	Start            time.Time
	Took             time.Duration
}

// Pause is the time between a failed request and its repetition.
type Pause struct {
	Method, Path, Reason string
	Start                time.Time
	Took                 time.Duration
}

// Service are the requests to one service.
type Service struct {
	Requests, Retries int
	Time              time.Duration
}

// Read makes the model of the logs, which can be parts of one another.
func Read(logs ...io.Reader) (*Timeline, error) {
	b := newBuilder()
	for _, log := range logs {
		if err := tasklog.Read(log, b.add); err != nil {
			return nil, err
		}
	}
	return b.timeline(), nil
}

// sort brings everything into the order of time.
func (t *Timeline) sort() {
	slices.SortStableFunc(t.Calls, func(a, b Call) int { return a.Start.Compare(b.Start) })
	for i := range t.Calls {
		call := &t.Calls[i]
		slices.SortStableFunc(call.Requests, func(a, b Request) int { return a.Start.Compare(b.Start) })
		slices.SortStableFunc(call.Waits, func(a, b Wait) int { return a.Start.Compare(b.Start) })
		slices.SortStableFunc(call.Pauses, func(a, b Pause) int { return a.Start.Compare(b.Start) })
	}
}

// Slowest returns the longest calls.
func (t *Timeline) Slowest(count int) []Call {
	calls := slices.Clone(t.Calls)
	slices.SortStableFunc(calls, func(a, b Call) int { return cmp.Compare(b.Took(), a.Took()) })
	return calls[:min(count, len(calls))]
}

// Took returns the duration of the deployment.
func (t *Timeline) Took() time.Duration { return t.End.Sub(t.Start) }
