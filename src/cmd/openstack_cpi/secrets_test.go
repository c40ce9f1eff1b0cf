package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
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
