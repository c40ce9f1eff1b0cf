package lifecycle_test

import (
	"testing"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// object is a JSON object.
type object = map[string]any

// environment is the cloud of one scenario.
type environment struct {
	cloud     *cloud.Cloud
	config    object // cpi.json
	fixtures  fixtures.Fixtures
	simulator *simulator.Simulator // nil on a real cloud
	timeout   time.Duration        // of one wait of the CPI
	addresses *addressPool
}

// newEnvironment returns the cloud of a scenario. The scenarios on a real cloud
// share their addresses.
func newEnvironment(t *testing.T) environment {
	t.Helper()
	found := suite.target.Environment(t)
	e := environment{
		cloud: found.Cloud, config: found.Config, fixtures: found.Fixtures, simulator: found.Simulator, timeout: found.Timeout,
	}
	e.addresses = newAddressPool(e.cloud)
	if e.simulator == nil {
		suite.sharing.Do(func() { suite.addresses = e.addresses })
		e.addresses = suite.addresses
	}
	return e
}
