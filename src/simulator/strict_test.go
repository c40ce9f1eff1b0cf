package simulator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestUnknownRequestsAreViolations(t *testing.T) {
	t.Parallel()
	const volume = "00000000-0000-4000-8000-000000000000"
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		text, violation    string
	}{
		"a path of no service":          {"GET", "/nope", "", 404, "", "no service has this path"},
		"an unknown route":              {"GET", "/volume/v3/PROJECT/nope", "", 404, "The resource could not be found.", "unknown route"},
		"an empty id":                   {"DELETE", "/volume/v3/PROJECT/volumes/", "", 404, "The resource could not be found.", "unknown route"},
		"an unknown method":             {"PUT", "/image/v2/images", "", 405, "The method PUT is not allowed for this resource.", "unknown route"},
		"an unknown Keystone path":      {"GET", "/identity/v3/nope", "", 404, "<title>404 Not Found</title>", "unknown route"},
		"an unknown method of Keystone": {"PUT", "/identity/v3/auth/tokens", "", 405, "The method is not allowed", "unknown route"},
		"an unknown query":              {"GET", "/volume/v3/PROJECT/volumes?foo=bar", "", 200, "", "unknown query parameter foo"},
		"an ignored field":              {"POST", "/volume/v3/PROJECT/volumes", `{"volume":{"size":1,"foo":1}}`, 202, "", "unknown field volume.foo"},
		"an unknown field":              {"POST", "/volume/v3/PROJECT/volumes", `{"volume":{"size":1},"foo":1}`, 400, "Additional properties are not allowed ('foo' was unexpected)", "unknown field foo"},
		"an unknown inner field":        {"POST", "/volume/v3/PROJECT/snapshots", `{"snapshot":{"volume_id":"` + volume + `","foo":1}}`, 400, "Invalid input for field/attribute snapshot. Value: {'volume_id': '" + volume + "', 'foo': 1}. Additional properties are not allowed ('foo' was unexpected)", "unknown field snapshot.foo"},
		"a field in wrong case":         {"POST", "/volume/v3/PROJECT/volumes", `{"volume":{"Size":1}}`, 202, "", "unknown field volume.Size"},
		"a wrong type":                  {"POST", "/volume/v3/PROJECT/volumes", `{"volume":{"size":1,"name":5}}`, 400, "Invalid input for field/attribute name. Value: 5. 5 is not of type 'string', 'null'", "malformed body"},
		"a list as body":                {"POST", "/volume/v3/PROJECT/volumes", `[]`, 400, "[] is not of type 'object'", "malformed body"},
		"a broken body":                 {"POST", "/volume/v3/PROJECT/volumes", `{`, 400, "Malformed request body", "malformed body"},
		"an unknown action":             {"POST", "/volume/v3/PROJECT/volumes/" + volume + "/action", `{"os-nope":{}}`, 400, "There is no such action: os-nope. Verify the request body and Content-Type header and try again.", "unknown action"},
		"an unknown field of login":     {"POST", "/identity/v3/auth/tokens", `{"auth":{"foo":1}}`, 400, "", "unknown field auth.foo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStranger(t, simulator.Options{})
			c.login()
			r := c.send(test.method, replaceProject(c, test.path), test.body)
			assert.Equal(t, test.status, r.status)
			assert.Contains(t, r.text, test.text)
			assert.Len(t, c.sim.Violations(), 1)
			assert.Contains(t, c.sim.Violations()[0], test.violation)
			assert.Contains(t, c.sim.Violations()[0], test.method+" /")
		})
	}
}

func TestBodyNeedsAContentType(t *testing.T) {
	t.Parallel()
	c := newStranger(t, simulator.Options{})
	c.login()
	c.send(http.MethodPost, c.volumes("/volumes"), aVolume, "Content-Type", "text/plain")
	assert.Len(t, c.sim.Violations(), 1)
}

func TestEveryServiceNeedsAToken(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	for _, token := range []string{"", "nonsense"} {
		c.token = token
		r := c.send(http.MethodGet, c.volumes("/volumes"), "")
		assert.Equal(t, http.StatusUnauthorized, r.status)
		assert.JSONEq(t, `{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}`, r.text)
		assert.Equal(t, `Keystone uri="`+base+`/identity/"`, r.header.Get("Www-Authenticate"))
		r = c.send(http.MethodGet, images, "")
		assert.Equal(t, http.StatusUnauthorized, r.status)
		assert.Equal(t, "401 Unauthorized", r.body["code"])
	}
}

func TestEveryAnswerHasARequestID(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	c.sim.Inject(simulator.Fault{On: "GET /images/{id}", Status: 503})
	for _, path := range []string{images, images + "/x", c.volumes("/volumes/nope")} {
		r := c.send(http.MethodGet, path, "")
		assert.Regexp(t, `^req-[0-9a-f-]{36}$`, r.header.Get("X-Openstack-Request-Id"), path)
	}
}
