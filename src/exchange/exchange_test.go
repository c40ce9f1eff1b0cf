package exchange_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/exchange"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// answers is a transport that answers every request with a text.
type answers string

func (a answers) RoundTrip(*http.Request) (*http.Response, error) {
	if a == "" {
		return nil, errors.New("connection refused, canary-secret")
	}
	recorder := httptest.NewRecorder()
	_, err := recorder.WriteString(string(a))
	return recorder.Result(), err
}

func request(t *testing.T, method, address string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	require.NoError(t, err)
	return req
}

// send sends a request and reads the response.
func send(t *testing.T, transport http.RoundTripper, req *http.Request) (status int, body string, err error) {
	t.Helper()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	content, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, string(content), nil
}

func masked() *telemetry.Mask {
	mask := telemetry.NewMask()
	mask.Add("canary-secret")
	return mask
}

func TestTraceShowsNoSecret(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		response string
		body     io.Reader
		shown    []string
	}{
		"JSON": {
			`{"server":{"adminPass":"hunter22","name":"canary-secret"}}`, strings.NewReader(`{"password":"hunter22","user":{"name":"canary-secret"}}`),
			[]string{`> {`, `>   "password": "<redacted>"`, `<     "adminPass": "<redacted>"`},
		},
		"no JSON":     {"<html>canary-secret</html>", strings.NewReader("canary-secret=1"), []string{"> <redacted>=1", "< <html><redacted></html>"}},
		"a stream":    {"ok", io.MultiReader(strings.NewReader("canary-secret")), []string{"> (a stream)", "< ok"}},
		"no body":     {"ok", nil, []string{"> POST http://cloud/canary?token=<redacted> (at 0.0", "< 200 OK after 0.0"}},
		"no response": {"", nil, []string{"< no response after 0.0", "connection refused, <redacted>"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			req := request(t, http.MethodPost, "http://user:hunter22@cloud/canary?token=canary-secret", test.body)
			req.Header.Set("X-Auth-Token", "hunter22")
			_, body, err := send(t, exchange.NewTrace(answers(test.response), &out, masked()), req)
			assert.Equal(t, test.response == "", err != nil)
			assert.Equal(t, test.response, body, "the caller gets the response as it was")
			for _, part := range test.shown {
				assert.Contains(t, out.String(), part)
			}
			assert.NotContains(t, out.String(), "canary-secret")
			assert.NotContains(t, out.String(), "hunter22")
		})
	}
}

func TestLongBodiesAreCut(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	long := strings.Repeat("x", 1<<20)
	_, body, err := send(t, exchange.NewTrace(answers(long), &out, masked()), request(t, http.MethodGet, "http://cloud/", nil))
	require.NoError(t, err)
	assert.Equal(t, long, body)
	assert.Less(t, out.Len(), 1<<17)
	assert.Contains(t, out.String(), "bytes omitted)")
}

const (
	server = "5a2c9d1e-0000-4000-8000-000000000001"
	other  = "5a2c9d1e-0000-4000-8000-000000000002"
	madeUp = "00000000-0000-4000-8000-000000000001"
)

// TestReadsAfterWrites sends a write and then a read.
func TestReadsAfterWrites(t *testing.T) {
	t.Parallel()
	const base = "http://cloud/v2.1/servers"
	for name, test := range map[string]struct {
		method, url, body string
		read              string
		status            int // 0: the read ends the run
		response          string
	}{
		"the object that was acted on":   {"POST", base + "/" + server + "/action", `{"reboot":{}}`, base + "/" + server, 0, ""},
		"a part of it":                   {"POST", base + "/" + server + "/action", `{"reboot":{}}`, base + "/" + server + "/metadata", 0, ""},
		"another object":                 {"POST", base + "/" + server + "/action", `{"reboot":{}}`, base + "/" + other, 200, "real"},
		"its collection":                 {"POST", base + "/" + server + "/action", `{"reboot":{}}`, base + "/detail?name=x", 0, ""},
		"a filter with its id":           {"DELETE", base + "/" + server, "", "http://cloud/v2.0/ports?device_id=" + server, 0, ""},
		"a deleted object":               {"DELETE", base + "/" + server, "", base + "/" + server, 404, "deleted in a dry run"},
		"another service":                {"DELETE", base + "/" + server, "", "http://cloud/v2.0/networks", 200, "real"},
		"a created object":               {"POST", base, `{"server":{"name":"n"}}`, base + "/" + madeUp, 200, `"status":"ACTIVE"`},
		"the collection of a creation":   {"POST", base, `{"server":{"name":"n"}}`, base, 0, ""},
		"what a creation uses":           {"POST", base, `{"server":{"networks":[{"port":"` + other + `"}]}}`, "http://cloud/v2.0/ports/" + other, 0, ""},
		"a created image, which is flat": {"POST", "http://cloud/v2/images", `{"name":"n"}`, "http://cloud/v2/images/" + madeUp, 200, `"status":"active"`},
		"after no JSON":                  {"PUT", base + "/" + server, "nonsense", base + "/" + server, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			writes := 0
			var ended *exchange.UnknownError
			run := exchange.NewDryRun(answers("real"), masked(), func(exchange.Write) { writes++ }, func(end *exchange.UnknownError) { ended = end })
			_, _, err := send(t, run, request(t, test.method, test.url, strings.NewReader(test.body)))
			require.NoError(t, err)
			assert.Equal(t, 1, writes)
			status, body, err := send(t, run, request(t, http.MethodGet, test.read, nil))
			assert.Equal(t, test.status, status)
			assert.Contains(t, body, test.response)
			if test.status != 0 {
				assert.Nil(t, ended)
				return
			}
			require.ErrorAs(t, err, &ended)
			_, _, err = send(t, run, request(t, http.MethodDelete, test.url, nil))
			assert.Equal(t, ended, err, "nothing is printed after the end")
			assert.Equal(t, 1, writes)
		})
	}
}
