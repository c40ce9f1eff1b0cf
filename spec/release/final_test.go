package release_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// A final release is stored in a blobstore that others can read. They make the
// same release from the manifest in releases/, without the sources.
func TestFinalRelease(t *testing.T) {
	t.Parallel()
	version := sourceVersion(t)
	first := finalClone(t, version)
	output := createRelease(t, first, "--final", "--no-compile")
	assert.Contains(t, output, "bosh-openstack-cpi-"+version+".tgz\n")
	commit(t, first)
	second := filepath.Join(t.TempDir(), "second")
	run(t, first, nil, "git", "clone", "-q", ".", second)

	made := filepath.Join(t.TempDir(), "made.tgz")
	manifest := "releases/bosh-openstack-cpi/bosh-openstack-cpi-" + version + ".yml"
	run(t, second, environment("HOME="+t.TempDir()), boshCLI(t), "create-release", manifest, "--tarball", made)
	published := filepath.Join(first, strings.TrimSuffix(manifest, ".yml")+".tgz")
	parts := releaseParts(t, published)
	assert.Len(t, parts, 6)
	assert.Equal(t, parts, releaseParts(t, made))
	unpacked := t.TempDir()
	run(t, unpacked, nil, "tar", "-xzf", made)
	assert.Contains(t, run(t, unpacked, nil, "tar", "-tzf", "license.tgz"), "NOTICE", "licences of the modules")

	output, err := try(t, second, nil, "scripts/create-release", "--final")
	require.Error(t, err)
	assert.Contains(t, output, version+" was released: increase src/version")
}

// What others could not use is refused before anything is made.
func TestRefusedFinalReleases(t *testing.T) {
	t.Parallel()
	version := sourceVersion(t)
	without := clone(t)
	for _, test := range []struct {
		dir     string
		options []string
		refusal string
	}{
		{root, []string{"--final"}, "the blobstore .final_blobs is on this machine only"},
		{root, []string{"--final", "--force"}, "--final is only for committed files"},
		{root, []string{"--final", "--version", version + "+build.1"}, "--final makes " + version},
		{root, []string{"--stemcell", "noble"}, "--stemcell noble is not an operating system and a version"},
		{without, []string{"--version", version}, `CHANGELOG.md has no section "## [` + version + `] - DATE"`},
	} {
		output, err := try(t, test.dir, nil, "scripts/create-release", test.options...)
		require.Error(t, err, test.options)
		assert.Contains(t, output, test.refusal)
	}
	assert.NoDirExists(t, filepath.Join(without, "releases"))
}

func sourceVersion(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "src/version"))
	require.NoError(t, err)
	return strings.TrimSpace(string(content))
}

// finalClone returns a copy of the project from which a final release can be
// made: with a blobstore whose files are in the repository.
func finalClone(t *testing.T, version string) string {
	t.Helper()
	dir := clone(t)
	smallBlobs(t, dir)
	write(t, filepath.Join(dir, "config/final.yml"),
		"name: bosh-openstack-cpi\nblobstore:\n  provider: local\n  options:\n    blobstore_path: final_blobs\n")
	changelog, err := os.ReadFile(filepath.Join(dir, "CHANGELOG.md"))
	require.NoError(t, err)
	section := "## [Unreleased]\n\n## [" + version + "] - " + time.Now().Format(time.DateOnly)
	write(t, filepath.Join(dir, "CHANGELOG.md"), strings.Replace(string(changelog), "## [Unreleased]", section, 1))
	commit(t, dir)
	return dir
}

// releaseParts returns the digests of the jobs, packages and licence in a
// release.
func releaseParts(t *testing.T, release string) map[string]string {
	t.Helper()
	type part struct{ Name, SHA1 string }
	var manifest struct {
		Jobs, Packages []part
		License        part
	}
	require.NoError(t, yaml.Unmarshal([]byte(run(t, root, nil, "tar", "-xzOf", release, "release.MF")), &manifest))
	digests := map[string]string{"license": manifest.License.SHA1}
	for _, part := range manifest.Packages {
		digests["package "+part.Name] = part.SHA1
	}
	for _, part := range manifest.Jobs {
		digests["job "+part.Name] = part.SHA1
	}
	return digests
}
