package jobs_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "rewrite jobs/openstack_cpi_golang and docs/properties.md")

// otherName is another name of the job, which some manifests use.
const otherName = "openstack_cpi_golang"

// The job with the other name differs only in its name. It is a copy because
// BOSH computes the fingerprint of a symbolic link from its target path.
func TestOtherName(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for name, content := range tree(t, filepath.Join(root, "jobs", job)) {
		content = strings.Replace(content, "\nname: "+job+"\n", "\nname: "+otherName+"\n", 1)
		want[name] = strings.Replace(content, "\njob="+job+"\n", "\njob="+otherName+"\n", 1)
	}
	directory := filepath.Join(root, "jobs", otherName)
	if *update {
		require.NoError(t, os.RemoveAll(directory))
		for name, content := range want {
			write(t, filepath.Join(directory, name), content)
		}
	}
	assert.Equal(t, want, tree(t, directory), "run: go test ./spec/jobs -update")
	assert.Contains(t, want["spec"], "\nname: "+otherName+"\n")
	assert.Contains(t, want["templates/cpi.erb"], "\njob="+otherName+"\n")
}

// docs/properties.md is generated from the job's spec.
func TestDocumentedProperties(t *testing.T) {
	t.Parallel()
	file := filepath.Join(root, "docs/properties.md")
	want := document(t)
	if *update {
		write(t, file, want)
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, want, string(content), "run: go test ./spec/jobs -update")
}

// document returns docs/properties.md, with the properties in the order of the
// spec.
func document(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "jobs", job, "spec"))
	require.NoError(t, err)
	var spec struct{ Properties yaml.Node }
	require.NoError(t, yaml.Unmarshal(content, &spec))
	var b strings.Builder
	fmt.Fprintf(&b, "# Properties of the job\n\nThe jobs `%s` and `%s` differ in their names only. This file is\n"+
		"generated from `jobs/%s/spec` by `go test ./spec/jobs -update`.\n\n| property | meaning | default | example |\n|---|---|---|---|\n", job, otherName, job)
	for i := 0; i < len(spec.Properties.Content); i += 2 {
		var property property
		require.NoError(t, spec.Properties.Content[i+1].Decode(&property))
		meaning := strings.ReplaceAll(strings.Join(strings.Fields(property.Description), " "), "|", `\|`)
		require.NotEmpty(t, meaning, spec.Properties.Content[i].Value)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", spec.Properties.Content[i].Value, meaning, code(t, property.Default), code(t, property.Example))
	}
	return b.String()
}

// code formats a value as JSON, which is valid YAML, and text without quotes.
func code(t *testing.T, value any) string {
	t.Helper()
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return "`" + value + "`"
	default:
		text, err := json.Marshal(value)
		require.NoError(t, err)
		return "`" + string(text) + "`"
	}
}

// tree reads all files below a directory.
func tree(t *testing.T, directory string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(directory), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(directory, path))
		files[path] = string(content)
		return err
	}))
	return files
}

func write(t *testing.T, file, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
}
