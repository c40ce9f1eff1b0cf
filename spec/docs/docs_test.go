// Package docs_test checks that the documents name things that exist.
package docs_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// markdown is one document of the repository.
type markdown struct {
	name string // path from the root
	text string
}

// documents returns all Markdown files of the repository but those of vendored
// modules.
func documents(t *testing.T) []markdown {
	t.Helper()
	var all []markdown
	for _, name := range files(t) {
		if path.Ext(name) == ".md" && !strings.HasPrefix(name, "src/vendor/") {
			content, err := os.ReadFile(filepath.Join(root, name))
			require.NoError(t, err)
			all = append(all, markdown{name, string(content)})
		}
	}
	require.NotEmpty(t, all)
	return all
}

// files returns the files that are in the repository or about to be added.
func files(t *testing.T) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard")
	command.Dir = root
	output, err := command.Output()
	require.NoError(t, err)
	return slices.DeleteFunc(strings.Split(strings.TrimSpace(string(output)), "\n"), func(name string) bool {
		_, err := os.Lstat(filepath.Join(root, name))
		return err != nil
	})
}

var (
	fence  = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inline = regexp.MustCompile("`[^`\n]+`")
	// link matches [text](target), definition matches [label]: target.
	link       = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	definition = regexp.MustCompile(`(?m)^\[([^\]]+)\]: (\S+)$`)
	reference  = regexp.MustCompile(`\]\[([^\]]+)\]`)
	heading    = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	// unlinked is what GitHub leaves out of the name of a heading.
	unlinked = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// prose returns the text without code.
func (m markdown) prose() string {
	return inline.ReplaceAllString(fence.ReplaceAllString(m.text, ""), "")
}

// anchors returns the names under which GitHub links to the headings.
func (m markdown) anchors() []string {
	var names []string
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(m.text, ""), -1) {
		name := strings.ToLower(link.ReplaceAllString(match[1], ""))
		names = append(names, strings.ReplaceAll(unlinked.ReplaceAllString(name, ""), " ", "-"))
	}
	return names
}

// Links lead to files and headings that exist.
func TestLinks(t *testing.T) {
	t.Parallel()
	anchors := map[string][]string{}
	all := documents(t)
	for _, document := range all {
		anchors[document.name] = document.anchors()
	}
	for _, document := range all {
		prose := document.prose()
		var targets []string
		for _, match := range link.FindAllStringSubmatch(prose, -1) {
			targets = append(targets, match[1])
		}
		labels := map[string]bool{}
		for _, match := range definition.FindAllStringSubmatch(prose, -1) {
			labels[match[1]] = true
			targets = append(targets, match[2])
		}
		for _, match := range reference.FindAllStringSubmatch(prose, -1) {
			assert.Contains(t, labels, match[1], "%s: no definition of [%s]", document.name, match[1])
		}
		for _, target := range targets {
			if strings.Contains(target, "://") {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			name := document.name
			if file != "" {
				name = path.Join(path.Dir(document.name), file)
			}
			_, err := os.Stat(filepath.Join(root, name))
			if assert.NoError(t, err, "%s: link to %s", document.name, target) && anchor != "" {
				assert.Contains(t, anchors[name], anchor, "%s: link to %s", document.name, target)
			}
		}
	}
}

// A document of the documentation is reachable from its index.
func TestIndex(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "docs/README.md"))
	require.NoError(t, err)
	linked := map[string]bool{"docs/README.md": true}
	for _, match := range link.FindAllStringSubmatch(string(content), -1) {
		linked[path.Join("docs", match[1])] = true
	}
	for _, document := range documents(t) {
		assert.True(t, linked[document.name], "docs/README.md does not link to %s", document.name)
	}
}

// A decision has a number of its own, a status and a date.
func TestDecisions(t *testing.T) {
	t.Parallel()
	numbers := map[string]string{}
	for _, document := range documents(t) {
		name, isDecision := strings.CutPrefix(document.name, "docs/decisions/")
		if !isDecision {
			continue
		}
		number, _, _ := strings.Cut(name, "-")
		assert.Empty(t, numbers[number], "%s has the number of another decision", name)
		numbers[number] = name
		assert.Regexp(t, `^# `+strings.TrimLeft(number, "0")+`\. .+\n\nStatus: .+ · Date: \d{4}-\d{2}-\d{2}\n\n## Context\n`, document.text, name)
		assert.Regexp(t, `(?s)\n## Decision\n.*\n## Consequences\n`, document.text, name)
	}
	assert.NotEmpty(t, numbers)
}

