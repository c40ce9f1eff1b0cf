package config_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

type object = map[string]any

// minimal is the rendered configuration of a manifest with only the required
// properties.
func minimal() object {
	return object{
		"auth_url":                        "https://keystone.example.com:5000/v3",
		"username":                        "bosh",
		"api_key":                         "canary-api-key",
		"project":                         "cf",
		"domain":                          "Default",
		"default_key_name":                "bosh",
		"default_security_groups":         []string{"bosh"},
		"default_volume_type":             nil,
		"wait_resource_poll_interval":     5,
		"ignore_server_availability_zone": false,
		"use_nova_networking":             false,
		"endpoint_type":                   "publicURL",
		"state_timeout":                   300,
		"stemcell_public_visibility":      false,
		"boot_from_volume":                false,
		"use_dhcp":                        true,
		"human_readable_vm_names":         false,
	}
}

// with returns the minimal properties with some changed; a nil value removes a
// key, as null does in the file.
func with(changes object) object {
	properties := minimal()
	maps.Copy(properties, changes)
	return properties
}

func file(tb testing.TB, properties object) []byte {
	tb.Helper()
	return marshal(tb, object{"cloud": object{"plugin": "openstack", "properties": properties}})
}

func marshal(tb testing.TB, value any) []byte {
	tb.Helper()
	raw, err := json.Marshal(value)
	require.NoError(tb, err)
	return raw
}

func overrides(tb testing.TB, values object) map[string]json.RawMessage {
	tb.Helper()
	raw := map[string]json.RawMessage{}
	for key, value := range values {
		raw[key] = marshal(tb, value)
	}
	return raw
}

func load(tb testing.TB, openStack, context object, options ...config.Option) (config.Config, error) {
	tb.Helper()
	return config.Load(file(tb, object{"openstack": openStack}), overrides(tb, context), options...)
}

func TestLoadMinimal(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, minimal(), nil)
	require.NoError(t, err)
	assert.Equal(t, config.Config{OpenStack: config.OpenStack{
		AuthURL:               "https://keystone.example.com:5000",
		Username:              "bosh",
		APIKey:                "canary-api-key",
		Project:               "cf",
		Domain:                "Default",
		EndpointType:          "public",
		StateTimeout:          5 * time.Minute,
		PollInterval:          5 * time.Second,
		DefaultKeyName:        "bosh",
		DefaultSecurityGroups: []string{"bosh"},
		UseDHCP:               true,
		MaxAPIVersion:         3,
		Connection: config.Connection{
			VerifyPeer:     true,
			ConnectTimeout: time.Minute,
			ReadTimeout:    time.Minute,
			WriteTimeout:   time.Minute,
		},
	}}, cfg)
}

func TestLoadDefaultsWithoutTheJobsOwn(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, object{
		"auth_url": "http://k", "application_credential_id": "id", "application_credential_secret": "s",
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, 5*time.Minute, cfg.OpenStack.StateTimeout)
	assert.Equal(t, 5*time.Second, cfg.OpenStack.PollInterval)
	assert.Equal(t, "public", cfg.OpenStack.EndpointType)
	assert.True(t, cfg.OpenStack.UseDHCP)
	assert.Empty(t, cfg.OpenStack.DefaultKeyName)
	assert.Empty(t, cfg.OpenStack.DefaultSecurityGroups)
	assert.Empty(t, cfg.Warnings)
}

func TestLoadAuthURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]struct {
		base string
		v2   bool
	}{
		"http://h:5000":                 {"http://h:5000", false},
		"http://h:5000/":                {"http://h:5000", false},
		"http://h:5000/v3":              {"http://h:5000", false},
		"http://h:5000/v3/":             {"http://h:5000", false},
		"http://h:5000/v3/auth/tokens":  {"http://h:5000", false},
		"https://h/identity/v3":         {"https://h/identity", false},
		"https://h/identity/":           {"https://h/identity", false},
		"http://h:5000/v2.0":            {"http://h:5000", true},
		"http://h:5000/v2.0/tokens":     {"http://h:5000", true},
		"https://h/identity/v2.0/":      {"https://h/identity", true},
		"https://h/v2.0/v3":             {"https://h/v2.0", false},
		"https://h/v33":                 {"https://h/v33", false},
		"https://[2001:db8::1]:5000/v3": {"https://[2001:db8::1]:5000", false},
		"  https://h/v3\n":              {"https://h", false},
	} {
		cfg, err := load(t, with(object{"auth_url": given, "tenant": "cf"}), nil)
		require.NoError(t, err, given)
		assert.Equal(t, want.base, cfg.OpenStack.AuthURL, given)
		assert.Equal(t, want.v2, cfg.OpenStack.IdentityV2, given)
	}
}

