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
)

// scenario is one test: a cloud with a director in front of it. What it makes is deleted at its end, and then nothing
// may be left of it.
type scenario struct {
	*testing.T
	stage
	director *director.Director
	// api is the version of the CPI API that the director speaks; 0 says none.
	api int
	// cids are the VMs that were made: Nova's own ports can be told by them.
	cids []string
}

// play begins a scenario. It runs beside others.
func play(t *testing.T) *scenario {
	t.Helper()
	t.Parallel()
	s := &scenario{T: t, stage: suite.target.enter(t), api: 2}
	s.director = &director.Director{
		CPI:  director.Command{Executable: suite.executable},
		UUID: suite.target.scenarioID(), Preferred: director.NewestAPIVersion, Stemcell: director.StemcellAPIVersion,
	}
	s.configure(nil)
	s.leavesNothing()
	return s
}

// section is the part of a cpi.json that an operator writes.
func section(config object) object {
	properties, _ := config["cloud"].(object)["properties"].(object)
	openstack, _ := properties["openstack"].(object)
	return openstack
}

// configure writes the cpi.json of the next calls: the cloud's own, with the properties given and with defaults for
// everything else that would change what a scenario expects. A nil value removes a property.
func (s *scenario) configure(properties object, beside ...object) {
	s.Helper()
	openstack := maps.Clone(section(s.config))
	require.NoError(s, suite.microversions.between(openstack))
	maps.Copy(openstack, object{
		"state_timeout": int(s.patience.Seconds()), "wait_resource_poll_interval": 1, "human_readable_vm_names": false,
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

// needs skips the scenario where the cloud lacks something, and says what. CPI_STRICT=1 makes that a failure.
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

// ask makes one call. The process must write an answer and end well, whatever the answer is.
func (s *scenario) ask(method string, arguments ...any) (json.RawMessage, *director.Error) {
	s.Helper()
	return s.send(s.director.Request(s.api, method, arguments...))
}

func (s *scenario) send(request director.Request) (json.RawMessage, *director.Error) {
	s.Helper()
	result, cost, err := s.director.Ask(s.Context(), request)
	s.keepsSecrets(cost.Stderr)
	failure, ok := errors.AsType[*director.Error](err)
	if !ok {
		require.NoError(s, err, cost.Stderr)
	}
	if failure != nil {
		s.Logf("%s answered %s", request.Method, failure)
		s.keepsSecrets(failure.Message)
	}
	return result, failure
}

// keepsSecrets holds a text against everything secret that the CPI was given. Passwords that are short words of
// everyday language cannot be looked for.
func (s *scenario) keepsSecrets(text string) {
	s.Helper()
	assert.NotContains(s, text, "canary")
	for _, key := range []string{"api_key", "application_credential_secret"} {
		if secret, _ := section(s.config)[key].(string); len(secret) >= 12 {
			assert.NotContains(s, text, secret, key)
		}
	}
}

// call is a call that must succeed; its result is decoded, unless into is nil.
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

// refused is a call that must fail, with an error of this kind and these words.
func (s *scenario) refused(kind string, words []string, method string, arguments ...any) *director.Error {
	s.Helper()
	result, failure := s.ask(method, arguments...)
	require.NotNil(s, failure, "%s answered %s", method, result)
	assert.Equal(s, "Bosh::Clouds::"+kind, failure.Type, failure.Message)
	for _, word := range words {
		assert.Contains(s, failure.Message, word)
	}
	return failure
}

// has is the answer of has_vm or has_disk.
func (s *scenario) has(method, cid string) (there bool) {
	s.Helper()
	s.call(&there, method, cid)
	return there
}

// leavesNothing looks at the cloud when everything else of the scenario is over.
func (s *scenario) leavesNothing() {
	s.Helper()
	if s.simulator != nil {
		before := s.simulator.Inventory()
		s.Cleanup(func() {
			assert.Empty(s, s.simulator.Leaks(before), "left behind")
			assert.Empty(s, s.simulator.Violations(), "requests that OpenStack does not know")
		})
		return
	}
	s.Cleanup(func() {
		found, err := s.cloud.Inventory(s.always())
		require.NoError(s, err)
		assert.Empty(s, found.Leftovers(nil, s.marks()), "left behind")
	})
}

// always is a context that also lives while the scenario is cleaned up.
func (s *scenario) always() context.Context { return context.WithoutCancel(s.Context()) }

// unknownID is an id that nothing in any cloud has.
const unknownID = "00000000-0000-4000-8000-000000000000"
