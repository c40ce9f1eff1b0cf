package faultproxy_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/faultproxy"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// client sends requests through a proxy to a simulated cloud.
type client struct {
	*testing.T
	proxy *faultproxy.Proxy
	cloud *cloud.Cloud
}

func newClient(t *testing.T) client {
	t.Helper()
	simulated := simulator.New(simulator.Options{})
	base, stop, err := simulated.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(stop)
	file := filepath.Join(t.TempDir(), "cpi.json")
	require.NoError(t, os.WriteFile(file, simulated.CPIConfig(base), 0o600))
	opened, err := cloud.Open(t.Context(), file)
	require.NoError(t, err)
	proxy := faultproxy.Start(opened)
	t.Cleanup(proxy.Close)
	return client{t, proxy, opened}
}

// send sends a request to the volume service through the proxy.
func (c client) send(method, path string, document any) (cloud.Response, error) {
	through, err := url.Parse(c.proxy.URL)
	require.NoError(c, err)
	service := c.cloud.Service("volume")
	service.Client = &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(through), DisableKeepAlives: true}, Timeout: 2 * time.Second}
	return service.Do(c.Context(), method, path, document)
}

func (c client) postVolume() (cloud.Response, error) {
	return c.send(http.MethodPost, "/volumes", map[string]any{"volume": map[string]any{"size": 1, "name": "v"}})
}

// volumes returns how many volumes the cloud has.
func (c client) volumes() int {
	var list struct{ Volumes []any }
	require.NoError(c, c.cloud.Get(c.Context(), "volume", "/volumes", &list))
	return len(list.Volumes)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const page = "<html>maintenance</html>"
	for name, test := range map[string]struct {
		fault    simulator.Fault
		executed int
		status   int // 0 if there is no response
		kind     string
		body     string // what it begins with
	}{
		"503":            {simulator.Fault{Status: 503, Header: http.Header{"Retry-After": {"1"}}}, 0, 503, "application/json", `{"error": {"code": 503,`},
		"page with 503":  {simulator.Fault{Status: 503, Body: page}, 0, 503, "text/html", page},
		"refused":        {simulator.Fault{Kind: simulator.Refused}, 0, 0, "", ""},
		"dropped":        {simulator.Fault{Kind: simulator.Dropped}, 0, 0, "", ""},
		"lost answer":    {simulator.Fault{Kind: simulator.LostAnswer}, 1, 0, "", ""},
		"unanswered":     {simulator.Fault{Kind: simulator.Unanswered}, 1, 0, "", ""},
		"delayed":        {simulator.Fault{Kind: simulator.Delayed, Delay: time.Millisecond}, 1, 202, "application/json", `{"volume"`},
		"altered":        {simulator.Fault{Kind: simulator.Altered, Body: page}, 1, 202, "text/html", page},
		"truncated JSON": {simulator.Fault{Kind: simulator.Truncated}, 1, 202, "application/json", `{"volume"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			test.fault.On = "POST /volumes"
			c.proxy.Inject(test.fault)
			received, err := c.postVolume()
			assert.Equal(t, test.executed, c.volumes())
			assert.Equal(t, test.status, received.Status)
			assert.Equal(t, test.kind, received.Header.Get("Content-Type"))
			if test.status == 0 {
				require.Error(t, err)
			} else {
				require.NoError(t, err)
				assert.Contains(t, string(received.Body), test.body)
				assert.Equal(t, test.fault.Header.Get("Retry-After"), received.Header.Get("Retry-After"))
			}
			received, err = c.postVolume()
			require.NoError(t, err)
			assert.Equal(t, http.StatusAccepted, received.Status, "the fault happens once")
			assert.Equal(t, test.executed+1, c.volumes())
			assert.Equal(t, test.fault.Kind.String(), c.proxy.Reset()[0].Fault)
		})
	}
}

func TestCallsInTheJournal(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	const volume = "/volumes/3f1c8f2e-0c5b-4a53-9d4c-5b8f8f1d2a10"
	_, err := c.send(http.MethodGet, volume+"/metadata", nil)
	require.NoError(t, err)
	_, err = c.send(http.MethodPost, volume+"/action", map[string]any{})
	require.NoError(t, err)
	journal := c.proxy.Reset()
	require.Len(t, journal, 2)
	assert.Equal(t, "GET /volumes/{id}/metadata", journal[0].Call())
	assert.False(t, journal[0].Write)
	assert.Equal(t, "POST /volumes/{id}/action", journal[1].Call())
	assert.True(t, journal[1].Write)
	assert.Equal(t, "volume", journal[1].Service)
	assert.Empty(t, c.proxy.Reset())
}
