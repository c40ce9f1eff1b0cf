package main

import (
	"slices"
	"time"
)

// samples are repeated measurements of one figure.
type samples []float64

// seconds returns a duration in seconds, to the microsecond.
func seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }

// quantile returns a quantile of the samples, 0 if there are none. It is one of
// the samples, or the mean of the two next to it.
func (s samples) quantile(q float64) float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// quartiles returns five samples with the same median, quartiles and range.
func (s samples) quartiles() samples {
	return samples{s.lowest(), s.quantile(0.25), s.median(), s.quantile(0.75), s.most()}
}

func (s samples) median() float64 { return s.quantile(0.5) }
func (s samples) lowest() float64 { return s.quantile(0) }
func (s samples) most() float64   { return s.quantile(1) }
