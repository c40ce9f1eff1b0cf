package lifecycle_test

import (
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/target"
)

func TestApplicationCredential(t *testing.T) {
	s := newScenario(t)
	id, secret := s.applicationCredential()
	s.needs(id != "", "an application credential")
	s.configure(byApplicationCredential(id, secret))
	s.runLifeCycle(vmArguments{networks: networks{s.manual("private")}}, "")
}

// byApplicationCredential returns the properties of a login with an application
// credential, instead of the user's.
func byApplicationCredential(id, secret string) object {
	return object{
		"username": nil, "api_key": nil, "project": nil, "project_id": nil, "domain": nil, "user_domain_name": nil,
		"project_domain_name": nil, "application_credential_id": id, "application_credential_secret": secret,
	}
}

func (s *scenario) applicationCredential() (id, secret string) {
	s.Helper()
	given := s.fixtures.Auth.ApplicationCredential
	if given.ID == "" {
		return "", ""
	}
	content, err := os.ReadFile(given.SecretFile)
	require.NoError(s, err)
	return given.ID, strings.TrimSpace(string(content))
}

// A director with several CPIs sends the properties of one of them in the
// context of each request. The job's own properties may then have the value
// "unused".
func TestPropertiesInTheContext(t *testing.T) {
	s := newScenario(t)
	properties := maps.Clone(target.Properties(s.config))
	properties["human_readable_vm_names"] = true
	unused := object{"connection_options": nil}
	for key := range properties {
		if _, isText := properties[key].(string); isText {
			unused[key] = "unused"
		}
	}
	unused["default_security_groups"] = "unused"
	unused["auth_url"] = "http://unused.invalid:5000/v3"
	s.configure(unused)
	s.director.Properties = properties
	s.runLifeCycle(vmArguments{networks: networks{s.manual("private")}}, "")

	properties["default_key_name"] = "no-such-pair"
	s.createVMFails("CloudError", []string{"Key-pair `no-such-pair' not found"}, vmArguments{networks: networks{s.manual("private")}})
}

func TestAllConfigurationErrorsAreReported(t *testing.T) {
	s := newScenario(t)
	s.configure(object{"auth_url": nil, "state_timeout": "long", "config_drive": "tape"})
	s.refused("CpiError", []string{"auth_url", "state_timeout", "config_drive"}, "has_vm", unknownID)
	s.director.CPI.Config += ".missing"
	s.fails("CpiError", []string{".missing"}, "has_vm", unknownID)
}
