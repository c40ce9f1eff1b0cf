package lifecycle_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/spec/target"
)

// scenario is one test: a director and its cloud. The objects it creates are
// deleted at its end; any that remain fail it.
type scenario struct {
	*testing.T
	environment
	director *director.Director
	// api is the API version of the director's requests; 0 omits it.
	api int
	// cids are the VMs that were created. They identify ports created by Nova.
	cids []string
}

// newScenario begins a scenario, which runs in parallel with others.
func newScenario(t *testing.T) *scenario {
	t.Helper()
	t.Parallel()
	s := &scenario{T: t, environment: newEnvironment(t), api: 2}
	s.director = &director.Director{
		CPI:  director.Command{Executable: suite.executable},
		UUID: suite.target.UUID(), Preferred: director.NewestAPIVersion, Stemcell: director.StemcellAPIVersion,
	}
	s.configure(nil)
	s.checkLeaksAtEnd()
	return s
}

// onManualAndDynamic runs a scenario with a manual and with a dynamic network.
// newNetwork returns the network private, if manual with another address each
// time.
func onManualAndDynamic(t *testing.T, run func(s *scenario, newNetwork func() network)) {
	t.Helper()
	for kind, choose := range map[string]func(s *scenario, name string) network{
		"manual": (*scenario).manual, "dynamic": (*scenario).dynamic,
	} {
		t.Run(kind, func(t *testing.T) {
			s := newScenario(t)
			run(s, func() network { return choose(s, "private") })
		})
	}
}

// configure writes the cpi.json of the following calls: the cloud's own, with
// defaults for all properties that affect scenarios, and with the given
// properties. A nil value removes a property. Beside are further sections.
func (s *scenario) configure(properties object, beside ...object) {
	s.Helper()
	openstack := maps.Clone(target.Properties(s.config))
	require.NoError(s, suite.microversions.insertProxy(openstack))
	maps.Copy(openstack, object{
		"state_timeout": int(s.timeout.Seconds()), "wait_resource_poll_interval": 1, "human_readable_vm_names": false,
		"boot_from_volume": false, "config_drive": nil, "use_dhcp": true, "default_volume_type": nil,
		"ignore_server_availability_zone": false, "stemcell_public_visibility": false, "max_api_version": nil,
	})
	maps.Copy(openstack, properties)
	maps.DeleteFunc(openstack, func(_ string, value any) bool { return value == nil })
	all := object{"openstack": openstack, "agent": object{"mbus": "nats://nats:canary-mbus@127.0.0.1:4222", "ntp": []string{"192.0.2.123"}}}
	for _, section := range beside {
		maps.Copy(all, section)
	}
	document, err := json.Marshal(object{"cloud": object{"plugin": "openstack", "properties": all}})
	require.NoError(s, err)
	s.director.CPI.Config = filepath.Join(s.TempDir(), "cpi.json")
	require.NoError(s, os.WriteFile(s.director.CPI.Config, document, 0o600))
}

// needs skips the scenario if the cloud lacks something. With CPI_STRICT=1 the
// scenario fails instead.
func (s *scenario) needs(given bool, what string) {
	s.Helper()
	if given {
		return
	}
	if os.Getenv("CPI_STRICT") == "1" {
		s.Fatalf("the cloud lacks %s, and CPI_STRICT is set", what)
	}
	s.Skipf("the cloud lacks %s", what)
}

// ask makes one call and returns its result or error. The process must write a
// valid response and exit with status 0.
func (s *scenario) ask(method string, arguments ...any) (json.RawMessage, *director.Error) {
	s.Helper()
	return s.send(s.director.Request(s.api, method, arguments...))
}

func (s *scenario) send(request director.Request) (json.RawMessage, *director.Error) {
	s.Helper()
	result, cost, err := s.director.Ask(s.Context(), request)
	s.assertNoSecrets(cost.Stderr)
	failure, ok := errors.AsType[*director.Error](err)
	if !ok {
		require.NoError(s, err, cost.Stderr)
	}
	if failure != nil {
		s.Logf("%s returned %s", request.Method, failure)
		s.assertNoSecrets(failure.Message)
	}
	return result, failure
}

// assertNoSecrets asserts that a text contains no configured secret. Passwords
// of less than 12 characters are not searched for: they may be ordinary words.
func (s *scenario) assertNoSecrets(text string) {
	s.Helper()
	assert.NotContains(s, text, "canary")
	for _, key := range []string{"api_key", "application_credential_secret"} {
		if secret, _ := target.Properties(s.config)[key].(string); len(secret) >= 12 {
			assert.NotContains(s, text, secret, key)
		}
	}
}

// call makes a call that must succeed, and decodes its result unless into is
// nil.
func (s *scenario) call(into any, method string, arguments ...any) {
	s.Helper()
	result, failure := s.ask(method, arguments...)
	if failure != nil {
		require.NoError(s, failure, method)
	}
	if into != nil {
		require.NoError(s, json.Unmarshal(result, into), "%s: %s", method, result)
	}
}

// refused makes a call that must fail with this error type and these words.
func (s *scenario) refused(kind string, words []string, method string, arguments ...any) *director.Error {
	s.Helper()
	result, failure := s.ask(method, arguments...)
	require.NotNil(s, failure, "%s returned %s", method, result)
	assert.Equal(s, "Bosh::Clouds::"+kind, failure.Type, failure.Message)
	for _, word := range words {
		assert.Contains(s, failure.Message, word)
	}
	return failure
}

// has returns the result of has_vm or has_disk.
func (s *scenario) has(method, cid string) (exists bool) {
	s.Helper()
	s.call(&exists, method, cid)
	return exists
}

// checkLeaksAtEnd fails the scenario if any of its objects remain at its end.
func (s *scenario) checkLeaksAtEnd() {
	s.Helper()
	if s.simulator != nil {
		before := s.simulator.Inventory()
		s.Cleanup(func() {
			assert.Empty(s, s.simulator.Leaks(before), "leaked objects")
			assert.Empty(s, s.simulator.Violations(), "invalid requests")
		})
		return
	}
	s.Cleanup(func() {
		found, err := s.cloud.Inventory(s.cleanupContext())
		require.NoError(s, err)
		assert.Empty(s, found.Leftovers(nil, s.marks()), "leaked objects")
	})
}

// cleanupContext returns a context that is valid during clean-up, too.
func (s *scenario) cleanupContext() context.Context { return context.WithoutCancel(s.Context()) }

// unknownID is an id that no object has.
const unknownID = "00000000-0000-4000-8000-000000000000"
