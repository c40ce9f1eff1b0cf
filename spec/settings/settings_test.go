package settings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/settings"
)

func TestPath(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for value, want := range map[string]string{
		"":                 "",
		"/tmp/release.tgz": "/tmp/release.tgz",
		"go.mod":           filepath.Join(root, "go.mod"),
		"../release.tgz":   filepath.Join(filepath.Dir(root), "release.tgz"),
	} {
		t.Setenv("CPI_TARBALL", value)
		assert.Equal(t, want, settings.Path("CPI_TARBALL"), "CPI_TARBALL=%s", value)
	}
	require.NoError(t, os.Unsetenv("CPI_TARBALL"))
	assert.Empty(t, settings.Path("CPI_TARBALL"))
}
