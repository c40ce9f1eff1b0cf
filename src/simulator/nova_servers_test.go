package simulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestServerWithPort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		port := c.port(`"fixed_ips":[{"ip_address":"10.0.0.20"}]`).id("port")
		before := c.sim.Inventory()
		nics := fmt.Sprintf(`[{"port":%q}]`, port)
		id := c.boot(nics, "").id("server")
		wait(2 * time.Second)
		r := c.boot(nics, "")
		assert.Equal(t, http.StatusConflict, r.status)
		assert.Equal(t, "Port "+port+" is still in use.", r.at("conflictingRequest.message"))
		shown := c.send(http.MethodGet, network+"/ports/"+port, "")
		assert.Equal(t, id, shown.at("port.device_id"))
		assert.Equal(t, "ACTIVE", shown.at("port.status"))

		c.delete(id)
		shown = c.send(http.MethodGet, network+"/ports/"+port, "")
		assert.Empty(t, shown.at("port.device_id"), "a port that was there before stays")
		assert.Equal(t, "DOWN", shown.at("port.status"))
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestTwoServersWithOnePort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		nics := fmt.Sprintf(`[{"port":%q}]`, c.port("").id("port"))
		first, second := c.boot(nics, "").id("server"), c.boot(nics, "").id("server")
		wait(2 * time.Second)
		assert.Equal(t, "ACTIVE", c.show(first).at("server.status"))
		assert.Equal(t, "Build of instance "+second+" aborted: Failed to allocate the network(s), not rescheduling.",
			c.show(second).at("server.fault.message"))
	})
}

func TestServerShapesByMicroversion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.server(`,"tags":["a","b"],"description":"about"`, version("2.52")...)
		server := func(v string) map[string]any { return c.show(id, version(v)...).body["server"].(map[string]any) }
		assert.NotContains(t, server("2.8"), "locked")
		assert.Contains(t, server("2.9"), "locked")
		assert.NotContains(t, server("2.18"), "description")
		assert.Equal(t, "about", server("2.19")["description"])
		assert.Equal(t, []any{"a", "b"}, server("2.26")["tags"])
		assert.Contains(t, server("2.46")["flavor"], "id")
		assert.Equal(t, map[string]any{
			"vcpus": 1.0, "ram": 2048.0, "disk": 20.0, "ephemeral": 10.0, "swap": 0.0, "original_name": "m1.small",
			"extra_specs": map[string]any{},
		}, server("2.47")["flavor"])
		assert.Contains(t, server("2.71"), "server_groups")
		assert.Contains(t, server("2.90"), "OS-EXT-SRV-ATTR:hostname")
	})
}

func TestServerLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		none := version("2.52")
		for _, name := range []string{"vm-a", "vm-b", "other"} {
			r := c.send(http.MethodPost, compute+"/servers", fmt.Sprintf(
				`{"server":{"name":%q,"flavorRef":%q,"imageRef":%q,"networks":"none","tags":[%q]}}`, name,
				c.sim.Fixtures().Flavors["m1.tiny"], c.sim.Fixtures().Images["tiny-public"], "tag-"+name), none...)
			require.Equal(t, http.StatusAccepted, r.status, r.text)
			wait(900 * time.Millisecond)
		}
		names := func(query string) []any {
			return c.send(http.MethodGet, compute+"/servers/detail"+query, "", none...).names("servers")
		}
		assert.Equal(t, []any{"other", "vm-b", "vm-a"}, names(""), "the newest comes first")
		assert.Equal(t, []any{"vm-b", "vm-a"}, names("?name=^vm-"))
		assert.Equal(t, []any{"vm-b"}, names("?name=^vm-b$"))
		assert.Equal(t, []any{"vm-a"}, names("?tags=tag-vm-a"))
		assert.Equal(t, []any{"vm-b", "vm-a"}, names("?tags-any=tag-vm-a,tag-vm-b"))
		assert.Equal(t, []any{"vm-a"}, names("?status=active"))
		assert.Equal(t, []any{"other", "vm-b"}, names("?status=BUILD"))
		assert.Empty(t, names("?image="+nowhere))
		assert.Equal(t, []any{"other", "vm-a", "vm-b"}, names("?sort_key=display_name&sort_dir=asc"))

		r := c.send(http.MethodGet, compute+"/servers?limit=2&name=vm", "")
		assert.Equal(t, []any{"vm-b", "vm-a"}, r.names("servers"))
		next := r.body["servers_links"].([]any)[0].(map[string]any)["href"].(string)
		assert.Empty(t, c.send(http.MethodGet, next[len(base):], "").names("servers"))
		r = c.send(http.MethodGet, compute+"/servers?name=(", "")
		assert.Equal(t, "Invalid input for query parameters name. Value: (. '(' is not a 'regex'", r.at("badRequest.message"))
		assert.Equal(t, "marker [x] not found", c.send(http.MethodGet, compute+"/servers?marker=x", "").at("badRequest.message"))
		r = c.send(http.MethodGet, compute+"/servers?limit=x", "")
		assert.Equal(t, "Invalid input for query parameters limit. Value: x. 'x' does not match '^[0-9]*$'", r.at("badRequest.message"))
		assert.Equal(t, http.StatusForbidden, c.send(http.MethodGet, compute+"/servers?all_tenants=1", "").status)
	})
}

