package release_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The release is made, and what an operator does with it works: from sources, which the simulator is enough for, and from
// what is compiled already, on the cloud that the environment names.
func TestRelease(t *testing.T) {
	switch wanted := os.Getenv("CPI_TARBALL"); wanted {
	case "":
		t.Skip("takes minutes: set CPI_TARBALL=make")
	case "make":
		source, compiled := makeRelease(t)
		var made, found string
		t.Run("sources on the simulator", func(t *testing.T) {
			t.Setenv("CPI_TARGET", "simulator")
			made = createEnv(t, source)
		})
		t.Run("compiled on "+cmp.Or(os.Getenv("CPI_TARGET"), "simulator"), func(t *testing.T) {
			needHTTP(t)
			found = createEnv(t, compiled)
		})
		if made != "" && found != "" {
			assert.Equal(t, found, made, "bosh compiles another executable than the release has")
		}
	default:
		needHTTP(t)
		release, err := filepath.Abs(wanted)
		require.NoError(t, err)
		createEnv(t, release)
	}
}

// needHTTP fails a test on a cloud with https: a proxy tells the agents on this machine which VMs they are.
func needHTTP(t *testing.T) {
	t.Helper()
	if os.Getenv("CPI_TARGET") != "openstack" {
		return
	}
	if url := fmt.Sprint(readProperties(t, os.Getenv("CPI_CONFIG"))["auth_url"]); strings.HasPrefix(url, "https:") {
		t.Fatal("the VMs are played on this machine by who sees the CPI's requests, which is impossible with " + url + ": take an auth_url with http")
	}
}

// makeRelease makes the release and returns the paths of its tarballs.
func makeRelease(t *testing.T) (source, compiled string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "src/version"))
	require.NoError(t, err)
	version := strings.TrimSpace(string(content))
	run(t, root, nil, "scripts/blobs")
	first := clone(t)
	run(t, root, nil, "cp", "-R", "blobs", first)
	results := filepath.Join(first, "releases/bosh-openstack-cpi/openstack_cpi-"+version+"+spec")
	source, compiled = results+".tgz", results+"-compiled.tgz"
	var said string
	t.Run("made, with packages compiled as a director does", func(t *testing.T) {
		said = createRelease(t, first, "--version", version+"+spec")
		t.Log(said)
		for _, release := range []string{source, compiled} {
			assert.Contains(t, said, checksum(t, release))
			assert.Contains(t, said, filepath.Base(release))
			assert.Contains(t, run(t, first, nil, boshCLI(t), "inspect-local-release", release), "openstack_cpi_golang")
		}
	})
	require.False(t, t.Failed())
	t.Run("the same commit makes the same release", func(t *testing.T) {
		second := filepath.Join(t.TempDir(), "second")
		run(t, first, nil, "git", "clone", "-q", ".", second)
		run(t, first, nil, "cp", "-R", "blobs", second)
		again := createRelease(t, second, "--version", version+"+spec", "--no-compile")
		assert.Equal(t, again, said[:len(again)])
	})
	t.Run("executables for other platforms", func(t *testing.T) { platforms(t, compiled, version) })
	return source, compiled
}

// createRelease keeps what bosh remembers of the release away from this user's.
func createRelease(t *testing.T, dir string, options ...string) string {
	t.Helper()
	settings := []string{"HOME=" + t.TempDir()}
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE"} {
		settings = append(settings, name+"="+strings.TrimSpace(run(t, root, nil, "go", "env", name)))
	}
	return run(t, dir, environment(settings...), "scripts/create-release", options...)
}

// The executable tells its version to people and to the cloud, so a release may not claim another one.
func TestVersion(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1000.0.0", "0.1", "0.1.0-rc.1", "0.1.01"} {
		said, err := try(t, root, nil, "scripts/create-release", "--version", version)
		require.Error(t, err)
		assert.Contains(t, said, "scripts/create-release: src/version is ")
	}
}

// platforms looks at the executables of a compiled release: what each is for, that none needs a library, and which version
// those tell that run here.
func platforms(t *testing.T, release, version string) {
	t.Helper()
	dir := t.TempDir()
	run(t, dir, nil, "tar", "-xzf", release)
	run(t, dir, nil, "tar", "-xzf", "compiled_packages/openstack_cpi.tgz")
	for _, platform := range []struct{ name, emulator, goos, goarch string }{
		{"Linux-x86_64", "qemu-x86_64-static", "linux", "amd64"},
		{"Linux-aarch64", "qemu-aarch64-static", "linux", "arm64"},
		{"Darwin-x86_64", "", "darwin", "amd64"},
		{"Darwin-arm64", "", "darwin", "arm64"},
	} {
		executable, emulator := filepath.Join("bin", platform.name, "openstack_cpi"), platform.emulator
		if platform.goos+"/"+platform.goarch == runtime.GOOS+"/"+runtime.GOARCH {
			executable, emulator = "bin/openstack_cpi", "env"
		}
		said := run(t, dir, nil, "go", "version", "-m", executable)
		for _, setting := range []string{"GOOS=" + platform.goos, "GOARCH=" + platform.goarch, "CGO_ENABLED=0"} {
			assert.Contains(t, said, setting, executable)
		}
		if _, err := exec.LookPath(emulator); err != nil {
			t.Logf("%s was not run: there is no %s", executable, cmp.Or(emulator, "emulator of macOS"))
			continue
		}
		said = run(t, dir, nil, emulator, "./"+executable, "version")
		assert.Regexp(t, "^openstack_cpi "+regexp.QuoteMeta(version)+" .*"+platform.goos+"/"+platform.goarch, said)
		t.Logf("%s was run: %s", executable, said)
	}
}
