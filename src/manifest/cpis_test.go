package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/manifest"
)

func TestOfCPI(t *testing.T) {
	t.Parallel()
	read, err := manifest.Read([]byte(`
azs: [{name: e1, cpi: east}, {name: e2, cpi: east}, {name: w1, cpi: west}, {name: other}]
vm_types: [{name: default}]
networks:
- {name: both, type: manual, subnets: [{range: 10.0.0.0/24, azs: [e1, e2]}, {range: 10.1.0.0/24, az: w1}, {range: 10.2.0.0/24, azs: [e2, w1]}, {range: 10.3.0.0/24}]}
- {name: west, type: manual, subnets: [{range: 10.4.0.0/24, az: w1}]}
- {name: public, type: vip}
compilation: {workers: 1, az: w1}
`))
	require.NoError(t, err)
	assert.Equal(t, []string{"east", "west"}, read.CPIs())

	east, err := read.OfCPI("east")
	require.NoError(t, err)
	assert.Equal(t, []string{"east"}, east.CPIs())
	assert.Len(t, east.AZs, 2)
	assert.Len(t, east.VMTypes, 1)
	assert.Nil(t, east.Compilation)
	require.Len(t, east.Networks, 2)
	assert.Equal(t, "public", east.Networks[1].Name)
	ranges := []string{}
	for _, subnet := range east.Networks[0].Subnets {
		ranges = append(ranges, subnet.Range)
	}
	assert.Equal(t, []string{"10.0.0.0/24", "10.2.0.0/24", "10.3.0.0/24"}, ranges)

	west, err := read.OfCPI("west")
	require.NoError(t, err)
	assert.NotNil(t, west.Compilation)
	assert.Len(t, west.Networks, 3)
	assert.Len(t, read.Networks[0].Subnets, 4, "the document itself has not changed")

	_, err = read.OfCPI("north")
	require.EqualError(t, err, "no AZ has the CPI north; the AZs have: east, west")
}

func TestReadCPI(t *testing.T) {
	t.Parallel()
	const config = `
cpis:
- {name: east, type: openstack, properties: &cloud {auth_url: "https://east:5000", api_key: canary}}
- {name: west, type: openstack, properties: {<<: *cloud, auth_url: "https://west:5000"}}
- {name: open, type: openstack, properties: {api_key: ((openstack_password))}}
- {name: vcenter, type: vsphere}
`
	properties, err := manifest.ReadCPI([]byte(config), "west")
	require.NoError(t, err)
	assert.JSONEq(t, `"https://west:5000"`, string(properties["auth_url"]))
	assert.JSONEq(t, `"canary"`, string(properties["api_key"]))
	for name, words := range map[string]string{
		"north":   "the CPI config has no CPI north, only: east, west, open, vcenter",
		"vcenter": "the CPI vcenter is of type vsphere, not openstack",
		"open":    "variables without a value, such as openstack_password: fill them in with bosh interpolate",
	} {
		_, err := manifest.ReadCPI([]byte(config), name)
		require.ErrorContains(t, err, words)
		assert.NotContains(t, err.Error(), "canary")
	}
	_, err = manifest.ReadCPI([]byte("cpis: canary"), "east")
	require.EqualError(t, err, "the document is not a CPI config: cpis must not be a string")
}
