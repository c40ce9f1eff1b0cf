package world

import (
	"container/heap"
	"time"
)

// event is a change that a service makes later, for example a volume that
// becomes available.
type event struct {
	at    time.Time
	order int // keeps events of the same moment in the order of their creation
	apply func()
}

// eventQueue is a heap of events, the earliest first.
type eventQueue struct {
	events []event
	count  int
}

func (q *eventQueue) Len() int { return len(q.events) }

func (q *eventQueue) Less(i, j int) bool {
	a, b := q.events[i], q.events[j]
	if a.at.Equal(b.at) {
		return a.order < b.order
	}
	return a.at.Before(b.at)
}

func (q *eventQueue) Swap(i, j int) { q.events[i], q.events[j] = q.events[j], q.events[i] }

// Push is called by container/heap only.
func (q *eventQueue) Push(x any) { q.events = append(q.events, x.(event)) }

// Pop is called by container/heap only.
func (q *eventQueue) Pop() any {
	last := len(q.events) - 1
	e := q.events[last]
	q.events = q.events[:last]
	return e
}

// After schedules a change. Nothing runs in the background: Settle applies the
// changes that are due, in the order of their times, each with Now at its own
// time.
func (w *World) After(d time.Duration, apply func()) {
	w.events.count++
	heap.Push(&w.events, event{at: w.now.Add(d), order: w.events.count, apply: apply})
}

// AfterOrNow is After for a duration that is not negative, else it applies the
// change at once.
func (w *World) AfterOrNow(d time.Duration, apply func()) {
	if d < 0 {
		apply()
		return
	}
	w.After(d, apply)
}

// Settle applies all changes that are due. It is called before each request and
// each question about the state.
func (w *World) Settle() {
	present := time.Now()
	for w.events.Len() > 0 && !w.events.events[0].at.After(present) {
		e := heap.Pop(&w.events).(event)
		w.now = e.at
		e.apply()
	}
	w.now = present
}

// Stall drops all changes that are not due yet.
func (w *World) Stall() { w.events.events = nil }
