package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/timeline"
)

// The sizes of the drawings.
const (
	totalWidth  = 1160.0
	leftGutter  = 250.0
	rightGutter = 70.0
	rowHeight   = 20.0
	barHeight   = 14.0
	axisHeight  = 24.0
	rateHeight  = 46.0
	// textRoom is the width of a text after a bar; a bar that ends nearer to the
	// edge has its text before it.
	textRoom = 64.0
)

// scale converts moments to coordinates.
type scale struct {
	start time.Time
	took  time.Duration
	left  float64
	width float64
}

func (s scale) x(at time.Time) float64 {
	if s.took <= 0 {
		return s.left
	}
	return s.left + s.width*min(1, max(0, float64(at.Sub(s.start))/float64(s.took)))
}

// span returns the place of a duration, which is at least half a unit wide.
func (s scale) span(start time.Time, took time.Duration) (x, w float64) {
	x = s.x(start)
	return x, max(s.x(start.Add(took))-x, 0.5)
}

// ticks returns about ten marks at round times since the start.
func (s scale) ticks() (all []tick) {
	step := niceStep(s.took / 8)
	for at := time.Duration(0); at <= s.took; at += step {
		all = append(all, tick{s.x(s.start.Add(at)), offset(at, step)})
		if s.took <= 0 {
			break
		}
	}
	return all
}

// niceStep returns a round duration that is not shorter.
func niceStep(least time.Duration) time.Duration {
	for _, unit := range []time.Duration{time.Millisecond, time.Second, time.Minute, time.Hour} {
		steps := []int64{1, 2, 5, 10, 20, 50, 100, 200, 500}
		if unit >= time.Second {
			steps = []int64{1, 2, 5, 10, 15, 30}
		}
		for _, count := range steps {
			if step := time.Duration(count * int64(unit)); step >= least {
				return step
			}
		}
	}
	return 30 * time.Hour
}

