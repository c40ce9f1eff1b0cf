//go:build !race

package cpi

// raceDetector reports whether the tests run with the race detector.
const raceDetector = false
