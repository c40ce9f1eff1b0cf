package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const described = `{"key_pair":{"name":"bosh"}}`

// prepared calls prepare and reads its files.
func prepared(t *testing.T, environment map[string]string) (openstack map[string]any, env string) {
	t.Helper()
	folder := t.TempDir()
	environment["CPI_FIXTURES"] = write(t, "fixtures.json", described)
	environment["CPI_PROJECT"], environment["CPI_RELEASE"] = "bosh", "zed"
	require.NoError(t, prepare(t.Context(), folder, environment))
	content, err := os.ReadFile(filepath.Join(folder, "cpi.json"))
	require.NoError(t, err)
	var config struct {
		Cloud struct {
			Properties struct{ OpenStack map[string]any }
		}
	}
	require.NoError(t, json.Unmarshal(content, &config))
	exports, err := os.ReadFile(filepath.Join(folder, "env"))
	require.NoError(t, err)
	for _, name := range []string{"cpi.json", "env"} {
		info, err := os.Stat(filepath.Join(folder, name))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	return config.Cloud.Properties.OpenStack, string(exports)
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

func TestOpenRCOfDevStack(t *testing.T) {
	t.Parallel()
	openstack, env := prepared(t, map[string]string{
		"OS_AUTH_URL": "http://203.0.113.5/identity", "OS_REGION_NAME": "RegionOne", "OS_USERNAME": "demo", "OS_PASSWORD": "it's",
		"OS_PROJECT_NAME": "demo", "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default",
		"OS_CACERT": write(t, "ca.pem", "a certificate"),
	})
	assert.Equal(t, map[string]any{
		"auth_url": "http://203.0.113.5/identity", "region": "RegionOne", "username": "demo", "api_key": "it's", "project": "demo",
		"user_domain_name": "Default", "project_domain_name": "Default", "default_key_name": "bosh",
		"default_security_groups": []any{"default"}, "connection_options": map[string]any{"ca_cert": "a certificate"},
	}, openstack)
	assert.Contains(t, env, `export OS_PASSWORD='it'\''s'`)
	assert.Contains(t, env, "export OS_USER_DOMAIN_NAME='Default'\n")
	assert.Contains(t, env, "export CPI_TARGET='openstack'\n")
	assert.Contains(t, env, "/cpi.json'\n")
}

func TestCloudsYAML(t *testing.T) {
	t.Parallel()
	openstack, env := prepared(t, map[string]string{"OS_CLOUD": "devstack", "OS_CLIENT_CONFIG_FILE": write(t, "clouds.yaml", `
clouds:
  another: {}
  devstack:
    auth:
      auth_url: http://203.0.113.5/identity
      username: demo
      password: secret
      project_name: demo
      user_domain_id: default
      project_domain_id: default
    region_name: RegionOne
    interface: internal
    identity_api_version: '3'
`)})
	assert.Equal(t, "internal", openstack["endpoint_type"])
	assert.Equal(t, "secret", openstack["api_key"])
	assert.NotContains(t, openstack, "connection_options")
	assert.Contains(t, env, "unset OS_CLOUD\n", "it would win over the variables")
	assert.Contains(t, env, "unset OS_CACERT\n")
	assert.Contains(t, env, "export OS_USERNAME='demo'\n")
}

func TestApplicationCredentialWithoutProject(t *testing.T) {
	t.Parallel()
	openstack, env := prepared(t, map[string]string{
		"OS_AUTH_URL": "http://203.0.113.5/identity", "OS_REGION_NAME": "RegionOne", "CPI_MICROVERSION": "compute 2.79",
		"OS_APPLICATION_CREDENTIAL_ID": "id", "OS_APPLICATION_CREDENTIAL_SECRET": "secret",
	})
	assert.Equal(t, "id", openstack["application_credential_id"])
	assert.NotContains(t, openstack, "username")
	assert.Contains(t, env, "export CPI_MICROVERSION='compute 2.79'\n")
}

func TestAllMissingSettingsAreReported(t *testing.T) {
	t.Parallel()
	err := prepare(t.Context(), t.TempDir(), map[string]string{"OS_USER_DOMAIN_ID": "0123abcd"})
	for _, name := range []string{
		"OS_AUTH_URL", "OS_REGION_NAME", "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME", "OS_USER_DOMAIN_NAME",
		"OS_PROJECT_DOMAIN_NAME", "CPI_FIXTURES", "CPI_PROJECT", "CPI_RELEASE",
	} {
		require.ErrorContains(t, err, name)
	}
	_, err = cloudNamed("mars", write(t, "clouds.yaml", "clouds: {earth: {}}"))
	require.ErrorContains(t, err, `no cloud "mars"`)
	_, err = cloudNamed("mars", "/nowhere/clouds.yaml")
	require.ErrorContains(t, err, "/nowhere/clouds.yaml")
}
