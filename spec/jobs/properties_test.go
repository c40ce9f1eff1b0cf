package jobs_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// use is a value of a property and its expected place in cpi.json.
type use struct {
	value any
	with  []any  // other properties, required or replaced
	at    string // path below cloud.properties
	want  any    // nil: the value
}

// uses returns a use of every property that cpi.json contains.
func uses(auth string) map[string]use {
	application := []any{"openstack.username", nil, "openstack.api_key", nil, "openstack.project", nil, "openstack.domain", nil}
	registry := func(property string, value any) []any {
		all := map[string]any{"host": "10.0.0.6", "username": "registry", "password": "secret"}
		all[property] = value
		return []any{"registry", all}
	}
	nats := []any{"nats", map[string]any{"user": "nats", "password": "secret", "address": "10.0.0.6"}}
	return map[string]use{
		"openstack.auth_url": {value: auth + "/v3/auth/tokens", at: "openstack.auth_url"},
		"openstack.username": {value: "operator", at: "openstack.username"},
		"openstack.api_key":  {value: `p#{a}#$s"'\s<%= 1 %> ü`, at: "openstack.api_key"},
		"openstack.application_credential_id": {
			value: "21dced0f", with: append(application, "openstack.application_credential_secret", "s"), at: "openstack.application_credential_id",
		},
		"openstack.application_credential_secret": {
			value: "s", with: append(application, "openstack.application_credential_id", "21dced0f"), at: "openstack.application_credential_secret",
		},
		"openstack.tenant":              {value: "bosh", with: []any{"openstack.auth_url", auth + "/v2.0"}, at: "openstack.tenant"},
		"openstack.project":             {value: "other", at: "openstack.project"},
		"openstack.project_id":          {value: "7f7c1e6b", with: []any{"openstack.project", nil}, at: "openstack.project_id"},
		"openstack.domain":              {value: "bosh-domain", at: "openstack.domain"},
		"openstack.user_domain_name":    {value: "users", with: []any{"openstack.project_domain_name", "projects"}, at: "openstack.user_domain_name"},
		"openstack.project_domain_name": {value: "projects", with: []any{"openstack.user_domain_name", "users"}, at: "openstack.project_domain_name"},
		"openstack.region":              {value: "RegionTwo", at: "openstack.region"},
		"openstack.endpoint_type":       {value: "internalURL", at: "openstack.endpoint_type"},

		"openstack.default_key_name":        {value: "key", at: "openstack.default_key_name"},
		"openstack.default_security_groups": {value: []any{"a", "b"}, at: "openstack.default_security_groups"},
		"openstack.default_volume_type":     {value: "ssd", at: "openstack.default_volume_type"},

		"openstack.state_timeout":               {value: 600, at: "openstack.state_timeout"},
		"openstack.wait_resource_poll_interval": {value: 2, at: "openstack.wait_resource_poll_interval"},

		"openstack.boot_from_volume":                {value: true, at: "openstack.boot_from_volume"},
		"openstack.stemcell_public_visibility":      {value: true, at: "openstack.stemcell_public_visibility"},
		"openstack.config_drive":                    {value: "cdrom", at: "openstack.config_drive"},
		"openstack.use_dhcp":                        {value: false, at: "openstack.use_dhcp"},
		"openstack.ignore_server_availability_zone": {value: true, at: "openstack.ignore_server_availability_zone"},
		"openstack.volume_availability_zones":       {value: map[string]any{"az1": "ceph-1"}, at: "openstack.volume_availability_zones"},
		"openstack.human_readable_vm_names":         {value: true, at: "openstack.human_readable_vm_names"},
		"openstack.replace_lost_vms":                {value: true, at: "openstack.replace_lost_vms"},
		"openstack.keep_failed_vms":                 {value: true, at: "openstack.keep_failed_vms"},
		"openstack.default_server_group_policy":     {value: "soft-anti-affinity", at: "openstack.default_server_group_policy"},
		"openstack.strict_cloud_properties":         {value: true, at: "openstack.strict_cloud_properties"},
		"openstack.connection_options":              {value: map[string]any{"read_timeout": 120, "ssl_verify_peer": false}, at: "openstack.connection_options"},
		"openstack.token_cache":                     {value: false, at: "openstack.token_cache"},
		"openstack.max_api_version":                 {value: 2, at: "openstack.max_api_version"},
		"openstack.log_level":                       {value: "debug", at: "openstack.log_level"},
		"openstack.use_nova_networking":             {value: false, at: "openstack.use_nova_networking"},

		"ntp":                {value: []any{}, at: "agent.ntp"},
		"agent.mbus":         {value: "https://mbus:p@0.0.0.0:6868", with: nats, at: "agent.mbus"},
		"agent.nats.address": {value: "10.9.9.9", with: nats, at: "agent.mbus", want: "nats://nats:secret@10.9.9.9:4222"},
		"nats.user":          {value: "u", with: nats, at: "agent.mbus", want: "nats://u:secret@10.0.0.6:4222"},
		"nats.password":      {value: "p", with: nats, at: "agent.mbus", want: "nats://nats:p@10.0.0.6:4222"},
		"nats.address":       {value: "10.0.0.7", with: nats, at: "agent.mbus", want: "nats://nats:secret@10.0.0.7:4222"},
		"nats.port":          {value: 4223, with: nats, at: "agent.mbus", want: "nats://nats:secret@10.0.0.6:4223"},

		"registry.host":     {value: "10.0.0.7", with: registry("host", nil), at: "registry.address"},
		"registry.port":     {value: 6901, with: registry("port", nil), at: "registry.endpoint", want: "http://10.0.0.6:6901"},
		"registry.username": {value: "u", with: registry("username", nil), at: "registry.user"},
		"registry.password": {value: "p", with: registry("password", nil), at: "registry.password"},
		"registry.endpoint": {value: "http://registry:25777", with: registry("endpoint", nil), at: "registry.endpoint"},
	}
}

