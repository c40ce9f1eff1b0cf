package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
			started, page := time.Now(), filepath.Join(t.TempDir(), "timeline.html")
			err := demonstrate(t.Context(), []string{
				"-cpi", cpi, "-simulator", simulator, "-stemcell-mib", "1", "-api-version", version, "-page", page,
			}, &out, &out)
			require.NoError(t, err, out.String())
			t.Logf("%.0f s\n%s", time.Since(started).Seconds(), out.String())
			assert.Equal(t, 2, strings.Count(out.String(), "nothing left "))
			assert.Contains(t, out.String(), "→ correct instance_type, probably to m1.small")
			assert.Contains(t, out.String(), "in no list of VMs, and set_vm_metadata was never called")
			assert.Contains(t, out.String(), "  deleted server ")
			assert.Contains(t, out.String(), "waiting for the cloud")
			assert.FileExists(t, page)
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
