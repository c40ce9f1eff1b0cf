package timeline

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// The lengths of the lists in the text.
const (
	textCalls  = 5
	textErrors = 10
	textBar    = 40 // characters
)

// Text writes the timeline in short for a terminal.
func (t *Timeline) Text(out io.Writer) error {
	if len(t.Calls) == 0 {
		_, err := fmt.Fprintln(out, "The log has no lines about CPI calls. Take that of bosh task N --cpi or --debug, or of bosh create-env with BOSH_LOG_LEVEL=debug.")
		return err
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	line := func(format string, values ...any) {
		fmt.Fprintf(table, format+"\n", values...) //nolint:errcheck // a strings.Builder does not fail
	}
	line("%d CPI calls in %s, from %s to %s UTC", len(t.Calls), Format(t.Took()), t.Start.Format("2006-01-02 15:04:05"), t.End.Format("15:04:05"))
	line("")
	t.writeShares(line)
	line("\nmethod\tcalls\tfailed\tmedian\tlongest\ttotal\tAPI requests\trepeated")
	for _, m := range t.Methods() {
		line("%s\t%d\t%d\t%s\t%s\t%s\t%d\t%d", m.Method, m.Calls, m.Failed, Format(m.Median), Format(m.Max), Format(m.Total), m.Requests, m.Retries)
	}
	line("\nservice\trequests\trepeated\ttime\tat most per second")
	rates := t.Rates(1 << 20)
	for _, s := range t.Services() {
		peak := 0
		for _, requests := range rates.Counts[s.Name] {
			peak = max(peak, requests)
		}
		line("%s\t%d\t%d\t%s\t%d", s.Name, s.Requests, s.Retries, Format(s.Time), peak)
	}
	line("\nslowest calls")
	for _, call := range t.Slowest(textCalls) {
		requests, _ := call.Counts()
		line("%s\t%s\t%s\t%d API requests\t%s", Format(call.Took()), call.Method, call.ID, requests, call.Thread)
	}
	t.writeErrors(line)
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// writeShares writes where the time went, with bars.
func (t *Timeline) writeShares(line func(string, ...any)) {
	shares := t.Shares()
	sum := shares.Sum()
	if sum <= 0 {
		return
	}
	for _, state := range States() {
		part := float64(shares[state]) / float64(sum)
		line("%s\t%s\t%.0f %%\t%s", t.StateName(state), Format(shares[state]), 100*part, strings.Repeat("#", int(part*textBar+0.5)))
	}
}

// writeErrors writes the failed calls and requests.
func (t *Timeline) writeErrors(line func(string, ...any)) {
	title, left := "\nerrors", textErrors
	write := func(format string, values ...any) {
		if left--; left < 0 {
			return
		}
		if title != "" {
			line(title)
			title = ""
		}
		line(format, values...)
	}
	for _, call := range t.Calls {
		if call.Error != "" {
			text, _, _ := strings.Cut(call.Error, "\n")
			write("%s\t%s\t%s", call.Method, call.ID, text)
		}
	}
	for _, failure := range t.Failures() {
		write("%s %s\t%d\t%s", failure.Request.Method, failure.Request.Path, failure.Request.Status, failure.Request.ID)
	}
	if left < 0 {
		line("and %d more", -left)
	}
}

// Format formats a duration with two or three digits.
func Format(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}
