package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// A service, a proxy or a firewall may quote what it received. The answer and
// the log do not, in no encoding. That they do not contain "canary" is checked
// for every call of an installation.
func TestQuotedSecrets(t *testing.T) {
	t.Parallel()
	const secret = "canary-\"pass\"/word"
	forms := map[string]string{
		"plain": secret, "JSON": fmt.Sprintf("%q", secret), "URL": url.QueryEscape(secret),
		"JSON in JSON": fmt.Sprintf("%q", fmt.Sprintf("%q", secret)), "base64": base64.StdEncoding.EncodeToString([]byte("x:" + secret)),
	}
	for name, form := range forms {
		for _, status := range []int{400, 401, 403, 409, 503} {
			installed(t, simulator.Options{}, func(i *installation) {
				i.configure(map[string]any{"api_key": secret, "log_level": "debug"})
				quoted, err := json.Marshal("unusual request: " + form + " was received")
				require.NoError(i, err)
				body := fmt.Sprintf(`{"error": {"code": %d, "title": "x", "message": %s}}`, status, quoted)
				for _, page := range []string{body, "<html>" + form + "</html>"} {
					i.cloud.Inject(simulator.Fault{On: "POST /v3/auth/tokens", Status: status, Body: page, Times: -1})
					a := i.call("has_vm", "5a2c9d1e-0000-4000-8000-000000000000")
					require.NotNil(i, a.Error)
					assert.Contains(i, a.Error.Message, "<redacted>", name)
					assert.NotContains(i, a.Error.Message+i.stderr.String(), base64.StdEncoding.EncodeToString([]byte("x:" + secret))[8:20])
					i.cloud.ClearFaults()
				}
			})
		}
	}
}

func TestQuotedToken(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.echo = "X-Auth-Token"
		a := i.call("has_vm", "5a2c9d1e-0000-4000-8000-000000000000")
		require.NotNil(i, a.Error)
		assert.Contains(i, a.Error.Message, "the token is <redacted>")
	})
}

func TestQuotedEnv(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		env := map[string]any{"bosh": map[string]any{"password": "canary-vcap"}, "own": "canary-of-the-operator"}
		i.cloud.Inject(simulator.Fault{On: "POST /servers", Status: http.StatusBadRequest, Times: -1, Body: fmt.Sprintf(
			`{"badRequest": {"code": 400, "message": "odd user_data %s, %s"}}`, "canary-vcap", base64.StdEncoding.EncodeToString([]byte(`{"x":"canary-of-the-operator"}`)))})
		networks := map[string]any{"private": map[string]any{"type": "dynamic", "cloud_properties": map[string]any{"net_id": i.cloud.Fixtures().Networks["private"]}}}
		a := i.call("create_vm", "agent", i.cloud.Fixtures().Images["tiny-public"], map[string]any{"instance_type": "m1.small"}, networks, []any{}, env)
		require.NotNil(i, a.Error)
		assert.Contains(i, a.Error.Message, "odd user_data <redacted>, ")
		assert.NotContains(i, a.Error.Message, base64.StdEncoding.EncodeToString([]byte(`{"x":"canary-of-the-operator"}`))[12:30])
	})
}

// PEM text in the place of a path is taken as such, and never shown.
func TestPEMInThePlaceOfAPath(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"client_key", "client_cert", "ssl_ca_file"} {
		installed(t, simulator.Options{}, func(i *installation) {
			options := map[string]any{key: "-----BEGIN PRIVATE KEY-----\ncanary-line-of-the-key\n-----END PRIVATE KEY-----"}
			if key != "ssl_ca_file" {
				options["client_key_data"], options["client_cert_data"] = "canary-key", "canary-certificate"
				delete(options, key+"_data")
			}
			i.configure(map[string]any{"connection_options": options})
			i.overNetwork = true
			a := i.call("has_vm", "5a2c9d1e-0000-4000-8000-000000000000")
			require.NotNil(i, a.Error)
			assert.NotContains(i, a.Error.Message, "BEGIN", key)
			assert.NotContains(i, a.Error.Message, "file name", key)
		})
	}
}