func TestServerMetadataAndName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.boot(c.nic("private"), "").id("server")
		path := compute + "/servers/" + id + "/metadata"
		r := c.send(http.MethodPost, path, `{"metadata":{"a":"1"}}`)
		assert.Equal(t, "Cannot 'update metadata' instance "+id+" while it is in vm_state building", r.at("conflictingRequest.message"))
		wait(2 * time.Second)
		r = c.send(http.MethodPost, path, `{"metadata":{"a":"1"}}`)
		assert.Equal(t, map[string]any{"a": "1"}, r.body["metadata"])
		r = c.send(http.MethodPost, path, `{"metadata":{"b":"2"}}`)
		assert.Equal(t, map[string]any{"a": "1", "b": "2"}, r.body["metadata"], "POST merges and answers with everything")
		assert.Equal(t, "1", c.send(http.MethodGet, path+"/a", "").at("meta.a"))
		assert.Equal(t, http.StatusNotFound, c.send(http.MethodGet, path+"/x", "").status)
		assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, path+"/a", "").status)
		assert.Equal(t, http.StatusNotFound, c.send(http.MethodDelete, path+"/a", "").status)
		assert.Equal(t, map[string]any{"b": "2"}, c.send(http.MethodGet, path, "").body["metadata"])

		r = c.send(http.MethodPut, compute+"/servers/"+id, `{"server":{"name":"job/0"}}`)
		assert.Equal(t, http.StatusOK, r.status)
		assert.Equal(t, "job/0", c.show(id).at("server.name"))
	})
}

func TestServerActions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.server("")
		act := func(body string) result { return c.send(http.MethodPost, compute+"/servers/"+id+"/action", body) }
		assert.Equal(t, http.StatusAccepted, act(`{"reboot":{"type":"SOFT"}}`).status)
		assert.Equal(t, []any{"REBOOT", "active", "rebooting"}, c.states(id))
		assert.Equal(t, "Cannot 'reboot' instance "+id+" while it is in task_state rebooting",
			act(`{"reboot":{"type":"SOFT"}}`).at("conflictingRequest.message"))
		assert.Equal(t, http.StatusAccepted, act(`{"reboot":{"type":"HARD"}}`).status)
		assert.Equal(t, []any{"HARD_REBOOT", "active", "rebooting_hard"}, c.states(id))
		wait(time.Second)
		assert.Equal(t, []any{"ACTIVE", "active", nil}, c.states(id))
		assert.Equal(t, "Cannot 'start' instance "+id+" while it is in vm_state active",
			act(`{"os-start":null}`).at("conflictingRequest.message"))
		assert.Equal(t, http.StatusAccepted, act(`{"os-stop":null}`).status)
		assert.Equal(t, []any{"ACTIVE", "active", "powering-off"}, c.states(id))
		wait(time.Second)
		assert.Equal(t, []any{"SHUTOFF", "stopped", nil}, c.states(id))
		assert.Equal(t, "Cannot 'reboot' instance "+id+" while it is in vm_state stopped",
			act(`{"reboot":{"type":"SOFT"}}`).at("conflictingRequest.message"))
		assert.Equal(t, http.StatusAccepted, act(`{"os-start":null}`).status)
		wait(time.Second)
		assert.Equal(t, []any{"ACTIVE", "active", nil}, c.states(id))
		assert.Equal(t, "Invalid input for field/attribute type. Value: X. 'X' is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']",
			act(`{"reboot":{"type":"X"}}`).at("badRequest.message"))
	})
}

func TestForceDelete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.server("")
		act := func() result {
			return c.send(http.MethodPost, compute+"/servers/"+id+"/action", `{"forceDelete":null}`)
		}
		assert.Equal(t, http.StatusAccepted, act().status)
		assert.Equal(t, []any{"ACTIVE", "active", "deleting"}, c.states(id))
		assert.Equal(t, http.StatusAccepted, act().status, "again")
		wait(time.Second)
		assert.Equal(t, http.StatusNotFound, act().status)
	})
}

func TestServerGroups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		path := compute + "/os-server-groups"
		r := c.send(http.MethodPost, path, `{"server_group":{"name":"g","policies":["anti-affinity"]}}`)
		require.Equal(t, http.StatusOK, r.status)
		group := r.id("server_group")
		assert.Equal(t, []any{"anti-affinity"}, r.at("server_group.policies"))
		r = c.send(http.MethodGet, path+"/"+group, "", version("2.64")...)
		assert.Equal(t, "anti-affinity", r.at("server_group.policy"))
		hint := `},"os:scheduler_hints":{"group":"` + group + `"`
		ids := []string{}
		for range 2 {
			ids = append(ids, c.boot(c.nic("private"), `,"availability_zone":"z2"`+hint).id("server"))
			wait(2 * time.Second)
		}
		assert.Equal(t, "ACTIVE", c.show(ids[0]).at("server.status"))
		assert.Equal(t, simulator.NoValidHost, c.show(ids[1]).at("server.fault.message"), "z2 has one host")
		assert.Len(t, c.send(http.MethodGet, path+"/"+group, "").at("server_group.members"), 2)
		c.delete(ids[0])
		assert.Len(t, c.send(http.MethodGet, path+"/"+group, "").at("server_group.members"), 1)
		assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, path+"/"+group, "").status)
		assert.Equal(t, "Instance group "+group+" could not be found.",
			c.send(http.MethodGet, path+"/"+group, "").at("itemNotFound.message"))
	})
}
