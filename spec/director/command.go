package director

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// callLimit ends a call that hangs. A real director waits for ever; every wait of the CPI is bounded far below this.
const callLimit = 15 * time.Minute

// Command is how the CPI is started.
type Command struct {
	// Executable is the path of openstack_cpi.
	Executable string
	// Config is the path of cpi.json.
	Config string
	// CACert is the path of the job's cacert.pem; empty: the argument is not given.
	CACert string
	// Environment of the process; nil is the one of a director.
	Environment []string
}

// Cost is what one process cost.
type Cost struct {
	Wall     time.Duration
	APICalls int   // OpenStack calls by the CPI's own summary line; -1 if it wrote none
	PeakKiB  int64 // resident memory; at least this program's own, which a child inherits until it is executed
	Stderr   string
}

// Run is a process that has ended.
type Run struct {
	Stdout []byte
	Cost
}

// Running is a process that has been given its request.
type Running struct {
	process        *exec.Cmd
	stdout, stderr bytes.Buffer
	started        time.Time
	release        context.CancelFunc
}

// Run gives the CPI one input and waits for its end. That it ended badly is an error, whatever it wrote: create-env
// fails a call for its exit code alone.
func (c Command) Run(ctx context.Context, input []byte) (Run, error) {
	running, err := c.Start(ctx, input)
	if err != nil {
		return Run{Cost: Cost{APICalls: -1}}, err
	}
	return running.Wait()
}

// Start begins a call. A cancelled ctx does not stop it: its answer says what has to be deleted.
func (c Command) Start(ctx context.Context, input []byte) (*Running, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
	arguments := []string{"-config", c.Config}
	if c.CACert != "" {
		arguments = append(arguments, "-ca-cert", c.CACert)
	}
	r := &Running{process: exec.CommandContext(ctx, c.Executable, arguments...), started: time.Now(), release: cancel}
	r.process.Env = c.Environment
	if c.Environment == nil {
		r.process.Env = WipedEnvironment()
	}
	r.process.Stdin, r.process.Stdout, r.process.Stderr = bytes.NewReader(input), &r.stdout, &r.stderr
	// In a process group of its own, so that Ctrl-C reaches only this program.
	r.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.process.Start(); err != nil {
		cancel()
		return nil, err
	}
	return r, nil
}

// Terminate asks the process to end, as a machine that shuts down does.
func (r *Running) Terminate() error { return r.process.Process.Signal(syscall.SIGTERM) }

// Wait returns when the process has ended.
func (r *Running) Wait() (Run, error) {
	defer r.release()
	err := r.process.Wait()
	logged := r.stderr.String()
	run := Run{Stdout: r.stdout.Bytes(), Cost: Cost{Wall: time.Since(r.started), APICalls: countedCalls(logged), Stderr: logged}}
	if r.process.ProcessState != nil {
		if usage, ok := r.process.ProcessState.SysUsage().(*syscall.Rusage); ok {
			run.PeakKiB = usage.Maxrss
		}
	}
	if err != nil {
		return run, errors.Join(err, fmt.Errorf("stdout: %q", run.Stdout))
	}
	return run, nil
}

// WipedEnvironment is all that a director's worker passes on.
func WipedEnvironment() []string {
	environment := []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	for _, name := range []string{"TMPDIR", "HOME"} {
		if value, ok := os.LookupEnv(name); ok {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// summary finds the number of all OpenStack calls in the one line the CPI logs at the end of a call. Numbers of each
// service, with a name before the dot, follow it.
var summary = regexp.MustCompile(`call finished .*?\scalls=(\d+)`)

func countedCalls(stderr string) int {
	for _, line := range slices.Backward(strings.Split(stderr, "\n")) {
		if match := summary.FindStringSubmatch(line); match != nil {
			if calls, err := strconv.Atoi(match[1]); err == nil {
				return calls
			}
		}
	}
	return -1
}
