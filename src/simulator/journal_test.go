package simulator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestJournalHasEveryExchange(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.image(stemcell)
	c.send(http.MethodGet, images+"/"+id+"?", "")
	c.send(http.MethodGet, c.volumes("/volumes?name=x"), "")
	c.send(http.MethodPost, c.volumes("/volumes"), aVolume)

	journal := c.sim.Journal()

	require.Len(t, journal, 5)
	type line struct {
		seq                    int
		service, method, route string
		query                  string
		status                 int
		write                  bool
	}
	lines := []line{}
	for _, e := range journal {
		lines = append(lines, line{e.Seq, e.Service, e.Method, e.Route, e.Query, e.Status, e.Write})
		assert.Positive(t, e.AnswerBytes)
	}
	assert.Equal(t, []line{
		{1, "identity", "POST", "/v3/auth/tokens", "", 201, false},
		{2, "image", "POST", "/images", "", 201, true},
		{3, "image", "GET", "/images/{id}", "", 200, false},
		{4, "volume", "GET", "/volumes", "name=x", 200, false},
		{5, "volume", "POST", "/volumes", "", 202, true},
	}, lines)
	assert.Equal(t, "3.0", journal[4].Microversion)
	assert.Equal(t, int64(len(aVolume)), journal[4].RequestBytes)
	assert.JSONEq(t, aVolume, journal[4].RequestBody)

	c.sim.ResetJournal()
	assert.Empty(t, c.sim.Journal())
}

func TestJournalKeepsNoSecrets(t *testing.T) {
	t.Parallel()
	c := newStranger(t, simulator.Options{})
	f := c.sim.Fixtures()
	c.login()
	c.send(http.MethodPost, tokens, `{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":"`+
		f.ApplicationCredentialID+`","secret":"`+f.ApplicationCredentialSecret+`"}}}}`)
	c.send(http.MethodPost, tokens, `{"auth":{"identity":{"methods":["token"],"token":{"id":"`+c.token+`"}}}}`)
	c.send(http.MethodPost, "/compute/v2.1/servers", `{"server":{"user_data":"c2VjcmV0","adminPass":"hunter2"}}`)
	c.send(http.MethodPost, tokens, "password=simulator")

	require.Len(t, c.sim.Journal(), 5)
	for _, e := range c.sim.Journal() {
		for _, secret := range []string{`"simulator"`, f.ApplicationCredentialSecret, c.token, "c2VjcmV0", "hunter2", "=simulator"} {
			assert.NotContains(t, e.RequestBody, secret)
		}
		assert.Contains(t, e.RequestBody, "<redacted>")
	}
}
