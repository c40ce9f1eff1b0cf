// Package jobs_test renders the job's templates as BOSH does, installs the
// result, and calls it.
package jobs_test

import (
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The job is not rendered with missing or unsupported properties.
func TestRefusedProperties(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	const antiAffinity = "Property 'enable_auto_anti_affinity' is no longer supported. Please remove it from your configuration."
	const readableNames = "Property 'human_readable_vm_names' can only be used together with 'registry.endpoint'. " +
		"Please refer to http://bosh.io/docs/openstack-registry.html."
	registry := map[string]any{"host": "10.0.0.6", "username": "u", "password": "p"}
	for name, test := range map[string]struct {
		properties map[string]any
		problem    string
	}{
		"no auth_url":                  {minimal("openstack.auth_url", nil), "Can't find property 'openstack.auth_url'"},
		"no default_security_groups":   {minimal("openstack.default_security_groups", nil), "Can't find property 'openstack.default_security_groups'"},
		"anti-affinity":                {minimal("openstack.enable_auto_anti_affinity", true), antiAffinity},
		"no anti-affinity":             {minimal("openstack.enable_auto_anti_affinity", false), antiAffinity},
		"registry without a host":      {minimal("registry", map[string]any{"username": "u", "password": "p"}), "Can't find property 'registry.host'"},
		"registry without a user":      {minimal("registry", map[string]any{"host": "h", "password": "p"}), "Can't find property 'registry.username'"},
		"registry without a password":  {minimal("registry", map[string]any{"host": "h", "username": "u"}), "Can't find property 'registry.password'"},
		"registry with an endpoint":    {minimal("registry", map[string]any{"endpoint": "http://h"}), "Can't find property 'registry.host'"},
		"registry that looks up names": {minimal("openstack.human_readable_vm_names", true, "registry", registry), readableNames},
		"nats without a user":          {minimal("nats", map[string]any{"address": "10.0.0.6", "password": "p"}), "Can't find property 'nats.user'"},
		"nats without a password":      {minimal("nats", map[string]any{"address": "10.0.0.6", "user": "u"}), "Can't find property 'nats.password'"},
		"nats without an address": {
			minimal("nats", map[string]any{"user": "u", "password": "p"}), "Can't find property 'agent.nats.address', or 'nats.address'",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem, err := r.render(t, "cpi.json.erb", test.properties)
			require.Error(t, err, problem)
			assert.Contains(t, problem, test.problem)
		})
	}
}

// These registry properties are accepted.
func TestAcceptedRegistries(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	assert.NotContains(t, r.cloudProperties(t, minimal("registry", map[string]any{})), "registry")
	assert.NotContains(t, r.cloudProperties(t, minimal("registry.port", 25888)), "registry")
	for name, registry := range map[string]map[string]any{
		"behind the tunnel of create-env": {"host": "127.0.0.1", "port": 6901, "username": "u", "password": "p"},
		"with an endpoint":                {"host": "10.0.0.6", "username": "u", "password": "p", "endpoint": "http://registry:25777"},
	} {
		properties := r.cloudProperties(t, minimal("openstack.human_readable_vm_names", true, "registry", registry))
		assert.Contains(t, properties, "registry", name)
	}
}

// The executable reports invalid values, which the templates do not check, with
// the name of the property.
func TestWrongProperties(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	for name, test := range map[string]struct {
		properties []any
		words      []string
	}{
		"nova-network":      {[]any{"openstack.use_nova_networking", true}, []string{"openstack.use_nova_networking", "nova-network"}},
		"no credential":     {[]any{"openstack.username", nil}, []string{"username and api_key", "application_credential_id"}},
		"several at once":   {[]any{"openstack.state_timeout", "long", "openstack.config_drive", "tape"}, []string{"openstack.state_timeout", "openstack.config_drive"}},
		"API version 1":     {[]any{"openstack.max_api_version", 1}, []string{"openstack.max_api_version"}},
		"options as text":   {[]any{"openstack.connection_options", "secure"}, []string{"openstack.connection_options"}},
		"unknown log level": {[]any{"openstack.log_level", "loud"}, []string{"openstack.log_level"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			message := install(t, r, executable, minimal(test.properties...)).call(t, map[string]any{})
			assert.Contains(t, message, "Bosh::Clouds::CpiError: ")
			for _, word := range test.words {
				assert.Contains(t, message, word)
			}
		})
	}
}

