package doctor_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/doctor"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
)

// migrated returns the report about a manifest with further properties of
// openstack and further parts of a cloud config.
func migrated(t *testing.T, from doctor.Origin, properties object, parts string) doctor.Report {
	t.Helper()
	all := object{"auth_url": "https://keystone/v3", "username": "u", "api_key": "canary", "project": "p", "domain": "d", "ignore_server_availability_zone": false}
	maps.Copy(all, properties)
	text, err := json.Marshal(object{"cloud_provider": object{"properties": object{"openstack": all, "ntp": []string{"t"}, "registry": object{"host": "r"}}}})
	require.NoError(t, err)
	director, err := manifest.Read(text)
	require.NoError(t, err)
	cloud, err := manifest.Read([]byte(parts))
	require.NoError(t, err)
	report := doctor.Migrate(t.Context(), from, director.With(cloud))
	for _, finding := range report.Findings {
		assert.NotContains(t, finding.Text, "canary")
		if finding.Level == doctor.Warning || finding.Level == doctor.Problem {
			assert.NotEmpty(t, finding.Advice, "%+v", finding)
		}
	}
	return report
}

func TestMigration(t *testing.T) {
	t.Parallel()
	const openstack = "cloud_provider.properties.openstack."
	for name, test := range map[string]struct {
		from       doctor.Origin
		properties object
		parts      string
		check      string
		subject    string
		level      doctor.Level // "" if nothing must be found
		text       string
	}{
		"valid":                      {doctor.Ruby, nil, "", "configuration", "configuration", doctor.OK, "is valid"},
		"nova-network":               {doctor.Ruby, object{"use_nova_networking": true}, "", "changes", openstack + "use_nova_networking", doctor.Problem, "is an error"},
		"nova-network, invalid":      {doctor.Ruby, object{"use_nova_networking": true}, "", "configuration", "configuration", doctor.Problem, "nova-network is not supported"},
		"no nova-network":            {doctor.Ruby, object{"use_nova_networking": false}, "", "changes", openstack + "use_nova_networking", "", ""},
		"anti-affinity":              {doctor.Official, object{"enable_auto_anti_affinity": false}, "", "changes", openstack + "enable_auto_anti_affinity", doctor.Problem, "as in the official job"},
		"connection options of Ruby": {doctor.Ruby, object{"connection_options": object{"nonblock": false}}, "", "configuration", "cloud.properties.openstack.connection_options.nonblock", doctor.Warning, "ignored"},
		"connection options of Go":   {doctor.Official, object{"connection_options": object{"ca_cert": "x"}}, "", "changes", openstack + "connection_options", doctor.Note, "takes effect"},
		"region of Go":               {doctor.Official, object{"region": "r"}, "", "changes", openstack + "region", doctor.Warning, "environment"},
		"region of Ruby":             {doctor.Ruby, object{"region": "r"}, "", "changes", openstack + "region", "", ""},
		"no region":                  {doctor.Official, nil, "", "changes", openstack + "region", doctor.Warning, "absent"},
		"endpoint type":              {doctor.Official, object{"endpoint_type": "internalURL"}, "", "changes", openstack + "endpoint_type", doctor.Warning, "takes effect"},
		"tenant":                     {doctor.Ruby, object{"tenant": "t"}, "", "changes", openstack + "tenant", doctor.Warning, "auth_url decides"},
		"config drive":               {doctor.Official, object{"config_drive": "disk"}, "", "changes", openstack + "config_drive", doctor.Warning, "new VMs"},
		"volume type":                {doctor.Official, object{"default_volume_type": "ssd"}, "", "changes", openstack + "default_volume_type", doctor.Warning, "new disks"},
		"ntp of Go":                  {doctor.Official, nil, "", "changes", "cloud_provider.properties.ntp", doctor.Note, "new VMs"},
		"ntp of Ruby":                {doctor.Ruby, nil, "", "changes", "cloud_provider.properties.ntp", "", ""},
		"registry":                   {doctor.Ruby, nil, "", "changes", "cloud_provider.properties.registry", doctor.Note, "version 1 only"},
		"zones given":                {doctor.Ruby, nil, "", "changes", openstack + "ignore_server_availability_zone", "", ""},
		"director's job": {
			doctor.Official, nil, "instance_groups: [{name: bosh, jobs: [{name: openstack_cpi, properties: {openstack: {region: r}}}]}]",
			"changes", "instance_groups.bosh.jobs.openstack_cpi.properties.openstack.ignore_server_availability_zone", doctor.Warning, "disks can be attached",
		},
		"instance group": {
			doctor.Official, nil, "instance_groups: [{name: bosh, properties: {openstack: {region: r}}}]",
			"changes", "instance_groups.bosh.properties.openstack.region", doctor.Warning, "environment",
		},
		"hints":                     {doctor.Official, nil, "vm_types: [{name: v, cloud_properties: {scheduler_hints: {group: g}}}]", "changes", "VM type v, scheduler_hints", doctor.Note, "Nova gets it"},
		"pools":                     {doctor.Ruby, nil, "vm_extensions: [{name: e, cloud_properties: {loadbalancer_pools: [{name: p, port: 1}]}}]", "changes", "VM extension e, loadbalancer_pools", doctor.Warning, "neutron-lbaas"},
		"VRRP in the VM type":       {doctor.Official, nil, "vm_types: [{name: v, cloud_properties: {vrrp_port_check: true}}]", "changes", "VM type v, vrrp_port_check", doctor.Warning, "property of the network"},
		"VRRP in the network":       {doctor.Official, nil, "networks: [{name: n, subnets: [{cloud_properties: {vrrp_port_check: true}}]}]", "changes", "network n", "", ""},
		"misspelt":                  {doctor.Ruby, nil, "vm_types: [{name: v, cloud_properties: {instance_type: a, keyname: b}}]", "configuration", "VM type v", doctor.Warning, "did you mean key_name"},
		"misspelt, on the way back": {doctor.Ruby, nil, "vm_types: [{name: v, cloud_properties: {instance_type: a, keyname: b}}]", "way back", "VM type v", "", ""},
		"old keys":                  {doctor.Ruby, nil, "vm_types: [{name: v, cloud_properties: {instance_type: a, root_disk: {size: 1}, allowed_address_pairs: a, loadbalancer_pools: [{name: p}]}}]", "way back", "VM type v", "", ""},
		"new key of a VM type":      {doctor.Ruby, nil, "vm_types: [{name: v, cloud_properties: {vnic_type: direct}}]", "way back", "VM type v", doctor.Warning, "vnic_type"},
		"root disk":                 {doctor.Ruby, nil, "vm_types: [{name: v, cloud_properties: {root_disk: {type: ssd}}}]", "way back", "VM type v", doctor.Warning, "root_disk.type"},
		"pairs":                     {doctor.Ruby, nil, "vm_types: [{name: v, cloud_properties: {allowed_address_pairs: [a]}}]", "way back", "VM type v", doctor.Warning, "as a list"},
		"weight":                    {doctor.Ruby, nil, "vm_types: [{name: v, cloud_properties: {loadbalancer_pools: [{name: p, weight: 1}]}}]", "way back", "VM type v", doctor.Warning, "loadbalancer_pools.weight"},
		"new key of a network":      {doctor.Ruby, nil, "networks: [{name: n, subnets: [{cloud_properties: {net_id: a, tags: [b]}}]}]", "way back", "network n", doctor.Warning, "tags"},
		"managed network":           {doctor.Ruby, nil, "networks: [{name: n, managed: true}]", "way back", "network n", doctor.Warning, "managed"},
		"prefix":                    {doctor.Ruby, nil, "networks: [{name: n, subnets: [{prefix: 28}]}]", "way back", "network n, subnet 1", doctor.Warning, "single addresses"},
		"NIC group":                 {doctor.Ruby, nil, "instance_groups: [{name: g, networks: [{name: n, nic_group: 1}]}]", "way back", "instance group g", doctor.Warning, "one NIC for each"},
		"light stemcells":           {doctor.Official, nil, "", "way back", "light stemcells", doctor.Warning, "cannot resolve"},
		"light stemcells of Ruby":   {doctor.Ruby, nil, "", "way back", "light stemcells", "", ""},
		"orphans":                   {doctor.Ruby, nil, "", "way back", "orphans", doctor.Warning, "interrupted"},
		"variables":                 {doctor.Ruby, object{"auth_url": "((url))"}, "", "configuration", "configuration", doctor.Unknown, "url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := migrated(t, test.from, test.properties, test.parts)
			found := of(report, test.check, test.subject)
			if test.level == "" {
				assert.Empty(t, found)
				return
			}
			texts := ""
			for _, finding := range found {
				if finding.Level == test.level {
					texts += finding.Text
				}
			}
			assert.Contains(t, texts, test.text, "%+v", report.Findings)
		})
	}
}

func TestOriginOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]doctor.Origin{
		"cloud_provider: {template: {name: openstack_cpi}}":                                          doctor.Ruby,
		"cloud_provider: {template: {name: openstack_cpi_golang}}":                                   doctor.Official,
		"instance_groups: [{jobs: [{name: openstack_cpi}]}, {jobs: [{name: openstack_cpi_golang}]}]": doctor.Official,
		"networks: []": "",
	} {
		read, err := manifest.Read([]byte(text))
		require.NoError(t, err)
		from, err := doctor.OriginOf(read)
		assert.Equal(t, want, from)
		assert.Equal(t, want == "", err != nil)
	}
}

// A manifest without a CPI has nothing to migrate but cloud properties.
func TestMigrationOfACloudConfig(t *testing.T) {
	t.Parallel()
	read, err := manifest.Read([]byte("vm_types: [{name: v, cloud_properties: {instance_type: m1.small}}]"))
	require.NoError(t, err)
	report := doctor.Migrate(t.Context(), doctor.Ruby, read)
	found := of(report, "configuration", "configuration")
	require.Len(t, found, 1)
	assert.Equal(t, doctor.Note, found[0].Level)
	assert.True(t, strings.HasPrefix(report.Cloud, "from the Ruby CPI"))
}
