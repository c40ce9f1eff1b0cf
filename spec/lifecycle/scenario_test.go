package lifecycle_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
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
	// cache is the directory of the cache that the scenario's calls share, and
	// uncached the cpi.json of calls without a cache.
	cache, uncached string
}

// newScenario begins a scenario, which runs in parallel with others.
func newScenario(t *testing.T) *scenario {
	t.Helper()
	t.Parallel()
	s := &scenario{T: t, environment: newEnvironment(t), api: 2, cache: filepath.Join(t.TempDir(), "cache")}
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
		"token_cache": s.cache,
	})
	maps.Copy(openstack, properties)
	maps.DeleteFunc(openstack, func(_ string, value any) bool { return value == nil })
	all := object{"openstack": openstack, "agent": object{"mbus": "nats://nats:canary-mbus@127.0.0.1:4222", "ntp": []string{"192.0.2.123"}}}
	for _, section := range beside {
		maps.Copy(all, section)
	}
	s.director.CPI.Config = s.writeConfig(all)
	openstack["token_cache"] = false
	s.uncached = s.writeConfig(all)
}

// writeConfig writes a cpi.json and returns its path.
func (s *scenario) writeConfig(properties object) string {
	s.Helper()
	document, err := json.Marshal(object{"cloud": object{"plugin": "openstack", "properties": properties}})
	require.NoError(s, err)
	file := filepath.Join(s.TempDir(), "cpi.json")
	require.NoError(s, os.WriteFile(file, document, 0o600))
	return file
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

// refused makes a call that must fail with this error type and these words, first
// without a cache and then with that of the scenario.
func (s *scenario) refused(kind string, words []string, method string, arguments ...any) *director.Error {
	s.Helper()
	cached := s.director.CPI.Config
	s.director.CPI.Config = s.uncached
	cold := s.fails(kind, words, method, arguments...)
	s.director.CPI.Config = cached
	failure := s.fails(kind, words, method, arguments...)
	assert.Equal(s, generated.ReplaceAllString(cold.Message, "ID"), generated.ReplaceAllString(failure.Message, "ID"), "the error without a cache, and with one")
	return failure
}

// fails makes a call once that must fail with this error type and these words.
func (s *scenario) fails(kind string, words []string, method string, arguments ...any) *director.Error {
	s.Helper()
	result, failure := s.ask(method, arguments...)
	require.NotNil(s, failure, "%s returned %s", method, result)
	assert.Equal(s, "Bosh::Clouds::"+kind, failure.Type, failure.Message)
	for _, word := range words {
		assert.Contains(s, failure.Message, word)
	}
	return failure
}

// generated matches the ids that differ between two equal errors.
var generated = regexp.MustCompile(`created \S+ ago|req-[0-9a-f-]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

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