// A director whose clouds are all in its CPI config sets the job's properties
// to "unused". The context of each request has the actual values.
func TestUnusedProperties(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	properties := minimal()
	for name := range r.spec.Properties {
		if key, ok := strings.CutPrefix(name, "openstack."); ok && r.spec.Properties[name].Default == nil && key != "enable_auto_anti_affinity" {
			set(properties, name, "unused")
		}
	}
	// Manifests have no value for these if no cloud needs one.
	for _, absent := range []string{
		"openstack.application_credential_id", "openstack.application_credential_secret", "openstack.config_drive",
		"openstack.volume_availability_zones", "openstack.default_server_group_policy",
	} {
		set(properties, absent, nil)
	}
	installed := install(t, r, executable, properties)
	assert.Contains(t, installed.call(t, map[string]any{}), "openstack.auth_url")

	keystone, url := newKeystone(t)
	message := installed.call(t, map[string]any{
		"auth_url": url + "/v3", "username": "second", "api_key": "canary", "project": "p", "project_id": nil, "domain": "d", "user_domain_name": nil,
		"project_domain_name": nil, "tenant": nil, "region": "r", "default_key_name": "k", "default_security_groups": []string{"g"},
		"connection_options": map[string]any{},
	})
	assert.Contains(t, message, "401")
	assert.NotContains(t, message, "canary")
	assert.Contains(t, keystone.login(t), `"name":"second"`)
	info := installed.run(t, `{"method":"info","arguments":[],"context":{"director_uuid":"d"}}`)
	assert.Contains(t, info, `"api_version":3`)
}

// The certificate of connection_options.ca_cert goes into a file of its own,
// and the executable trusts it.
func TestCACert(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	keystone := &keystone{}
	server := httptest.NewTLSServer(keystone)
	defer server.Close()
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	trusting := minimal("openstack.auth_url", server.URL, "openstack.connection_options.ca_cert", certificate)

	assert.Equal(t, certificate, r.rendered(t, "cacert.pem.erb", trusting))
	assert.Contains(t, install(t, r, executable, trusting).call(t, map[string]any{}), "401")
	keystone.login(t)
}

// The proxies of the executable's environment are those of the job, regardless
// of BOSH's environment.
func TestProxies(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	const password = `http://user:p$w'"d @proxy:3128`
	installed := install(t, r, program(t, "env"), minimal("env.http_proxy", password, "env.https_proxy", "http://proxy:3129", "env.no_proxy", "10.0.0.0/8,.local"))
	environment := strings.Split(installed.run(t, ""), "\n")
	for _, variable := range []string{
		"HTTP_PROXY=" + password, "http_proxy=" + password, "HTTPS_PROXY=http://proxy:3129", "https_proxy=http://proxy:3129",
		"NO_PROXY=10.0.0.0/8,.local", "no_proxy=10.0.0.0/8,.local",
	} {
		assert.Contains(t, environment, variable)
	}
	assert.NotContains(t, install(t, r, program(t, "env"), minimal()).run(t, ""), "proxy")
}

// The executable gets the paths of this job and the request. Its response is
// the only output.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	installed := install(t, newRenderer(t), program(t, `echo "$@"; cat`), minimal())
	config := filepath.Join(installed.jobs, job, "config")
	cache := fmt.Sprintf("cache-%d", os.Geteuid())
	assert.Equal(t, "-config "+config+"/cpi.json -ca-cert "+config+"/cacert.pem -cache "+filepath.Dir(installed.jobs)+"/"+cache+"\nrequest",
		installed.run(t, "request"))
	// A director does not set the variable.
	assert.Equal(t, "-config /var/vcap/jobs/openstack_cpi/config/cpi.json -ca-cert /var/vcap/jobs/openstack_cpi/config/cacert.pem "+
		"-cache /var/vcap/data/openstack_cpi/"+cache+"\nrequest", installed.run(t, "request", "BOSH_JOBS_DIR="))
}

// A compiled release can contain executables for several platforms.
func TestOtherPlatform(t *testing.T) {
	t.Parallel()
	installed := install(t, newRenderer(t), program(t, "echo here"), minimal())
	installed.addExecutable(t, "bin/Plan9-mips", program(t, "echo there"))
	assert.Equal(t, "here\n", installed.run(t, ""))

	tools := t.TempDir()
	require.NoError(t, os.Symlink(program(t, `case $1 in -s) echo Plan9 ;; -m) echo mips ;; esac`), filepath.Join(tools, "uname")))
	assert.Equal(t, "there\n", installed.run(t, "", "PATH="+tools+":/usr/bin:/bin"))
}
