package timeline

import (
	"cmp"
	"slices"
	"time"
)

// State is what a deployment spends its time with.
type State int

// The states, in the order in which they are shown.
const (
	Outside State = iota // no call of the CPI is running: the director and the agents
	Own                  // the CPI itself, and the start of its process
	API                  // a request to the cloud is being answered
	Waiting              // an object of the cloud has not reached a state yet
	Pausing              // between a failed request and its repetition
	states
)

// String returns a description for people.
func (s State) String() string {
	return [...]string{"director and agents", "CPI", "API requests", "waiting for the cloud", "pauses before retries"}[s]
}

// StateName returns a description of the state in this timeline: without the
// director's log, nothing is known about the time between the calls.
func (t *Timeline) StateName(s State) string {
	if s == Outside && !t.WithDirector {
		return "between the calls"
	}
	return s.String()
}

// States returns all states.
func States() []State { return []State{Outside, Own, API, Waiting, Pausing} }

// Shares are times by state.
type Shares [states]time.Duration

// Sum returns the time of all states.
func (s Shares) Sum() (sum time.Duration) {
	for _, share := range s {
		sum += share
	}
	return sum
}

// segment is a part of a call in which it is in one state, or in several states
// with weights.
type segment struct {
	start, end time.Time
	weights    [states]float64
}

// Shares returns where the time of the deployment went. Calls that run at the
// same time divide it equally, so that the sum is the duration of the
// deployment.
func (t *Timeline) Shares() Shares {
	type edge struct {
		at      time.Time
		weights [states]float64
		calls   float64
	}
	edges := []edge{{at: t.Start}, {at: t.End}}
	for i := range t.Calls {
		for _, part := range t.Calls[i].segments() {
			negative := [states]float64{}
			for state, weight := range part.weights {
				negative[state] = -weight
			}
			edges = append(edges, edge{part.start, part.weights, 1}, edge{part.end, negative, -1})
		}
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return a.at.Compare(b.at) })
	var sums, active [states]float64
	running := 0.0
	for i, e := range edges {
		for state, weight := range e.weights {
			active[state] += weight
		}
		running += e.calls
		if i+1 == len(edges) {
			break
		}
		span := float64(edges[i+1].at.Sub(e.at))
		if running < 0.5 {
			sums[Outside] += span
			continue
		}
		for state, weight := range active {
			sums[state] += span * weight / running
		}
	}
	var shares Shares
	for state, sum := range sums {
		shares[state] = time.Duration(max(sum, 0))
	}
	return shares
}

// Shares returns where the time of the call went.
func (c *Call) Shares() Shares {
	var shares Shares
	for _, part := range c.segments() {
		for state, weight := range part.weights {
			shares[state] += time.Duration(weight * float64(part.end.Sub(part.start)))
		}
	}
	return shares
}

// segments divides the call. A request that is sent while something else is
// waited for counts as a request.
func (c *Call) segments() []segment {
	if len(c.Requests)+len(c.Waits)+len(c.Pauses) == 0 {
		return []segment{c.average()}
	}
	type edge struct {
		at    time.Time
		state State
		step  int
	}
	edges := []edge{{c.Start, Own, 0}, {c.End, Own, 0}}
	add := func(state State, start time.Time, took time.Duration) {
		from, to := c.within(start), c.within(start.Add(took))
		edges = append(edges, edge{from, state, 1}, edge{to, state, -1})
	}
	for _, request := range c.Requests {
		add(API, request.Start, request.Took)
	}
	for _, wait := range c.Waits {
		add(Waiting, wait.Start, wait.Took)
	}
	for _, pause := range c.Pauses {
		add(Pausing, pause.Start, pause.Took)
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return a.at.Compare(b.at) })
	var parts []segment
	var open [states]int
	for i, e := range edges[:len(edges)-1] {
		open[e.state] += e.step
		state := Own
		switch {
		case open[API] > 0:
			state = API
		case open[Pausing] > 0:
			state = Pausing
		case open[Waiting] > 0:
			state = Waiting
		}
		if part := (segment{start: e.at, end: edges[i+1].at}); part.end.After(part.start) {
			part.weights[state] = 1
			parts = append(parts, part)
		}
	}
	return parts
}

// average is the whole call, divided by the totals of its last line.
func (c *Call) average() segment {
	part := segment{start: c.Start, end: c.End}
	took := c.Took()
	if took <= 0 {
		part.weights[Own] = 1
		return part
	}
	requests := time.Duration(0)
	for _, service := range c.Services {
		requests += service.Time
	}
	requests = min(requests, took)
	waited := min(c.Waited, took-requests)
	part.weights[API] = float64(requests) / float64(took)
	part.weights[Waiting] = float64(waited) / float64(took)
	part.weights[Own] = 1 - part.weights[API] - part.weights[Waiting]
	return part
}

