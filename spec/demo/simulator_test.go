package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the README shows first works: the real executable against the simulator that is built into it.
func TestOnTheBuiltInSimulator(t *testing.T) {
	t.Parallel()
	executable := filepath.Join(t.TempDir(), "openstack_cpi")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", executable, "../../src/cmd/openstack_cpi")
	message, err := build.CombinedOutput()
	require.NoError(t, err, string(message))

	for _, version := range []string{"2", "3"} {
		t.Run("api_version "+version, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := demonstrate(t.Context(), []string{"-cpi", executable, "-stemcell-mib", "1", "-api-version", version}, &out, &out)
			require.NoError(t, err, out.String())
			assert.Contains(t, out.String(), "nothing left ")
		})
	}
}
