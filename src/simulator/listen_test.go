package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// get sends a request to a listener.
func get(t *testing.T, url string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := (&http.Client{Timeout: 50 * time.Millisecond}).Do(req)
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	return resp, err
}

func TestListen(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.Options{})
	url, stop, err := sim.Listen("127.0.0.1:0")
	require.NoError(t, err)

	resp, err := get(t, url+"/identity/v3")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	for _, kind := range []simulator.FaultKind{simulator.LostAnswer, simulator.Refused, simulator.Unanswered, simulator.Dropped} {
		// An HTTP client repeats a request by itself when a reused connection
		// is closed, so every request fails.
		sim.Inject(simulator.Fault{Kind: kind, Times: -1})
		_, err = get(t, url+"/identity/v3")
		require.Error(t, err, kind.String())
		sim.ClearFaults()
	}
	stop()
	_, err = get(t, url+"/identity/v3")
	assert.Error(t, err)
}

func TestListenRefusesOtherAddresses(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.Options{})
	_, _, err := sim.Listen("0.0.0.0:0")
	require.Error(t, err)
	_, _, err = sim.Listen("nonsense")
	require.Error(t, err)
}

func TestUploadThroughAListener(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.image(stemcell)
	url, stop, err := c.sim.Listen("127.0.0.1:0")
	require.NoError(t, err)
	defer stop()
	data := bytes.Repeat([]byte("stemcell"), 1<<17)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+images+"/"+id+"/file", bytes.NewReader(data))
	require.NoError(t, err)
	req.Header.Set("X-Auth-Token", c.token)
	req.Header.Set("Content-Type", "application/octet-stream")

	resp, err := http.DefaultClient.Do(req)

	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusNoContent, resp.StatusCode)
	assert.InDelta(t, len(data), c.send(http.MethodGet, images+"/"+id, "").body["size"], 0)
}

func TestLinksUseTheURLOfTheRequest(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	r := c.send(http.MethodPost, images, stemcell)
	assert.Equal(t, base+images+"/"+r.body["id"].(string), r.header.Get("Location"))
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	before := c.sim.Inventory()
	t.Cleanup(func() { assert.Len(t, c.sim.Leaks(before), 80) }) // when all clients are done
	for i := range 8 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			own := *c
			own.t = t
			for j := range 10 {
				name := fmt.Sprintf("%d-%d", i, j)
				r := own.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"size":1,"name":"`+name+`"}}`)
				assert.Equal(t, http.StatusAccepted, r.status)
				c.sim.Journal()
			}
		})
	}
}

func TestCPIConfigIsReadyToUse(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.Options{})
	var document struct {
		Cloud struct {
			Plugin     string
			Properties struct{ Openstack map[string]any }
		}
	}
	require.NoError(t, json.NewDecoder(io.LimitReader(bytes.NewReader(sim.CPIConfig(base)), 1<<20)).Decode(&document))
	assert.Equal(t, "openstack", document.Cloud.Plugin)
	openstack := document.Cloud.Properties.Openstack
	assert.Equal(t, base+"/identity/v3", openstack["auth_url"])
	assert.Equal(t, "bosh", openstack["username"])
	assert.Equal(t, "simulator", openstack["api_key"])
	assert.Equal(t, "bosh", openstack["project"])
	assert.Equal(t, "Default", openstack["domain"])
	assert.Equal(t, "RegionOne", openstack["region"])
	assert.Equal(t, "bosh", openstack["default_key_name"])
}

func TestInventoriesCanBeCompared(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	before := c.sim.Inventory()
	assert.NotEmpty(t, before.Lines())
	id := c.image(stemcell)
	between := c.sim.Inventory()
	assert.Equal(t, []string{"+ image " + id + " (bosh-openstack/1.0)"}, between.Diff(before))
	c.send(http.MethodDelete, images+"/"+id, "")
	assert.Equal(t, []string{"- image " + id + " (bosh-openstack/1.0)"}, c.sim.Inventory().Diff(between))
}

func TestTheSameSeedGivesTheSameIDs(t *testing.T) {
	t.Parallel()
	ids := func(seed uint64) string { return simulator.New(simulator.Options{Seed: seed}).Fixtures().ProjectID }
	assert.NotEqual(t, ids(1), ids(2))
	assert.Equal(t, ids(0), ids(1), "1 is the default")
}
