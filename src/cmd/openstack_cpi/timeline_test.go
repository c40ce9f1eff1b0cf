package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const sampleLog = "../../timeline/testdata/deploy.debug"

func TestTimelineOfALog(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(sampleLog)
	require.NoError(t, err)
	html := filepath.Join(t.TempDir(), "page.html")
	for args, want := range map[string]struct {
		code           int
		stdout, stderr string
	}{
		"-html none " + sampleLog:                      {0, "22 CPI calls in", ""},
		"-html none":                                   {0, "22 CPI calls in", ""},
		"-html none - " + sampleLog:                    {0, "22 CPI calls in", ""},
		sampleLog + " -html " + html:                   {0, "The page is " + html, ""},
		"-html - " + sampleLog:                         {0, "<!DOCTYPE html>", ""},
		"/absent":                                      {2, "", "open /absent"},
		"-html /absent/page.html " + sampleLog:         {1, "22 CPI calls", "open /absent/page.html"},
		"-html none ../../cmd/openstack_cpi/go.absent": {2, "", "no such file"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"timeline"}, strings.Fields(args)...), streams{bytes.NewReader(sample), &stdout, &stderr})
		assert.Equal(t, want.code, code, args)
		assert.Contains(t, stdout.String(), want.stdout, args)
		assert.Contains(t, stderr.String(), want.stderr, args)
	}
	page, err := os.ReadFile(html)
	require.NoError(t, err)
	assert.True(t, bytes.HasSuffix(page, []byte("</html>\n")))
}

// TestTimelineUnderstandsTheLog draws what the CPI itself has written.
func TestTimelineUnderstandsTheLog(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.extra["request_id"] = nil // it would be the same in all calls
		i.lifecycle(stemcellArchive(t))
		i.call("attach_disk", "5a2c9d1e-0000-4000-8000-000000000000", "5a2c9d1e-0000-4000-8000-000000000001")
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"timeline", "-html", "none"}, streams{bytes.NewReader(i.stderr.Bytes()), &stdout, &stderr})
		assert.Equal(t, 0, code, stderr.String())
		for _, part := range []string{"21 CPI calls in", "create_vm", "compute", "waiting for the cloud", "VMNotFound: "} {
			assert.Contains(t, stdout.String(), part)
		}
	})
}