func TestLoadInvalid(t *testing.T) {
	t.Parallel()
	const pair = "cloud.properties.openstack: either username and api_key or application_credential_id and application_credential_secret is required"
	for name, test := range map[string]struct {
		change   object
		problems []string
	}{
		"no auth_url":          {object{"auth_url": nil}, []string{"cloud.properties.openstack.auth_url: is required"}},
		"empty auth_url":       {object{"auth_url": ""}, []string{"cloud.properties.openstack.auth_url: is required"}},
		"auth_url not a URL":   {object{"auth_url": "unused"}, []string{"cloud.properties.openstack.auth_url: must be an http or https URL"}},
		"auth_url a number":    {object{"auth_url": 5}, []string{"cloud.properties.openstack.auth_url: must be a string, got a number"}},
		"password in URL":      {object{"auth_url": "http://u:p@h"}, []string{"cloud.properties.openstack.auth_url: must not hold a user or a password"}},
		"no credentials":       {object{"username": nil, "api_key": nil}, []string{pair}},
		"no api_key":           {object{"api_key": nil}, []string{pair}},
		"empty api_key":        {object{"api_key": ""}, []string{pair}},
		"mixed credentials":    {object{"application_credential_id": "a", "application_credential_secret": "b"}, []string{pair}},
		"half another pair":    {object{"application_credential_id": "a"}, []string{pair}},
		"half a pair":          {object{"username": nil, "api_key": nil, "application_credential_id": "a"}, []string{pair}},
		"no project":           {object{"project": nil}, []string{"cloud.properties.openstack.project: is required"}},
		"tenant is no v3":      {object{"project": nil, "tenant": "cf"}, []string{"cloud.properties.openstack.project: is required"}},
		"no domain":            {object{"domain": nil}, []string{"cloud.properties.openstack.domain: is required"}},
		"half the domains":     {object{"user_domain_name": "u"}, []string{"cloud.properties.openstack.project_domain_name: is required"}},
		"other half":           {object{"project_domain_name": "p"}, []string{"cloud.properties.openstack.user_domain_name: is required"}},
		"v2 without tenant":    {object{"auth_url": "http://h/v2.0"}, []string{"cloud.properties.openstack.tenant: is required"}},
		"v2 app credential":    {object{"auth_url": "http://h/v2.0", "tenant": "t", "username": nil, "api_key": nil, "application_credential_id": "a", "application_credential_secret": "b"}, []string{"cloud.properties.openstack.application_credential_id: application credentials need Keystone v3, auth_url names v2.0"}},
		"endpoint_type":        {object{"endpoint_type": "canary"}, []string{"cloud.properties.openstack.endpoint_type: must be one of admin, adminURL, internal, internalURL, public, publicURL"}},
		"config_drive":         {object{"config_drive": "canary"}, []string{"cloud.properties.openstack.config_drive: must be one of cdrom, disk"}},
		"log_level":            {object{"log_level": "loud"}, []string{"cloud.properties.openstack.log_level: must be one of debug, error, info, warn"}},
		"max_api_version":      {object{"max_api_version": 4}, []string{"cloud.properties.openstack.max_api_version: must be 2 or 3"}},
		"token_cache relative": {object{"token_cache": "canary"}, []string{"cloud.properties.openstack.token_cache: must be true, false or an absolute path"}},
		"token_cache number":   {object{"token_cache": 1}, []string{"cloud.properties.openstack.token_cache: must be true, false or an absolute path"}},
		"max_api_version 2.5":  {object{"max_api_version": 2.5}, []string{"cloud.properties.openstack.max_api_version: must be a whole number"}},
		"state_timeout word":   {object{"state_timeout": "long"}, []string{"cloud.properties.openstack.state_timeout: must be a number, got a string"}},
		"state_timeout 0":      {object{"state_timeout": 0}, []string{"cloud.properties.openstack.state_timeout: must be more than 0 and at most 2592000 seconds"}},
		"poll interval huge":   {object{"wait_resource_poll_interval": 1e300}, []string{"cloud.properties.openstack.wait_resource_poll_interval: must be more than 0 and at most 2592000 seconds"}},
		"boolean as string":    {object{"boot_from_volume": "yes"}, []string{"cloud.properties.openstack.boot_from_volume: must be true or false, got a string"}},
		"groups":               {object{"default_security_groups": []any{"a", 5}}, []string{"cloud.properties.openstack.default_security_groups: must be a list of strings"}},
		"groups with null":     {object{"default_security_groups": []any{nil}}, []string{"cloud.properties.openstack.default_security_groups: must be a list of strings"}},
		"volume zones":         {object{"volume_availability_zones": object{"az1": 5}}, []string{"cloud.properties.openstack.volume_availability_zones: must be an object whose values are strings"}},
		"volume zones, empty":  {object{"volume_availability_zones": object{"az1": ""}}, []string{"cloud.properties.openstack.volume_availability_zones: must be an object whose values are strings"}},
		"ignored zones": {object{"volume_availability_zones": object{"az1": "a"}, "ignore_server_availability_zone": true}, []string{
			"cloud.properties.openstack.volume_availability_zones: has no effect if ignore_server_availability_zone is true: remove one of them",
		}},
		"nova-network":       {object{"use_nova_networking": true}, []string{"cloud.properties.openstack.use_nova_networking: nova-network is not supported: set it to false or remove it"}},
		"connection_options": {object{"connection_options": "canary"}, []string{"cloud.properties.openstack.connection_options: must be an object, got a string"}},
		"client certificate": {object{"connection_options": object{"client_cert": "/c.pem"}}, []string{"cloud.properties.openstack.connection_options.client_cert: client_cert and client_key need each other"}},
		"several": {object{"auth_url": nil, "state_timeout": -1, "connection_options": object{"read_timeout": object{}}}, []string{
			"cloud.properties.openstack.state_timeout: must be more than 0 and at most 2592000 seconds",
			"cloud.properties.openstack.auth_url: is required",
			"cloud.properties.openstack.connection_options.read_timeout: must be a number, got an object",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := load(t, with(test.change), nil)
			var invalid *config.InvalidError
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, test.problems, invalid.Problems)
			assert.Regexp(t, `^Invalid OpenStack cloud properties: `, err.Error())
			assert.NotContains(t, err.Error(), "canary")
			assert.Zero(t, cfg)
		})
	}
}

