package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// FaultKind is what happens to a request instead of its usual answer.
type FaultKind int

// The ways in which a request can go wrong between a client and the cloud.
const (
	// Answered: the request is not executed; Status, Header and Body are the answer.
	Answered FaultKind = iota
	// LostAnswer: the request is executed, then the connection is cut.
	LostAnswer
	// Unanswered: the request is executed and never answered; it blocks until the client gives up.
	Unanswered
	// Dropped: the request is not executed and never answered; it blocks until the client gives up.
	Dropped
	// Refused: the connection cannot be made, the request is not executed. A real listener cuts the connection instead.
	Refused
	// Delayed: the request is executed and answered after Delay.
	Delayed
	// Altered: the request is executed, and Body replaces the body of its answer.
	Altered
)

var faultNames = [...]string{"answered", "lost answer", "unanswered", "dropped", "refused", "delayed", "altered"}

// String names the kind as the journal does.
func (k FaultKind) String() string { return faultNames[k] }

// Fault is one planned failure.
type Fault struct {
	// On selects requests by method and route, "POST /servers", as Exchange.Call writes it. Empty selects every request.
	On string
	// Match selects further, for example by Exchange.Write or Exchange.Service; nil accepts all. Status and sizes of the
	// exchange are not known yet.
	Match func(Exchange) bool
	// Nth is the first selected request that fails, counted from the call of Inject; 0 and 1 are the very next.
	Nth int
	// Times is how many selected requests fail from then on: 0 is one, a negative number all.
	Times int
	// Kind of failure, Answered by default.
	Kind FaultKind
	// Status, Header and Body of an Answered fault. An empty body is filled with the error body of the service; one that
	// begins with "<" is the page of a proxy, which answers without the headers of the service. Of an Altered fault only Body
	// counts, as it is.
	Status int
	Header http.Header
	Body   string
	// Delay of a Delayed fault.
	Delay time.Duration
}

// RateLimited is the fault of a cloud that asks for fewer requests: 429 with Retry-After in whole seconds.
func RateLimited(on string, retryAfter time.Duration) Fault {
	header := http.Header{"Retry-After": {strconv.Itoa(int(retryAfter / time.Second))}}
	return Fault{On: on, Status: http.StatusTooManyRequests, Header: header}
}

// Inject plans a failure. When several faults select a request, the one injected first decides.
func (s *Simulator) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	setDefault(&f.Nth, 1)
	setDefault(&f.Times, 1)
	s.faults = append(s.faults, &armedFault{Fault: f})
}

// ClearFaults forgets the failures that have not happened yet.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// armedFault is a fault that counts the requests it selects.
type armedFault struct {
	Fault
	seen int
}

func (f *armedFault) strikes(e Exchange) bool {
	if f.On != "" && f.On != e.Call() {
		return false
	}
	if f.Match != nil && !f.Match(e) {
		return false
	}
	f.seen++
	return f.seen >= f.Nth && (f.Times < 0 || f.seen < f.Nth+f.Times)
}

// strike returns the fault that the request suffers, nil when there is none. Every fault counts the request.
func (s *Simulator) strike(e Exchange) *Fault {
	var struck *Fault
	for _, f := range s.faults {
		if f.strikes(e) && struck == nil {
			struck = &f.Fault
		}
	}
	return struck
}
