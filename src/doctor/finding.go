package doctor

import "fmt"

// Level says how serious a finding is.
type Level string

// The levels.
const (
	// OK: what was looked at is as BOSH needs it.
	OK Level = "ok"
	// Note: something is not there that nothing is known to need.
	Note Level = "note"
	// Unknown: the check could not look, or there is nothing to compare with.
	Unknown Level = "unknown"
	// Warning: BOSH works, but something is missing or may fail later.
	Warning Level = "warning"
	// Problem: BOSH will fail.
	Problem Level = "problem"
)

// Finding is the result of looking at one thing.
type Finding struct {
	Check   string `json:"check"`
	Level   Level  `json:"level"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	// Advice is what to do, in one line; empty if there is nothing to do.
	Advice string `json:"advice,omitempty"`
}

// sheet collects the findings of one check.
type sheet struct {
	check    string
	findings []Finding
}

func (s *sheet) add(level Level, subject, advice, format string, args ...any) {
	s.findings = append(s.findings, Finding{Check: s.check, Level: level, Subject: subject, Text: fmt.Sprintf(format, args...), Advice: advice})
}

// ok reports that the subject is as BOSH needs it.
func (s *sheet) ok(subject, format string, args ...any) { s.add(OK, subject, "", format, args...) }

// note reports what is not there.
func (s *sheet) note(subject, format string, args ...any) { s.add(Note, subject, "", format, args...) }

// unknown reports that the subject could not be looked at, and why.
func (s *sheet) unknown(subject, format string, args ...any) {
	s.add(Unknown, subject, "", format, args...)
}

// warning reports what may fail later.
func (s *sheet) warning(subject, advice, format string, args ...any) {
	s.add(Warning, subject, advice, format, args...)
}

// bad reports what will fail.
func (s *sheet) bad(subject, advice, format string, args ...any) {
	s.add(Problem, subject, advice, format, args...)
}

// failed reports that a look-up failed, so that nothing is known about the
// subject.
func (s *sheet) failed(subject string, err error) { s.unknown(subject, "%s", err) }
