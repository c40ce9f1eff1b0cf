package jobs_test

import (
	"encoding/pem"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// manifest contains the tested parts of a director's manifest.
type manifest struct {
	InstanceGroups []struct{ Properties map[string]any } `yaml:"instance_groups"`
	CloudProvider  struct {
		Template   struct{ Name, Release string }
		Properties map[string]any
	} `yaml:"cloud_provider"`
}

// variable matches a variable of a manifest.
var variable = regexp.MustCompile(`\(\(([\w.]+)\)\)`)

// interpolate runs `bosh interpolate` with a value for each variable: the one
// given, or else its name. An unknown variable is an error.
func interpolate(t *testing.T, into any, variables map[string]string, file string, operations ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), bosh, "interpolate", "--var-errs", file)
	known := map[string]any{}
	for _, path := range append(operations, file) {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, match := range variable.FindAllSubmatch(content, -1) {
			name := string(match[1])
			value, ok := variables[name]
			if !ok {
				value = name
			}
			set(known, name, value)
		}
		if path != file {
			command.Args = append(command.Args, "--ops-file", path)
		}
	}
	text, err := yaml.Marshal(known)
	require.NoError(t, err)
	values := filepath.Join(t.TempDir(), "variables.yml")
	require.NoError(t, os.WriteFile(values, text, 0o600))
	command.Args = append(command.Args, "--vars-file", values)
	var message strings.Builder
	command.Stderr = &message
	output, err := command.Output()
	require.NoError(t, err, "%s%s", output, message.String())
	require.NoError(t, yaml.Unmarshal(output, into))
}

func manifests(name string) string { return filepath.Join(root, "manifests", name) }

// With every operations file, the director and create-env use the same cloud,
// and the executable accepts the properties, all of which the job has.
func TestOperationsFiles(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	files, err := filepath.Glob(manifests("*.yml"))
	require.NoError(t, err)
	require.Contains(t, files, manifests("cpi.yml"))
	server := httptest.NewTLSServer(nil)
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	server.Close()
	for _, file := range files {
		name := filepath.Base(file)
		if slices.Contains([]string{"cloud-config.yml", "cloud-config-two-clouds.yml", "cpi-config.yml", "cpi-secondary.yml"}, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keystone, url := newKeystone(t)
			if name == "keystone-v2.yml" {
				url += "/v2.0"
			}
			variables := map[string]string{"auth_url": url, "openstack_ca_cert": certificate}
			operations := []string{manifests("cpi.yml")}
			if name != "cpi.yml" {
				operations = append(operations, file)
			}
			var made manifest
			interpolate(t, &made, variables, "testdata/bosh.yml", operations...)
			assert.Equal(t, job, made.CloudProvider.Template.Name)
			director, createEnv := made.InstanceGroups[0].Properties, made.CloudProvider.Properties
			assert.Equal(t, director["openstack"], createEnv["openstack"])
			assert.Equal(t, director["env"], createEnv["env"])
			require.NotEmpty(t, createEnv["openstack"])
			for key := range createEnv["openstack"].(map[string]any) {
				assert.Contains(t, r.spec.Properties, "openstack."+key)
			}
			assert.Contains(t, install(t, r, executable, createEnv).call(t, map[string]any{}), "401")
			keystone.login(t)
		})
	}
}

// cpi.yml has the variables of bosh-deployment's openstack/cpi.yml, and
// variables for values that are fixed there.
func TestVariables(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(manifests("cpi.yml"))
	require.NoError(t, err)
	found := map[string]bool{}
	for _, match := range variable.FindAllSubmatch(content, -1) {
		found[string(match[1])] = true
	}
	assert.Equal(t, []string{
		"auth_url", "az", "cpi_release_sha1", "cpi_release_url", "default_key_name", "default_security_groups", "instance_type", "net_id",
		"openstack_domain", "openstack_password", "openstack_project", "openstack_username", "region", "stemcell_sha1", "stemcell_url",
	}, slices.Sorted(maps.Keys(found)))
}

// A director on another platform uses the clouds of its CPI config.
func TestSecondaryCPI(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	var made struct {
		InstanceGroups []struct {
			Jobs []struct {
				Name       string
				Properties map[string]any
			}
		} `yaml:"instance_groups"`
	}
	interpolate(t, &made, nil, "testdata/bosh.yml", manifests("cpi-secondary.yml"))
	jobs := made.InstanceGroups[0].Jobs
	require.Equal(t, job, jobs[len(jobs)-1].Name)
	installed := install(t, r, executable, jobs[len(jobs)-1].Properties)

	keystone, url := newKeystone(t)
	var config struct {
		CPIs []struct {
			Name, Type string
			Properties map[string]any
		}
	}
	interpolate(t, &config, map[string]string{"east_auth_url": url, "west_auth_url": url, "openstack_username": "of-both"}, manifests("cpi-config.yml"))
	require.Len(t, config.CPIs, 2)
	var zones struct{ AZs []struct{ CPI string } }
	interpolate(t, &zones, nil, manifests("cloud-config-two-clouds.yml"))
	require.Len(t, zones.AZs, 2)
	for i, zone := range zones.AZs {
		assert.Equal(t, config.CPIs[i].Name, zone.CPI)
	}
	for _, cpi := range config.CPIs {
		assert.Equal(t, "openstack", cpi.Type)
		delete(cpi.Properties, "connection_options")
		assert.Contains(t, installed.call(t, cpi.Properties), "401")
		assert.Contains(t, keystone.login(t), "of-both")
	}
}

// The example of a cloud config contains every cloud property.
func TestCloudConfig(t *testing.T) {
	t.Parallel()
	var config map[string]any
	interpolate(t, &config, nil, manifests("cloud-config.yml"))
	found := map[string]bool{}
	collect(config, found)
	assert.Equal(t, []string{
		"allowed_address_pairs", "availability_zone", "availability_zones", "binding_profile", "block_devices", "boot_from_volume", "config_drive", "dns_name",
		"dns_nameservers", "enable_dhcp", "external_network",
		"instance_type", "key_name", "loadbalancer_pools", "mac_address", "metadata", "migration_policy", "mtu", "net_id", "port_security_enabled",
		"propagate_uplink_status", "qos_policy", "root_disk", "router", "scheduler_hints", "security_groups", "server_group", "subnet_pool",
		"subports", "tags", "trunk", "type", "value_specs", "vnic_type", "vrrp_port_check",
	}, slices.Sorted(maps.Keys(found)))
}

// collect adds the keys of all cloud_properties to found.
func collect(value any, found map[string]bool) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			collect(element, found)
		}
	case map[string]any:
		for key, below := range value {
			properties, ok := below.(map[string]any)
			if key == "cloud_properties" && ok {
				for name := range properties {
					found[name] = true
				}
				continue
			}
			collect(below, found)
		}
	}
}
