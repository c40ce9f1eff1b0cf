package simulator_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const (
	compute = "/compute/v2.1"
	nowhere = "00000000-0000-4000-8000-000000000000"
)

// version is the header that asks for a microversion of Nova.
func version(v string) []string { return []string{"OpenStack-API-Version", "compute " + v} }

// boot requests a server of the flavor m1.small; more are further fields,
// beginning with a comma.
func (c *client) boot(networks, more string, headers ...string) result {
	c.t.Helper()
	f := c.sim.Fixtures()
	return c.send(http.MethodPost, compute+"/servers", fmt.Sprintf(`{"server":{"name":"vm-1","flavorRef":%q,"imageRef":%q,"networks":%s%s}}`,
		f.Flavors["m1.small"], f.Images["tiny-public"], networks, more), headers...)
}

// nic returns a list with one NIC in a network.
func (c *client) nic(network string) string {
	return fmt.Sprintf(`[{"uuid":%q}]`, c.sim.Fixtures().Networks[network])
}

// server boots a server in the network private and waits until it is ACTIVE.
func (c *client) server(more string, headers ...string) string {
	c.t.Helper()
	r := c.boot(c.nic("private"), more, headers...)
	require.Equal(c.t, http.StatusAccepted, r.status, r.text)
	wait(2 * time.Second)
	id := r.id("server")
	require.Equal(c.t, "ACTIVE", c.show(id).at("server.status"))
	return id
}

func (c *client) show(id string, headers ...string) result {
	c.t.Helper()
	return c.send(http.MethodGet, compute+"/servers/"+id, "", headers...)
}

func (c *client) delete(id string) {
	c.t.Helper()
	require.Equal(c.t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+id, "").status)
	wait(time.Second)
	require.Equal(c.t, http.StatusNotFound, c.show(id).status)
}

// states are the status, the vm_state and the task_state of a server.
func (c *client) states(id string) []any {
	c.t.Helper()
	r := c.show(id)
	if r.status == http.StatusNotFound {
		return []any{"gone"}
	}
	server := r.body["server"].(map[string]any)
	return []any{server["status"], server["OS-EXT-STS:vm_state"], server["OS-EXT-STS:task_state"]}
}

func TestServerLifeCycle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()

		r := c.boot(c.nic("private"), `,"metadata":{"a":"b"},"key_name":"bosh","availability_zone":"z2","config_drive":true,"user_data":"e30=",
			"security_groups":[{"name":"bosh"}]`)
		require.Equal(t, http.StatusAccepted, r.status, r.text)
		id := r.id("server")
		assert.Equal(t, base+compute+"/servers/"+id, r.header.Get("Location"))
		assert.Equal(t, "compute 2.1", r.header.Get("Openstack-Api-Version"))
		assert.Equal(t, []any{map[string]any{"name": "bosh"}}, r.at("server.security_groups"))
		assert.Equal(t, []any{"BUILD", "building", "scheduling"}, c.states(id))
		wait(400 * time.Millisecond)
		assert.Equal(t, []any{"BUILD", "building", "networking"}, c.states(id))
		wait(400 * time.Millisecond)
		assert.Equal(t, []any{"BUILD", "building", "spawning"}, c.states(id))
		assert.Empty(t, c.show(id).at("server.addresses"))
		wait(1199 * time.Millisecond)
		assert.Equal(t, []any{"BUILD", "building", "spawning"}, c.states(id))
		wait(time.Millisecond)
		assert.Equal(t, []any{"ACTIVE", "active", nil}, c.states(id))

		server := c.show(id).body["server"].(map[string]any)
		assert.Equal(t, "z2", server["OS-EXT-AZ:availability_zone"])
		assert.Equal(t, "True", server["config_drive"])
		assert.Equal(t, "bosh", server["key_name"])
		assert.Equal(t, map[string]any{"a": "b"}, server["metadata"])
		assert.Equal(t, c.sim.Fixtures().Flavors["m1.small"], server["flavor"].(map[string]any)["id"])
		assert.Equal(t, c.sim.Fixtures().Images["tiny-public"], server["image"].(map[string]any)["id"])
		assert.Len(t, server["hostId"], 56)
		card := server["addresses"].(map[string]any)["private"].([]any)[0].(map[string]any)
		ports := c.send(http.MethodGet, network+"/ports?device_id="+id, "")
		port := ports.body["ports"].([]any)[0].(map[string]any)
		assert.Equal(t, port["mac_address"], card["OS-EXT-IPS-MAC:mac_addr"])
		assert.Equal(t, "compute:z2", port["device_owner"])
		assert.Equal(t, "ACTIVE", port["status"])
		assert.Equal(t, []any{c.sim.Fixtures().SecurityGroups["bosh"]}, port["security_groups"])
		assert.Len(t, c.sim.Leaks(before), 2)

		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+id, "").status)
		assert.Equal(t, []any{"ACTIVE", "active", "deleting"}, c.states(id))
		assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+id, "").status)
		wait(time.Second)
		assert.Equal(t, []any{"gone"}, c.states(id))
		assert.Empty(t, c.sim.Leaks(before))
		r = c.send(http.MethodDelete, compute+"/servers/"+id, "")
		assert.JSONEq(t, `{"itemNotFound":{"code":404,"message":"Instance `+id+` could not be found."}}`, r.text)
	})
}