// offset formats a time since the start.
func offset(at, step time.Duration) string {
	switch {
	case at == 0:
		return "0"
	case step < time.Second:
		return fmt.Sprintf("%.*f s", digits(step), at.Seconds())
	case at < time.Minute:
		return fmt.Sprintf("%d s", int(at.Seconds()))
	case at < time.Hour:
		return fmt.Sprintf("%d:%02d", int(at.Minutes()), int(at.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", int(at.Hours()), int(at.Minutes())%60, int(at.Seconds())%60)
}

// digits returns the number of decimals of seconds that a step needs.
func digits(step time.Duration) int {
	return max(1, int(math.Ceil(-math.Log10(step.Seconds()))))
}

// place puts a text behind a bar, or before it if there is no room.
func (s scale) place(x, w float64) (at float64, before bool) {
	if x+w+textRoom > s.left+s.width+rightGutter {
		return x - 5, true
	}
	return x + w + 5, false
}

// chooseDetails draws the longest calls with their requests, in the order of
// time, and returns their anchors by the index of the call.
func (v *view) chooseDetails() map[int]string {
	order := []int{}
	for i := range v.Calls {
		if call := &v.Calls[i]; len(call.Requests)+len(call.Waits)+len(call.Pauses) > 0 || call.Error != "" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v.Calls[b].Took(), v.Calls[a].Took()) })
	if left := len(order) - maxDetails; left > 0 {
		order, v.DetailsLeft = order[:maxDetails], left
	}
	slices.Sort(order)
	anchors := map[int]string{}
	for _, i := range order {
		anchors[i] = anchorOf(i)
		v.Details = append(v.Details, drawDetail(v.Calls[i], anchors[i]))
	}
	return anchors
}

// drawOverview draws all calls below one axis.
func (v *view) drawOverview(anchors map[int]string) {
	s := scale{v.Start, v.Took(), leftGutter, totalWidth - leftGutter - rightGutter}
	calls := v.Calls
	if left := len(calls) - maxRows; left > 0 {
		calls, v.RowsLeft = calls[:maxRows], left
	}
	v.Overview = chart{Width: totalWidth, Left: leftGutter, Ticks: s.ticks(), Height: axisHeight + rowHeight*float64(len(calls)) + 6}
	for i := range calls {
		call := &calls[i]
		r := row{Y: axisHeight + rowHeight*float64(i), Label: label(call), Anchor: anchors[i], Failed: call.Error != "", Open: !call.Complete, Took: timeline.Format(call.Took())}
		r.X, r.W = s.span(call.Start, call.Took())
		r.TextX, r.TextEnd = s.place(r.X, r.W)
		r.Title = title(call)
		r.Marks = marks(call, s)
		v.Overview.Rows = append(v.Overview.Rows, r)
	}
}

// title describes a call in one text.
func title(call *timeline.Call) string {
	requests, retries := call.Counts()
	text := fmt.Sprintf("%s %s\n%s, %d API requests, %d retries", call.Method, call.ID, timeline.Format(call.Took()), requests, retries)
	if call.Thread != "" {
		text += "\n" + call.Thread
	}
	if call.GlobalID != "" {
		text += "\nglobal request id " + call.GlobalID
	}
	if !call.Complete {
		text += "\nthe log ends before the call"
	}
	if call.Error != "" {
		text += "\n" + call.Error
	}
	return text
}

// marks draws what happens in a call into its bar.
func marks(call *timeline.Call, s scale) (all []mark) {
	for _, wait := range call.Waits {
		x, w := s.span(wait.Start, wait.Took)
		all = append(all, mark{"waiting", "waiting for " + wait.Kind + " " + wait.ID + ", " + timeline.Format(wait.Took), x, 0, w, barHeight})
	}
	for _, pause := range call.Pauses {
		x, w := s.span(pause.Start, pause.Took)
		all = append(all, mark{"pausing", "pause before a retry: " + pause.Reason + ", " + timeline.Format(pause.Took), x, 0, w, barHeight})
	}
	for _, group := range concurrent(call.Requests) {
		lanes := 0
		for _, lane := range group.lanes {
			lanes = max(lanes, lane+1)
		}
		for i := range group.requests {
			request := &group.requests[i]
			x, w := s.span(request.Start, request.Took)
			h := barHeight / float64(lanes)
			class := serviceClass(request.Service)
			if request.Failed() {
				class, w = "error", max(w, 2)
			}
			all = append(all, mark{class, requestTitle(request), x, h * float64(group.lanes[i]), w, h})
		}
	}
	return all
}

// group are requests of which each overlaps with another one, and their lanes.
type group struct {
	requests []timeline.Request
	lanes    []int
}

// maxLanes limits the lanes of a bar. Further requests share the last one.
const maxLanes = 4

// concurrent divides requests, which are in the order of their start, into
// groups that do not overlap.
func concurrent(requests []timeline.Request) (groups []group) {
	var ends [maxLanes]time.Time
	var end time.Time
	for i, request := range requests {
		if i == 0 || !request.Start.Before(end) {
			groups, ends = append(groups, group{}), [maxLanes]time.Time{}
		}
		lane := 0
		for lane < maxLanes-1 && ends[lane].After(request.Start) {
			lane++
		}
		ends[lane] = request.Start.Add(request.Took)
		if ends[lane].After(end) {
			end = ends[lane]
		}
		last := &groups[len(groups)-1]
		last.requests, last.lanes = append(last.requests, request), append(last.lanes, lane)
	}
	return groups
}

// requestTitle describes a request in one text.
func requestTitle(request *timeline.Request) string {
	text := fmt.Sprintf("%s %s %s: %s, %s", request.Service, request.Method, request.Path, status(request), timeline.Format(request.Took))
	if request.ID != "" {
		text += ", " + request.ID
	}
	return text
}

func status(request *timeline.Request) string {
	if request.Status == 0 {
		return "no response"
	}
	return fmt.Sprint(request.Status)
}

// drawDetail draws one call with a line for each request, wait and pause.
func drawDetail(call timeline.Call, anchor string) detail {
	d := detail{Call: call, Anchor: anchor}
	d.Requests, d.Retries = call.Counts()
	const left = 420.0
	s := scale{call.Start, call.Took(), left, totalWidth - left - rightGutter}
	type item struct {
		start time.Time
		took  time.Duration
		line  line
	}
	var items []item
	for i := range call.Requests {
		request := &call.Requests[i]
		note := timeline.Format(request.Took)
		if request.Failed() || request.Status == 404 {
			note = status(request) + ", " + note
		}
		items = append(items, item{request.Start, request.Took, line{
			Label: fmt.Sprintf("%s %s", request.Method, shortPath(request.Path)), Note: note,
			Color: serviceClass(request.Service), Title: requestTitle(request), Failed: request.Failed(),
		}})
	}
	for _, wait := range call.Waits {
		what := "waiting for " + wait.Kind + " " + shortID(wait.ID) + ": " + wait.Target
		items = append(items, item{wait.Start, wait.Took, line{
			Label: what, Note: timeline.Format(wait.Took), Color: "waiting", Title: what + ", " + wait.ID, Failed: !wait.Reached,
		}})
	}
	for _, pause := range call.Pauses {
		items = append(items, item{pause.Start, pause.Took, line{
			Label: "pause before a retry", Note: timeline.Format(pause.Took), Color: "pausing", Title: pause.Method + " " + pause.Path + ": " + pause.Reason,
		}})
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.start.Compare(b.start) })
	for i, item := range items {
		item.line.Y = axisHeight + rowHeight*float64(i)
		item.line.Label = shorten(item.line.Label, 62)
		item.line.X, item.line.W = s.span(item.start, item.took)
		item.line.TextX, item.line.TextEnd = s.place(item.line.X, item.line.W)
		d.Lines = append(d.Lines, item.line)
	}
	d.Drawing = chart{Width: totalWidth, Left: left, Ticks: s.ticks(), Height: axisHeight + rowHeight*float64(len(items)) + 6}
	return d
}

