package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sprint(values ...any) string { return strings.TrimSuffix(fmt.Sprintln(values...), "\n") }

// completed returns the completions of a command line whose last word is being
// typed.
func completed(t *testing.T, words ...string) string {
	t.Helper()
	var stdout bytes.Buffer
	require.Equal(t, 0, run(t.Context(), append([]string{completeWord}, words...), streams{out: &stdout}))
	found := []string{}
	for line := range strings.Lines(stdout.String()) {
		word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		found = append(found, word)
	}
	return strings.Join(found, " ")
}

func TestCompletions(t *testing.T) {
	t.Parallel()
	assert.Contains(t, completed(t, ""), "orphans")
	assert.NotContains(t, completed(t, ""), "orphans delete")
	assert.Equal(t, "orphans", completed(t, "orp"))
	assert.Equal(t, "-ca-cert -cache -config -help", completed(t, "-"))
	assert.Equal(t, filesWord, completed(t, "-config", "x"))
	assert.Equal(t, "delete", completed(t, "orphans", ""))
	assert.Equal(t, "-ca-cert -config", completed(t, "orphans", "-c"))
	assert.Equal(t, filesWord, completed(t, "orphans", "-json", "-known", ""))
	assert.Empty(t, completed(t, "orphans", "-director", ""))
	assert.Equal(t, "-yes", completed(t, "orphans", "delete", "-y"))
	assert.Empty(t, completed(t, "orphans", "-y"))
	assert.Equal(t, "bash fish zsh", sorted(completed(t, "completion", "")))
}

func TestCompletionOfAnUnknownShell(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	for _, args := range []string{"completion", "completion tcsh", "completion bash zsh"} {
		assert.Equal(t, 2, run(t.Context(), strings.Fields(args), streams{strings.NewReader(""), &stdout, &stderr}))
	}
	assert.Empty(t, stdout.String())
	assert.Contains(t, stderr.String(), `no completion for the shell "tcsh"`)
}

func sorted(words string) string {
	fields := strings.Fields(words)
	slices.Sort(fields)
	return strings.Join(fields, " ")
}

// TestCompletionInShells completes command lines in the shells themselves.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	program := filepath.Join(folder, "openstack_cpi")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(output))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "cpi.json"), nil, 0o600))
	for shell, script := range map[string]string{
		"bash": `source <(openstack_cpi completion bash)
			try() { COMP_WORDS=(openstack_cpi "$@"); COMP_CWORD=$#; _openstack_cpi; echo "${COMPREPLY[*]}"; }
			try orp; try orphans -kn; try -config cp; try orphans delete -yes -inc`,
		"zsh": `compdef() { :; }; _files() { print -l cp*; }; _describe() { print -l -- "${(@)found%%:*}"; }
			source <(openstack_cpi completion zsh)
			try() { words=(openstack_cpi "$@"); CURRENT=$#words; _openstack_cpi; }
			try orp; try orphans -kn; try -config cp; try orphans delete -yes -inc`,
		"fish": `openstack_cpi completion fish | source
			for line in "openstack_cpi orp" "openstack_cpi orphans -kn" "openstack_cpi -config cp" "openstack_cpi orphans delete -yes -inc"
				complete -C $line | string replace -r '\t.*' ''
			end`,
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("%s is not installed", shell)
			}
			assert.Equal(t, []string{"orphans", "-known", "cpi.json", "-include-announced"}, strings.Fields(inShell(t.Context(), t, folder, path, script)))
		})
	}
}

func inShell(ctx context.Context, t *testing.T, folder, shell, script string) string {
	t.Helper()
	started := exec.CommandContext(ctx, shell, "-c", script)
	started.Dir = folder
	started.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "HOME="+folder)
	output, err := started.CombinedOutput()
	require.NoError(t, err, string(output))
	return string(output)
}
