// Package workflows_test checks the workflows for GitHub Actions, which do not
// run where the tests do.
package workflows_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

// step is a step of a job.
type step struct {
	Name, Uses, Run string
}

// steps returns the steps of each workflow.
func steps(t *testing.T) map[string][]step {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	found := map[string][]step{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var workflow struct {
			Jobs map[string]struct{ Steps []step }
		}
		require.NoError(t, yaml.Unmarshal(content, &workflow))
		for _, job := range workflow.Jobs {
			found[filepath.Base(file)] = append(found[filepath.Base(file)], job.Steps...)
		}
	}
	return found
}

// actionlint checks syntax, expressions, types of inputs, and the shell commands
// if shellcheck is installed.
func TestActionlint(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "go", "tool", "-modfile=scripts/tools/publish/go.mod", "actionlint", "-no-color")
	command.Dir = root
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

// Actions of others are named by their commit, because tags can be moved.
func TestActionsAreFixed(t *testing.T) {
	t.Parallel()
	for file, all := range steps(t) {
		for _, s := range all {
			if s.Uses != "" {
				assert.Regexp(t, `^[\w-]+/[\w-]+@[0-9a-f]{40}$`, s.Uses, file)
			}
		}
	}
}

// The scripts in steps exist and have the options.
func TestCommandsExist(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`(?m)(scripts/[\w-]+)(.*)$`)
	option := regexp.MustCompile(`--[a-z-]+`)
	var checked int
	for file, all := range steps(t) {
		for _, s := range all {
			for _, match := range command.FindAllStringSubmatch(s.Run, -1) {
				content, err := os.ReadFile(filepath.Join(root, match[1]))
				require.NoError(t, err, file)
				for _, name := range option.FindAllString(match[2], -1) {
					assert.Contains(t, string(content), name, "%s in %s", match[0], file)
				}
				checked++
			}
		}
	}
	assert.GreaterOrEqual(t, checked, 8)
}

// stepNamed returns the commands of a step.
func stepNamed(t *testing.T, file, name string) string {
	t.Helper()
	for _, s := range steps(t)[file] {
		if s.Name == name {
			return s.Run
		}
	}
	t.Fatalf("%s has no step %q", file, name)
	return ""
}

// bash runs commands as GitHub does, and returns whether they succeeded.
func bash(t *testing.T, dir, commands string, environment ...string) error {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", commands)
	command.Dir, command.Env = dir, append(os.Environ(), environment...)
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	return err
}

// The notes of a release are its section of the changelog.
func TestNotesOfARelease(t *testing.T) {
	t.Parallel()
	dir, temporary := t.TempDir(), t.TempDir()
	releases := filepath.Join(dir, "releases/bosh-openstack-cpi")
	require.NoError(t, os.MkdirAll(releases, 0o750))
	for name, content := range map[string]string{
		"sbom.cdx.json": "{}", "releases/bosh-openstack-cpi/cpi.tgz": "tarball",
		"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n- later\n\n## [1.2.3] - 2026-12-01\n\n- now\n\n## [1.2.2] - 2026-11-01\n\n- before\n\n[1.2.3]: https://example.com\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	commands := stepNamed(t, "release.yml", "Checksums and notes")
	require.NoError(t, bash(t, dir, commands, "GITHUB_REF_NAME=v1.2.3", "RUNNER_TEMP="+temporary))
	notes, err := os.ReadFile(filepath.Join(temporary, "notes.md"))
	require.NoError(t, err)
	assert.Equal(t, "- now", strings.TrimSpace(string(notes)))
	sums, err := os.ReadFile(filepath.Join(releases, "SHA256SUMS"))
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^[0-9a-f]{64}  cpi\.tgz$`, string(sums))
	require.Error(t, bash(t, dir, commands, "GITHUB_REF_NAME=v9.9.9", "RUNNER_TEMP="+temporary), "a version without a section")
}

// The variables of the openrc file of DevStack reach the steps after it: those of
// the user, and those of the administrator under other names.
func TestCredentialsOfDevStack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "devstack"), 0o750))
	openrc := "export OS_USERNAME=$1 OS_PROJECT_NAME=$2 OS_PASSWORD=secret OS_AUTH_URL=http://203.0.113.5/identity OS_USER_DOMAIN_ID=default\n" +
		"undefined_command 2>/dev/null\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "devstack/openrc"), []byte(openrc), 0o600))
	commands := strings.ReplaceAll(stepNamed(t, "acceptance.yml", "Credentials"), "${{ matrix.name }}", "epoxy")
	script := filepath.Join(dir, "script")
	require.NoError(t, os.WriteFile(script, []byte(commands), 0o600))
	variables := filepath.Join(dir, "env")
	require.NoError(t, bash(t, dir, "env -i PATH=\"$PATH\" GITHUB_ENV="+variables+" bash "+script)) // shell: bash {0}
	content, err := os.ReadFile(variables)
	require.NoError(t, err)
	for _, line := range []string{
		"CPI_ADMIN_USERNAME=admin", "CPI_ADMIN_PASSWORD=secret", "CPI_ADMIN_PROJECT_NAME=admin", "OS_USERNAME=demo", "OS_PROJECT_NAME=demo",
		"OS_AUTH_URL=http://203.0.113.5/identity", "CPI_RELEASE=devstack-epoxy",
	} {
		assert.Contains(t, strings.Split(string(content), "\n"), line)
	}
}
