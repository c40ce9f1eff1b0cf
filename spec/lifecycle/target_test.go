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
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// object is a JSON object.
type object = map[string]any

// runPrefix begins the director's uuid of every run of this suite, and so the owner of all that it makes.
const runPrefix = "lifecycle-"

// target is where the scenarios are played.
type target struct {
	run    string // begins the director's uuid of each scenario
	atOnce int    // how many scenarios may run at a time
	// enter gives a scenario its cloud.
	enter func(t *testing.T) stage
	// close looks for what the whole run left behind.
	close func(ctx context.Context) error
}

// stage is the cloud of one scenario.
type stage struct {
	cloud      *cloud.Cloud
	config     object // cpi.json
	fixtures   fixtures.Fixtures
	simulator  *simulator.Simulator // nil on a real cloud
	patience   time.Duration        // for one wait of the CPI
	placements *placements
}

var scenarios atomic.Int64

// scenarioID is unlike that of any other scenario in any run.
func (t target) scenarioID() string { return fmt.Sprintf("%s-%02d", t.run, scenarios.Add(1)) }

// openTarget opens the simulator, or the cloud that the environment asks for. Asked for and unusable is an error.
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

// openStackTarget logs into a real cloud and sweeps what aborted runs left there. Everything that is missing is said at
// once.
func openStackTarget(ctx context.Context, run string) (target, error) {
	var problems []string
	need := func(name, meaning string) string {
		value := os.Getenv(name)
		if value == "" {
			problems = append(problems, name+" is not set: "+meaning)
		}
		return value
	}
	configFile := need("CPI_CONFIG", "the path of a cpi.json for the cloud")
	fixturesFile := need("CPI_FIXTURES", "the path of a JSON file that describes what the cloud has")
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
		return target{}, fmt.Errorf("the token is for project %q, but CPI_PROJECT names %q: nothing was touched", seen.Token.Project.Name, project)
	}
	if err := sweep(ctx, seen); err != nil {
		return target{}, fmt.Errorf("sweep what older runs left: %w", err)
	}
	free := newPlacements(seen)
	return target{
		run: run, atOnce: 4,
		enter: func(*testing.T) stage {
			return stage{cloud: seen, config: config, fixtures: given, patience: 2 * time.Minute, placements: free}
		},
		close: func(ctx context.Context) error { return nothingLeft(ctx, seen, run) },
	}, nil
}
