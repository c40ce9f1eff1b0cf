package release_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// BOSH compiles a package again only if its fingerprint changes. All sources of
// the executable must change it, and no other file.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	bosh, release := boshCLI(t), clone(t)
	smallBlobs(t, release)
	commit(t, release)
	before := fingerprints(t, bosh, release)
	assert.Equal(t, []string{"job openstack_cpi", "job openstack_cpi_golang", "openstack-cpi-go-darwin", "openstack-cpi-go-linux", "openstack_cpi"}, slices.Sorted(maps.Keys(before)))

	type change struct {
		file    string
		changed []string
	}
	var embedded []change
	for _, file := range embeddedFiles(t, release) {
		embedded = append(embedded, change{file, []string{"openstack_cpi"}})
	}
	for _, test := range append(embedded, []change{
		{"src/config/load.go", []string{"openstack_cpi"}},
		{"src/vendor/go.mod", []string{"openstack_cpi"}},
		{"src/vendor/modules.txt", []string{"openstack_cpi"}},
		{"src/version", []string{"openstack_cpi"}},
		{"packages/openstack_cpi/packaging", []string{"openstack_cpi"}},
		{"blobs/golang/go1.linux-amd64.tar.gz", []string{"openstack-cpi-go-linux"}},
		{"jobs/openstack_cpi/templates/cpi.erb", []string{"job openstack_cpi"}},
		{"src/config/load_test.go", nil},
		{"src/simulator/simulator.go", nil},
		{"src/cmd/openstack_simulator/main.go", nil},
		{"spec/release/fingerprint_test.go", nil},
		{"README.md", nil},
	}...) {
		file := filepath.Join(release, test.file)
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		write(t, file, string(content)+"\n")
		assert.Equal(t, test.changed, changed(before, fingerprints(t, bosh, release)), test.file)
		write(t, file, string(content))
	}
	assert.Equal(t, before, fingerprints(t, bosh, release))

	for _, folder := range unusedPackages(t, release) {
		write(t, filepath.Join(folder, "added.go"), "package added\n")
	}
	assert.Equal(t, before, fingerprints(t, bosh, release), "the BOSH package contains Go packages that the executable does not import")
}

// smallBlobs replaces the Go distributions by small files, so that a release is
// made in seconds.
func smallBlobs(t *testing.T, release string) {
	t.Helper()
	var index strings.Builder
	for _, platform := range []string{"linux-amd64", "linux-arm64", "darwin-arm64"} {
		blob := "golang/go1." + platform + ".tar.gz"
		file := filepath.Join(release, "blobs", blob)
		write(t, file, platform)
		fmt.Fprintf(&index, "%s:\n  size: %d\n  sha: sha256:%s\n", blob, len(platform), checksum(t, file))
	}
	write(t, filepath.Join(release, "config/blobs.yml"), index.String())
}

// embeddedFiles returns the files that are not Go and that the executable
// contains. Without them, it cannot be compiled from the release.
func embeddedFiles(t *testing.T, release string) []string {
	t.Helper()
	const format = `{{if .Module}}{{if .Module.Main}}{{$dir := .Dir}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`
	listed := strings.Fields(run(t, release, nil, "go", "list", "-deps", "-f", format, "./src/cmd/openstack_cpi"))
	require.NotEmpty(t, listed)
	top := strings.TrimSpace(run(t, release, nil, "pwd", "-P"))
	for i, file := range listed {
		listed[i] = strings.TrimPrefix(file, top+"/")
	}
	return listed
}

// unusedPackages returns the folders of the Go packages below src that
// openstack_cpi does not import, such as those of the simulator.
func unusedPackages(t *testing.T, release string) []string {
	t.Helper()
	list := func(args ...string) []string {
		return strings.Fields(run(t, release, nil, "go", append([]string{"list", "-f", "{{.Dir}}"}, args...)...))
	}
	used := list("-deps", "./src/cmd/openstack_cpi")
	unused := slices.DeleteFunc(list("./src/..."), func(folder string) bool { return slices.Contains(used, folder) })
	require.NotEmpty(t, unused)
	return unused
}

// changed returns the names with different values.
func changed(before, after map[string]string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name] != after[name] {
			names = append(names, name)
		}
	}
	return names
}

// fingerprints creates a release and returns the fingerprints of its packages
// and jobs.
func fingerprints(t *testing.T, bosh, release string) map[string]string {
	t.Helper()
	require.NoError(t, os.RemoveAll(filepath.Join(release, "dev_releases")))
	run(t, release, environment("HOME="+release), bosh, "create-release", "--force", "--version", "1")
	content, err := os.ReadFile(filepath.Join(release, "dev_releases/bosh-openstack-cpi/bosh-openstack-cpi-1.yml"))
	require.NoError(t, err)
	type part struct{ Name, Fingerprint string }
	var manifest struct{ Jobs, Packages []part }
	require.NoError(t, yaml.Unmarshal(content, &manifest))
	found := map[string]string{}
	for _, part := range manifest.Packages {
		found[part.Name] = part.Fingerprint
	}
	for _, part := range manifest.Jobs {
		found["job "+part.Name] = part.Fingerprint
	}
	return found
}

func write(t *testing.T, file, content string) {
	t.Helper()
	mode := os.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode()
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
	require.NoError(t, os.WriteFile(file, []byte(content), mode))
}
