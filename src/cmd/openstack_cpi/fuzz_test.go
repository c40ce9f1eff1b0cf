package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostileCloud answers every request with an error that quotes it.
type hostileCloud struct{}

// RoundTrip implements http.RoundTripper.
func (hostileCloud) RoundTrip(request *http.Request) (*http.Response, error) {
	var quoted bytes.Buffer
	fmt.Fprintf(&quoted, "unusual request: %s %s %v ", request.Method, request.URL, request.Header)
	if request.Body != nil {
		if _, err := io.Copy(&quoted, request.Body); err != nil {
			return nil, err
		}
	}
	body, err := json.Marshal(map[string]any{"error": map[string]any{"code": 400, "title": "Bad Request", "message": quoted.String()}})
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: http.StatusBadRequest, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Request: request}, nil
}

const secretsOfFile = "canary-of-the-file"

// FuzzWire checks that the executable writes one answer of the documented form for
// any input, although the cloud quotes what it receives, and that answer and log
// hold no secret of the configuration.
func FuzzWire(f *testing.F) {
	config := filepath.Join(f.TempDir(), "cpi.json")
	content := strings.ReplaceAll(`{"cloud":{"plugin":"openstack","properties":{"openstack":{"auth_url":"http://keystone/v3","username":"u","api_key":"SECRET-1",
		"project":"p","domain":"d","log_level":"debug","connection_options":{"client_key_pass":"SECRET-2","proxy":"http://u:SECRET-3@proxy"}},
		"agent":{"mbus":"nats://u:SECRET-4@10.0.0.1"},"registry":{"endpoint":"http://u:SECRET-5@registry","user":"u","password":"SECRET-6"}}}}`, "SECRET", secretsOfFile)
	require.NoError(f, os.WriteFile(config, []byte(content), 0o600))

	const server, other = `"5a2c9d1e-0000-4000-8000-000000000000"`, `"context":{"director_uuid":"d","request_id":"cpi-1"},"api_version":2`
	for _, seed := range []string{
		`{"method":"info","arguments":[],` + other + `}`,
		`{"method":"has_vm","arguments":[` + server + `],` + other + `}`,
		`{"method":"delete_vm","arguments":[".."],` + other + `}`,
		`{"method":"create_disk","arguments":[1024,{"type":"ssd"},null],` + other + `}`,
		`{"method":"attach_disk","arguments":[` + server + `,` + server + `],"context":{"director_uuid":"d","auth_url":"http://other","api_key":"SECRET-7"}}`,
		`{"method":"create_vm","arguments":["agent",` + server + `,{"instance_type":"m1.small"},{"private":{"type":"dynamic","cloud_properties":{"net_id":` + server + `}}},[],{"bosh":{"password":"x"}}],` + other + `}`,
		`{"method":"create_stemcell","arguments":["/absent",{"name":"n","version":"1","disk_format":"qcow2"}],` + other + `}`,
		`{"method":"create_stemcell","arguments":["/absent",{"image_id":` + server + `}],` + other + `}`,
		`{"method":"set_vm_metadata","arguments":[` + server + `,{"job":"x","index":0}],` + other + `}`,
		`{"method":"calculate_vm_cloud_properties","arguments":[{"cpu":1,"ram":1024,"ephemeral_disk_size":1024}],` + other + `}`,
		`{"method":"current_vm_id","arguments":[],` + other + `}`,
		`{"method":"fly","arguments":[],"context":{}}`, `{`, "", "[]",
	} {
		f.Add([]byte(strings.ReplaceAll(seed, "SECRET", "canary-of-the-request")))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		synctest.Test(t, func(t *testing.T) {
			var out, logs bytes.Buffer
			c := &call{configFile: config, transport: hostileCloud{}}
			assert.Zero(t, c.serve(t.Context(), bytes.NewReader(input), &out, &logs))
			assert.NotContains(t, out.String()+logs.String(), secretsOfFile)
			checkAnswer(t, out.Bytes())
		})
	})
}

// checkAnswer checks the form of an answer: the three keys, a result or an error,
// one line of UTF-8.
func checkAnswer(t *testing.T, answer []byte) {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(answer, &fields), "%s", answer)
	assert.Len(t, fields, 3)
	assert.True(t, utf8.Valid(answer))
	assert.Equal(t, 1, bytes.Count(answer, []byte("\n")))
	assert.Less(t, len(answer), 64<<10, "an answer is not a page")
	assert.Equal(t, `""`, string(fields["log"]))
	if string(fields["error"]) == "null" {
		assert.NotEmpty(t, fields["result"])
		return
	}
	assert.Equal(t, "null", string(fields["result"]))
	var failure struct {
		Type      string `json:"type"`
		Message   string `json:"message"`
		OKToRetry *bool  `json:"ok_to_retry"`
	}
	require.NoError(t, json.Unmarshal(fields["error"], &failure))
	assert.Contains(t, []string{
		"CpiError", "NotSupported", "NotImplemented", "CloudError", "VMNotFound", "NetworkNotFound",
		"NoDiskSpace", "DiskNotAttached", "DiskNotFound", "VMCreationFailed",
	}, strings.TrimPrefix(failure.Type, "Bosh::Clouds::"))
	assert.NotNil(t, failure.OKToRetry)
	assert.NotEmpty(t, failure.Message)
	assert.NotContains(t, failure.Message, "internal error")
}