// within returns the moment, or the nearest one in the call.
func (c *Call) within(at time.Time) time.Time {
	switch {
	case at.Before(c.Start):
		return c.Start
	case at.After(c.End):
		return c.End
	}
	return at
}

// MethodTotal is the sum of the calls of one method.
type MethodTotal struct {
	Method                   string
	Calls, Failed            int
	Requests, Retries        int
	Total, Median, Mean, Max time.Duration
}

// Methods returns the totals by method, the longest first.
func (t *Timeline) Methods() []MethodTotal {
	durations := map[string][]time.Duration{}
	totals := map[string]*MethodTotal{}
	for i := range t.Calls {
		call := &t.Calls[i]
		total := totals[call.Method]
		if total == nil {
			total = &MethodTotal{Method: call.Method}
			totals[call.Method] = total
		}
		requests, retries := call.Counts()
		total.Calls, total.Requests, total.Retries = total.Calls+1, total.Requests+requests, total.Retries+retries
		total.Total += call.Took()
		if call.Error != "" {
			total.Failed++
		}
		durations[call.Method] = append(durations[call.Method], call.Took())
	}
	all := []MethodTotal{}
	for method, total := range totals {
		took := durations[method]
		slices.Sort(took)
		total.Median, total.Max, total.Mean = took[len(took)/2], took[len(took)-1], total.Total/time.Duration(len(took))
		all = append(all, *total)
	}
	slices.SortFunc(all, func(a, b MethodTotal) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Method, b.Method))
	})
	return all
}

// ServiceTotal is the sum of the requests to one service.
type ServiceTotal struct {
	Service
	Name   string
	Failed int
	Max    time.Duration // 0 without lines about single requests
}

// Services returns the totals by service, those with most requests first.
func (t *Timeline) Services() []ServiceTotal {
	totals := map[string]*ServiceTotal{}
	of := func(name string) *ServiceTotal {
		if totals[name] == nil {
			totals[name] = &ServiceTotal{Name: name}
		}
		return totals[name]
	}
	for i := range t.Calls {
		for name, service := range t.Calls[i].Services {
			total := of(name)
			total.Requests, total.Retries, total.Time = total.Requests+service.Requests, total.Retries+service.Retries, total.Time+service.Time
		}
		for _, request := range t.Calls[i].Requests {
			total := of(request.Service)
			total.Max = max(total.Max, request.Took)
			if request.Failed() {
				total.Failed++
			}
		}
	}
	all := []ServiceTotal{}
	for _, total := range totals {
		all = append(all, *total)
	}
	slices.SortFunc(all, func(a, b ServiceTotal) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// Rates are the numbers of requests that began in each period.
type Rates struct {
	Period   time.Duration
	Services []string
	// Counts has the numbers by service and period.
	Counts map[string][]int
	Max    int
}

// Rates returns the requests per service and second, or per longer periods if
// there would be more than limit.
func (t *Timeline) Rates(limit int) Rates {
	rates := Rates{Period: time.Second, Counts: map[string][]int{}}
	for t.Took()/rates.Period >= time.Duration(limit) {
		rates.Period *= 2
	}
	periods := int(t.Took()/rates.Period) + 1
	for i := range t.Calls {
		for _, request := range t.Calls[i].Requests {
			period := int(request.Start.Sub(t.Start) / rates.Period)
			if period < 0 || period >= periods {
				continue
			}
			if rates.Counts[request.Service] == nil {
				rates.Counts[request.Service] = make([]int, periods)
				rates.Services = append(rates.Services, request.Service)
			}
			rates.Counts[request.Service][period]++
			rates.Max = max(rates.Max, rates.Counts[request.Service][period])
		}
	}
	slices.Sort(rates.Services)
	return rates
}

// OfCall is a request with its call.
type OfCall struct {
	Call    *Call
	Request *Request
}

// Failures returns the requests that failed.
func (t *Timeline) Failures() []OfCall {
	var all []OfCall
	for i := range t.Calls {
		for j := range t.Calls[i].Requests {
			if request := &t.Calls[i].Requests[j]; request.Failed() {
				all = append(all, OfCall{&t.Calls[i], request})
			}
		}
	}
	return all
}

// SlowestRequests returns the longest requests.
func (t *Timeline) SlowestRequests(count int) []OfCall {
	var all []OfCall
	for i := range t.Calls {
		for j := range t.Calls[i].Requests {
			all = append(all, OfCall{&t.Calls[i], &t.Calls[i].Requests[j]})
		}
	}
	slices.SortStableFunc(all, func(a, b OfCall) int { return cmp.Compare(b.Request.Took, a.Request.Took) })
	return all[:min(count, len(all))]
}
