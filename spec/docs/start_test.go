package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var variable = regexp.MustCompile(`\(\(([a-z0-9_]+)\)\)`)

// docs/getting-started.md shows every variable of manifests/cpi.yml.
func TestVariablesOfTheStart(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		return string(content)
	}
	found := variable.FindAllStringSubmatch(read("manifests/cpi.yml"), -1)
	require.NotEmpty(t, found)
	page := read("docs/getting-started.md")
	for _, match := range found {
		assert.Regexp(t, `(?m)^    `+match[1]+`: .`, page)
	}
}
