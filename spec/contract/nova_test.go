package contract_test

import (
	"fmt"
	"net/http"
	"net/url"
)

// flavor returns the id of the flavor with the name.
func (c *cloud) flavor(name string) string {
	c.t.Helper()
	seen := c.compute.get("/flavors").expect(http.StatusOK)
	for i, candidate := range seen.each("flavors", "name") {
		if candidate == name {
			return seen.text(fmt.Sprintf("flavors.%d.id", i))
		}
	}
	c.t.Fatalf("the cloud has no flavor %s", name)
	return ""
}

// serverSpec returns a "server" made of the fixtures; given replaces or adds
// fields, a nil value removes one.
func (c *cloud) serverSpec(given object) object {
	c.t.Helper()
	spec := merge(object{
		"name": c.name("vm"), "flavorRef": c.flavor(c.fixtures.Flavor), "imageRef": c.fixtures.Image,
		"networks": list{object{"uuid": c.fixtures.Network}},
	}, given)
	return spec
}

// createServer sends POST /servers and returns any response.
func (c *cloud) createServer(given object) response {
	c.t.Helper()
	return c.createServerHinted(given, nil)
}

// createServerHinted calls createServer with scheduler hints.
func (c *cloud) createServerHinted(given, hints object) response {
	c.t.Helper()
	return c.postServer(c.compute, given, hints)
}

// postServer calls createServer with another microversion.
func (c *cloud) postServer(compute service, given, hints object) response {
	c.t.Helper()
	body := object{"server": c.serverSpec(given)}
	if hints != nil {
		body["os:scheduler_hints"] = hints
	}
	made := compute.post("/servers", body)
	if made.status == http.StatusAccepted {
		c.deleteAtEnd(compute, "/servers/"+made.text("server.id"))
	}
	return made
}

// buildingServer returns the path of a new server, which is in BUILD.
func (c *cloud) buildingServer(given object) string {
	c.t.Helper()
	return "/servers/" + c.createServer(given).expect(http.StatusAccepted).text("server.id")
}

// activeServer returns the path of a new server in ACTIVE.
func (c *cloud) activeServer(given object) string {
	c.t.Helper()
	path := c.buildingServer(given)
	c.waitFor(c.compute, path, "server.status", "ACTIVE")
	return path
}

// serversNamed returns the names that match Nova's name filter.
func (c *cloud) serversNamed(pattern string) []string {
	c.t.Helper()
	return c.compute.list("/servers/detail", url.Values{"name": {pattern}}).expect(http.StatusOK).each("servers", "name")
}

// expectFault fails the claim unless the response is an error of Nova or Cinder
// with this name and status whose message contains the words.
func (r response) expectFault(status int, name string, words ...string) response {
	r.t.Helper()
	return r.expect(status).is(name+".code", status).contains(name+".message", words...)
}

// badRequest expects a 400.
func (r response) badRequest(words ...string) response {
	r.t.Helper()
	return r.expectFault(http.StatusBadRequest, "badRequest", words...)
}

// conflict expects a 409.
func (r response) conflict(words ...string) response {
	r.t.Helper()
	return r.expectFault(http.StatusConflict, "conflictingRequest", words...)
}

// forbidden expects a 403.
func (r response) forbidden(words ...string) response {
	r.t.Helper()
	return r.expectFault(http.StatusForbidden, "forbidden", words...)
}

// notFound expects a 404.
func (r response) notFound(words ...string) response {
	r.t.Helper()
	return r.expectFault(http.StatusNotFound, "itemNotFound", words...)
}
