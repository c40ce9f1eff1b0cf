package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// unusedJob is the configuration of a job whose properties are all replaced by
// the context.
func unusedJob() object {
	return with(object{
		"auth_url": "unused", "username": "unused", "api_key": "unused", "project": "unused", "domain": "unused",
		"region": "unused", "default_key_name": "unused", "default_security_groups": "unused",
	})
}

func TestContextReplacesUnused(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, unusedJob(), object{
		"director_uuid": "d", "request_id": "cpi-1", "vm": object{"stemcell": object{"api_version": 3}},
		"auth_url": "https://k/v3", "username": "u", "api_key": "k", "project": "p", "domain": "d", "region": "r",
		"default_key_name": "n", "default_security_groups": []string{"g"}, "human_readable_vm_names": true,
	})
	require.NoError(t, err)
	assert.Equal(t, "https://k", cfg.OpenStack.AuthURL)
	assert.Equal(t, "u", cfg.OpenStack.Username)
	assert.Equal(t, []string{"g"}, cfg.OpenStack.DefaultSecurityGroups)
	assert.True(t, cfg.OpenStack.HumanReadableVMNames)
	assert.Equal(t, 5*time.Minute, cfg.OpenStack.StateTimeout, "the job's values hold where the context is silent")
	assert.Empty(t, cfg.Warnings)
}

func TestContextBringsItsOwnKindOfCredential(t *testing.T) {
	t.Parallel()
	application := object{"application_credential_id": "i", "application_credential_secret": "s"}
	user := object{"username": "u", "api_key": "k"}

	cfg, err := load(t, minimal(), application)
	require.NoError(t, err)
	assert.Equal(t, "i", cfg.OpenStack.ApplicationCredentialID)
	assert.Empty(t, cfg.OpenStack.Username)
	assert.Empty(t, cfg.OpenStack.APIKey)

	cfg, err = load(t, with(object{"username": nil, "api_key": nil, "application_credential_id": "i", "application_credential_secret": "s"}), user)
	require.NoError(t, err)
	assert.Equal(t, "u", cfg.OpenStack.Username)
	assert.Empty(t, cfg.OpenStack.ApplicationCredentialID)

	_, err = load(t, minimal(), object{"username": "u", "application_credential_id": "i"})
	require.ErrorContains(t, err, "either username and api_key or")
}

func TestContextNullRemoves(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, with(object{"default_volume_type": "ssd", "state_timeout": 10}), object{"default_volume_type": nil, "state_timeout": nil})
	require.NoError(t, err)
	assert.Empty(t, cfg.OpenStack.DefaultVolumeType)
	assert.Equal(t, 5*time.Minute, cfg.OpenStack.StateTimeout)
}

func TestContextProblemsNameTheContext(t *testing.T) {
	t.Parallel()
	_, err := load(t, minimal(), object{"region": 5, "connection_options": object{"proxy": true}, "auth_url": nil})
	require.EqualError(t, err, "Invalid OpenStack cloud properties: context.region: must be a string, got a number; "+
		"cloud.properties.openstack.auth_url: is required; context.connection_options.proxy: must be a string, got a boolean")
}

func TestContextWithoutOpenStackInTheFile(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(file(t, object{}), overrides(t, minimal()))
	require.NoError(t, err)
	assert.Equal(t, "bosh", cfg.OpenStack.Username)
}

func TestConnectionOptions(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, with(object{"connection_options": object{
		"ssl_ca_file": "/ca.pem", "ssl_ca_path": "/certs", "ssl_verify_peer": false,
		"connect_timeout": 1, "read_timeout": "120", "write_timeout": 1.5,
		"proxy": "http://u:p@proxy:3128", "disable_proxy": true,
		"client_cert": "/c.pem", "client_key": "/k.pem", "client_cert_data": "C", "client_key_data": "K", "client_key_pass": 7,
		"ssl_version": "TLSv1_1", "ssl_min_version": "TLS1_2",
	}}), nil)
	require.NoError(t, err)
	assert.Equal(t, config.Connection{
		CAFile: "/ca.pem", CAPath: "/certs", VerifyPeer: false,
		ConnectTimeout: time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 1500 * time.Millisecond,
		Proxy: "http://u:p@proxy:3128", DisableProxy: true,
		ClientCert: "/c.pem", ClientKey: "/k.pem", ClientCertPEM: "C", ClientKeyPEM: "K", ClientKeyPass: "7",
		SSLMinVersion: "1.2",
	}, cfg.OpenStack.Connection)
	assert.Empty(t, cfg.Warnings)
}

func TestCACertOfTheJob(t *testing.T) {
	t.Parallel()
	job := config.WithCACert("FROM cacert.pem")
	for name, test := range map[string]struct {
		file, context object
		pem, caFile   string
	}{
		"no ca_cert":               {object{"ssl_ca_file": "/f"}, nil, "", "/f"},
		"ca_cert":                  {object{"ca_cert": "INLINE", "ssl_ca_file": "/f"}, nil, "FROM cacert.pem", ""},
		"ca_cert is true":          {object{"ca_cert": true}, nil, "FROM cacert.pem", ""},
		"empty":                    {object{"ca_cert": ""}, nil, "", ""},
		"context brings its own":   {object{"ca_cert": "INLINE"}, object{"ca_cert": "CONTEXT"}, "CONTEXT", ""},
		"context has others":       {object{"ca_cert": "INLINE"}, object{"read_timeout": 5}, "", ""},
		"context alone has a cert": {nil, object{"ca_cert": "CONTEXT"}, "CONTEXT", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			context := object{}
			if test.context != nil {
				context["connection_options"] = test.context
			}
			cfg, err := load(t, with(object{"connection_options": test.file}), context, job)
			require.NoError(t, err)
			assert.Equal(t, test.pem, cfg.OpenStack.Connection.CACertPEM)
			assert.Equal(t, test.caFile, cfg.OpenStack.Connection.CAFile)
		})
	}

	cfg, err := load(t, with(object{"connection_options": object{"ca_cert": "INLINE"}}), nil, config.WithCACert(""))
	require.NoError(t, err)
	assert.Equal(t, "INLINE", cfg.OpenStack.Connection.CACertPEM, "without cacert.pem the file's own text is used")
}
