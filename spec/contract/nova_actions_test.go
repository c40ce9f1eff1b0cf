package contract_test

import (
	"net/http"
)

// act posts an action to a server.
func (c *cloud) act(server, action string, argument any) answer {
	c.t.Helper()
	return c.compute.post(server+"/action", object{action: argument})
}

// stopped returns the path of a server that is SHUTOFF.
func (c *cloud) stopped() string {
	c.t.Helper()
	path := c.server(nil)
	c.act(path, "os-stop", nil).wants(http.StatusAccepted)
	c.becomes(c.compute, path, "server.status", "SHUTOFF")
	return path
}

// settled waits until the server is ACTIVE and nothing is being done to it.
func (c *cloud) settled(server string) answer {
	c.t.Helper()
	return c.until(server+" is settled",
		func() answer { return c.compute.get(server).wants(http.StatusOK) },
		func(a answer) bool {
			return a.value("server.status") == "ACTIVE" && a.value("server.OS-EXT-STS:task_state") == nil
		})
}

var novaActionClaims = []claim{
	{
		id:    "nova-reboot-soft-202",
		says:  "A soft reboot of a running server is answered 202, and the server is ACTIVE again in the end.",
		proof: nova + "nova/api/openstack/compute/servers.py#L1034",
		check: func(c *cloud) answer {
			path := c.server(nil)
			accepted := c.act(path, "reboot", object{"type": "SOFT"}).wants(http.StatusAccepted)
			c.settled(path)
			return accepted
		},
	},
	{
		id:    "nova-reboot-hard-202",
		says:  "A hard reboot of a running server is answered 202, and the server is ACTIVE again in the end.",
		proof: nova + "nova/api/openstack/compute/servers.py#L1034",
		check: func(c *cloud) answer {
			path := c.server(nil)
			accepted := c.act(path, "reboot", object{"type": "HARD"}).wants(http.StatusAccepted)
			c.settled(path)
			return accepted
		},
	},
	{
		id:    "nova-reboot-soft-stopped-409",
		says:  "A soft reboot of a stopped server is answered 409 with its state.",
		proof: nova + "nova/compute/task_states.py#L124",
		check: func(c *cloud) answer {
			return c.act(c.stopped(), "reboot", object{"type": "SOFT"}).
				conflict("Cannot 'reboot' instance", "while it is in vm_state stopped")
		},
	},
	{
		id:    "nova-reboot-hard-stopped-202",
		says:  "A hard reboot of a stopped server is answered 202 and starts it.",
		proof: nova + "nova/compute/vm_states.py#L73",
		check: func(c *cloud) answer {
			path := c.stopped()
			accepted := c.act(path, "reboot", object{"type": "HARD"}).wants(http.StatusAccepted)
			c.settled(path)
			return accepted
		},
	},
	{
		id:    "nova-reboot-building-409",
		says:  "A soft reboot of a server in BUILD is answered 409.",
		proof: nova + "nova/compute/vm_states.py#L70",
		check: func(c *cloud) answer {
			return c.act(c.building(nil), "reboot", object{"type": "SOFT"}).conflict("Cannot 'reboot' instance", "vm_state building")
		},
	},
	{
		id:    "nova-reboot-unknown-type-400",
		says:  "A reboot that is neither SOFT nor HARD is answered 400.",
		proof: nova + "nova/api/openstack/compute/schemas/servers.py#L539",
		check: func(c *cloud) answer {
			return c.act(c.building(nil), "reboot", object{"type": "GENTLE"}).badRequest("is not one of", "'HARD'", "'SOFT'")
		},
	},
	{
		id:    "nova-action-unknown-server-404",
		says:  "An action on an unknown server is answered 404.",
		proof: nova + "nova/exception.py#L1455",
		check: func(c *cloud) answer {
			return c.act("/servers/"+nobody, "reboot", object{"type": "SOFT"}).
				notFound("Instance " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-stop-start-202",
		says:  "Action os-stop leads to SHUTOFF and os-start back to ACTIVE; both are answered 202.",
		proof: nova + "nova/api/openstack/compute/servers.py#L1479",
		check: func(c *cloud) answer {
			path := c.stopped()
			accepted := c.act(path, "os-start", nil).wants(http.StatusAccepted)
			c.settled(path)
			return accepted
		},
	},
	{
		id:    "nova-start-active-409",
		says:  "Action os-start of a running server is answered 409 with its state.",
		proof: nova + "nova/compute/api.py#L2821",
		check: func(c *cloud) answer {
			return c.act(c.server(nil), "os-start", nil).conflict("Cannot 'start' instance", "while it is in vm_state active")
		},
	},
	{
		id:    "nova-stop-stopped-409",
		says:  "Action os-stop of a stopped server is answered 409 with its state.",
		proof: nova + "nova/compute/api.py#L2799",
		check: func(c *cloud) answer {
			return c.act(c.stopped(), "os-stop", nil).conflict("Cannot 'stop' instance", "while it is in vm_state stopped")
		},
	},
	{
		id:    "nova-stopped-vm-state",
		says:  "A stopped server has status SHUTOFF, vm_state stopped and power_state 4.",
		proof: nova + "nova/compute/power_state.py#L36",
		check: func(c *cloud) answer {
			return c.compute.get(c.stopped()).wants(http.StatusOK).is("server.OS-EXT-STS:vm_state", "stopped").
				is("server.OS-EXT-STS:power_state", 4).is("server.OS-EXT-STS:task_state", nil)
		},
	},
}
