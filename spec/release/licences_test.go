package release_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sbom.cdx.json has the modules of the executables for all platforms, and the Go
// that they are compiled with. scripts/test also compares the complete file with
// what scripts/licences writes.
func TestBillOfMaterials(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "sbom.cdx.json"))
	require.NoError(t, err)
	type component struct {
		Name, Version string
		Licenses      []struct{ Expression string }
	}
	var bill struct {
		BOMFormat  string
		Metadata   struct{ Component component }
		Components []component
	}
	require.NoError(t, json.Unmarshal(content, &bill))
	assert.Equal(t, "CycloneDX", bill.BOMFormat)
	assert.Equal(t, "v"+sourceVersion(t), bill.Metadata.Component.Version)

	blobs, err := os.ReadFile(filepath.Join(root, "config/blobs.yml"))
	require.NoError(t, err)
	expected := []string{"std go" + regexp.MustCompile(`go([0-9.]+)\.linux-amd64`).FindStringSubmatch(string(blobs))[1]}
	for _, platform := range []string{"linux", "darwin"} {
		modules := run(t, root, environment("GOOS="+platform, "CGO_ENABLED=0"), "go", "list", "-deps",
			"-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./src/cmd/openstack_cpi")
		expected = append(expected, strings.Split(strings.TrimSpace(modules), "\n")...)
	}
	slices.Sort(expected)
	expected = slices.DeleteFunc(slices.Compact(expected), func(line string) bool { return line == "" })
	var found []string
	for _, component := range bill.Components {
		found = append(found, component.Name+" "+component.Version)
		require.Len(t, component.Licenses, 1, component.Name)
		assert.Regexp(t, `^(Apache-2\.0|MIT|BSD-3-Clause)( AND (MIT|BSD-3-Clause))*$`, component.Licenses[0].Expression, component.Name)
	}
	assert.ElementsMatch(t, expected, found, "run scripts/licences")
}

// NOTICE has the licences of all vendored modules, and the release contains it.
func TestNotice(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "NOTICE"))
	require.NoError(t, err)
	var files int
	vendor := filepath.Join(root, "src/vendor")
	require.NoError(t, filepath.WalkDir(vendor, func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !regexp.MustCompile(`^(LICEN[SC]E|COPYING|NOTICE)`).MatchString(filepath.Base(file)) || strings.HasSuffix(file, ".go") {
			return err
		}
		files++
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		assert.Contains(t, string(content), strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")), file)
		folder, err := filepath.Rel(vendor, filepath.Dir(file))
		assert.Contains(t, string(content), folder+" "+filepath.Base(file))
		return err
	}))
	assert.Positive(t, files)
}
