package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// processLimit ends a process that hangs.
const processLimit = 30 * time.Minute

// usage is what a process has used.
type usage struct {
	Wall, CPU time.Duration
	PeakKiB   int64
}

// measured runs a command through the program measure. The error of a command
// that fails has the end of its standard error.
func (b *bench) measured(ctx context.Context, command []string, stdin io.Reader, stdout io.Writer) (used usage, err error) {
	ctx, cancel := context.WithTimeout(ctx, processLimit)
	defer cancel()
	read, write, err := os.Pipe()
	if err != nil {
		return usage{}, err
	}
	defer func() { err = errors.Join(err, read.Close()) }()
	var stderr bytes.Buffer
	process := exec.CommandContext(ctx, b.options.measure, command...)
	process.Stdin, process.Stdout, process.Stderr = stdin, stdout, &stderr
	process.Env = director.WipedEnvironment()
	process.ExtraFiles = []*os.File{write}
	// The command has the process group of measure, so that both end together,
	// and not at Ctrl-C: the response is needed for the clean-up.
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	process.Cancel = func() error { return syscall.Kill(-process.Process.Pid, syscall.SIGKILL) }
	err = process.Start()
	if err = errors.Join(err, write.Close()); err != nil {
		return usage{}, err
	}
	if err := process.Wait(); err != nil {
		return usage{}, fmt.Errorf("%s: %w\n%s", command[0], err, tail(stderr.String()))
	}
	var wall, user, system int64
	if _, err := fmt.Fscan(read, &wall, &user, &system, &used.PeakKiB); err != nil {
		return usage{}, fmt.Errorf("the cost of %s: %w", command[0], err)
	}
	used.Wall, used.CPU = time.Duration(wall), time.Duration(user+system)
	return used, nil
}

// tail returns the last lines of a log.
func tail(log string) string {
	const keep = 15
	lines := strings.Split(strings.TrimRight(log, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-keep):], "\n")
}

// contender is a CPI that is measured: a column of the tables.
type contender struct {
	name    string
	command []string // the word {config} is replaced by the path of cpi.json
	cache   bool     // its calls share a cache
	other   bool     // another CPI, whose failures are results
}

// caller calls one CPI on one cloud as a director does.
type caller struct {
	bench    *bench
	of       contender
	command  []string
	director *director.Director
}

// newCaller writes the cpi.json of a contender for a cloud.
func (b *bench) newCaller(of contender, on *site) (*caller, error) {
	folder, err := os.MkdirTemp(b.folder, "caller-")
	if err != nil {
		return nil, err
	}
	config, err := on.cpiConfig(of.cache, folder)
	if err != nil {
		return nil, err
	}
	command := make([]string, len(of.command))
	for i, word := range of.command {
		command[i] = strings.ReplaceAll(word, "{config}", config)
	}
	return &caller{bench: b, of: of, command: command, director: &director.Director{UUID: director.NewUUID(), Stemcell: director.StemcellAPIVersion}}, nil
}

// tolerate reports an error of another CPI and returns nil. An error of this CPI
// ends the run.
func (c *caller) tolerate(err error) error {
	if err == nil || !c.of.other {
		return err
	}
	c.bench.report("  %s: %s", c.of.name, firstLine(err))
	return nil
}

// apiVersion is the version of all requests, which every CPI for Noble and Jammy
// stemcells supports.
const apiVersion = 2

// call makes one call of the CPI. Interrupting the program does not interrupt it.
func (c *caller) call(ctx context.Context, method string, arguments ...any) (json.RawMessage, usage, error) {
	document, err := json.Marshal(c.director.Request(apiVersion, method, arguments...))
	if err != nil {
		return nil, usage{}, err
	}
	var stdout bytes.Buffer
	used, err := c.bench.measured(context.WithoutCancel(ctx), c.command, bytes.NewReader(document), &stdout)
	if err != nil {
		return nil, used, fmt.Errorf("%s: %w", method, err)
	}
	result, err := director.ReadResponse(stdout.Bytes())
	if err != nil {
		return nil, used, fmt.Errorf("%s: %w", method, err)
	}
	return result, used, nil
}
