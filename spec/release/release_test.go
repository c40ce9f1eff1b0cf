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

	"github.com/piston/openstack-bosh-cpi/spec/settings"
)

// TestRelease creates the release and installs a director with it: from sources
// on the simulator, and compiled on the cloud that the environment selects.
func TestRelease(t *testing.T) {
	switch os.Getenv("CPI_TARBALL") {
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
			assert.Equal(t, found, made, "bosh compiles a different executable than the compiled release contains")
		}
	default:
		needHTTP(t)
		createEnv(t, settings.Path("CPI_TARBALL"))
	}
}

// needHTTP fails a test on a cloud with https, because the proxy of agentVMs
// cannot read its requests.
func needHTTP(t *testing.T) {
	t.Helper()
	if os.Getenv("CPI_TARGET") != "openstack" {
		return
	}
	if url := fmt.Sprint(readProperties(t, settings.Path("CPI_CONFIG"))["auth_url"]); strings.HasPrefix(url, "https:") {
		t.Fatal("agents on this machine replace VMs, which needs a proxy that reads the CPI's requests: use an auth_url with http instead of " + url)
	}
}

// makeRelease creates the release and returns the paths of its tarballs.
func makeRelease(t *testing.T) (source, compiled string) {
	t.Helper()
	version := sourceVersion(t)
	run(t, root, nil, "scripts/blobs")
	first := clone(t)
	run(t, root, nil, "cp", "-R", "blobs", first)
	results := filepath.Join(first, "releases/bosh-openstack-cpi/bosh-openstack-cpi-"+version+"+spec")
	source, compiled = results+".tgz", results+"-ubuntu-noble-1.0.tgz"
	var output string
	t.Run("created, with packages compiled as by a director", func(t *testing.T) {
		output = createRelease(t, first, "--version", version+"+spec")
		t.Log(output)
		for _, release := range []string{source, compiled, results + "-ubuntu-jammy-1.0.tgz"} {
			assert.Contains(t, output, checksum(t, release))
			assert.Contains(t, output, filepath.Base(release))
			assert.Contains(t, run(t, first, nil, boshCLI(t), "inspect-local-release", release), "openstack_cpi_golang")
		}
	})
	require.False(t, t.Failed())
	t.Run("the release is reproducible", func(t *testing.T) {
		second := filepath.Join(t.TempDir(), "second")
		run(t, first, nil, "git", "clone", "-q", ".", second)
		run(t, first, nil, "cp", "-R", "blobs", second)
		again := createRelease(t, second, "--version", version+"+spec", "--no-compile")
		assert.Equal(t, again, output[:len(again)])
	})
	t.Run("executables for other platforms", func(t *testing.T) { platforms(t, compiled, version) })
	return source, compiled
}

// createRelease runs scripts/create-release with a temporary HOME for bosh.
func createRelease(t *testing.T, dir string, options ...string) string {
	t.Helper()
	settings := []string{"HOME=" + t.TempDir()}
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE"} {
		settings = append(settings, name+"="+strings.TrimSpace(run(t, root, nil, "go", "env", name)))
	}
	return run(t, dir, environment(settings...), "scripts/create-release", options...)
}

// A release must have the version of its executable.
func TestVersion(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1000.0.0", "0.1", "0.1.0-rc.1", "0.1.01"} {
		output, err := try(t, root, nil, "scripts/create-release", "--version", version)
		require.Error(t, err)
		assert.Contains(t, output, "scripts/create-release: src/version is ")
	}
}

// maxSize is the limit of the executable that directors start, in bytes.
const maxSize = 11_000_000

// platforms checks the executables of a compiled release: their platform, that
// they are statically linked, the size of those that directors start, and the
// printed version of those that run on this machine.
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
		bin, emulator := filepath.Join("bin", platform.name), platform.emulator
		if platform.goos+"/"+platform.goarch == runtime.GOOS+"/"+runtime.GOARCH {
			bin, emulator = "bin", "env"
		}
		info, err := os.Stat(filepath.Join(dir, bin, "openstack_cpi"))
		require.NoError(t, err)
		assert.LessOrEqual(t, info.Size(), int64(maxSize), bin)
		for _, executable := range []string{bin + "/openstack_cpi", bin + "/openstack_cpi_commands"} {
			output := run(t, dir, nil, "go", "version", "-m", executable)
			for _, setting := range []string{"GOOS=" + platform.goos, "GOARCH=" + platform.goarch, "CGO_ENABLED=0"} {
				assert.Contains(t, output, setting, executable)
			}
			if _, err := exec.LookPath(emulator); err != nil {
				t.Logf("%s was not run: there is no %s", executable, cmp.Or(emulator, "emulator of macOS"))
				continue
			}
			output = run(t, dir, nil, emulator, "./"+executable, "version")
			assert.Regexp(t, "^openstack_cpi "+regexp.QuoteMeta(version)+" .*"+platform.goos+"/"+platform.goarch, output)
			t.Logf("%s was run: %s", executable, output)
		}
	}
}
