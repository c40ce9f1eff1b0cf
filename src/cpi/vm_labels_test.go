package cpi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// A VM has the metadata and the tags of its VM type. Its metadata replaces the tags
// of the deployment, and is kept by set_vm_metadata.
func TestLabelsOfVM(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"),
			`{"instance_type":"m1.small","metadata":{"team":"red","cost center":7,"backup":true,"nothing":null},"tags":["bosh","a b"]}`))
		require.NoError(e, err)
		_, err = e.cpi().SetVMMetadata(e.Context(), bosh.SetVMMetadataArgs{VM: created.CID, Metadata: bosh.Metadata{"job": "router"}})
		require.NoError(e, err)
		server := e.cloud.Inventory()["server "+string(created.CID)].Fields
		assert.Equal(e, "bosh, a b", server["tags"])
		for key, value := range map[string]string{"team": "red", "cost center": "7", "backup": "true", "nothing": "", "job": "router", "deployment": "cf"} {
			assert.Equal(e, value, server["metadata."+key], key)
		}
	})
}

// What Nova does not accept is refused before anything is created.
func TestRefusedLabels(t *testing.T) {
	t.Parallel()
	fifty := strings.TrimSuffix(strings.Repeat(`"t",`, 51), ",")
	for properties, text := range map[string]string{
		`"metadata":{"director_uuid":"x"}`:                    "cloud_properties.metadata.director_uuid is set by the CPI: use another key",
		`"metadata":{"deployment":"x"}`:                       "cloud_properties.metadata.deployment is set by the CPI: use another key",
		`"metadata":{"a/b":"x"}`:                              "cloud_properties.metadata has the key 'a/b': Nova accepts 1 to 255 letters, digits, spaces and characters of -_:.",
		`"metadata":{"":"x"}`:                                 "cloud_properties.metadata has the key '': Nova accepts 1 to 255 letters, digits, spaces and characters of -_:.",
		`"metadata":{"a":{"b":1}}`:                            "cloud_properties.metadata.a must be a string, a number or a boolean",
		`"metadata":{"a":[1]}`:                                "cloud_properties.metadata.a must be a string, a number or a boolean",
		`"metadata":{"a":"` + strings.Repeat("ä", 256) + `"}`: "cloud_properties.metadata.a has 256 characters, Nova accepts 255",
		`"metadata":["a"]`:                                    "cloud_properties.metadata must not be an array",
		`"tags":["a,b"]`:                                      "cloud_properties.tags has the tag 'a,b': Nova accepts 1 to 60 characters without comma and slash",
		`"tags":["` + strings.Repeat("x", 61) + `"]`:          "cloud_properties.tags has the tag '" + strings.Repeat("x", 61) + "': Nova accepts 1 to 60 characters without comma and slash",
		`"tags":[` + fifty + `]`:                              "cloud_properties.tags has 51 tags, Nova accepts 50",
		`"tags":"a"`:                                          "cloud_properties.tags must not be a string",
	} {
		inCloud(t, simulator.Options{}, func(e *env) {
			_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small",`+properties+`}`))
			assert.Equal(e, text, e.requireKind(err, bosh.CPIError))
			assert.Empty(e, e.cloud.Journal())
		})
	}
	// Nova counts the metadata of the CPI and of the deployment, too.
	inCloud(t, simulator.Options{}, func(e *env) {
		e.cloud.SetQuota("metadata_items", 128)
		items := []string{}
		for i := range 128 {
			items = append(items, fmt.Sprintf(`"key-%d":"x"`, i))
		}
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","metadata":{`+strings.Join(items, ",")+`}}`))
		text := e.requireKind(err, bosh.CloudError)
		assert.Contains(e, text, "Maximum number of metadata items exceeds 128")
		assert.Contains(e, text, "the server has more metadata than Nova allows: use fewer tags")
	})
}

// A flavor is given by its name or its id.
func TestFlavorByID(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), fmt.Sprintf(`{"instance_type":%q}`, e.cloud.Fixtures().Flavors["m1.small"])))
		require.NoError(e, err)
		assert.Equal(e, "m1.small", e.cloud.Inventory()["server "+string(created.CID)].Fields["flavor"])
	})
}
