package world

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// FaultKind is the way in which a request fails.
type FaultKind int

// The ways in which a request can fail between a client and the cloud.
const (
	// Answered: the request is not executed; Status, Header and Body are the
	// answer.
	Answered FaultKind = iota
	// LostAnswer: the request is executed, then the connection is closed.
	LostAnswer
	// Unanswered: the request is executed and never answered; it blocks until
	// the client gives up.
	Unanswered
	// Dropped: the request is not executed and never answered; it blocks until
	// the client gives up.
	Dropped
	// Refused: the connection cannot be made, the request is not executed. A
	// listener closes the connection instead.
	Refused
	// Delayed: the request is executed and answered after Delay.
	Delayed
	// Altered: the request is executed, and Body replaces the body of its
	// answer.
	Altered
	// Truncated: the request is executed, and the second half of the body of
	// its answer is missing.
	Truncated
)

var faultNames = [...]string{"answered", "lost answer", "unanswered", "dropped", "refused", "delayed", "altered", "truncated"}

// FaultKinds returns all kinds of faults.
func FaultKinds() []FaultKind {
	kinds := make([]FaultKind, len(faultNames))
	for i := range kinds {
		kinds[i] = FaultKind(i)
	}
	return kinds
}

// String returns the name of the kind in the journal.
func (k FaultKind) String() string { return faultNames[k] }

// Fault is an injected failure of requests.
type Fault struct {
	// On selects requests by method and route, "POST /servers", as
	// Exchange.Call writes it. Empty selects every request.
	On string
	// Match selects further, for example by Exchange.Write or Exchange.Service;
	// nil accepts all. Status and sizes of the exchange are not known yet.
	Match func(Exchange) bool
	// Nth is the first selected request that fails, counted from the call of
	// Inject; 0 and 1 are the next one.
	Nth int
	// Times is how many selected requests fail from then on: 0 is one, a
	// negative number all.
	Times int
	// Kind of failure, Answered by default.
	Kind FaultKind
	// Status, Header and Body of an Answered fault. An empty body is replaced
	// with the error body of the service. A body that begins with "<" is the
	// page of a proxy, which answers without the headers of the service. An
	// Altered fault uses Body only, unchanged.
	Status int
	Header http.Header
	Body   string
	// Delay of a Delayed fault.
	Delay time.Duration
}

// RateLimited returns the fault of a cloud that limits requests: 429 with
// Retry-After in whole seconds.
func RateLimited(on string, retryAfter time.Duration) Fault {
	header := http.Header{"Retry-After": {strconv.Itoa(int(retryAfter / time.Second))}}
	return Fault{On: on, Status: http.StatusTooManyRequests, Header: header}
}

// Faults are the faults that requests suffer. The zero value has none.
type Faults struct{ armed []*armedFault }

// Inject adds a fault. When several select a request, the one injected first
// applies.
func (a *Faults) Inject(f Fault) {
	setDefault(&f.Nth, 1)
	setDefault(&f.Times, 1)
	a.armed = append(a.armed, &armedFault{Fault: f})
}

// Clear removes the faults that have not happened yet.
func (a *Faults) Clear() { a.armed = nil }

// Take returns the fault of a request, nil for none. Every fault counts the
// request.
func (a *Faults) Take(e Exchange) *Fault {
	var first *Fault
	for _, f := range a.armed {
		if f.applies(e) && first == nil {
			first = &f.Fault
		}
	}
	return first
}

// armedFault is a fault that counts the requests it selects.
type armedFault struct {
	Fault
	seen int
}

func (f *armedFault) applies(e Exchange) bool {
	if f.On != "" && f.On != e.Call() {
		return false
	}
	if f.Match != nil && !f.Match(e) {
		return false
	}
	f.seen++
	return f.seen >= f.Nth && (f.Times < 0 || f.seen < f.Nth+f.Times)
}

// Executes reports whether the request is executed in spite of the fault.
func (f *Fault) Executes() bool {
	return slices.Contains([]FaultKind{LostAnswer, Unanswered, Delayed, Altered, Truncated}, f.Kind)
}

// Answers reports whether the client receives an answer in spite of the fault.
func (f *Fault) Answers() bool {
	return f.Kind == Answered || f.Kind == Delayed || f.Kind == Altered || f.Kind == Truncated
}

// AnswerBody returns the body that the client receives instead of an executed
// request's answer.
func (f *Fault) AnswerBody(body []byte) []byte {
	switch f.Kind {
	case Altered:
		return []byte(f.Body)
	case Truncated:
		return body[:len(body)/2]
	default:
		return body
	}
}
