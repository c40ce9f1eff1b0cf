package config_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// FuzzLoad checks that Load returns a usable configuration or an error for any
// file and context.
func FuzzLoad(f *testing.F) {
	f.Add(file(f, object{"openstack": minimal()}), []byte(`{}`))
	f.Add(file(f, object{"openstack": with(object{"connection_options": object{"ca_cert": "x"}}), "agent": object{"a": nil}}), []byte(`{"auth_url":"http://h/v2.0","tenant":"t"}`))
	f.Add([]byte(`{"cloud":{"properties":{"registry":{"address":"a","port":1e3}}}}`), []byte(`{"state_timeout":"1e400","default_security_groups":"x"}`))
	f.Add([]byte(`{"cloud":{"properties":{"openstack":[]}}}`), []byte(`null`))
	f.Fuzz(func(t *testing.T, document, context []byte) {
		var overrides map[string]json.RawMessage
		if json.Unmarshal(context, &overrides) != nil {
			return
		}
		cfg, err := config.Load(document, overrides, config.WithCACert("pem"))
		assert.Contains(t, []int{2, 3}, config.MaxAPIVersion(document, overrides))
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
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
