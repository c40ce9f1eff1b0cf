package lifecycle_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// A caller that cannot read the answer cannot delete what was created, so the
// call deletes it, or does not begin.
func TestUndeliverableAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		stdout func(t *testing.T) *os.File
		words  string
	}{
		"stdout closed": {func(*testing.T) *os.File { return nil }, "stdout is closed"},
		"stdout full": {func(t *testing.T) *os.File {
			t.Helper()
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			require.NoError(t, err)
			return full
		}, "no space left on device"},
		"reader gone": {func(t *testing.T) *os.File {
			t.Helper()
			reader, writer, err := os.Pipe()
			require.NoError(t, err)
			require.NoError(t, reader.Close())
			return writer
		}, "broken pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			s.configure(object{"boot_from_volume": true})
			request := s.document("create_vm", s.arguments(vmArguments{networks: networks{s.manual("private")}})...)
			command := []string{s.director.CPI.Executable, "-config", s.director.CPI.Config}
			stdout := test.stdout(t)
			if stdout == nil {
				command = append([]string{"/bin/sh", "-c", `exec "$@" >&-`, "sh"}, command...)
			} else {
				defer func() { assert.NoError(t, stdout.Close()) }()
			}
			stderr := s.runWithStdout(command, request, stdout)
			assert.Contains(t, stderr, test.words)
			s.assertNoSecrets(stderr)
		})
	}
}

// runWithStdout runs a command that must exit with status 1, and returns what it
// wrote to stderr.
func (s *scenario) runWithStdout(command []string, stdin []byte, stdout *os.File) string {
	s.Helper()
	process := exec.CommandContext(s.Context(), command[0], command[1:]...)
	process.Env = director.WipedEnvironment()
	input, err := process.StdinPipe()
	require.NoError(s, err)
	if stdout != nil {
		process.Stdout = stdout
	}
	var stderr strings.Builder
	process.Stderr = &stderr
	require.NoError(s, process.Start())
	if _, err := input.Write(stdin); err != nil {
		require.ErrorIs(s, err, syscall.EPIPE) // it did not wait for its request
	}
	require.NoError(s, input.Close())
	failed, ok := errors.AsType[*exec.ExitError](process.Wait())
	require.True(s, ok, "exit status 0: %s", stderr.String())
	assert.Equal(s, 1, failed.ExitCode(), stderr.String())
	return stderr.String()
}

// Every signal that ends a process ends the call with a response, also while the
// request is incomplete.
func TestSignalBeforeTheRequestIsComplete(t *testing.T) {
	for _, sent := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(sent.String(), func(t *testing.T) {
			s := newScenario(t)
			process := exec.CommandContext(t.Context(), s.director.CPI.Executable, "-config", s.director.CPI.Config)
			stdin, err := process.StdinPipe()
			require.NoError(t, err)
			var stdout, stderr strings.Builder
			process.Stdout, process.Stderr = &stdout, &stderr
			require.NoError(t, process.Start())
			_, err = stdin.Write([]byte(`{"method":"create_vm"`))
			require.NoError(t, err)

			// The process handles signals from a moment after its start.
			<-time.After(500 * time.Millisecond)
			require.NoError(t, process.Process.Signal(sent))
			require.NoError(t, process.Wait(), stderr.String())
			_, err = director.ReadResponse([]byte(stdout.String()))
			failure, ok := errors.AsType[*director.Error](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, "Bosh::Clouds::CpiError", failure.Type)
			assert.Contains(t, failure.Message, "read the request")
		})
	}
}