func TestLoadNotAConfiguration(t *testing.T) {
	t.Parallel()
	for _, document := range []string{
		`{}`, `[]`, `null`, `"text"`, `5`, `{"cloud":null}`, `{"cloud":"x"}`, `{"cloud":{}}`, `{"cloud":{"properties":null}}`, `{"cloud":{"properties":[]}}`,
	} {
		_, err := config.Load([]byte(document), nil)
		require.ErrorIs(t, err, config.ErrNoCloudProperties, document)
	}
	require.EqualError(t, config.ErrNoCloudProperties, "Could not find cloud properties in the configuration")

	for document, offset := range map[string]int{``: 0, `{"cloud":`: 9, `{"api_key":"canary"`: 19, `{"cloud":{}}x`: 13} {
		_, err := config.Load([]byte(document), nil)
		require.ErrorContains(t, err, "parse the configuration: ")
		require.ErrorContains(t, err, fmt.Sprintf(" at byte %d", offset))
	}
	for _, document := range []string{`{"cloud":{"properties":{}}}`, `{"cloud":{"properties":{"openstack":null}}}`} {
		_, err := config.Load([]byte(document), nil)
		require.EqualError(t, err, "Invalid OpenStack cloud properties: No 'openstack' properties specified.")
	}
}

func TestLoadLenientValues(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, with(object{
		"api_key":                     123456789012345678,
		"state_timeout":               "600",
		"wait_resource_poll_interval": 0.5,
		"default_security_groups":     "unused",
		"default_key_name":            "",
		"max_api_version":             "2",
		"endpoint_type":               "internalURL",
		"config_drive":                "cdrom",
		"log_level":                   "debug",
		"region":                      "RegionOne",
	}), nil)
	require.NoError(t, err)
	assert.Equal(t, "123456789012345678", cfg.OpenStack.APIKey.Reveal())
	assert.Equal(t, 10*time.Minute, cfg.OpenStack.StateTimeout)
	assert.Equal(t, 500*time.Millisecond, cfg.OpenStack.PollInterval)
	assert.Equal(t, []string{"unused"}, cfg.OpenStack.DefaultSecurityGroups)
	assert.Empty(t, cfg.OpenStack.DefaultKeyName)
	assert.Equal(t, 2, cfg.OpenStack.MaxAPIVersion)
	assert.Equal(t, "internal", cfg.OpenStack.EndpointType)
	assert.Equal(t, "cdrom", cfg.OpenStack.ConfigDrive)
	assert.Equal(t, "debug", cfg.OpenStack.LogLevel)
	assert.Equal(t, "RegionOne", cfg.OpenStack.Region)
	assert.Empty(t, cfg.Warnings)
}

