package lifecycle_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// initialized matches a line of GODEBUG=inittrace=1.
var initialized = regexp.MustCompile(`init (\S+) @.* ms clock, (\d+) bytes, (\d+) allocs`)

// A director starts the executable for every call, and before it another one for
// info. No package may do much when it starts. Allocations are counted, because
// times depend on the machine.
func TestPackagesDoLittleAtTheStart(t *testing.T) {
	t.Parallel()
	process := exec.CommandContext(t.Context(), suite.executable, "-config", "/dev/null")
	process.Env = append(director.WipedEnvironment(), "GODEBUG=inittrace=1")
	process.Stdin = strings.NewReader(`{"method":"info","arguments":[],"context":{"director_uuid":"d"}}`)
	var trace strings.Builder
	process.Stderr = &trace
	require.NoError(t, process.Run(), trace.String())
	found := initialized.FindAllStringSubmatch(trace.String(), -1)
	require.NotEmpty(t, found, trace.String())
	total := 0
	for _, line := range found {
		bytes, err := strconv.Atoi(line[2])
		require.NoError(t, err)
		allocations, err := strconv.Atoi(line[3])
		require.NoError(t, err)
		total += bytes
		assert.Less(t, bytes, 100_000, line[1])
		assert.Less(t, allocations, 500, line[1])
	}
	assert.Less(t, total, 300_000, "bytes of all packages")
}

// The executable that directors start is small. That of the release is as large:
// it is built in the same way.
func TestExecutableIsSmall(t *testing.T) {
	t.Parallel()
	info, err := os.Stat(suite.executable)
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), int64(11_000_000))
}

// info needs little memory: a director starts it before each call. A child process
// has the peak memory of its parent until it executes its program, so that a
// program smaller than the CPI has to start it.
func TestInfoNeedsLittleMemory(t *testing.T) {
	t.Parallel()
	measure := filepath.Join(t.TempDir(), "measure")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", measure, "../bench/measure")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)

	cost, end, err := os.Pipe()
	require.NoError(t, err)
	process := exec.CommandContext(t.Context(), measure, suite.executable, "-config", "/dev/null")
	process.Env, process.ExtraFiles = director.WipedEnvironment(), []*os.File{end}
	process.Stdin = strings.NewReader(`{"method":"info","arguments":[],"context":{"director_uuid":"d"}}`)
	response, err := process.Output()
	require.NoError(t, errors.Join(err, end.Close()))
	assert.Contains(t, string(response), `"api_version":3`)
	var wall, user, system, peakKiB int64
	_, err = fmt.Fscan(cost, &wall, &user, &system, &peakKiB)
	require.NoError(t, errors.Join(err, cost.Close()))
	assert.Less(t, peakKiB, int64(10<<10), "KiB")
}
