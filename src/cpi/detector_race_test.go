//go:build race

package cpi

// raceDetector reports whether the tests run with the race detector, which makes
// them about seven times slower.
const raceDetector = true
