package jobs_test

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/piston/openstack-bosh-cpi/spec/settings"
)

// boshDeployment returns a director's manifest and the operations file for the
// official release. They have the shape of bosh-deployment's; if BOSH_DEPLOYMENT
// is the path of a clone, they are its files, without the variables that the
// command line generates.
func boshDeployment(t *testing.T) (base, official string) {
	t.Helper()
	dir := settings.Path("BOSH_DEPLOYMENT")
	if dir == "" {
		return "testdata/bosh.yml", "testdata/openstack-cpi.yml"
	}
	content, err := os.ReadFile(filepath.Join(dir, "bosh.yml"))
	require.NoError(t, err)
	var made map[string]any
	require.NoError(t, yaml.Unmarshal(content, &made))
	delete(made, "variables")
	content, err = yaml.Marshal(made)
	require.NoError(t, err)
	base = filepath.Join(t.TempDir(), "bosh.yml")
	require.NoError(t, os.WriteFile(base, content, 0o600))
	return base, filepath.Join(dir, "openstack", "cpi.yml")
}

// releaseNamed removes the entry of a release from a manifest and returns it.
func releaseNamed(t *testing.T, made map[string]any, name string) map[string]any {
	t.Helper()
	var found map[string]any
	releases, ok := made["releases"].([]any)
	require.True(t, ok)
	made["releases"] = slices.DeleteFunc(releases, func(element any) bool {
		release, _ := element.(map[string]any)
		if release["name"] != name {
			return false
		}
		require.Nil(t, found, "two releases are named %s", name)
		found = release
		return true
	})
	require.NotNil(t, found)
	return found
}

// A manifest for the official release changes to this one with one operations
// file, and back with another, in which nothing but the release differs.
func TestReplacement(t *testing.T) {
	t.Parallel()
	const name = "bosh-openstack-cpi"
	base, official := boshDeployment(t)
	made := func(operations ...string) (release, rest map[string]any) {
		interpolate(t, &rest, nil, base, operations...)
		return releaseNamed(t, rest, name), rest
	}
	before, restBefore := made(official)
	assert.Contains(t, before["url"], "bosh.io")

	there, restThere := made(official, manifests("use-this-release.yml"))
	assert.Equal(t, map[string]any{"name": name, "url": "cpi_release_url", "sha1": "cpi_release_sha1"}, there)
	assert.Equal(t, restBefore, restThere)

	back, restBack := made(official, manifests("use-this-release.yml"), manifests("use-the-official-release.yml"))
	assert.Equal(t, before, back, "bosh-deployment has another version: update manifests/use-the-official-release.yml")
	assert.Equal(t, restBefore, restBack)

	back, ours := made(manifests("cpi.yml"), manifests("use-the-official-release.yml"))
	assert.Equal(t, before, back)
	for _, key := range []string{"instance_groups", "cloud_provider", "networks", "disk_pools"} {
		assert.Equal(t, restBefore[key], ours[key], "cpi.yml and the official file differ")
	}
}

// The operations files for single features can be applied to a manifest that was
// made for the official release.
func TestOperationsFilesOnOfficialManifest(t *testing.T) {
	t.Parallel()
	base, official := boshDeployment(t)
	r := newRenderer(t)
	files, err := filepath.Glob(manifests("*.yml"))
	require.NoError(t, err)
	excluded := []string{"cloud-config.yml", "cloud-config-two-clouds.yml", "cpi-config.yml", "cpi-secondary.yml", "cpi.yml", "use-the-official-release.yml"}
	logins := []string{"application-credential.yml", "keystone-v2.yml"} // one of them at a time
	var others []string
	for _, file := range files {
		if !slices.Contains(slices.Concat(excluded, logins), filepath.Base(file)) {
			others = append(others, file)
		}
	}
	require.Contains(t, others, manifests("use-this-release.yml"))
	for _, login := range logins {
		var made manifest
		interpolate(t, &made, nil, base, slices.Concat([]string{official}, others, []string{manifests(login)})...)
		properties, _ := made.CloudProvider.Properties["openstack"].(map[string]any)
		require.NotEmpty(t, properties, login)
		assert.Equal(t, made.InstanceGroups[0].Properties["openstack"], made.CloudProvider.Properties["openstack"], login)
		for key := range properties {
			assert.Contains(t, r.spec.Properties, "openstack."+key, login)
		}
	}
}

// The director's VM contains the CPI as one of its own jobs, with which the
// director creates VMs. Its properties are those of the instance group.
func TestDirectorVM(t *testing.T) {
	t.Parallel()
	base, official := boshDeployment(t)
	r := newRenderer(t)
	for _, operations := range [][]string{{manifests("cpi.yml")}, {official, manifests("use-this-release.yml")}} {
		keystone, url := newKeystone(t)
		var made struct {
			InstanceGroups []struct {
				Jobs       []struct{ Name, Release string }
				Properties map[string]any
			} `yaml:"instance_groups"`
			Releases []struct{ Name string }
		}
		interpolate(t, &made, map[string]string{"auth_url": url, "openstack_username": "of-the-director"}, base, operations...)
		group := made.InstanceGroups[0]
		index := slices.IndexFunc(group.Jobs, func(j struct{ Name, Release string }) bool { return j.Name == job })
		require.GreaterOrEqual(t, index, 0, "jobs of the director's VM")
		assert.True(t, slices.ContainsFunc(made.Releases, func(r struct{ Name string }) bool { return r.Name == group.Jobs[index].Release }))
		director, _ := group.Properties["director"].(map[string]any)
		assert.Equal(t, job, cmp.Or(director["cpi_job"], any("")), slices.Sorted(maps.Keys(director)))

		installed := install(t, r, executable, group.Properties)
		assert.Contains(t, installed.call(t, map[string]any{}), "401")
		assert.Contains(t, keystone.login(t), "of-the-director")
		content, err := os.ReadFile(filepath.Join(installed.jobs, job, "config/cpi.json"))
		require.NoError(t, err)
		agent, _ := group.Properties["agent"].(map[string]any)
		assert.Contains(t, string(content), agent["mbus"], "new VMs connect to the director")
	}
}
