package timeline

import (
	"time"
)

// timeline makes the model of what was read.
func (b *builder) timeline() *Timeline {
	t := &Timeline{WithDirector: !b.first.IsZero()}
	shift := b.zoneShift()
	for _, d := range b.drafts {
		if d.Method == "info" {
			t.Infos++
			continue
		}
		d.complete(shift)
		if d.Start.IsZero() {
			continue
		}
		t.WithRequests = t.WithRequests || len(d.Requests) > 0
		t.Calls = append(t.Calls, d.Call)
	}
	t.sort()
	if t.WithDirector {
		t.Start, t.End = b.first.Add(shift), b.last.Add(shift)
	}
	for _, call := range t.Calls {
		if t.Start.IsZero() || call.Start.Before(t.Start) {
			t.Start = call.Start
		}
		if call.End.After(t.End) {
			t.End = call.End
		}
	}
	t.dropFarAway()
	return t
}

// zoneShift returns what to add to the director's times, which have its time
// zone: the CPI writes its start in UTC.
func (b *builder) zoneShift() time.Duration {
	for _, d := range b.drafts {
		if !d.asked.IsZero() && !d.zero.IsZero() {
			return d.zero.Sub(d.asked).Round(15 * time.Minute)
		}
	}
	return 0
}

// complete fills what the log does not say directly.
func (d *draft) complete(shift time.Duration) {
	if !d.asked.IsZero() && (d.Start.IsZero() || d.asked.Add(shift).Before(d.Start)) {
		d.Start = d.asked.Add(shift)
	}
	if !d.answered.IsZero() {
		answered := d.answered.Add(shift)
		d.Complete = true
		if d.Start.IsZero() {
			d.Start = answered
		}
		if answered.After(d.End) {
			d.End = answered
		}
	}
	if d.End.IsZero() {
		d.End = d.Start
		if !d.zero.IsZero() && d.last.After(d.first) {
			d.End = d.zero.Add(min(d.last.Sub(d.first), maxTook))
		}
	}
	d.include()
	if len(d.Services) == 0 {
		d.countRequests()
	}
}

// include extends the call to all that it contains.
func (d *draft) include() {
	extend := func(start time.Time, took time.Duration) {
		if end := start.Add(took); end.After(d.End) {
			d.End = end
		}
	}
	for _, request := range d.Requests {
		extend(request.Start, request.Took)
	}
	for _, wait := range d.Waits {
		extend(wait.Start, wait.Took)
	}
	for _, pause := range d.Pauses {
		extend(pause.Start, 0) // the call may have ended in it
	}
	if d.End.Sub(d.Start) > maxTook || d.End.Before(d.Start) {
		d.End = d.Start.Add(min(max(d.End.Sub(d.Start), 0), maxTook))
	}
	for i := range d.Pauses {
		d.Pauses[i].Took = max(0, min(d.Pauses[i].Took, d.End.Sub(d.Pauses[i].Start)))
	}
}

// countRequests makes the totals of a call whose end is missing.
func (d *draft) countRequests() {
	for _, request := range d.Requests {
		service := d.Services[request.Service]
		service.Requests++
		service.Time += request.Took
		d.Services[request.Service] = service
	}
}

// dropFarAway removes calls that are more than maxTook away from the first one
// of the majority: a damaged date must not make the picture useless.
func (t *Timeline) dropFarAway() {
	if t.Took() <= maxTook || len(t.Calls) == 0 {
		return
	}
	middle := t.Calls[len(t.Calls)/2].Start
	var kept []Call
	t.Start, t.End = middle, middle
	for _, call := range t.Calls {
		if away := call.Start.Sub(middle); away > maxTook/2 || away < -maxTook/2 {
			continue
		}
		kept = append(kept, call)
		if call.Start.Before(t.Start) {
			t.Start = call.Start
		}
		if call.End.After(t.End) {
			t.End = call.End
		}
	}
	t.Calls = kept
}
