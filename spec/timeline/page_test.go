package timeline_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the sample logs of src/timeline/testdata")

// TestSample writes the logs of a deployment on a cloud of usual speed.
func TestSample(t *testing.T) {
	if !*update {
		t.Skip("the sample is written with -update only")
	}
	d := deploy(t, 1)
	require.NoError(t, os.WriteFile("../../src/timeline/testdata/deploy.debug", d.debug.Bytes(), 0o600))
	require.NoError(t, os.WriteFile("../../src/timeline/testdata/deploy.cpi", d.cpiLog.Bytes(), 0o600))
}
