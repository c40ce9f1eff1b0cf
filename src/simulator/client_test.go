package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const base = "http://openstack.test"

// client is an HTTP client of one cloud.
type client struct {
	t      *testing.T
	sim    *simulator.Simulator
	http   *http.Client
	token  string
	accept string
}

// result is an answer; body is its JSON.
type result struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// newCloud returns the logged-in client of a new cloud. The test fails when
// there are violations.
func newCloud(t *testing.T, options simulator.Options) *client {
	t.Helper()
	c := newStranger(t, options)
	t.Cleanup(func() { assert.Empty(t, c.sim.Violations()) })
	c.login()
	return c
}

// newStranger returns a client that may violate the contracts of the services.
func newStranger(t *testing.T, options simulator.Options) *client {
	t.Helper()
	sim := simulator.New(options)
	return &client{t: t, sim: sim, http: &http.Client{Transport: sim.Transport()}, accept: "application/json"}
}

func (c *client) login() {
	c.t.Helper()
	c.token = c.loginAs("bosh", "bosh").header.Get("X-Subject-Token")
	require.NotEmpty(c.t, c.token)
}

func (c *client) loginAs(user, project string) result {
	c.t.Helper()
	return c.send(http.MethodPost, "/identity/v3/auth/tokens", `{"auth":{"identity":{"methods":["password"],"password":{"user":{
		"name":"`+user+`","password":"simulator","domain":{"name":"Default"}}}},"scope":{"project":{
		"name":"`+project+`","domain":{"name":"Default"}}}}}`)
}

// send sends a request with the client's token and requires an answer. The body
// is JSON unless the headers, pairs of name and value, contain another type.
func (c *client) send(method, path, body string, headers ...string) result {
	c.t.Helper()
	r, err := c.try(method, path, strings.NewReader(body), headers...)
	require.NoError(c.t, err)
	return r
}

func (c *client) try(method, path string, body io.Reader, headers ...string) (result, error) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, base+path, body)
	require.NoError(c.t, err)
	req.Header.Set("X-Auth-Token", c.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", c.accept)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return result{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	r := result{status: resp.StatusCode, header: resp.Header, text: string(text)}
	if bytes.HasPrefix(text, []byte("{")) {
		require.NoError(c.t, json.Unmarshal(text, &r.body))
	}
	return r, nil
}

// at returns the value at a path of object fields.
func (r result) at(path string) any {
	var value any = r.body
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// id returns the id of the object in the answer.
func (r result) id(kind string) string {
	id, _ := r.at(kind + ".id").(string)
	return id
}

// names returns the names of all objects in a list of the answer.
func (r result) names(list string) []any {
	objects, _ := r.body[list].([]any)
	names := []any{}
	for _, object := range objects {
		names = append(names, object.(map[string]any)["name"])
	}
	return names
}

func (c *client) volumes(rest string) string {
	return "/volume/v3/" + c.sim.Fixtures().ProjectID + rest
}

// replaceProject replaces PROJECT in a path with the id of the client's
// project.
func replaceProject(c *client, path string) string {
	return strings.Replace(path, "PROJECT", c.sim.Fixtures().ProjectID, 1)
}

// wait lets the clock of a synctest bubble run.
func wait(d time.Duration) { <-time.After(d) }
