// Package release_test creates the BOSH release and installs a director with
// it, with the real bosh command line and the real BOSH agent.
//
// Tests that take minutes need CPI_TARBALL: "make" creates the release and
// installs a director with each of its tarballs, any other value is the path of
// a tarball to install. With CPI_TARGET=openstack, CPI_CONFIG and CPI_FIXTURES,
// as in spec/lifecycle, a director is installed on that cloud instead of the
// simulator; with "make", the compiled tarball is. scripts/acceptance does all
// of this.
//
// With CPI_STEMCELL, a stemcell of scripts/stemcell, the director's VM boots on
// that cloud (docs/booting.md). Without it, an agent on this machine replaces
// the VM.
package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// run executes a command below dir and returns what it wrote to stdout.
func run(t *testing.T, dir string, environment []string, name string, args ...string) string {
	t.Helper()
	output, err := try(t, dir, environment, name, args...)
	require.NoError(t, err, output)
	return output
}

// try executes a command that may fail. After an error it returns stdout and
// stderr.
func try(t *testing.T, dir string, environment []string, name string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = dir, environment
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stdout.String() + stderr.String(), err
	}
	return stdout.String(), nil
}

// environment returns this process's environment with additional values.
func environment(values ...string) []string { return append(os.Environ(), values...) }

func checksum(t *testing.T, file string) string {
	t.Helper()
	sum, _, _ := strings.Cut(run(t, root, nil, "sha256sum", file), " ")
	return sum
}

// boshCLI returns the path of the bosh command line.
func boshCLI(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(run(t, root, nil, "go", "tool", "-modfile=scripts/tools/go.mod", "-n", "bosh-cli"))
}

// build compiles a program of one of this project's modules.
func build(t *testing.T, modfile, name string) string {
	t.Helper()
	executable := filepath.Join(t.TempDir(), filepath.Base(name))
	run(t, root, environment("CGO_ENABLED=0"), "go", "build", "-modfile="+modfile, "-buildvcs=false", "-o", executable, name)
	return executable
}

// clone copies the project's files, committed or not, and commits them: the
// bosh command line requires a clean tree.
func clone(t *testing.T) string {
	t.Helper()
	copied := t.TempDir()
	files := filepath.Join(t.TempDir(), "files")
	listed := run(t, root, nil, "git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z")
	var present strings.Builder
	for file := range strings.SplitSeq(strings.TrimSuffix(listed, "\x00"), "\x00") {
		if _, err := os.Lstat(filepath.Join(root, file)); err == nil {
			present.WriteString(file + "\x00")
		}
	}
	require.NoError(t, os.WriteFile(files, []byte(present.String()), 0o600))
	run(t, root, nil, "bash", "-c", `tar --create --null --files-from="$1" | tar --extract --directory="$2"`, "bash", files, copied)
	run(t, copied, nil, "git", "init", "-q")
	commit(t, copied)
	return copied
}

func commit(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, nil, "git", "add", "--all")
	author := environment("GIT_AUTHOR_NAME=spec", "GIT_AUTHOR_EMAIL=spec@localhost", "GIT_COMMITTER_NAME=spec", "GIT_COMMITTER_EMAIL=spec@localhost",
		"GIT_AUTHOR_DATE=2000-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2000-01-01T00:00:00Z")
	run(t, dir, author, "git", "commit", "-q", "--no-gpg-sign", "--message", "A release")
}
