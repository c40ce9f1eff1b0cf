package openstack

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// The pace of the polls of one wait. Without knowledge of the cloud the pauses
// are a fifth of the time waited. If earlier waits for the same change are known,
// the first poll is a little before the shortest of them would have ended, and
// the pauses are a thirteenth, until the wait takes twice as long as they did.
const (
	firstPoll    = 100 * time.Millisecond // the first pause without knowledge
	unknownPoll  = 250 * time.Millisecond // the shortest further pause without knowledge
	knownPoll    = 40 * time.Millisecond  // the shortest pause with knowledge
	longestFirst = 30 * time.Second       // the longest first pause
	// fineFrom is the time waited from which the pauses of a known change grow.
	fineFrom = 500 * time.Millisecond
	// usualAnswer is the duration of a response that does not slow down polling.
	usualAnswer = 100 * time.Millisecond
	// knownWaits is how many waits for a change are remembered.
	knownWaits = 8
)

// pace chooses the pauses of one wait.
type pace struct {
	// known is how long earlier changes have taken at least, the latest last.
	known    []time.Duration
	interval time.Duration // the configured maximum
	begun    time.Time
	// pending is the time until the last poll that found the change incomplete.
	pending time.Duration
}

// first returns the pause before the first poll.
func (p pace) first() time.Duration {
	if len(p.known) == 0 {
		return firstPoll
	}
	return min(max(knownPoll, slices.Min(p.known)*9/10), longestFirst)
}

// next returns the pause after a poll whose response took the time. It is not
// shorter than that: a service that answers slowly is busy, and the more so the
// slower it is.
func (p pace) next(answer time.Duration) time.Duration {
	waited := time.Since(p.begun)
	pause := max(unknownPoll, waited/5)
	if len(p.known) > 0 && waited < 2*slices.Max(p.known)+fineFrom {
		pause = max(knownPoll, (waited-fineFrom)/13)
	}
	slowness := min(max(int(answer/usualAnswer), 1), 3)
	return max(min(pause, max(unknownPoll, p.interval)), answer*time.Duration(slowness))
}

// paceOf returns the pace for a change: the kind of the object and its states.
func (s *Session) paceOf(change string) pace {
	p := pace{interval: s.cfg.PollInterval, begun: time.Now()}
	if _, err := s.cache.Load(nameOfWait(change), &p.known); err != nil {
		p.known = nil
	}
	return p
}

// keepPace remembers how long the change took at least. If the first poll found
// it complete, it may have taken much less, so that the next first poll is made
// earlier.
func (s *Session) keepPace(change string, p pace) {
	least := p.pending
	if least == 0 {
		least = p.first() / 2
	}
	known := append(slices.Clone(p.known), least)
	_ = s.cache.Save(nameOfWait(change), known[max(0, len(known)-knownWaits):]) //nolint:errcheck // the next wait is less precise
}

func nameOfWait(change string) string {
	sum := sha256.Sum256([]byte(change))
	return "wait-" + hex.EncodeToString(sum[:8])
}