// Text wraps at 100 columns. Tables, code and the targets of links do not wrap.
func TestWidth(t *testing.T) {
	t.Parallel()
	for _, document := range documents(t) {
		for line := range strings.SplitSeq(fence.ReplaceAllString(document.text, ""), "\n") {
			if !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "    ") && !definition.MatchString(line) {
				assert.LessOrEqual(t, utf8.RuneCountInString(line), 100, "%s: %s", document.name, line)
			}
		}
	}
}

// repositoryPath matches a path that begins with a folder of the repository.
var repositoryPath = regexp.MustCompile(`(?:^|[\s"'(=]|\./)((?:\.ci|config|docs|jobs|manifests|packages|scripts|spec|src)/[\w./{},*-]*\w/?)`)

// Files, folders and scripts that the documents name exist.
func TestPaths(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, name := range files(t) {
		for ; name != "."; name = path.Dir(name) {
			known[name] = true
		}
	}
	for _, document := range documents(t) {
		for _, name := range namedPaths(document) {
			name = strings.TrimSuffix(name, "/")
			relative := path.Join(path.Dir(document.name), name)
			assert.True(t, known[name] || known[relative] || known["src/"+name], "%s names %s", document.name, name)
		}
	}
}

// namedPaths returns the paths in the document's code, without those that are
// patterns.
func namedPaths(document markdown) []string {
	var names []string
	for _, code := range document.code() {
		for _, match := range repositoryPath.FindAllStringSubmatch(code, -1) {
			name := strings.TrimSuffix(match[1], "/...")
			if !strings.ContainsAny(name, "*{,") {
				names = append(names, name)
			}
		}
	}
	return names
}

// code returns inline code, fenced code and indented code.
func (m markdown) code() []string {
	blocks := fence.FindAllString(m.text, -1)
	rest := fence.ReplaceAllString(m.text, "")
	for _, span := range inline.FindAllString(rest, -1) {
		blocks = append(blocks, strings.Trim(span, "`"))
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if strings.HasPrefix(line, "    ") {
			blocks = append(blocks, line)
		}
	}
	return blocks
}

var (
	// command matches the call of a program, up to the end of the call.
	command = regexp.MustCompile(`(?:^|\s)(scripts/[a-z-]+|go run \./src/cmd/openstack_simulator)((?: +[^\s|;&#]+)*)`)
	option  = regexp.MustCompile(`--[a-z][a-z-]*`)
	// field matches a field that kong makes an option, word a part of its name.
	field = regexp.MustCompile(`(?m)^\s+([A-Z]\w+) +.*help:"`)
	word  = regexp.MustCompile(`[A-Z]+[a-z0-9]*`)
)

// programs are the packages that define the options of a command.
var programs = map[string]string{
	"scripts/bench":                        "spec/bench",
	"scripts/demo":                         "spec/demo",
	"scripts/acceptance":                   "spec/acceptance",
	"go run ./src/cmd/openstack_simulator": "src/cmd/openstack_simulator",
}

// Options that the documents give to commands are defined in their sources.
func TestOptions(t *testing.T) {
	t.Parallel()
	for _, document := range documents(t) {
		for _, code := range document.code() {
			for _, match := range command.FindAllStringSubmatch(code, -1) {
				for _, name := range option.FindAllString(match[2], -1) {
					assert.Contains(t, sources(t, match[1]), name, "%s: %s has no option %s", document.name, match[1], name)
				}
			}
		}
	}
}

// sources returns the text that defines the options of a command.
func sources(t *testing.T, command string) string {
	t.Helper()
	var text strings.Builder
	for _, name := range files(t) {
		inScript := name == command || strings.HasPrefix(name, command+".d/")
		inProgram := programs[command] != "" && strings.HasPrefix(name, programs[command]+"/")
		if !inScript && !inProgram {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		text.Write(content)
		for _, match := range field.FindAllStringSubmatch(string(content), -1) {
			text.WriteString(" --" + strings.ToLower(strings.Join(word.FindAllString(match[1], -1), "-")))
		}
	}
	return text.String() + " --help"
}
