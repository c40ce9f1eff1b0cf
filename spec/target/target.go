// Package target opens the cloud that CPI_TARGET selects, the simulator or a real
// OpenStack, for the test suites that call the executable.
package target

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
	"github.com/piston/openstack-bosh-cpi/spec/settings"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// object is a JSON object.
type object = map[string]any

// Target is the cloud that a run of a suite uses.
type Target struct {
	// Environment returns the cloud of a scenario.
	Environment func(t *testing.T) Environment
	// Close fails if objects of the run remain.
	Close func(ctx context.Context) error

	parallel  int    // number of parallel scenarios
	run       string // prefix of the director's uuid of each scenario
	scenarios *atomic.Int64
}

// Environment is the cloud of one scenario.
type Environment struct {
	Cloud     *cloud.Cloud
	Config    map[string]any // cpi.json
	Fixtures  fixtures.Fixtures
	Simulator *simulator.Simulator // nil on a real cloud
	Timeout   time.Duration        // of one wait of the CPI
}

// UUID returns a unique uuid of a director, which all objects of a scenario carry.
func (t Target) UUID() string { return fmt.Sprintf("%s-%02d", t.run, t.scenarios.Add(1)) }

// SetParallel sets the number of parallel scenarios unless -parallel is given. It
// may exceed the number of processors since scenarios mostly wait.
func (t Target) SetParallel() error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(t.parallel))
}

// Open returns the target that CPI_TARGET selects. The suite is the first word of
// the uuids of its directors. On a real cloud, objects of aborted runs of the
// suite are deleted.
func Open(ctx context.Context, suite string) (Target, error) {
	run := fmt.Sprintf("%s-%x-%s", suite, time.Now().Unix(), strings.ToLower(rand.Text()[:4]))
	switch kind := os.Getenv("CPI_TARGET"); kind {
	case "", "simulator":
		return simulatorTarget(run), nil //nolint:contextcheck // the simulator ends with the process
	case "openstack":
		return openStackTarget(ctx, suite, run)
	default:
		return Target{}, fmt.Errorf("CPI_TARGET is %q; it can be simulator or openstack", kind)
	}
}

// openStackTarget logs in to a real cloud and deletes objects of aborted runs.
// If settings are missing, the error lists all of them.
func openStackTarget(ctx context.Context, suite, run string) (Target, error) {
	var problems []string
	need := func(name, meaning string) string {
		value := os.Getenv(name)
		if value == "" {
			problems = append(problems, name+" is not set: "+meaning)
		}
		return value
	}
	need("CPI_CONFIG", "the path of a cpi.json for the cloud")
	need("CPI_FIXTURES", "the path of a JSON file that describes what the cloud has")
	configFile, fixturesFile := settings.Path("CPI_CONFIG"), settings.Path("CPI_FIXTURES")
	project := need("CPI_PROJECT", "the name of the project that may be used, as in the cpi.json")
	var given fixtures.Fixtures
	if fixturesFile != "" {
		var err error
		if given, err = fixtures.Read(fixturesFile); err != nil {
			problems = append(problems, "CPI_FIXTURES: "+err.Error())
		} else {
			for _, name := range given.Missing() {
				problems = append(problems, "CPI_FIXTURES has no "+name)
			}
		}
	}
	var config object
	if configFile != "" {
		content, err := os.ReadFile(configFile)
		if err == nil {
			err = json.Unmarshal(content, &config)
		}
		if err != nil {
			problems = append(problems, "CPI_CONFIG: "+err.Error())
		}
	}
	if len(problems) > 0 {
		return Target{}, fmt.Errorf("CPI_TARGET=openstack cannot be used:\n  %s", strings.Join(problems, "\n  "))
	}

	seen, err := cloud.Open(ctx, configFile)
	if err != nil {
		return Target{}, err
	}
	if project != seen.Token.Project.Name {
		return Target{}, fmt.Errorf("the token is for project %q, but CPI_PROJECT is %q: nothing was changed", seen.Token.Project.Name, project)
	}
	if err := sweep(ctx, seen, suite); err != nil {
		return Target{}, fmt.Errorf("sweep objects of older runs: %w", err)
	}
	return Target{
		parallel: 4, run: run, scenarios: &atomic.Int64{},
		Environment: func(*testing.T) Environment {
			return Environment{Cloud: seen, Config: config, Fixtures: given, Timeout: 2 * time.Minute}
		},
		Close: func(ctx context.Context) error { return checkRunLeaks(ctx, seen, run) },
	}, nil
}
