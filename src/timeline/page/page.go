// Package page draws a timeline as one HTML page that needs nothing else: no
// network, no script.
package page

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/timeline"
)

//go:embed page.html
var files embed.FS

// The limits of the page. Beyond them it says what it leaves out.
const (
	maxDetails = 300 // calls that are drawn with their requests
	maxRows    = 2000
	maxTable   = 10
	maxErrors  = 100
	maxBars    = 600
)

// Write writes the page. source names the logs.
func Write(out io.Writer, t *timeline.Timeline, source string) error {
	parsed, err := template.New("page.html").Funcs(template.FuncMap{"took": timeline.Format}).ParseFS(files, "page.html")
	if err != nil {
		return err
	}
	return parsed.Execute(out, newView(t, source))
}

// view is what the template shows. All lengths are in the units of the SVG.
type view struct {
	*timeline.Timeline
	Source          string
	Shares          []share
	Overview        chart
	Details         []detail
	DetailsLeft     int
	RowsLeft        int
	Methods         []timeline.MethodTotal
	ServiceTotals   []timeline.ServiceTotal
	Slowest         []timeline.Call
	SlowestRequests []timeline.OfCall
	Failures        []timeline.OfCall
	FailuresLeft    int
	FailedCalls     []timeline.Call
	Rates           []rate
	RatePeriod      time.Duration
	RateTicks       []tick
	Requests        int
	Retries         int
}

// share is a part of the bar of totals.
type share struct {
	Color, Name  string
	Took         time.Duration
	Percent      float64
	X, W, Middle float64
}

// chart is a drawing of calls below an axis of time.
type chart struct {
	Width, Height float64
	Left          float64 // of the bars; the labels are left of it
	Ticks         []tick
	Rows          []row
}

// tick is a mark of the axis.
type tick struct {
	X     float64
	Label string
}

// row is one call of the overview.
type row struct {
	Y       float64
	Label   string
	Anchor  string // of the details, "" without any
	Title   string
	X, W    float64
	Failed  bool
	Open    bool // the end is missing
	Marks   []mark
	Took    string
	TextX   float64
	TextEnd bool // the text ends at TextX
}

// mark is a part of a bar.
type mark struct {
	Color, Title string
	X, Y, W, H   float64
}

// detail is one call with its requests.
type detail struct {
	timeline.Call
	Anchor   string
	Drawing  chart
	Requests int
	Retries  int
	Lines    []line
}

// line is one request, wait or pause of a call.
type line struct {
	Y            float64
	Label, Note  string
	Color, Title string
	X, W, TextX  float64
	TextEnd      bool
	Failed       bool
}

func newView(t *timeline.Timeline, source string) *view {
	v := &view{
		Timeline: t, Source: source, Methods: t.Methods(), ServiceTotals: t.Services(),
		Slowest: t.Slowest(maxTable), SlowestRequests: t.SlowestRequests(maxTable), Failures: t.Failures(),
	}
	v.Shares = shares(t, t.Shares(), totalWidth)
	for _, service := range v.ServiceTotals {
		v.Requests, v.Retries = v.Requests+service.Requests, v.Retries+service.Retries
	}
	if left := len(v.Failures) - maxErrors; left > 0 {
		v.Failures, v.FailuresLeft = v.Failures[:maxErrors], left
	}
	for _, call := range t.Calls {
		if call.Error != "" && len(v.FailedCalls) < maxErrors {
			v.FailedCalls = append(v.FailedCalls, call)
		}
	}
	detailed := v.chooseDetails()
	v.drawOverview(detailed)
	v.drawRates()
	return v
}

// shares returns the parts of a bar.
func shares(t *timeline.Timeline, of timeline.Shares, width float64) (parts []share) {
	sum := of.Sum()
	if sum <= 0 {
		return nil
	}
	x := 0.0
	for _, state := range timeline.States() {
		part := share{Color: classOf(state), Name: t.StateName(state), Took: of[state], Percent: 100 * float64(of[state]) / float64(sum)}
		if of[state] == 0 {
			continue
		}
		part.X, part.W = x, width*float64(of[state])/float64(sum)
		part.Middle = part.X + part.W/2
		x += part.W
		parts = append(parts, part)
	}
	return parts
}

func classOf(state timeline.State) string {
	return [...]string{"outside", "own", "api", "waiting", "pausing"}[state]
}

// serviceClass returns the class of a service's color.
func serviceClass(service string) string {
	if slices.Contains([]string{"identity", "compute", "network", "volume", "image", "load-balancer"}, service) {
		return "s-" + service
	}
	return "s-other"
}

// anchorOf returns the id of a call's details.
func anchorOf(index int) string { return fmt.Sprintf("call-%d", index+1) }

// label returns the name of a call in a chart.
func label(call *timeline.Call) string {
	text := call.Method
	if text == "" {
		text = "(unknown method)"
	}
	if what := subject(call.Thread); what != "" {
		text += " " + what
	}
	return shorten(text, 34)
}

// subject returns what the director's thread works on: web/0 of
// "instance_update(web/0 (1f…))".
func subject(thread string) string {
	_, inside, found := strings.Cut(thread, "(")
	if !found {
		return ""
	}
	inside, _, _ = strings.Cut(inside, " (")
	return strings.TrimSuffix(inside, ")")
}

func shorten(text string, runes int) string {
	all := []rune(text)
	if len(all) <= runes {
		return text
	}
	return string(all[:runes-1]) + "…"
}
