package contract_test

import (
	"net/http"
	"strings"
)

// serverAction posts an action to a server.
func (c *cloud) serverAction(server, action string, argument any) response {
	c.t.Helper()
	return c.compute.post(server+"/action", object{action: argument})
}

// stoppedServer returns the path of a server in SHUTOFF.
func (c *cloud) stoppedServer() string {
	c.t.Helper()
	path := c.activeServer(nil)
	c.serverAction(path, "os-stop", nil).expect(http.StatusAccepted)
	c.waitFor(c.compute, path, "server.status", "SHUTOFF")
	return path
}

// waitUntilActive waits until the server is ACTIVE without a task.
func (c *cloud) waitUntilActive(server string) response {
	c.t.Helper()
	return c.poll(server+" is ACTIVE without a task",
		func() response { return c.compute.get(server).expect(http.StatusOK) },
		func(r response) bool {
			return r.value("server.status") == "ACTIVE" && r.value("server.OS-EXT-STS:task_state") == nil
		})
}

var novaActionClaims = []claim{
	{
		id:        "nova-console-output-200",
		statement: "The console output of a running server is a text.",
		proof:     nova + "nova/api/openstack/compute/console_output.py#L72",
		check: func(c *cloud) response {
			seen := c.serverAction(c.activeServer(nil), "os-getConsoleOutput", object{"length": 20}).expect(http.StatusOK)
			seen.text("output")
			return seen
		},
	},
	{
		id:        "nova-console-output-without-host-409",
		statement: "The console output of a server that has no host returns 409.",
		proof:     nova + "nova/exception.py#L526",
		check: func(c *cloud) response {
			path := c.serverInError()
			return c.serverAction(path, "os-getConsoleOutput", object{"length": 20}).
				conflict("Instance " + strings.TrimPrefix(path, "/servers/") + " is not ready")
		},
	},
	{
		id:        "nova-reboot-soft-202",
		statement: "A soft reboot of a running server returns 202; the server becomes ACTIVE again.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L1034",
		check: func(c *cloud) response {
			path := c.activeServer(nil)
			accepted := c.serverAction(path, "reboot", object{"type": "SOFT"}).expect(http.StatusAccepted)
			c.waitUntilActive(path)
			return accepted
		},
	},
	{
		id:        "nova-reboot-hard-202",
		statement: "A hard reboot of a running server returns 202; the server becomes ACTIVE again.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L1034",
		check: func(c *cloud) response {
			path := c.activeServer(nil)
			accepted := c.serverAction(path, "reboot", object{"type": "HARD"}).expect(http.StatusAccepted)
			c.waitUntilActive(path)
			return accepted
		},
	},
	{
		id:        "nova-reboot-soft-stopped-409",
		statement: "A soft reboot of a stopped server returns 409 with its state.",
		proof:     nova + "nova/compute/task_states.py#L124",
		check: func(c *cloud) response {
			return c.serverAction(c.stoppedServer(), "reboot", object{"type": "SOFT"}).
				conflict("Cannot 'reboot' instance", "while it is in vm_state stopped")
		},
	},
	{
		id:        "nova-reboot-hard-stopped-202",
		statement: "A hard reboot of a stopped server returns 202 and starts it.",
		proof:     nova + "nova/compute/vm_states.py#L73",
		check: func(c *cloud) response {
			path := c.stoppedServer()
			accepted := c.serverAction(path, "reboot", object{"type": "HARD"}).expect(http.StatusAccepted)
			c.waitUntilActive(path)
			return accepted
		},
	},
	{
		id:        "nova-reboot-building-409",
		statement: "A soft reboot of a server in BUILD returns 409.",
		proof:     nova + "nova/compute/vm_states.py#L70",
		check: func(c *cloud) response {
			return c.serverAction(c.buildingServer(nil), "reboot", object{"type": "SOFT"}).conflict("Cannot 'reboot' instance", "vm_state building")
		},
	},
	{
		id:        "nova-reboot-unknown-type-400",
		statement: "A reboot type other than SOFT and HARD returns 400.",
		proof:     nova + "nova/api/openstack/compute/schemas/servers.py#L539",
		check: func(c *cloud) response {
			return c.serverAction(c.buildingServer(nil), "reboot", object{"type": "GENTLE"}).badRequest("is not one of", "'HARD'", "'SOFT'")
		},
	},
	{
		id:        "nova-action-unknown-server-404",
		statement: "An action on an unknown server returns 404.",
		proof:     nova + "nova/exception.py#L1455",
		check: func(c *cloud) response {
			return c.serverAction("/servers/"+unknownID, "reboot", object{"type": "SOFT"}).
				notFound("Instance " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-stop-start-202",
		statement: "Actions os-stop and os-start return 202; the server becomes SHUTOFF and ACTIVE again.",
		proof:     nova + "nova/api/openstack/compute/servers.py#L1479",
		check: func(c *cloud) response {
			path := c.stoppedServer()
			accepted := c.serverAction(path, "os-start", nil).expect(http.StatusAccepted)
			c.waitUntilActive(path)
			return accepted
		},
	},
	{
		id:        "nova-start-active-409",
		statement: "Action os-start of a running server returns 409 with its state.",
		proof:     nova + "nova/compute/api.py#L2821",
		check: func(c *cloud) response {
			return c.serverAction(c.activeServer(nil), "os-start", nil).conflict("Cannot 'start' instance", "while it is in vm_state active")
		},
	},
	{
		id:        "nova-stop-stopped-409",
		statement: "Action os-stop of a stopped server returns 409 with its state.",
		proof:     nova + "nova/compute/api.py#L2799",
		check: func(c *cloud) response {
			return c.serverAction(c.stoppedServer(), "os-stop", nil).conflict("Cannot 'stop' instance", "while it is in vm_state stopped")
		},
	},
	{
		id:        "nova-stopped-vm-state",
		statement: "A stopped server has status SHUTOFF, vm_state stopped and power_state 4.",
		proof:     nova + "nova/compute/power_state.py#L36",
		check: func(c *cloud) response {
			return c.compute.get(c.stoppedServer()).expect(http.StatusOK).is("server.OS-EXT-STS:vm_state", "stopped").
				is("server.OS-EXT-STS:power_state", 4).is("server.OS-EXT-STS:task_state", nil)
		},
	},
	{
		id:        "nova-locked-409",
		statement: "A locked server cannot be rebooted, deleted or given metadata, and volumes cannot be attached to it or detached from it: 409. Its owner can unlock it.",
		proof:     nova + "nova/compute/api.py#L243",
		check: func(c *cloud) response {
			path, volume := c.serverWithVolume()
			other := c.availableVolume(nil)
			c.serverAction(path, "lock", nil).expect(http.StatusAccepted)
			c.t.Cleanup(func() { c.serverAction(path, "unlock", nil) })
			c.serverAction(path, "reboot", object{"type": "SOFT"}).conflict("is locked")
			c.serverAction(path, "reboot", object{"type": "HARD"}).conflict("is locked")
			c.compute.post(path+"/metadata", object{"metadata": object{"a": "b"}}).conflict("is locked")
			c.attach(path, other).conflict("is locked")
			c.compute.delete(path + "/os-volume_attachments/" + volume).conflict("is locked")
			refused := c.compute.delete(path).conflict("Instance " + path[len("/servers/"):] + " is locked")
			c.serverAction(path, "unlock", nil).expect(http.StatusAccepted)
			c.compute.post(path+"/metadata", object{"metadata": object{"a": "b"}}).expect(http.StatusOK)
			return refused
		},
	},
}
