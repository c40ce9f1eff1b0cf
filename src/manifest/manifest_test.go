package manifest_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
)

func TestCloudConfig(t *testing.T) {
	t.Parallel()
	read, err := manifest.Read([]byte(`
azs: [{name: z1, cpi: east, cloud_properties: {availability_zone: ((az))}}]
vm_types: [{name: default, cloud_properties: {1: x, instance_type: m1.small}}]
disk_types: [{name: fast, disk_size: 10_240}, {name: open, disk_size: ((size))}]
networks:
- name: default
  type: manual
  subnets:
  - {range: 10.0.0.0/24, reserved: 10.0.0.1, static: [10.0.0.2, ((static.first))], dns: null, cloud_properties: &shared {net_id: x}}
  - {range: 10.0.1.0/24, cloud_properties: {<<: *shared, tags: [a]}}
- {name: public, type: vip, subnets: [{static: [172.24.4.1]}]}
compilation: {workers: 4, vm_type: default}
`))
	require.NoError(t, err)
	assert.Equal(t, "east", read.AZs[0].CPI)
	assert.JSONEq(t, `{"1": "x", "instance_type": "m1.small"}`, string(read.VMTypes[0].CloudProperties))
	assert.EqualValues(t, 10240, read.DiskTypes[0].SizeMiB)
	assert.EqualValues(t, 0, read.DiskTypes[1].SizeMiB)
	first, second := read.Networks[0].Subnets[0], read.Networks[0].Subnets[1]
	assert.EqualValues(t, []string{"10.0.0.1"}, first.Reserved)
	assert.EqualValues(t, []string{"10.0.0.2", "((static.first))"}, first.Static)
	assert.JSONEq(t, `{"net_id": "x", "tags": ["a"]}`, string(second.CloudProperties))
	assert.EqualValues(t, 4, read.Compilation.Workers)
	assert.Equal(t, []string{"az", "size", "static"}, read.Variables)
	assert.False(t, read.Empty())
	assert.Equal(t, []string{"172.24.4.1"}, read.AddressesIn(read.Networks[1]))
}

func TestManifestOfCreateEnv(t *testing.T) {
	t.Parallel()
	read, err := manifest.Read([]byte(`
resource_pools: [{name: vms, cloud_properties: {instance_type: m1.small}}]
disk_pools: [{name: disks, disk_size: 65536}]
networks: [{name: public, type: vip}]
instance_groups: [{name: bosh, instances: 1, resource_pool: vms, persistent_disk_pool: disks, networks: [{name: public, static_ips: [172.24.4.5]}]}]
cloud_provider:
  properties:
    openstack: {auth_url: "https://keystone:5000/v3", username: u, api_key: p, project: bosh, domain: Default}
    agent: {mbus: "https://mbus:secret@10.0.0.5:6868"}
    ntp: [0.pool.ntp.org]
`))
	require.NoError(t, err)
	assert.Equal(t, "vms", read.AllVMTypes()[0].Name)
	assert.Equal(t, "disks", read.AllDiskTypes()[0].Name)
	assert.Equal(t, []string{"172.24.4.5"}, read.AddressesIn(read.Networks[0]))
	text, err := read.CPIConfig()
	require.NoError(t, err)
	cfg, err := config.Load(text, nil)
	require.NoError(t, err)
	assert.Equal(t, "https://keystone:5000", cfg.OpenStack.AuthURL)

	both := manifest.Document{Networks: []manifest.Network{{Name: "cloud"}}, Variables: []string{"a", "c"}}.With(manifest.Document{Networks: read.Networks, Variables: []string{"b", "c"}})
	assert.Len(t, both.Networks, 2)
	assert.Equal(t, []string{"a", "b", "c"}, both.Variables)
}

// Errors contain no values: these may be secrets.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for text, words := range map[string]string{
		"a: [canary":              "the document is not YAML",
		"a: &x *canary":           "the document is not YAML",
		"[canary]":                "the document is not a cloud config or a manifest",
		"vm_types: canary":        "vm_types must not be a string",
		"networks: [{name: [1]}]": "networks.name must not be a array",
	} {
		_, err := manifest.Read([]byte(text))
		require.ErrorContains(t, err, words)
		assert.NotContains(t, err.Error(), "canary")
	}
	read, err := manifest.Read(nil)
	require.NoError(t, err)
	assert.True(t, read.Empty())
	_, err = read.CPIConfig()
	require.ErrorIs(t, err, manifest.ErrNoProvider)
}

// The examples of the repository can be read.
func TestExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../manifests/cloud-config.yml")
	require.NoError(t, err)
	read, err := manifest.Read(text)
	require.NoError(t, err)
	assert.NotEmpty(t, read.Networks)
	assert.Contains(t, read.Variables, "net_id")
}
