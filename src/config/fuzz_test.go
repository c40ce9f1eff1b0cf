package config_test

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// marker is a part of the values of the seeds. No property's name has a slash.
const marker = "canary/"

// problemPath matches what each problem begins with.
var problemPath = regexp.MustCompile(`^(cloud\.(plugin|properties\.[a-z_]+)|context\.[a-z_]+|No 'openstack' properties specified)`)

// FuzzLoad checks that Load returns a usable configuration, or an error that names
// properties, for any file and context. No text holds a value.
func FuzzLoad(f *testing.F) {
	f.Add(file(f, object{"openstack": minimal()}), []byte(`{}`))
	f.Add(file(f, object{"openstack": with(object{"connection_options": object{"ca_cert": "x"}}), "agent": object{"a": nil}}), []byte(`{"auth_url":"http://h/v2.0","tenant":"t"}`))
	f.Add([]byte(`{"cloud":{"properties":{"registry":{"address":"a","port":1e3}}}}`), []byte(`{"state_timeout":"1e400","default_security_groups":"x"}`))
	f.Add([]byte(`{"cloud":{"properties":{"openstack":[]}}}`), []byte(`null`))
	for _, value := range []any{"canary/secret", "-----BEGIN PRIVATE KEY-----\ncanary/line\n-----END PRIVATE KEY-----", []any{"canary/secret"}, object{"canary/secret": "canary/secret"}, 5, true} {
		properties, options := object{}, object{}
		for key := range minimal() {
			properties[key] = value
		}
		for _, key := range []string{"ca_cert", "client_cert", "client_key", "client_key_pass", "proxy", "ssl_version", "read_timeout"} {
			options[key] = value
		}
		f.Add(file(f, object{"openstack": properties, "agent": value, "registry": value}), []byte(`{}`))
		f.Add(file(f, object{"openstack": with(object{"connection_options": options})}), []byte(`{}`))
		f.Add(file(f, object{"openstack": minimal(), "agent": object{"mbus": value, "ntp": value}, "registry": object{"endpoint": value, "password": value}}), marshal(f, properties))
	}
	f.Fuzz(func(t *testing.T, document, context []byte) {
		var overrides map[string]json.RawMessage
		if json.Unmarshal(context, &overrides) != nil {
			return
		}
		cfg, err := config.Load(document, overrides, config.WithCACert("pem"))
		assert.Contains(t, []int{2, 3}, config.MaxAPIVersion(document, overrides))
		if err != nil {
			checkProblems(t, err)
			return
		}
		for _, warning := range cfg.Warnings {
			assert.NotContains(t, warning, marker)
		}
		o := cfg.OpenStack
		assert.NotEmpty(t, o.AuthURL)
		assert.NotEqual(t, o.APIKey == "", o.ApplicationCredentialSecret == "", "one credential and one only")
		assert.Positive(t, o.StateTimeout)
		assert.Positive(t, o.PollInterval)
		assert.Positive(t, o.Connection.ConnectTimeout)
		assert.Contains(t, []string{"public", "internal", "admin"}, o.EndpointType)
	})
}

func checkProblems(t *testing.T, err error) {
	t.Helper()
	assert.NotContains(t, err.Error(), marker)
	invalid, found := errors.AsType[*config.InvalidError](err)
	if !found {
		_, syntax := errors.AsType[*json.SyntaxError](err)
		assert.True(t, syntax || errors.Is(err, config.ErrNoCloudProperties), err.Error())
		return
	}
	require.NotEmpty(t, invalid.Problems)
	for _, problem := range invalid.Problems {
		assert.Regexp(t, problemPath, problem)
	}
}

// FuzzContext checks that a context has the effect of the same properties in the
// file, and that its problems are those of the context.
func FuzzContext(f *testing.F) {
	for _, context := range []object{
		{"auth_url": "http://other:5000/v3", "username": "u", "api_key": "canary/secret", "project": "p", "region": "r"},
		{"state_timeout": "60", "connection_options": object{"ca_cert": "canary/secret", "read_timeout": 5, "proxy": "http://u:canary/@p"}},
		{"default_security_groups": []string{"a"}, "boot_from_volume": true, "max_api_version": 2, "config_drive": "cdrom"},
		{"default_key_name": nil, "stat_timeout": 5, "human_readable_vm_names": "yes", "domain": object{}},
		{"application_credential_id": "i", "application_credential_secret": "canary/secret"},
	} {
		f.Add(marshal(f, context))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var context map[string]json.RawMessage
		if json.Unmarshal(document, &context) != nil {
			return
		}
		base := overrides(t, minimal())
		cfg, err := config.Load(marshal(t, object{"cloud": object{"properties": object{"openstack": base}}}), context)
		merged := maps.Clone(base)
		maps.Copy(merged, context)
		for _, credential := range []string{"username", "api_key", "application_credential_id", "application_credential_secret"} {
			if _, given := context[credential]; given {
				merged = nil // a context replaces the whole credential
			}
		}
		if err != nil {
			checkProblems(t, err)
		}
		if merged == nil {
			return
		}
		same, sameErr := config.Load(marshal(t, object{"cloud": object{"properties": object{"openstack": merged}}}), nil)
		assert.Equal(t, sameErr == nil, err == nil, "%v, %v", sameErr, err)
		assert.Equal(t, same.OpenStack, cfg.OpenStack)
		assert.Len(t, cfg.Warnings, len(same.Warnings))
	})
}
