package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const version = "1.2.3-spec"

// The release is made, and what an operator does with it works.
func TestRelease(t *testing.T) {
	wanted := os.Getenv("CPI_TARBALL")
	if wanted == "" {
		t.Skip("takes minutes: set CPI_TARBALL=make")
	}
	releases := []string{wanted}
	if wanted == "make" {
		releases = makeRelease(t)
	}
	for _, release := range releases {
		release, err := filepath.Abs(release)
		require.NoError(t, err)
		t.Run(filepath.Base(release), func(t *testing.T) { createEnv(t, release) })
	}
}

// makeRelease makes the release and returns the paths of its tarballs.
func makeRelease(t *testing.T) []string {
	t.Helper()
	run(t, root, nil, "scripts/blobs")
	first := clone(t)
	run(t, root, nil, "cp", "-R", "blobs", first)
	said := run(t, first, nil, "scripts/create-release", "--version", version)
	results := filepath.Join(first, "releases/bosh-openstack-cpi")
	source, compiled := filepath.Join(results, "openstack_cpi-"+version+".tgz"), filepath.Join(results, "openstack_cpi-"+version+"-compiled.tgz")
	for _, release := range []string{source, compiled} {
		sum, _, _ := strings.Cut(run(t, root, nil, "sha256sum", release), " ")
		assert.Contains(t, said, sum)
		assert.Contains(t, said, filepath.Base(release))
		assert.Contains(t, run(t, first, nil, boshCLI(t), "inspect-local-release", release), "openstack_cpi_golang")
	}
	t.Run("the same commit makes the same release", func(t *testing.T) {
		second := filepath.Join(t.TempDir(), "second")
		run(t, first, nil, "git", "clone", "-q", ".", second)
		run(t, first, nil, "cp", "-R", "blobs", second)
		again := run(t, second, nil, "scripts/create-release", "--version", version, "--no-compile")
		assert.Equal(t, again, said[:len(again)])
	})
	t.Run("packages compile without a network", func(t *testing.T) { compile(t, source) })
	t.Run("executables for other platforms", func(t *testing.T) { platforms(t, compiled) })
	return []string{source, compiled}
}

// compile runs the packaging scripts as a director's VM does, in their order, in an environment that is no help: there
// is no network, no home, and Go is told the wrong things.
func compile(t *testing.T, release string) {
	t.Helper()
	dir := t.TempDir()
	run(t, dir, nil, "tar", "-xzf", release)
	isolated := []string{"unshare", "--net"}
	if exec.CommandContext(t.Context(), "unshare", "--net", "true").Run() != nil {
		t.Log("this user cannot take the network away")
		isolated = []string{"env"}
	}
	packages := filepath.Join(dir, "compiled")
	for _, name := range []string{"golang-1-linux", "golang-1-darwin", "openstack_cpi"} {
		sources, target := filepath.Join(dir, "sources", name), filepath.Join(packages, name)
		require.NoError(t, os.MkdirAll(sources, 0o750))
		require.NoError(t, os.MkdirAll(target, 0o750))
		run(t, sources, nil, "tar", "-xzf", filepath.Join(dir, "packages", name+".tgz"))
		wrong := append(hostile("/proc/nowhere"), "TMPDIR=/proc/nowhere", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "BOSH_PACKAGES_DIR="+packages,
			"BOSH_COMPILE_TARGET="+sources, "BOSH_INSTALL_TARGET="+target, "BOSH_PACKAGE_NAME="+name, "BOSH_PACKAGE_VERSION=1")
		run(t, sources, wrong, isolated[0], append(isolated[1:], "bash", "-x", "packaging")...)
	}
	committed, err := os.ReadFile(filepath.Join(root, "src/version"))
	require.NoError(t, err)
	said := run(t, dir, []string{}, filepath.Join(packages, "openstack_cpi/bin/openstack_cpi"), "version")
	assert.Contains(t, said, "openstack_cpi "+strings.TrimSpace(string(committed))+" ")
}

// platforms looks at the executables of a compiled release: what each is for, and that none needs a library.
func platforms(t *testing.T, release string) {
	t.Helper()
	dir := t.TempDir()
	run(t, dir, nil, "tar", "-xzf", release)
	run(t, dir, nil, "tar", "-xzf", "compiled_packages/openstack_cpi.tgz")
	for directory, settings := range map[string][]string{
		"Linux-x86_64":  {"GOOS=linux", "GOARCH=amd64"},
		"Linux-aarch64": {"GOOS=linux", "GOARCH=arm64"},
		"Darwin-x86_64": {"GOOS=darwin", "GOARCH=amd64"},
		"Darwin-arm64":  {"GOOS=darwin", "GOARCH=arm64"},
	} {
		said := run(t, dir, nil, "go", "version", "-m", filepath.Join("bin", directory, "openstack_cpi"))
		for _, setting := range append(settings, "CGO_ENABLED=0") {
			assert.Contains(t, said, setting, directory)
		}
	}
}
