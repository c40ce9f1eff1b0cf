package contract_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
)

// flavor returns the id of the flavor with the name.
func (c *cloud) flavor(name string) string {
	c.t.Helper()
	seen := c.compute.get("/flavors").wants(http.StatusOK)
	for i, candidate := range seen.each("flavors", "name") {
		if candidate == name {
			return seen.text(fmt.Sprintf("flavors.%d.id", i))
		}
	}
	c.t.Fatalf("the cloud has no flavor %s", name)
	return ""
}

// serverSpec is a "server" that boots on the fixtures; given replaces or adds fields, and nil removes one.
func (c *cloud) serverSpec(given object) object {
	c.t.Helper()
	spec := object{
		"name": c.name("vm"), "flavorRef": c.flavor(c.fixtures.Flavor), "imageRef": c.fixtures.Image,
		"networks": list{object{"uuid": c.fixtures.Network}},
	}
	maps.Copy(spec, given)
	maps.DeleteFunc(spec, func(_ string, value any) bool { return value == nil })
	return spec
}

// createServer asks nova for a server and hands its answer back, whatever it is.
func (c *cloud) createServer(given object) answer {
	c.t.Helper()
	return c.createServerHinted(given, nil)
}

// createServerHinted is createServer with scheduler hints.
func (c *cloud) createServerHinted(given, hints object) answer {
	c.t.Helper()
	return c.postServer(c.compute, given, hints)
}

// postServer is createServer through another microversion or project.
func (c *cloud) postServer(compute service, given, hints object) answer {
	c.t.Helper()
	body := object{"server": c.serverSpec(given)}
	if hints != nil {
		body["os:scheduler_hints"] = hints
	}
	made := compute.post("/servers", body)
	if made.status == http.StatusAccepted {
		c.atTheEnd(compute, "/servers/"+made.text("server.id"))
	}
	return made
}

// building returns the path of a server that was just asked for.
func (c *cloud) building(given object) string {
	c.t.Helper()
	return "/servers/" + c.createServer(given).wants(http.StatusAccepted).text("server.id")
}

// server returns the path of a running server.
func (c *cloud) server(given object) string {
	c.t.Helper()
	path := c.building(given)
	c.becomes(c.compute, path, "server.status", "ACTIVE")
	return path
}

// named lists the servers that nova finds by the name filter.
func (c *cloud) named(pattern string) []string {
	c.t.Helper()
	return c.compute.list("/servers/detail", url.Values{"name": {pattern}}).wants(http.StatusOK).each("servers", "name")
}

// wantsFault fails the claim unless the answer is nova's or cinder's error with this name, status and words.
func (a answer) wantsFault(status int, name string, words ...string) answer {
	a.t.Helper()
	return a.wants(status).is(name+".code", status).says(name+".message", words...)
}

// badRequest, conflict, forbidden and notFound are the errors nova and cinder name most.
func (a answer) badRequest(words ...string) answer {
	a.t.Helper()
	return a.wantsFault(http.StatusBadRequest, "badRequest", words...)
}

func (a answer) conflict(words ...string) answer {
	a.t.Helper()
	return a.wantsFault(http.StatusConflict, "conflictingRequest", words...)
}

func (a answer) forbidden(words ...string) answer {
	a.t.Helper()
	return a.wantsFault(http.StatusForbidden, "forbidden", words...)
}

func (a answer) notFound(words ...string) answer {
	a.t.Helper()
	return a.wantsFault(http.StatusNotFound, "itemNotFound", words...)
}
