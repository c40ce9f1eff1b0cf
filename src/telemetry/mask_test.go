package telemetry_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

func TestMaskedEncodings(t *testing.T) {
	t.Parallel()
	const secret = `can"ary&<pass>/word+ü`
	mask := telemetry.NewMask()
	mask.Add(secret)
	quoted, err := json.Marshal(secret)
	require.NoError(t, err)
	twice, err := json.Marshal(string(quoted))
	require.NoError(t, err)
	for name, form := range map[string]string{
		"plain": secret, "JSON": string(quoted), "JSON in JSON": string(twice), "Go": fmt.Sprintf("%q", secret),
		"query": url.QueryEscape(secret), "path": url.PathEscape(secret), "HTML": html.EscapeString(secret),
	} {
		masked := mask.Text("before " + form + " after")
		assert.Contains(t, masked, "<redacted>", name)
		assert.NotContains(t, masked, "pass", name)
	}
	for _, around := range []string{"", "x", "xy", "xyz"} {
		text := around + `{"password":"` + secret + `"}`
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			masked := mask.Text(encoding.EncodeToString([]byte(text)))
			assert.Contains(t, masked, "<redacted>")
			assert.NotContains(t, masked, strings.TrimRight(encoding.EncodeToString([]byte(secret))[4:12], "="))
		}
	}
	assert.Equal(t, "the message <redacted>… and nothing", mask.Text("the message "+secret[:12]+"… and nothing"))
	assert.Equal(t, "an ordinary text", mask.Text("an ordinary text"))
}

func TestMaskedLengths(t *testing.T) {
	t.Parallel()
	mask := telemetry.NewMask()
	mask.Add("bosh")
	mask.Add("abc")
	mask.Add("")
	assert.Equal(t, "user <redacted>, \"<redacted>\", boshua, my_bosh, abc", mask.Text(`user bosh, "bosh", boshua, my_bosh, abc`))
}

func TestMaskedDocument(t *testing.T) {
	t.Parallel()
	mask := telemetry.NewMask()
	mask.AddDocument([]byte(`{"openstack": {"api_key": "canary-1", "username": "operator-1", "application_credential_id": "credential-1",
		"application_credential_secret": "canary-2", "connection_options": {"proxy": "http://u:canary%2D3@proxy:1", "client_key": "/path/of/a/key.pem",
		"client_key_data": "-----BEGIN KEY-----\ncanary-4-line\ncanary-5-line\n-----END KEY-----"}},
		"agent": {"mbus": "nats://nats:canary-6@10.0.0.1:4222", "other": {"deep": [{"password": 12345678}]}}}`))
	mask.AddDocument([]byte(`{"broken`))
	mask.AddEnv([]byte(`{"bosh": {"group": "director-deployment-group", "password": "canary-7"}, "own": "canary-8-of-the-operator"}`))
	for i := range 8 {
		masked := mask.Text(fmt.Sprintf("x canary-%d y canary-%d-line z canary-%d-of-the-operator", i+1, i+1, i+1))
		assert.Contains(t, masked, "<redacted>", i+1)
	}
	assert.Equal(t, "<redacted> <redacted>", mask.Text("canary%2D3 12345678"))
	kept := "operator-1 credential-1 /path/of/a/key.pem -----BEGIN KEY----- director-deployment-group"
	assert.Equal(t, kept, mask.Text(kept))
}
