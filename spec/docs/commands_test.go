package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/target"
)

// tools is a folder with the executable and a program bosh, for PATH.
type tools string

// newTools builds them. The program bosh interpolates manifests, and prints what
// a director would from the files of the working directory.
func newTools(t *testing.T) tools {
	t.Helper()
	dir := t.TempDir()
	_, err := target.Build(t.Context(), dir)
	require.NoError(t, err)
	script := "#!/bin/sh\ncase $1 in\ninterpolate) exec " + boshCLI(t) + ` "$@" ;;
cloud-config) cat cloud-config.yml ;;
instances) cat director/instances.json ;;
task) cat task.log ;;
*) echo "no answer to bosh $*" >&2; exit 9 ;;
esac
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bosh"), []byte(script), 0o700))
	return tools(dir)
}

// boshCLI returns the path of the command line of BOSH.
func boshCLI(t *testing.T) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "tool", "-modfile=scripts/tools/go.mod", "-n", "bosh-cli")
	command.Dir = root
	path, err := command.Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(path))
}

var (
	// continued matches the end of a line that goes on in the next one.
	continued = regexp.MustCompile(`(\\|\|)\n\s*`)
	// ours matches a command line of the executable for people.
	ours = regexp.MustCompile(`^(?:\. openrc && |OS_CLOUD=\w+ |source <\(|bosh .*\| *|build/|/var/vcap/packages/openstack_cpi/bin/)?openstack_cpi [a-z]+\b`)
	// ofBOSH matches a call of the command line of BOSH.
	ofBOSH = regexp.MustCompile(`\bbosh ((?:-d \S+ )?[a-z][a-z-]+)((?: [^|<>&;()#` + "`" + `]*)?)`)
)

// commands returns the command lines in the document's code. In a block with
// prompts, only lines with one are commands.
func (m markdown) commands() (all []string) {
	for _, block := range m.blocks() {
		block = continued.ReplaceAllStringFunc(block, func(end string) string { return strings.ReplaceAll(end[:1], `\`, "") + " " })
		prompted := strings.Contains("\n"+block, "\n$ ")
		for line := range strings.SplitSeq(block, "\n") {
			line, isCommand := strings.CutPrefix(strings.TrimLeft(line, " "), "$ ")
			if line != "" && (isCommand || !prompted) {
				all = append(all, line)
			}
		}
	}
	return all
}

// blocks returns fenced and indented code without its indentation.
func (m markdown) blocks() (all []string) {
	for _, block := range fence.FindAllString(m.text, -1) {
		lines := strings.Split(block, "\n")
		all = append(all, strings.Join(lines[1:len(lines)-1], "\n"))
	}
	indented := regexp.MustCompile(`(?m)(?:^    .*\n|^\n)+`)
	for _, block := range indented.FindAllString(fence.ReplaceAllString(m.text, "")+"\n", -1) {
		if text := strings.Trim(block, "\n"); text != "" {
			all = append(all, strings.ReplaceAll("\n"+text, "\n    ", "\n")[1:])
		}
	}
	return all
}

// Commands in the documents can be typed as they are.
func TestCommands(t *testing.T) {
	t.Parallel()
	installed := newTools(t)
	pages := transcripts()
	for _, document := range documents(t) {
		if sections, found := pages[document.name]; found {
			t.Run(document.name, func(t *testing.T) {
				t.Parallel()
				testTranscripts(t, installed, document, sections)
			})
			continue
		}
		for _, line := range document.commands() {
			if !ours.MatchString(line) {
				continue
			}
			t.Run(document.name, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, installed)
				output := d.run(line)
				assert.NotRegexp(t, `(?m)^openstack_cpi [a-z ]+: |command not found|No such file`, output, line)
			})
		}
	}
}

// Options that the documents give to the command line of BOSH exist.
func TestCommandsOfBOSH(t *testing.T) {
	t.Parallel()
	bosh, help := boshCLI(t), map[string]string{}
	for _, document := range documents(t) {
		for _, code := range append(document.commands(), inlineCode(document)...) {
			for _, match := range ofBOSH.FindAllStringSubmatch(code, -1) {
				words := strings.Fields(match[1])
				name := words[len(words)-1]
				if _, found := help[name]; !found {
					output, err := exec.CommandContext(t.Context(), bosh, name, "--help").CombinedOutput()
					require.NoError(t, err, "%s: bosh %s: %s", document.name, name, output)
					help[name] = string(output)
				}
				for word := range strings.FieldsSeq(match[2]) {
					if name, _, _ := strings.Cut(word, "="); strings.HasPrefix(name, "-") && name != "-" {
						assert.Regexp(t, `(?m)\s`+name+`[,=\s]`, help[words[len(words)-1]], "%s: %s", document.name, code)
					}
				}
			}
		}
	}
}

// inlineCode returns the code in sentences that begins with the command line of
// BOSH.
func inlineCode(m markdown) (all []string) {
	for _, span := range inline.FindAllString(fence.ReplaceAllString(m.text, ""), -1) {
		if code := strings.Trim(span, "`"); strings.HasPrefix(code, "bosh ") {
			all = append(all, code)
		}
	}
	return all
}
