package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// resultWidth fits the longest result into a terminal of 100 columns.
const resultWidth = 50

// table prints one row for each completed step.
type table struct {
	out       io.Writer
	steps     int
	apiCalls  int
	peakKiB   int64
	wall      time.Duration
	anyFailed bool
}

func newTable(out io.Writer) *table { return &table{out: out} }

// printf ignores errors, such as of a closed terminal: the clean-up must
// continue.
func (t *table) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format, args...) //nolint:errcheck // see above
}

func (t *table) title(format string, args ...any) { t.printf(format+"\n", args...) }

func (t *table) header() {
	t.printf("\n %-18s %-*s %8s %9s %8s\n", "step", resultWidth, "result", "wall ms", "API calls", "peak MiB")
	t.rule()
}

func (t *table) rule() { t.printf(" %s\n", strings.Repeat("-", 18+1+resultWidth+1+8+1+9+1+8)) }

// row prints a step that called the CPI.
func (t *table) row(step, result string, cost director.Cost) {
	t.steps++
	t.wall += cost.Wall
	t.peakKiB = max(t.peakKiB, cost.PeakKiB)
	calls := "-"
	if cost.APICalls >= 0 {
		t.apiCalls += cost.APICalls
		calls = strconv.Itoa(cost.APICalls)
	}
	t.printf(" %-18s %-*s %8d %9s %8.1f\n", step, resultWidth, result, cost.Wall.Milliseconds(), calls, float64(cost.PeakKiB)/1024)
}

// check prints a step that did not call the CPI.
func (t *table) check(step, result string) {
	t.printf(" %-18s %s\n", step, result)
}

// failure prints the error of a step and the end of the CPI's log.
func (t *table) failure(err error, stderr string) {
	t.anyFailed = true
	t.printf("%s\n", indent(err.Error()))
	if stderr != "" {
		t.printf("   the CPI's log ends:\n%s\n", indent(tail(stderr)))
	}
}

// total prints the sums below the table.
func (t *table) total(infoCalls int, infoTime time.Duration) {
	t.rule()
	t.printf(" %-18s %-*s %8d %9d %8.1f\n", "total", resultWidth, fmt.Sprintf("%d calls of the CPI", t.steps),
		t.wall.Milliseconds(), t.apiCalls, float64(t.peakKiB)/1024)
	if infoCalls > 0 {
		t.printf("\n Before each call the CPI was asked for info, as a director does: %d times, %.1f ms each.\n",
			infoCalls, float64(infoTime.Microseconds())/float64(infoCalls)/1000)
	}
}

// tail returns the last lines of a log.
func tail(log string) string {
	const keep = 15
	lines := strings.Split(strings.TrimRight(log, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-keep):], "\n")
}

func indent(text string) string { return "     " + strings.ReplaceAll(text, "\n", "\n     ") }

// short returns the first characters of a CID.
func short(cid string) string {
	if len(cid) < 36 {
		return cid
	}
	return cid[:8]
}
