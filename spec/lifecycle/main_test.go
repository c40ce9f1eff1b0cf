// Package lifecycle_test tests the built executable through its stdin and
// stdout, on the simulator or on a real OpenStack, which it inspects with plain
// HTTP. README.md describes how to run it.
package lifecycle_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/piston/openstack-bosh-cpi/spec/target"
)

// suiteName is the first word of the uuid of every director of this suite, which
// all objects carry.
const suiteName = "lifecycle"

// suite is shared by all scenarios; TestMain sets it.
var suite struct {
	executable    string // the CPI, built without cgo as in the release
	target        target.Target
	sharing       sync.Once
	addresses     *addressPool   // of a real cloud, which all scenarios share
	microversions *microversions // nil: requests are not changed
}

func TestMain(m *testing.M) {
	code, err := runSuite(context.Background(), m) //nolint:forbidigo // this is the program's main
	if err != nil {
		fmt.Fprintln(os.Stderr, err) //nolint:forbidigo // TestMain has no test to fail
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
	if suite.target, err = target.Open(ctx, suiteName); err != nil {
		return 1, err
	}
	if suite.executable, err = target.Build(ctx, dir); err != nil {
		return 1, err
	}
	if err := suite.target.SetParallel(); err != nil {
		return 1, err
	}
	suite.microversions = startMicroversionProxy()
	code = m.Run()
	return code, errors.Join(suite.target.Close(ctx), suite.microversions.close())
}
