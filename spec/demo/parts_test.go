package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table := newTable(&out)
	table.header()
	table.row("create_vm", "server 5b1c2d3e at 10.0.0.10", director.Cost{Wall: 2345 * time.Millisecond, APICalls: 9, PeakKiB: 20 << 10})
	table.row("delete_vm", "FAILED", director.Cost{Wall: time.Millisecond, APICalls: -1, PeakKiB: 10 << 10})
	table.failure(errors.New("Bosh::Clouds::CloudError: no\nmore"), strings.Repeat("line\n", 40))
	table.check("nothing left", "no server")
	table.total(2, 5*time.Millisecond)

	assert.Equal(t, `
 step               result                                              wall ms API calls peak MiB
 -------------------------------------------------------------------------------------------------
 create_vm          server 5b1c2d3e at 10.0.0.10                           2345         9     20.0
 delete_vm          FAILED                                                    1         -     10.0
     Bosh::Clouds::CloudError: no
     more
   the CPI's log ends:
`+strings.Repeat("     line\n", 15)+` nothing left       no server
 -------------------------------------------------------------------------------------------------
 total              2 calls of the CPI                                     2346         9     20.0

 Before each call the CPI was asked for info, as a director does: 2 times, 2.5 ms each.
`, out.String())
	assert.True(t, table.anyFailed)
}

func TestSimulatorStartsAndStops(t *testing.T) {
	t.Parallel()
	simulator, err := startSimulator(t.Context(), "testdata/fake_simulator", t.TempDir())
	require.NoError(t, err)
	assert.FileExists(t, simulator.config)
	simulator.stop()
	assert.NotNil(t, simulator.process.ProcessState, "it has ended")
}

func TestSimulatorThatDoesNotStart(t *testing.T) {
	t.Setenv("FAKE_SIMULATOR_FAILS", "yes")
	_, err := startSimulator(t.Context(), "testdata/fake_simulator", t.TempDir())
	assert.ErrorContains(t, err, "address in use")
}
