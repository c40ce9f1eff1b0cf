package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The first command of the README runs the real executable on the simulator.
func TestOnTheSimulator(t *testing.T) {
	t.Parallel()
	cpi, simulator := build(t, "openstack_cpi"), build(t, "openstack_simulator")

	for _, version := range []string{"2", "3"} {
		t.Run("api_version "+version, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := demonstrate(t.Context(), []string{
				"-cpi", cpi, "-simulator", simulator, "-stemcell-mib", "1", "-api-version", version,
			}, &out, &out)
			require.NoError(t, err, out.String())
			assert.Contains(t, out.String(), "nothing left ")
		})
	}
}

// build returns the path of one of the commands of src/cmd.
func build(t *testing.T, command string) string {
	t.Helper()
	executable := filepath.Join(t.TempDir(), command)
	message, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", executable, "../../src/cmd/"+command).CombinedOutput()
	require.NoError(t, err, string(message))
	return executable
}