// notInConfig are the properties that cpi.json does not contain. TestProxies
// and TestRefusedProperties test them.
var notInConfig = []string{"env.http_proxy", "env.https_proxy", "env.no_proxy", "openstack.enable_auto_anti_affinity"}

// Every property of the job is in the expected place of cpi.json, and the
// executable accepts it: it logs in.
func TestEveryProperty(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	_, unused := newKeystone(t)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(r.spec.Properties)), slices.Concat(slices.Collect(maps.Keys(uses(unused))), notInConfig))
	for name := range uses(unused) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keystone, url := newKeystone(t)
			use := uses(url)[name]
			properties := minimal(append(append([]any{"openstack.auth_url", url + "/v3"}, use.with...), name, use.value)...)
			want := use.want
			if want == nil {
				want = use.value
			}
			assert.Equal(t, asJSON(t, want), asJSON(t, at(r.cloudProperties(t, properties), use.at)))
			message := install(t, r, executable, properties).call(t, map[string]any{})
			assert.Contains(t, message, "401")
			keystone.login(t)
		})
	}
}

func at(properties map[string]any, path string) any {
	var value any = properties
	for key := range strings.SplitSeq(path, ".") {
		below, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = below[key]
	}
	return value
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// With only the required properties, cpi.json has exactly these keys.
func TestMinimalManifest(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	properties := r.cloudProperties(t, minimal())
	assert.Equal(t, []string{"openstack"}, slices.Collect(maps.Keys(properties)))
	assert.JSONEq(t, `{
		"auth_url": "http://127.0.0.1:5000/v3", "username": "bosh", "api_key": "secret", "project": "bosh-project", "domain": "Default",
		"default_key_name": "bosh", "default_security_groups": ["bosh"], "default_volume_type": null, "endpoint_type": "publicURL",
		"state_timeout": 300, "wait_resource_poll_interval": 5, "boot_from_volume": false, "stemcell_public_visibility": false,
		"use_dhcp": true, "ignore_server_availability_zone": false, "human_readable_vm_names": false, "replace_lost_vms": false, "keep_failed_vms": false, "strict_cloud_properties": false, "use_nova_networking": false,
		"max_api_version": 3, "log_level": "info", "token_cache": true
	}`, asJSON(t, properties["openstack"]))
	assert.Empty(t, strings.TrimSpace(r.rendered(t, "cacert.pem.erb", minimal())))
}

// A key pair is optional: without one, cpi.json has none and the executable
// accepts it.
func TestNoKeyPair(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	keystone, url := newKeystone(t)
	properties := minimal("openstack.auth_url", url, "openstack.default_key_name", nil)
	assert.NotContains(t, r.cloudProperties(t, properties)["openstack"], "default_key_name")
	assert.Contains(t, install(t, r, executable, properties).call(t, map[string]any{}), "401")
	keystone.login(t)
}

// The login uses the URL and credentials of the properties.
func TestLogin(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	for name, test := range map[string]struct {
		path       string
		properties []any
		words      []string
	}{
		"user, project and domain": {"/v3", nil, []string{`/v3/auth/tokens`, `"name":"bosh"`, `"password":"secret"`, `"name":"bosh-project"`, `"name":"Default"`}},
		"password of digits":       {"/v3", []any{"openstack.api_key", 12345}, []string{`"password":"12345"`}},
		"project id":               {"", []any{"openstack.project_id", "7f7c1e6b"}, []string{`/v3/auth/tokens`, `"id":"7f7c1e6b"`}},
		"two domains": {
			"",
			[]any{"openstack.user_domain_name", "users", "openstack.project_domain_name", "projects", "openstack.domain", nil},
			[]string{`"name":"users"`, `"name":"projects"`},
		},
		"application credential": {
			"/v3",
			[]any{
				"openstack.username", nil, "openstack.api_key", nil, "openstack.project", nil, "openstack.domain", nil,
				"openstack.application_credential_id", "21dced0f", "openstack.application_credential_secret", "s3cret",
			},
			[]string{`"id":"21dced0f"`, `"secret":"s3cret"`},
		},
		"Keystone v2": {
			"/v2.0",
			[]any{"openstack.project", nil, "openstack.domain", nil, "openstack.tenant", "old"},
			[]string{`/v2.0/tokens`, `"tenantName":"old"`, `"username":"bosh"`, `"password":"secret"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keystone, url := newKeystone(t)
			properties := minimal(append([]any{"openstack.auth_url", url + test.path}, test.properties...)...)
			install(t, r, executable, properties).call(t, map[string]any{})
			for _, word := range test.words {
				assert.Contains(t, keystone.login(t), word)
			}
		})
	}
}
