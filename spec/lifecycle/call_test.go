package lifecycle_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// byHand runs the command call for the director of the scenario and returns the
// exit code and the output.
func (s *scenario) byHand(words ...string) (code int, stdout, stderr string) {
	s.Helper()
	words = append([]string{"call", "-config", s.director.CPI.Config, "-director", s.director.UUID}, words...)
	command := exec.CommandContext(s.Context(), s.director.CPI.Executable, words...)
	command.Env = director.WipedEnvironment()
	var out, logs bytes.Buffer
	command.Stdout, command.Stderr = &out, &logs
	err := command.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		require.NoError(s, err)
	}
	s.assertNoSecrets(out.String() + logs.String())
	return command.ProcessState.ExitCode(), out.String(), logs.String()
}

// words returns the arguments of a call for a command line.
func (s *scenario) words(arguments []any) (words []string) {
	s.Helper()
	for _, argument := range arguments {
		word, err := json.Marshal(argument)
		require.NoError(s, err)
		words = append(words, string(word))
	}
	return words
}

func TestCallByHand(t *testing.T) {
	s := newScenario(t)
	code, stdout, stderr := s.byHand("-trace", "create_disk", "1024", "{}")
	require.Equal(t, 0, code, stderr)
	var disk string
	require.NoError(t, json.Unmarshal([]byte(stdout), &disk))
	s.Cleanup(func() { s.call(nil, "delete_disk", disk) })
	assert.Equal(t, "available", s.volume(disk).Status)
	assert.Contains(t, stderr, "/volumes (at ")
	assert.Contains(t, stderr, "< 202 Accepted after ")
	assert.Contains(t, stderr, "X-Openstack-Request-Id: req-")

	code, stdout, stderr = s.byHand("has_disk", disk)
	assert.Equal(t, 0, code, stderr)
	assert.Equal(t, "true\n", stdout)
	code, stdout, stderr = s.byHand("attach_disk", unknownID, disk)
	assert.Equal(t, 1, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "openstack_cpi call: VMNotFound: ")
}

// A dry run finds what it needs and changes nothing.
func TestDryRun(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.manual("private")}})
	disk := s.createDisk(1024, object{}, vm.cid)
	before := s.inventory()
	for _, test := range []struct {
		method    string
		arguments []any
		writes    int
		end       string // what the last line begins with
	}{
		{"create_vm", s.arguments(vmArguments{networks: networks{s.manual("private")}}), 2, `{"returns":["00000000-`},
		{"create_disk", []any{1024, object{}, vm.cid}, 1, `{"returns":"00000000-`},
		{"attach_disk", []any{vm.cid, disk}, 1, `{"ends_before":{"method":"GET"`},
		{"reboot_vm", []any{vm.cid}, 1, `{"ends_before":{"method":"GET"`},
		{"delete_disk", []any{disk}, 1, `{"returns":null}`},
		{"delete_vm", []any{vm.cid}, 2, `{"returns":null}`},
	} {
		code, stdout, stderr := s.byHand(append([]string{"-dry-run", test.method}, s.words(test.arguments)...)...)
		require.Equal(t, 0, code, "%s: %s", test.method, stderr)
		lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
		assert.Len(t, lines, test.writes+1, "%s: %s", test.method, stdout)
		assert.True(t, strings.HasPrefix(lines[len(lines)-1], test.end), "%s: %s", test.method, stdout)
	}
	assert.Empty(t, s.inventory().Leftovers(before, []string{s.director.UUID}))
	assert.True(t, s.has("has_vm", vm.cid))
	assert.True(t, s.has("has_disk", disk))
}
