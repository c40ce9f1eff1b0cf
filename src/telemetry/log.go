// Package telemetry formats the lines of log/slog like those of the other parts
// of BOSH:
//
//	[openstack_cpi] 2026/01/31 12:00:00 INFO - [req_id cpi-123456] call finished method=create_vm calls=7
//
// The director stores these lines in the log of the task and shows them to its
// users. Therefore values that may hold secrets are replaced.
package telemetry

import (
	"io"
	"log/slog"

	"github.com/cloudfoundry/bosh-utils/logger"
)

// tag begins every line, because the director mixes the lines of several CPIs
// with its own.
const tag = "openstack_cpi"

// Log is a *slog.Logger whose level can be changed later: the configured level
// is known only after the first lines may have been logged.
type Log struct {
	*slog.Logger
	// Mask holds the secrets that no line shows.
	Mask  *Mask
	level *slog.LevelVar
}

// New returns a log that writes to out, from level info on.
func New(out io.Writer) *Log {
	level, mask := new(slog.LevelVar), NewMask()
	return &Log{
		Logger: slog.New(handler{out: logger.NewWriterLogger(logger.LevelDebug, out), mask: mask, level: level}),
		Mask:   mask, level: level,
	}
}

// SetLevel sets the level to the first of the names that is one of BOSH's
// levels: debug, info, warn, error or none, in any case. If none of them is,
// the level stays: an unknown BOSH_LOG_LEVEL in the environment is no reason to
// fail.
func (l *Log) SetLevel(names ...string) {
	for _, name := range names {
		level, err := logger.Levelify(name)
		if err == nil {
			l.level.Set(fromBOSH(level))
			return
		}
	}
}

// fromBOSH converts BOSH's levels, which count from debug = 0, to slog's, which
// are four apart with info = 0. BOSH's "none" becomes a level far above error.
func fromBOSH(level logger.LogLevel) slog.Level {
	return slog.Level(level-logger.LevelInfo) * 4
}
