// Package lifecycle_test tries the built executable as its callers use it, on the built-in simulator or on a real
// OpenStack. It knows the executable, JSON on its stdin and stdout, and plain HTTP. README.md tells how to run it.
package lifecycle_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// suite is what all scenarios share; TestMain makes it.
var suite struct {
	executable    string // the CPI, as it is shipped: without cgo
	target        target
	microversions *microversions // nil: those that the CPI asks for
}

func TestMain(m *testing.M) {
	code, err := runSuite(context.Background(), m) //nolint:forbidigo // this is the program's main
	if err != nil {
		fmt.Fprintln(os.Stderr, err) //nolint:forbidigo // there is no test to fail before and after all tests
		code = 1
	}
	os.Exit(code)
}

func runSuite(ctx context.Context, m *testing.M) (code int, err error) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "openstack-cpi-lifecycle-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if suite.target, err = openTarget(ctx); err != nil {
		return 1, err
	}
	if suite.executable, err = build(ctx, dir); err != nil {
		return 1, err
	}
	if err := runAtOnce(suite.target.atOnce); err != nil {
		return 1, err
	}
	suite.microversions = openMicroversions()
	code = m.Run()
	return code, errors.Join(suite.target.close(ctx), suite.microversions.close())
}

func build(ctx context.Context, dir string) (string, error) {
	executable := filepath.Join(dir, "openstack_cpi")
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", executable, "../../src/cmd/openstack_cpi")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the executable: %w\n%s", err, output)
	}
	return executable, nil
}

// runAtOnce lets more scenarios run at a time than there are processors, unless -parallel is given: they mostly wait.
func runAtOnce(scenarios int) error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(scenarios))
}
