package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct {
		code   int
		stdout string
		stderr string
	}{
		"version":                 {0, "openstack_cpi dev (go", ""},
		"version -help":           {0, "Usage:\n  openstack_cpi version\n", ""},
		"version 2":               {2, "", `openstack_cpi version: unknown argument "2"`},
		"version -fly":            {2, "", "See openstack_cpi version -help."},
		"--help":                  {0, "", "Commands"},
		"-h":                      {0, "", "-ca-cert FILE"},
		"":                        {2, "", "Usage:"},
		"doctro":                  {2, "", "unknown command doctro; did you mean doctor?"},
		"xyz":                     {2, "", "unknown command xyz; commands: call, completion, doctor, orphans, "},
		"has_vm x":                {2, "", "has_vm is a method of the CPI: openstack_cpi call has_vm"},
		"doctor -confg x":         {3, "", "there is no option -confg; did you mean -config?"},
		"doctor -config bosh.yml": {3, "", "belongs to -manifest"},
		"orphans -min-age 5":      {2, "", "-min-age needs a unit: 90s, 30m, 2h"},
		"-fly":                    {2, "", "flag provided but not defined"},
		"-config /absent":         {0, `"pong"`, ""},
	} {
		var stdout, stderr bytes.Buffer
		request := `{"method":"ping","arguments":[],"context":{"director_uuid":"d"}}`
		code := run(t.Context(), strings.Fields(args), streams{strings.NewReader(request), &stdout, &stderr})
		assert.Equal(t, want.code, code, args)
		assert.Contains(t, stdout.String(), want.stdout, args)
		assert.Contains(t, stderr.String(), want.stderr, args)
		if want.stdout == "" {
			assert.Empty(t, stdout.String(), args)
		}
	}
}

func TestHelpOfEveryCommand(t *testing.T) {
	t.Parallel()
	var all bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"-help"}, streams{logs: &all}))
	for _, c := range commands() {
		assert.Contains(t, all.String(), "\n  "+c.name+" ")
		var stdout bytes.Buffer
		assert.Equal(t, 0, run(t.Context(), append(strings.Fields(c.name), "--help"), streams{strings.NewReader(""), &stdout, &bytes.Buffer{}}))
		assert.Contains(t, stdout.String(), "Usage:\n  openstack_cpi "+c.name)
		for _, example := range c.examples {
			assert.Contains(t, stdout.String(), example)
			assert.Contains(t, example, "openstack_cpi "+c.name)
		}
	}
}

func TestOptionsStandAnywhere(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-json a b":            "true [a b]",
		"a -json b":            "true [a b]",
		"a b --json":           "true [a b]",
		"a -- -json":           "false [a -json]",
		"-- a -json":           "false [a -json]",
		"a -min-age 5s -json":  "true [a]",
		"a -min-age=5s b -- c": "false [a b c]",
	} {
		created := newOrphansCommand(streams{}, false)
		rest, err := parse(command{}.flags(created), strings.Fields(args))
		require.NoError(t, err)
		assert.Equal(t, want, sprint(created.json, rest), args)
	}
}
