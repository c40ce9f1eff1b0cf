// Package telemetry makes log/slog write lines as operators know them from every other part of BOSH:
//
//	[openstack_cpi] 2026/01/31 12:00:00 INFO - [req_id cpi-123456] call finished method=create_vm calls=7
//
// The director stores these lines in the log of the task and shows them to people, so values that may hold secrets
// are replaced on the way.
package telemetry

import (
	"io"
	"log/slog"

	"github.com/cloudfoundry/bosh-utils/logger"
)

// tag begins every line: the director mixes the lines of several CPIs and of its own.
const tag = "openstack_cpi"

// Log is a *slog.Logger whose level can be set later: where it is configured is known only after something may
// already have been worth a line.
type Log struct {
	*slog.Logger
	level *slog.LevelVar
}

// New makes a log that writes to out, from level info on.
func New(out io.Writer) *Log {
	level := new(slog.LevelVar)
	return &Log{
		Logger: slog.New(handler{out: logger.NewWriterLogger(logger.LevelDebug, out), level: level}),
		level:  level,
	}
}

// SetLevel takes the first of the names that is a level of BOSH's: debug, info, warn, error or none, in any case. With
// none the level stays as it is: an odd BOSH_LOG_LEVEL in somebody's environment is no reason to fail.
func (l *Log) SetLevel(names ...string) {
	for _, name := range names {
		level, err := logger.Levelify(name)
		if err == nil {
			l.level.Set(fromBOSH(level))
			return
		}
	}
}

// fromBOSH maps BOSH's levels, which count from debug = 0, to slog's, which lie four apart around info = 0. BOSH's
// "none" ends up far above every level in use.
func fromBOSH(level logger.LogLevel) slog.Level {
	return slog.Level(level-logger.LevelInfo) * 4
}