// The job has a directory for the cache; cpi.json or the context can name
// another, or none.
func TestTokenCache(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ofFile, ofContext any
		want              string
	}{
		{nil, nil, "/job"},
		{true, nil, "/job"},
		{false, nil, ""},
		{"/other", nil, "/other"},
		{"/other", false, ""},
		{false, "/other", "/other"},
		{false, true, "/job"},
	} {
		context := object{}
		if test.ofContext != nil {
			context["token_cache"] = test.ofContext
		}
		cfg, err := load(t, with(object{"token_cache": test.ofFile}), context, config.WithCacheDir("/job"))
		require.NoError(t, err)
		assert.Equal(t, test.want, cfg.OpenStack.TokenCache, "%v", test)
	}
	cfg, err := load(t, with(object{"token_cache": true}), nil)
	require.NoError(t, err)
	assert.Empty(t, cfg.OpenStack.TokenCache, "a program without a directory has no cache")
}

func TestLoadTLSVersions(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"": "", "SSLv23": "", "TLS": "",
		"TLSv1": "1.0", "TLS1": "1.0", "TLSv1_0": "1.0", "1.0": "1.0", "TLS1_VERSION": "1.0",
		"TLSv1_1": "1.1", "TLS1.1": "1.1", "TLS1_1_VERSION": "1.1",
		"TLSv1_2": "1.2", "TLS1_2": "1.2", "1.2": "1.2",
		"TLSv1.3": "1.3", "TLS1_3": "1.3", "TLS1_3_VERSION": "1.3",
	} {
		cfg, err := load(t, with(object{"connection_options": object{"ssl_min_version": given}}), nil)
		require.NoError(t, err, given)
		assert.Equal(t, want, cfg.OpenStack.Connection.SSLMinVersion, given)
		assert.Empty(t, cfg.Warnings, given)
	}
	cfg, err := load(t, with(object{"connection_options": object{"ssl_min_version": "SSLv3"}}), nil)
	require.NoError(t, err)
	assert.Empty(t, cfg.OpenStack.Connection.SSLMinVersion)
	assert.Len(t, cfg.Warnings, 1)
}

func TestLoadUseDHCPHasTwoPlaces(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		outer, inner any
		want         bool
	}{
		"neither":            {nil, nil, true},
		"outer":              {false, nil, false},
		"inner":              {nil, false, false},
		"inner beats outer":  {true, false, false},
		"inner beats outer2": {false, true, true},
	} {
		cfg, err := config.Load(file(t, object{"use_dhcp": test.outer, "openstack": with(object{"use_dhcp": test.inner})}), nil)
		require.NoError(t, err, name)
		assert.Equal(t, test.want, cfg.OpenStack.UseDHCP, name)
	}
}

func TestLoadKeystoneV2(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, with(object{"auth_url": "http://h:5000/v2.0", "tenant": "cf", "project": nil, "domain": nil}), nil)
	require.NoError(t, err)
	assert.True(t, cfg.OpenStack.IdentityV2)
	assert.Equal(t, "cf", cfg.OpenStack.Tenant)
}

func TestLoadScopes(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]object{
		"project id":      {"project": nil, "project_id": "0123"},
		"two domains":     {"domain": nil, "user_domain_name": "u", "project_domain_name": "p"},
		"all domains":     {"user_domain_name": "u", "project_domain_name": "p"},
		"application":     {"username": nil, "api_key": nil, "application_credential_id": "i", "application_credential_secret": "s", "project": nil, "domain": nil},
		"empty user name": {"username": "", "api_key": "", "application_credential_id": "i", "application_credential_secret": "s"},
	} {
		_, err := load(t, with(change), nil)
		require.NoError(t, err, name)
	}
}

