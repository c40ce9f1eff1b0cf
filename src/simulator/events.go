package simulator

import (
	"container/heap"
	"time"
)

// event is a change that the cloud makes by itself, for example a volume that becomes available.
type event struct {
	at    time.Time
	order int // keeps events of the same moment in the order of their making
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

// after lets the cloud do something a while after the present moment. Nothing runs in the background: events happen when the
// next request (or question about the state) comes in, in the order of their times, each with s.now at its own time.
func (s *Simulator) after(d time.Duration, apply func()) {
	s.events.count++
	heap.Push(&s.events, event{at: s.now.Add(d), order: s.events.count, apply: apply})
}

// settle brings the cloud to the present moment.
func (s *Simulator) settle() {
	present := time.Now()
	for s.events.Len() > 0 && !s.events.events[0].at.After(present) {
		e := heap.Pop(&s.events).(event)
		s.now = e.at
		e.apply()
	}
	s.now = present
}
