package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct {
		code   int
		stdout string
		stderr string
	}{
		"version":         {0, "openstack_cpi dev (go", ""},
		"--help":          {0, "", "Usage:"},
		"-h":              {0, "", "-ca-cert FILE"},
		"":                {2, "", "Usage:"},
		"fly":             {2, "", "Usage:"},
		"-fly":            {2, "", "flag provided but not defined"},
		"-config /absent": {0, `"pong"`, ""},
	} {
		var stdout, stderr bytes.Buffer
		request := `{"method":"ping","arguments":[],"context":{"director_uuid":"d"}}`
		code := run(t.Context(), strings.Fields(args), strings.NewReader(request), &stdout, &stderr)
		assert.Equal(t, want.code, code, args)
		assert.Contains(t, stdout.String(), want.stdout, args)
		assert.Contains(t, stderr.String(), want.stderr, args)
		if want.stdout == "" {
			assert.Empty(t, stdout.String(), args)
		}
	}
}