// A secret that was typed in the place of a name is not shown.
func TestSecretAsAName(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.configure(map[string]any{"canary-password": true, "canary of forty-one characters and spaces": 1, "conary_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": 2})
		require.Nil(i, i.call("has_vm", "5a2c9d1e-0000-4000-8000-000000000000").Error)
		assert.Contains(i, i.stderr.String(), "a key of 41 characters that is no property's name")
		assert.NotContains(i, i.stderr.String(), "conary")
	})
}

// A secret may stand in any place of a request: the password of the file, and one
// of the request itself. Neither the answer nor the log shows it, although most
// of these requests fail before the configuration is needed.
func TestSecretInAnyPlaceOfARequest(t *testing.T) {
	t.Parallel()
	id := "5a2c9d1e-0000-4000-8000-000000000000"
	for _, secret := range []string{"canary-password", "canary_of_the_context", "canary-of-the-env"} {
		vm := func(properties, networks any) []any {
			return []any{"agent", id, properties, networks, []string{}, map[string]any{"bosh": map[string]any{"password": "canary-of-the-env"}}}
		}
		network := map[string]any{"type": "dynamic"}
		for name, test := range map[string]struct {
			method    string
			arguments []any
			requestID string
		}{
			"method":              {method: secret, arguments: vm(nil, nil)},
			"request id":          {method: "fly", arguments: vm(nil, nil), requestID: secret},
			"CID":                 {method: "has_vm", arguments: []any{secret}},
			"CID of another type": {method: "has_vm", arguments: []any{map[string]any{secret: secret}}},
			"too many arguments":  {method: "has_vm", arguments: []any{id, secret}},
			"network":             {method: "create_vm", arguments: vm(map[string]any{}, map[string]any{secret: 5})},
			"network property":    {method: "create_vm", arguments: vm(map[string]any{}, map[string]any{"n": map[string]any{"ip": map[string]any{secret: 1}}})},
			"type of a network":   {method: "create_vm", arguments: vm(map[string]any{"instance_type": "m1.small"}, map[string]any{"n": map[string]any{"type": secret}})},
			"cloud property":      {method: "create_vm", arguments: vm(map[string]any{secret: 1}, map[string]any{secret: network})},
			"flavor":              {method: "create_vm", arguments: vm(map[string]any{"instance_type": secret}, map[string]any{"n": network})},
			"disk property":       {method: "create_disk", arguments: []any{1024, map[string]any{secret: 1, "type": secret}}},
			"image path":          {method: "create_stemcell", arguments: []any{"/" + secret, map[string]any{"name": secret, "version": "1", "disk_format": secret}}},
			"metadata":            {method: "set_vm_metadata", arguments: []any{id, map[string]any{secret: secret}}},
		} {
			if ofEnv := secret == "canary-of-the-env"; ofEnv && len(test.arguments) < 6 {
				continue // the request has no env
			}
			t.Run(name+" "+secret, func(t *testing.T) {
				t.Parallel()
				installed(t, simulator.Options{}, func(i *installation) {
					i.extra = map[string]any{"unused_secret": "canary_of_the_context"}
					if test.requestID != "" {
						i.extra["request_id"] = test.requestID
					}
					i.call(test.method, test.arguments...)
				})
			})
		}
	}
}

// Quoted input is cut.
func TestQuotedInputIsShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	installed(t, simulator.Options{}, func(i *installation) {
		unknown := i.call(long)
		require.NotNil(i, unknown.Error)
		assert.Less(i, len(unknown.Error.Message), 200)
		assert.Less(i, i.stderr.Len(), 1000)

		flavor := i.call("create_vm", "a", i.image(), map[string]any{"instance_type": long}, i.network("10.0.0.10"), []string{}, env)
		require.NotNil(i, flavor.Error)
		assert.Contains(i, flavor.Error.Message, "Flavor `xxx")
		assert.Contains(i, flavor.Error.Message, "bytes omitted")
		assert.Contains(i, flavor.Error.Message, "m1.small", "the end is kept")
		assert.Less(i, len(flavor.Error.Message), 33<<10)
	})
}