func TestLoadAgentProperties(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"cloud":{"properties":{"openstack":` + string(marshal(t, minimal())) + `,
		"agent":{"ntp":["a","b"],"mbus":"nats://u:canary@h:4222","gone":null,"big":12345678901234567890,"deep":{"z":1,"gone":null,"a":{"gone":null}}}}}}`)
	cfg, err := config.Load(raw, nil)
	require.NoError(t, err)
	assert.JSONEq(t, `["a","b"]`, string(cfg.Agent["ntp"]))
	assert.Equal(t, `"nats://u:canary@h:4222"`, string(cfg.Agent["mbus"]))
	assert.Equal(t, `12345678901234567890`, string(cfg.Agent["big"]))
	assert.JSONEq(t, `{"a":{},"z":1}`, string(cfg.Agent["deep"]))
	assert.NotContains(t, cfg.Agent, "gone")

	_, err = config.Load(file(t, object{"openstack": minimal(), "agent": []int{1}}), nil)
	require.ErrorContains(t, err, "cloud.properties.agent: must be an object, got an array")
}

// The agent's settings are passed on. What the agent could not read is refused.
func TestLoadChecksAgentProperties(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		agent   object
		problem string
		warning string
	}{
		"mbus of a wrong type": {agent: object{"mbus": 4222}, problem: "cloud.properties.agent.mbus: must be a string, got a number"},
		"mbus without a URL":   {agent: object{"mbus": "canary"}, problem: "cloud.properties.agent.mbus: must be a URL"},
		"ntp as a string":      {agent: object{"ntp": "10.0.0.1"}, problem: "cloud.properties.agent.ntp: must be a list of strings, got a string"},
		"ntp of numbers":       {agent: object{"ntp": []int{1}}, problem: "cloud.properties.agent.ntp: must be a list of strings"},
		"misspelt mbus":        {agent: object{"mbuss": "nats://h:4222"}, warning: "cloud.properties.agent.mbuss: unknown, passed on to the agent; did you mean mbus?"},
		"blobstore":            {agent: object{"blobstore": object{"provider": "local"}, "ntp": []string{}, "mbus": "https://u:p@0.0.0.0:6868"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := config.Load(file(t, object{"openstack": minimal(), "agent": test.agent}), nil)
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				assert.NotContains(t, err.Error(), "canary")
				return
			}
			require.NoError(t, err)
			assert.Len(t, cfg.Agent, len(test.agent))
			if test.warning == "" {
				assert.Empty(t, cfg.Warnings)
				return
			}
			assert.Equal(t, []string{test.warning}, cfg.Warnings)
		})
	}
}

func TestLoadOfAnotherCPI(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]byte(`{"cloud":{"plugin":"aws","properties":{"openstack":`+string(marshal(t, minimal()))+`}}}`), nil)
	require.ErrorContains(t, err, `cloud.plugin: must be "openstack"`)
}

func TestLoadRegistryEndpoint(t *testing.T) {
	t.Parallel()
	registry := func(endpoint string) ([]string, error) {
		cfg, err := config.Load(file(t, object{"openstack": minimal(), "registry": object{"endpoint": endpoint, "user": "u", "password": "p"}}), nil)
		return cfg.Warnings, err
	}
	warnings, err := registry("x")
	require.NoError(t, err)
	assert.Equal(t, []string{"cloud.properties.registry.endpoint: has no scheme, http:// is assumed"}, warnings)
	_, err = registry("http://")
	require.ErrorContains(t, err, "cloud.properties.registry.endpoint: must be an http or https URL")
}

func TestLoadRegistry(t *testing.T) {
	t.Parallel()
	loadRegistry := func(registry any) (*config.Registry, error) {
		cfg, err := config.Load(file(t, object{"openstack": minimal(), "registry": registry}), nil)
		return cfg.Registry, err
	}
	for name, test := range map[string]struct {
		given object
		want  *config.Registry
	}{
		"none":             {nil, nil},
		"empty":            {object{}, nil},
		"only nulls":       {object{"user": nil}, nil},
		"endpoint":         {object{"endpoint": "https://r:25777", "user": "u", "password": "p"}, &config.Registry{Endpoint: "https://r:25777", User: "u", Password: "p"}},
		"endpoint wins":    {object{"endpoint": "http://r:25777", "address": "other", "user": "u", "password": "p"}, &config.Registry{Endpoint: "http://r:25777", User: "u", Password: "p"}},
		"no scheme":        {object{"endpoint": "r:25777", "user": "u", "password": "p"}, &config.Registry{Endpoint: "http://r:25777", User: "u", Password: "p"}},
		"address":          {object{"address": "10.0.0.1", "user": "u", "password": 12}, &config.Registry{Endpoint: "http://10.0.0.1:25777", User: "u", Password: "12"}},
		"address and port": {object{"address": "10.0.0.1", "port": 80, "user": "u", "password": "p"}, &config.Registry{Endpoint: "http://10.0.0.1:80", User: "u", Password: "p"}},
	} {
		registry, err := loadRegistry(test.given)
		require.NoError(t, err, name)
		assert.Equal(t, test.want, registry, name)
	}

	_, err := loadRegistry(object{"host": "h"})
	var invalid *config.InvalidError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, []string{
		"cloud.properties.registry.endpoint: is required",
		"cloud.properties.registry.user: is required",
		"cloud.properties.registry.password: is required",
	}, invalid.Problems)
}

func TestLoadWarnings(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, with(object{
		"default_keyname":    "canary",
		"sekret":             "canary",
		"tenant":             "old",
		"vm":                 object{},
		"connection_options": object{"read_timout": 5, "retry_limit": 4, "ssl_version": "canary"},
	}), object{"director_uuid": "u", "request_id": "r", "regoin": "canary"})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"cloud.properties.openstack.tenant: ignored: auth_url names Keystone v3, which has projects instead",
		"cloud.properties.openstack.connection_options.ssl_version: not a TLS version, ignored",
		"cloud.properties.openstack.connection_options.read_timout: unknown, ignored; did you mean read_timeout?",
		"cloud.properties.openstack.connection_options.retry_limit: unknown, ignored",
		"cloud.properties.openstack.default_keyname: unknown, ignored; did you mean default_key_name?",
		"context.regoin: unknown, ignored; did you mean region?",
		"cloud.properties.openstack.sekret: unknown, ignored",
	}, cfg.Warnings)
}

// With strict_cloud_properties, properties that have no effect are errors. What the
// agent may be able to read is not.
func TestStrictConfiguration(t *testing.T) {
	t.Parallel()
	_, err := load(t, with(object{"strict_cloud_properties": true, "default_keyname": "canary"}), object{"regoin": "canary"})
	require.EqualError(t, err, "Invalid OpenStack cloud properties: "+
		"cloud.properties.openstack.default_keyname: unknown, ignored; did you mean default_key_name? (openstack.strict_cloud_properties is true); "+
		"context.regoin: unknown, ignored; did you mean region? (openstack.strict_cloud_properties is true)")
	_, err = load(t, with(object{"strict_cloud_properties": true}), nil)
	require.NoError(t, err)
}

// A misspelled property is often the reason why another one is missing.
func TestErrorsWithWarnings(t *testing.T) {
	t.Parallel()
	_, err := load(t, with(object{"username": nil, "usrname": "canary"}), nil)
	require.ErrorContains(t, err, "cloud.properties.openstack.usrname: unknown, ignored; did you mean username?")
	require.ErrorContains(t, err, "is required\nwarnings: ")
}

func TestMaxAPIVersionNeverFails(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]int{
		``:   3,
		`[]`: 3,
		`{}`: 3,
		`{"`: 3,
		`{"cloud":{"properties":{"openstack":[]}}}`:                          3,
		`{"cloud":{"properties":{"openstack":{}}}}`:                          3,
		`{"cloud":{"properties":{"openstack":{"max_api_version":2}}}}`:       2,
		`{"cloud":{"properties":{"openstack":{"max_api_version":3}}}}`:       3,
		`{"cloud":{"properties":{"openstack":{"max_api_version":"later"}}}}`: 3,
		`{"cloud":{"properties":{"openstack":{"max_api_version":1}}}}`:       3,
	} {
		assert.Equal(t, want, config.MaxAPIVersion([]byte(document), nil), document)
	}
	assert.Equal(t, 2, config.MaxAPIVersion([]byte(`{}`), map[string]json.RawMessage{"max_api_version": json.RawMessage("2")}))
}
