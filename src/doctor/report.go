package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Report is the result of an examination.
type Report struct {
	// Cloud is the URL of Keystone.
	Cloud    string
	Findings []Finding
	Skipped  []string
	Took     time.Duration
}

// Count returns the number of findings of a level.
func (r Report) Count(level Level) int {
	count := 0
	for _, finding := range r.Findings {
		if finding.Level == level {
			count++
		}
	}
	return count
}

// The exit codes of the command.
const (
	ExitOK       = 0
	ExitWarnings = 1
	ExitProblems = 2
)

// ExitCode returns ExitProblems if there is a problem, ExitWarnings if there is a
// warning or something that could not be looked at, else ExitOK.
func (r Report) ExitCode() int {
	switch {
	case r.Count(Problem) > 0:
		return ExitProblems
	case r.Count(Warning)+r.Count(Unknown) > 0:
		return ExitWarnings
	}
	return ExitOK
}

// Mask replaces every text by what mask makes of it.
func (r Report) Mask(mask func(string) string) Report {
	r.Cloud, r.Findings = mask(r.Cloud), slices.Clone(r.Findings)
	for i, finding := range r.Findings {
		finding.Subject, finding.Text, finding.Advice = mask(finding.Subject), mask(finding.Text), mask(finding.Advice)
		r.Findings[i] = finding
	}
	return r
}

// sign is the mark of a level in the text.
func sign(level Level) string {
	switch level {
	case OK:
		return "✓"
	case Note:
		return "·"
	case Unknown:
		return "?"
	case Warning:
		return "!"
	case Problem:
	}
	return "✗"
}

// Text writes the report for people: one paragraph for each check, one line for
// each finding, and below it what to do. Checks that were not made for the same
// reason have one line at the end.
func (r Report) Text(out io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n", r.Cloud)
	check := ""
	omitted := r.omitted()
	for _, finding := range r.Findings {
		if finding.isOmitted() && omitted[finding.Text] != nil {
			continue
		}
		if finding.Check != check {
			check = finding.Check
			fmt.Fprintf(&text, "\n%s\n", check)
		}
		fmt.Fprintf(&text, "  %s %s: %s\n", sign(finding.Level), finding.Subject, indented(finding.Text))
		if finding.Advice != "" {
			fmt.Fprintf(&text, "      → %s\n", indented(finding.Advice))
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(omitted)) {
		fmt.Fprintf(&text, "\n%s\n  %s %s\n", strings.Join(omitted[reason], ", "), sign(Unknown), indented(reason))
	}
	fmt.Fprintf(&text, "\n%s, %s, %d not looked at, %d ok", counted(r.Count(Problem), "problem"), counted(r.Count(Warning), "warning"), r.Count(Unknown), r.Count(OK))
	if len(r.Skipped) > 0 {
		fmt.Fprintf(&text, "; skipped: %s", strings.Join(r.Skipped, ", "))
	}
	fmt.Fprintf(&text, "; %.1f s\n", r.Took.Seconds())
	_, err := io.WriteString(out, text.String())
	return err
}

// omitted returns the names of the checks that were not made, by the reason that
// several of them share.
func (r Report) omitted() map[string][]string {
	names := map[string][]string{}
	for _, finding := range r.Findings {
		if finding.isOmitted() {
			names[finding.Text] = append(names[finding.Text], finding.Check)
		}
	}
	maps.DeleteFunc(names, func(_ string, checks []string) bool { return len(checks) == 1 })
	return names
}

// isOmitted reports whether the finding is that its check was not made.
func (f Finding) isOmitted() bool { return f.Level == Unknown && f.Subject == f.Check }

// indented aligns further lines of a text with its first one.
func indented(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      ")
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// schemaVersion changes when a field of the JSON document is removed or gets
// another meaning.
const schemaVersion = 1

// JSON writes the report as one document. docs/doctor.md describes it.
func (r Report) JSON(out io.Writer) error {
	document := struct {
		Version  int           `json:"version"`
		Cloud    string        `json:"cloud"`
		Findings []Finding     `json:"findings"`
		Skipped  []string      `json:"skipped"`
		Counts   map[Level]int `json:"counts"`
		Seconds  float64       `json:"seconds"`
	}{
		schemaVersion, r.Cloud, append([]Finding{}, r.Findings...), append([]string{}, r.Skipped...),
		map[Level]int{OK: r.Count(OK), Note: r.Count(Note), Unknown: r.Count(Unknown), Warning: r.Count(Warning), Problem: r.Count(Problem)},
		r.Took.Seconds(),
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