// shortPath returns the path without the endpoint and with short ids.
func shortPath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = shortID(part)
		if len(part) > 1 && part[0] == 'v' && part[1] >= '0' && part[1] <= '9' {
			parts = append([]string{""}, parts[i+1:]...)
			for j := range parts {
				parts[j] = shortID(parts[j])
			}
			break
		}
	}
	if len(parts) > 2 && len(parts[1]) == 9 && strings.HasSuffix(parts[1], "…") {
		parts = append([]string{""}, parts[2:]...) // the project in Cinder's paths
	}
	return strings.Join(parts, "/")
}

// shortID returns the beginning of a UUID, and any other text as it is.
func shortID(text string) string {
	if len(text) >= 32 && strings.Trim(text, "0123456789abcdef-") == "" {
		return text[:8] + "…"
	}
	return text
}

// rate is the chart of one service's requests.
type rate struct {
	Service, Color string
	Total, Peak    int
	Y              float64
	Bars           []mark
}

// drawRates draws the requests of each service over time.
func (v *view) drawRates() {
	rates := v.Timeline.Rates(maxBars)
	v.RatePeriod = rates.Period
	s := scale{v.Start, v.Took(), leftGutter, totalWidth - leftGutter - rightGutter}
	v.RateTicks = s.ticks()
	for i, service := range rates.Services {
		r := rate{Service: service, Color: serviceClass(service), Y: axisHeight + float64(i)*(rateHeight+8)}
		for period, requests := range rates.Counts[service] {
			if requests == 0 {
				continue
			}
			r.Total, r.Peak = r.Total+requests, max(r.Peak, requests)
			x, w := s.span(v.Start.Add(time.Duration(period)*rates.Period), rates.Period)
			h := rateHeight * float64(requests) / float64(rates.Max)
			r.Bars = append(r.Bars, mark{r.Color, fmt.Sprintf("%d requests to %s", requests, service), x, rateHeight - h, max(w-0.5, 0.5), h})
		}
		v.Rates = append(v.Rates, r)
	}
}

// RateHeight returns the height of the chart of requests.
func (v *view) RateHeight() float64 { return axisHeight + float64(len(v.Rates))*(rateHeight+8) }
