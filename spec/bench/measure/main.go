// Command measure runs a command and writes its cost to file descriptor 3: the
// nanoseconds on the clock, of user and of system CPU time, and the peak of
// resident memory in KiB, in one line.
//
// A child process has the peak memory of its parent until it executes its
// program, so a large parent cannot measure a small child. This program is smaller
// than what it measures.
package main

import (
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"
)

// The exit status if the command cannot be started or measured.
const notMeasured = 127

func main() {
	status, err := run(os.Args[1:])
	if err != nil {
		os.Stderr.WriteString("measure: " + err.Error() + "\n") //nolint:errcheck // the exit status says it, too
		status = notMeasured
	}
	os.Exit(status)
}

// run runs a command with the standard streams of this process and returns its
// exit status.
func run(command []string) (status int, err error) {
	if len(command) == 0 {
		return 0, errors.New("usage: measure COMMAND ARGUMENT… 3>COST")
	}
	started := time.Now()
	child, err := syscall.ForkExec(command[0], command, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	if err != nil {
		return 0, &os.PathError{Op: "start", Path: command[0], Err: err}
	}
	var ended syscall.WaitStatus
	var usage syscall.Rusage
	for {
		if _, err = syscall.Wait4(child, &ended, 0, &usage); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return 0, err
	}
	var line []byte
	for _, figure := range []int64{int64(time.Since(started)), usage.Utime.Nano(), usage.Stime.Nano(), usage.Maxrss} {
		line = append(strconv.AppendInt(line, figure, 10), ' ')
	}
	line[len(line)-1] = '\n'
	if _, err = syscall.Write(3, line); err != nil {
		return 0, os.NewSyscallError("write the cost", err)
	}
	if ended.Signaled() {
		return 128 + int(ended.Signal()), nil
	}
	return ended.ExitStatus(), nil
}
