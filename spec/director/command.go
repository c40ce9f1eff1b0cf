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

// callLimit ends a call that hangs. A director has no such limit; every wait of
// the CPI is much shorter.
const callLimit = 15 * time.Minute

// Command is the command line and environment of the CPI.
type Command struct {
	// Executable is the path of openstack_cpi.
	Executable string
	// Config is the path of cpi.json.
	Config string
	// CACert is the path of the job's cacert.pem; empty omits the argument.
	CACert string
	// Cache is the directory of the cache that calls share; empty omits the
	// argument.
	Cache string
	// Environment of the process; nil is that of a director.
	Environment []string
}

// Cost contains the measurements of one process.
type Cost struct {
	Wall     time.Duration
	APICalls int   // OpenStack calls according to the CPI's log; -1 without that line
	PeakKiB  int64 // resident memory; at least this program's, which a child has until exec
	Stderr   string
}

// Run is the result of a process.
type Run struct {
	Stdout []byte
	Cost
}

// Running is a started process.
type Running struct {
	process        *exec.Cmd
	stdout, stderr bytes.Buffer
	started        time.Time
	release        context.CancelFunc
}

// Run starts the CPI with one input and waits for its end. A non-zero exit
// status is an error regardless of the output, as for create-env.
func (c Command) Run(ctx context.Context, input []byte) (Run, error) {
	running, err := c.Start(ctx, input)
	if err != nil {
		return Run{Cost: Cost{APICalls: -1}}, err
	}
	return running.Wait()
}

// Start starts a call. Cancelling ctx does not end it, since its response is
// needed for the clean-up.
func (c Command) Start(ctx context.Context, input []byte) (*Running, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
	arguments := []string{"-config", c.Config}
	if c.CACert != "" {
		arguments = append(arguments, "-ca-cert", c.CACert)
	}
	if c.Cache != "" {
		arguments = append(arguments, "-cache", c.Cache)
	}
	r := &Running{process: exec.CommandContext(ctx, c.Executable, arguments...), started: time.Now(), release: cancel}
	r.process.Env = c.Environment
	if c.Environment == nil {
		r.process.Env = WipedEnvironment()
	}
	r.process.Stdin, r.process.Stdout, r.process.Stderr = bytes.NewReader(input), &r.stdout, &r.stderr
	// Its own process group keeps Ctrl-C from ending it.
	r.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.process.Start(); err != nil {
		cancel()
		return nil, err
	}
	return r, nil
}

// Terminate sends SIGTERM, as a machine that shuts down does.
func (r *Running) Terminate() error { return r.process.Process.Signal(syscall.SIGTERM) }

// Kill sends SIGKILL, which ends the process at once. Wait then returns an error.
func (r *Running) Kill() error { return r.process.Process.Kill() }

// Wait waits until the process has ended.
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

// WipedEnvironment returns the environment that a director passes to a CPI.
func WipedEnvironment() []string {
	environment := []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	for _, name := range []string{"TMPDIR", "HOME"} {
		if value, ok := os.LookupEnv(name); ok {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// summary matches the line that the CPI logs at the end of a call, with the
// number of all OpenStack calls. The numbers per service follow it.
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
