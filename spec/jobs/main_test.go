package jobs_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The programs that all tests run: this CPI's executable, the bosh command line,
// and the Ruby program with which it renders templates.
var executable, bosh, rendererScript string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "openstack-cpi-jobs-")
	if err == nil {
		err = makePrograms(folder)
	}
	code := 1
	if err == nil {
		code = m.Run()
	}
	if err = errors.Join(err, os.RemoveAll(folder)); err != nil {
		fmt.Fprintln(os.Stderr, err) //nolint:forbidigo // TestMain has no test to fail
		code = cmp.Or(code, 1)
	}
	os.Exit(code)
}

func makePrograms(folder string) error {
	if _, err := exec.LookPath("ruby"); err != nil {
		return fmt.Errorf("ruby is required to render templates: %w", err)
	}
	executable = filepath.Join(folder, "openstack_cpi")
	if _, err := run("env", "CGO_ENABLED=0", "go", "build", "-buildvcs=false", "-tags", "nocommands", "-o", executable, "./src/cmd/openstack_cpi"); err != nil {
		return err
	}
	path, err := run("go", "tool", "-modfile=scripts/tools/go.mod", "-n", "bosh-cli")
	if err != nil {
		return err
	}
	bosh = strings.TrimSpace(path)
	script, err := rendererOfBOSH()
	if err != nil {
		return err
	}
	rendererScript = filepath.Join(folder, "erb_renderer.rb")
	return os.WriteFile(rendererScript, []byte(script), 0o600)
}

// run runs a command in the root of the project and returns its output.
func run(name string, arguments ...string) (string, error) {
	command := exec.Command(name, arguments...)
	command.Dir = root
	var message strings.Builder
	command.Stderr = &message
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", command, err, output, message.String())
	}
	return string(output), nil
}

// rendererOfBOSH returns the program, which is a constant in the source code of
// the bosh command line.
func rendererOfBOSH() (string, error) {
	output, err := run("go", "mod", "download", "-modfile=scripts/tools/go.mod", "-json", "github.com/cloudfoundry/bosh-cli/v7")
	if err != nil {
		return "", err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(output), &module); err != nil {
		return "", err
	}
	source := filepath.Join(module.Dir, "templatescompiler/erbrenderer/template_evaluation_context_rb.go")
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
	if err != nil {
		return "", err
	}
	var script string
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			script, err = strconv.Unquote(literal.Value)
		}
		return true
	})
	if err == nil && !strings.Contains(script, "class ERBRenderer") {
		err = fmt.Errorf("%s has no ERBRenderer", source)
	}
	return script, err
}
