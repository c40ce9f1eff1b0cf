package lifecycle_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
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

// runPrefix is the prefix of the uuid of every director of this suite, which
// all objects carry.
const runPrefix = "lifecycle-"

// target is the cloud that the scenarios run on.
type target struct {
	run      string // prefix of the director's uuid of each scenario
	parallel int    // number of parallel scenarios
	// newEnvironment returns the environment of a scenario.
	newEnvironment func(t *testing.T) environment
	// close fails if objects of the run remain.
	close func(ctx context.Context) error
}

// environment is the cloud of one scenario.
type environment struct {
	cloud     *cloud.Cloud
	config    object // cpi.json
	fixtures  fixtures.Fixtures
	simulator *simulator.Simulator // nil on a real cloud
	timeout   time.Duration        // of one wait of the CPI
	addresses *addressPool
}

var scenarios atomic.Int64

// scenarioID returns a unique uuid of a director.
func (t target) scenarioID() string { return fmt.Sprintf("%s-%02d", t.run, scenarios.Add(1)) }

// openTarget returns the target that CPI_TARGET selects.
func openTarget(ctx context.Context) (target, error) {
	run := runPrefix + fmt.Sprintf("%x-%s", time.Now().Unix(), strings.ToLower(rand.Text()[:4]))
	switch kind := os.Getenv("CPI_TARGET"); kind {
	case "", "simulator":
		return simulatorTarget(run), nil //nolint:contextcheck // the simulator ends with the process
	case "openstack":
		return openStackTarget(ctx, run)
	default:
		return target{}, fmt.Errorf("CPI_TARGET is %q; it can be simulator or openstack", kind)
	}
}

// openStackTarget logs in to a real cloud and deletes objects of aborted runs.
// If settings are missing, the error lists all of them.
func openStackTarget(ctx context.Context, run string) (target, error) {
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
		return target{}, fmt.Errorf("CPI_TARGET=openstack cannot be used:\n  %s", strings.Join(problems, "\n  "))
	}

	seen, err := cloud.Open(ctx, configFile)
	if err != nil {
		return target{}, err
	}
	if project != seen.Token.Project.Name {
		return target{}, fmt.Errorf("the token is for project %q, but CPI_PROJECT is %q: nothing was changed", seen.Token.Project.Name, project)
	}
	if err := sweep(ctx, seen); err != nil {
		return target{}, fmt.Errorf("sweep objects of older runs: %w", err)
	}
	free := newAddressPool(seen)
	return target{
		run: run, parallel: 4,
		newEnvironment: func(*testing.T) environment {
			return environment{cloud: seen, config: config, fixtures: given, timeout: 2 * time.Minute, addresses: free}
		},
		close: func(ctx context.Context) error { return checkRunLeaks(ctx, seen, run) },
	}, nil
}
