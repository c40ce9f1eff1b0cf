package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// withEnvironment removes the variables of OpenStack, and sets others.
func withEnvironment(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "OS_") {
			t.Setenv(name, "")
			require.NoError(t, os.Unsetenv(name))
		}
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

func TestOpenrc(t *testing.T) { //nolint:paralleltest // changes the environment
	withEnvironment(t, nil)
	assert.False(t, namesCloud())
	withEnvironment(t, map[string]string{
		"OS_AUTH_URL": "https://keystone:5000/v3", "OS_USERNAME": "u", "OS_PASSWORD": "canary-password", "OS_PROJECT_NAME": "p",
		"OS_USER_DOMAIN_NAME": "users", "OS_PROJECT_DOMAIN_ID": "default", "OS_REGION_NAME": "r", "OS_INTERFACE": "internal", "OS_INSECURE": "true",
	})
	require.True(t, namesCloud())
	mask := telemetry.NewMask()
	cfg, transport, err := fromEnvironment(mask)
	require.NoError(t, err)
	require.NotNil(t, transport)
	o := cfg.OpenStack
	assert.Equal(t, []string{"https://keystone:5000", "u", "p", "", "users", "Default", "r", "internal"},
		[]string{o.AuthURL, o.Username, o.Project, o.ProjectID, o.UserDomainName, o.ProjectDomainName, o.Region, o.EndpointType})
	assert.Equal(t, config.Secret("canary-password"), o.APIKey)
	assert.False(t, o.Connection.VerifyPeer)
	assert.NotContains(t, mask.Text("the password is canary-password"), "canary")
}

func TestOpenrcWithApplicationCredential(t *testing.T) { //nolint:paralleltest // changes the environment
	withEnvironment(t, map[string]string{
		"OS_AUTH_URL": "https://keystone:5000/v3", "OS_APPLICATION_CREDENTIAL_ID": "id", "OS_APPLICATION_CREDENTIAL_SECRET": "canary",
	})
	cfg, _, err := fromEnvironment(telemetry.NewMask())
	require.NoError(t, err)
	assert.Equal(t, "id", cfg.OpenStack.ApplicationCredentialID)
	assert.True(t, cfg.OpenStack.Connection.VerifyPeer)
}

func TestCloudsYAML(t *testing.T) { //nolint:paralleltest // changes the environment
	file := filepath.Join(t.TempDir(), "clouds.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`
clouds:
  earth:
    auth: {auth_url: "https://keystone:5000/v3", username: u, password: canary, project_id: "0123", user_domain_name: Default}
    region_name: r
`), 0o600))
	withEnvironment(t, map[string]string{"OS_CLOUD": "earth", "OS_CLIENT_CONFIG_FILE": file})
	cfg, _, err := fromEnvironment(telemetry.NewMask())
	require.NoError(t, err)
	assert.Equal(t, "0123", cfg.OpenStack.ProjectID)
	assert.Equal(t, "r", cfg.OpenStack.Region)

	t.Setenv("OS_CLOUD", "mars")
	_, _, err = fromEnvironment(telemetry.NewMask())
	require.ErrorContains(t, err, "read the cloud of the environment")
}

func TestUnusableOpenrc(t *testing.T) { //nolint:paralleltest // changes the environment
	for words, variables := range map[string]map[string]string{
		"names the application credential": {"OS_APPLICATION_CREDENTIAL_NAME": "n", "OS_APPLICATION_CREDENTIAL_SECRET": "canary", "OS_USERNAME": "u"},
		"names the user by its id":         {"OS_USER_ID": "0123", "OS_PASSWORD": "canary"},
		"names a domain by its id":         {"OS_USERNAME": "u", "OS_PASSWORD": "canary", "OS_PROJECT_NAME": "p", "OS_USER_DOMAIN_ID": "0123"},
		"is required":                      {"OS_USERNAME": "u", "OS_PASSWORD": "canary"},
	} {
		variables["OS_AUTH_URL"] = "https://keystone:5000/v3"
		withEnvironment(t, variables)
		_, _, err := fromEnvironment(telemetry.NewMask())
		require.ErrorContains(t, err, words)
		assert.NotContains(t, err.Error(), "canary")
		for name := range variables {
			require.NoError(t, os.Unsetenv(name))
		}
	}
}