func TestServerIsDeletedWhileItIsBuilt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()

		early := c.boot(c.nic("private"), "").id("server")
		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+early, "").status)
		assert.Equal(t, []any{"gone"}, c.states(early), "a server without a host is gone at once")

		late := c.boot(c.nic("private"), "").id("server")
		wait(time.Second)
		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+late, "").status)
		assert.Equal(t, []any{"BUILD", "building", "deleting"}, c.states(late))
		wait(time.Minute)
		assert.Equal(t, []any{"gone"}, c.states(late))
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestServerFailsToBuild(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		c.sim.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Zone: "z2", Reason: simulator.NoValidHost})

		id := c.boot(c.nic("private"), `,"availability_zone":"z2"`).id("server")
		wait(2 * time.Second)
		assert.Equal(t, []any{"ERROR", "error", nil}, c.states(id))
		r := c.show(id)
		assert.Equal(t, "No valid host was found. There are not enough hosts available.", r.at("server.fault.message"))
		assert.InDelta(t, 500, r.at("server.fault.code"), 0)
		assert.Empty(t, r.at("server.hostId"))
		assert.Len(t, c.sim.Leaks(before), 1, "the port of a failed server is gone")
		r = c.send(http.MethodPost, compute+"/servers/"+id+"/metadata", `{"metadata":{"a":"b"}}`)
		assert.Equal(t, http.StatusConflict, r.status)
		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+id, "").status)
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestServerWithUnusableAddressFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.boot(fmt.Sprintf(`[{"uuid":%q,"fixed_ip":"10.9.9.9"}]`, c.sim.Fixtures().Networks["private"]), "").id("server")
		wait(2 * time.Second)
		assert.Equal(t, "Build of instance "+id+" aborted: Invalid input received: Fixed IP 10.9.9.9 is not a valid ip address for network "+
			c.sim.Fixtures().Networks["private"]+".", c.show(id).at("server.fault.message"))
	})
}

func TestServerStaysInErrorWhenItsDeletionFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		id := c.server("")
		c.sim.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "delete", Reason: "the host is gone"})
		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+id, "").status)
		wait(time.Second)
		assert.Equal(t, []any{"ERROR", "error", nil}, c.states(id))
		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+id, "").status)
		assert.Equal(t, []any{"ERROR", "error", "deleting"}, c.states(id), "ERROR is not final while the server is being deleted")
		wait(time.Second)
		assert.Equal(t, []any{"gone"}, c.states(id))
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestServerRequestsAreRefused(t *testing.T) {
	t.Parallel()
	long := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 49152)))
	for name, refused := range map[string]struct {
		networks, more, microversion string
		status                       int
		message                      string
	}{
		"unknown network":      {`[{"uuid":"` + nowhere + `"}]`, "", "2.1", 400, "Network " + nowhere + " could not be found."},
		"network without uuid": {`[{}]`, "", "2.1", 400, "Bad network format: missing 'uuid'"},
		"odd network id":       {`[{"uuid":"x"}]`, "", "2.1", 400, "Bad networks format: network uuid is not in proper format (x)"},
		"unknown port":         {`[{"port":"` + nowhere + `"}]`, "", "2.1", 400, "Port id " + nowhere + " could not be found."},
		"several networks":     {`"auto"`, "", "2.37", 409, "Multiple possible networks found, use a Network ID to be more specific."},
		"auto too early": {
			`"auto"`, "", "2.36", 400,
			"Invalid input for field/attribute networks. Value: auto. 'auto' is not of type 'array'",
		},
		"unknown zone":  {`"none"`, `,"availability_zone":"z9"`, "2.37", 400, "The requested availability zone is not available"},
		"unknown key":   {`"none"`, `,"key_name":"x"`, "2.37", 400, "Invalid key_name provided."},
		"unknown group": {`"none"`, `,"security_groups":[{"name":"x"}]`, "2.37", 400, "Unable to find security_group with name or id 'x'"},
		"long key": {
			`"none"`, `,"metadata":{"a/b":"c"}`, "2.37", 400,
			`Invalid input for field/attribute metadata. Value: {'a/b': 'c'}. 'a/b' does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'`,
		},
		"number as metadata": {
			`"none"`, `,"metadata":{"a":1}`, "2.37", 400,
			"Invalid input for field/attribute a. Value: 1. 1 is not of type 'string'",
		},
		"odd user data": {
			`"none"`, `,"user_data":"YQ"`, "2.37", 400,
			"Invalid input for field/attribute user_data. Value: YQ. 'YQ' is not a 'base64'",
		},
		"long user data": {
			`"none"`, `,"user_data":"` + long + `"`, "2.37", 400,
			"Invalid input for field/attribute user_data. Value: " + long + ". '" + long + "' is too long",
		},
		"odd tag": {`"none"`, `,"tags":["a/b"]`, "2.52", 400, "Invalid input for field/attribute 0. Value: a/b. 'a/b' does not match '^[^,/]*$'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, simulator.Options{})
			before := c.sim.Inventory()
			r := c.boot(refused.networks, refused.more, version(refused.microversion)...)
			assert.Equal(t, refused.status, r.status)
			kind := map[int]string{400: "badRequest", 409: "conflictingRequest"}[refused.status]
			assert.Equal(t, refused.message, r.at(kind+".message"))
			assert.Empty(t, c.sim.Leaks(before))
		})
	}
}

func TestFlavorsTooSmallForTheImageAreRefused(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	f := c.sim.Fixtures()
	boot := func(flavor, image, more string) result {
		return c.send(http.MethodPost, compute+"/servers", fmt.Sprintf(`{"server":{"name":"vm-1","flavorRef":%q,"imageRef":%q,"networks":%s%s}}`,
			f.Flavors[flavor], image, c.nic("private"), more))
	}
	demanding := c.image(`{"disk_format":"raw","container_format":"bare","min_disk":2}`)
	require.Equal(t, http.StatusNoContent, c.upload(demanding, strings.NewReader("data")).status)
	large := c.image(`{"disk_format":"raw","container_format":"bare"}`)
	require.Equal(t, http.StatusNoContent, c.upload(large, strings.NewReader("data")).status)
	c.sim.GrowImage(large, 1<<30+1)

	assert.Equal(t, "Flavor's disk is smaller than the minimum size specified in image metadata. "+
		"Flavor disk is 1073741824 bytes, minimum size is 2147483648 bytes.", boot("m1.tiny", demanding, "").at("badRequest.message"))
	assert.Equal(t, "Flavor's disk is too small for requested image. Flavor disk is 1073741824 bytes, image is 1073741825 bytes.",
		boot("m1.tiny", large, "").at("badRequest.message"))
	onDisk := `,"block_device_mapping_v2":[{"uuid":"` + demanding + `","source_type":"image","boot_index":0,"destination_type":`
	assert.Equal(t, http.StatusBadRequest, boot("m1.tiny", demanding, onDisk+`"local"}]`).status)
	assert.Equal(t, "Only volume-backed servers are allowed for flavors with zero disk.",
		boot("m1.bfv", demanding, "").at("forbidden.message"))
	assert.Equal(t, "Volume is smaller than the minimum size specified in image metadata. "+
		"Volume size is 1073741824 bytes, minimum size is 2147483648 bytes.",
		boot("m1.bfv", demanding, onDisk+`"volume","volume_size":1}]`).at("badRequest.message"))
	assert.Equal(t, http.StatusAccepted, boot("m1.bfv", demanding, onDisk+`"volume","volume_size":2}]`).status)
	assert.Equal(t, http.StatusAccepted, boot("m1.small", demanding, "").status)
}

func TestServerQuotas(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{Quotas: map[string]int{"instances": 0, "cores": 0, "ram": 9000}})
	r := c.boot(`"none"`, "", version("2.37")...)
	assert.Equal(t, http.StatusForbidden, r.status)
	assert.Equal(t, "Quota exceeded for cores, instances: Requested 1, 1, but already used 0, 0 of 0, 0 cores, instances", r.at("forbidden.message"))
	c.sim.SetQuota("instances", -1)
	c.sim.SetQuota("cores", -1)
	c.sim.SetQuota("ports", 0)
	assert.Equal(t, "Maximum number of ports exceeded", c.boot(c.nic("private"), "").at("forbidden.message"))
	c.sim.SetQuota("metadata_items", 1)
	r = c.boot(`"none"`, `,"metadata":{"a":"1","b":"2"}`, version("2.37")...)
	assert.Equal(t, "Maximum number of metadata items exceeds 1", r.at("forbidden.message"))
}

func TestAmbiguousSecurityGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	r := c.send(http.MethodPost, network+"/security-groups", `{"security_group":{"name":"bosh"}}`)
	require.Equal(t, http.StatusCreated, r.status)
	refused := c.boot(`"none"`, `,"security_groups":[{"name":"bosh"}]`, version("2.37")...)
	assert.Equal(t, http.StatusConflict, refused.status)
	assert.Equal(t, "Multiple security_group matches found for name 'bosh', use an ID to be more specific.",
		refused.at("conflictingRequest.message"))
	assert.Equal(t, http.StatusAccepted, c.boot(`"none"`, `,"security_groups":[{"name":"`+r.id("security_group")+`"}]`, version("2.37")...).status)
}
