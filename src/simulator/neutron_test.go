package simulator_test

import (
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

const network = "/networking/v2.0"

// port creates a port in the network private; more are further fields.
func (c *client) port(more string) result {
	c.t.Helper()
	if more != "" {
		more = "," + more
	}
	return c.send(http.MethodPost, network+"/ports", fmt.Sprintf(`{"port":{"network_id":%q%s}}`, c.sim.Fixtures().Networks["private"], more))
}

func TestPort(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	before := c.sim.Inventory()
	f := c.sim.Fixtures()
	r := c.port(`"name":"p","description":"d","fixed_ips":[{"ip_address":"10.0.0.20"}],"security_groups":["` + f.SecurityGroups["bosh"] +
		`"],"allowed_address_pairs":[{"ip_address":"10.0.0.200"}]`)
	require.Equal(t, http.StatusCreated, r.status, r.text)
	port := r.body["port"].(map[string]any)
	id := r.id("port")
	assert.Equal(t, "DOWN", port["status"])
	assert.Contains(t, port["mac_address"], "fa:16:3e:")
	assert.Equal(t, []any{map[string]any{"ip_address": "10.0.0.20", "subnet_id": f.Subnets["private-v4"]}}, port["fixed_ips"])
	assert.Equal(t, []any{map[string]any{"ip_address": "10.0.0.200", "mac_address": port["mac_address"]}}, port["allowed_address_pairs"])

	for query, found := range map[string]int{
		"name=p": 1, "name=x": 0, "description=d": 1, "fixed_ips=ip_address%3D10.0.0.20&network_id=" + f.Networks["private"]: 1,
		"fixed_ips=ip_address%3D10.0.0.20&network_id=" + f.Networks["dual"]: 0, "fixed_ips=ip_address_substr%3D0.0.2&device_id=": 1,
		"security_groups=" + f.SecurityGroups["bosh"]: 1, "status=DOWN&admin_state_up=true&name=p": 1,
	} {
		assert.Len(t, c.send(http.MethodGet, network+"/ports?"+query, "").body["ports"], found, query)
	}
	r = c.send(http.MethodPut, network+"/ports/"+id, `{"port":{"name":"q","security_groups":[],"fixed_ips":[{"ip_address":"10.0.0.21"}]}}`)
	assert.Equal(t, http.StatusOK, r.status, r.text)
	assert.Equal(t, "q", c.send(http.MethodGet, network+"/ports/"+id, "").at("port.name"))
	assert.Len(t, c.sim.Leaks(before), 1)
	assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, network+"/ports/"+id, "").status)
	r = c.send(http.MethodDelete, network+"/ports/"+id, "")
	assert.JSONEq(t, `{"NeutronError":{"type":"PortNotFound","message":"Port `+id+` could not be found.","detail":""}}`, r.text)
	assert.Empty(t, c.sim.Leaks(before))
}

func TestPortsAreRefused(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]struct {
		port          string
		status        int
		kind, message string
	}{
		"taken": {`"fixed_ips":[{"ip_address":"10.0.0.1"}]`, 409, "IpAddressAlreadyAllocated", "IP address 10.0.0.1 already allocated in subnet SUBNET"},
		"outside": {
			`"fixed_ips":[{"ip_address":"10.9.9.9"}]`, 400, "InvalidIpForNetwork",
			"IP address 10.9.9.9 is not a valid IP for any of the subnets on the specified network.",
		},
		"broadcast": {
			`"fixed_ips":[{"ip_address":"10.0.0.255"}]`, 400, "InvalidIpForNetwork",
			"IP address 10.0.0.255 is not a valid IP for any of the subnets on the specified network.",
		},
		"outside of the subnet": {
			`"fixed_ips":[{"ip_address":"10.9.9.9","subnet_id":"SUBNET"}]`, 400, "InvalidIpForSubnet",
			"IP address 10.9.9.9 is not a valid IP for the specified subnet.",
		},
		"unknown subnet": {`"fixed_ips":[{"subnet_id":"` + nowhere + `"}]`, 404, "SubnetNotFound", "Subnet " + nowhere + " could not be found."},
		"no address":     {`"fixed_ips":[{"ip_address":"x"}]`, 400, "HTTPBadRequest", "Invalid input for fixed_ips. Reason: 'x' is not a valid IP address."},
		"unknown group": {
			`"security_groups":["` + nowhere + `"]`, 404, "SecurityGroupNotFound",
			"Security group " + nowhere + " does not exist",
		},
		"group by name": {`"security_groups":["bosh"]`, 400, "HTTPBadRequest", "Invalid input for security_groups. Reason: 'bosh' is not a valid UUID."},
		"group without security": {
			`"port_security_enabled":false,"security_groups":["GROUP"]`, 400, "PortSecurityAndIPRequiredForSecurityGroups",
			"Port security must be enabled and port must have an IP address in order to use security groups.",
		},
		"pairs without security": {
			`"port_security_enabled":false,"allowed_address_pairs":[{"ip_address":"10.0.0.9"}]`, 409,
			"AddressPairAndPortSecurityRequired", "Port Security must be enabled in order to have allowed address pairs on a port.",
		},
		"long name": {
			`"name":"` + strings.Repeat("x", 256) + `"`, 400, "HTTPBadRequest",
			"Invalid input for name. Reason: '" + strings.Repeat("x", 256) + "' exceeds maximum length of 255.",
		},
		"other project": {`"tenant_id":"x"`, 400, "HTTPBadRequest", "Specifying 'project_id' or 'tenant_id' other than the authenticated " +
			"project in request requires admin or advsvc privileges"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, simulator.Options{})
			before := c.sim.Inventory()
			ids := strings.NewReplacer("SUBNET", c.sim.Fixtures().Subnets["private-v4"], "GROUP", c.sim.Fixtures().SecurityGroups["bosh"])
			r := c.port(ids.Replace(refused.port))
			assert.Equal(t, refused.status, r.status)
			assert.Equal(t, refused.kind, r.at("NeutronError.type"))
			assert.Equal(t, ids.Replace(refused.message), r.at("NeutronError.message"))
			assert.Empty(t, c.sim.Leaks(before))
		})
	}
}

func TestPortsInBulkAreAllOrNone(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	before := c.sim.Inventory()
	private := c.sim.Fixtures().Networks["private"]
	bulk := func(second string) result {
		return c.send(http.MethodPost, network+"/ports", fmt.Sprintf(
			`{"ports":[{"network_id":%q,"fixed_ips":[{"ip_address":"10.0.0.20"}]},{"network_id":%q,"fixed_ips":[{"ip_address":%q}]}]}`,
			private, private, second))
	}
	assert.Equal(t, http.StatusConflict, bulk("10.0.0.1").status)
	assert.Empty(t, c.sim.Leaks(before))
	r := bulk("10.0.0.21")
	assert.Equal(t, http.StatusCreated, r.status)
	assert.Len(t, r.body["ports"], 2)
	c.sim.SetQuota("ports", 0)
	assert.Equal(t, "Quota exceeded for resources: ['port'].", c.port("").at("NeutronError.message"))
}

func TestDualStackPort(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	r := c.send(http.MethodPost, network+"/ports", fmt.Sprintf(`{"port":{"network_id":%q}}`, c.sim.Fixtures().Networks["dual"]))
	ips := r.at("port.fixed_ips").([]any)
	require.Len(t, ips, 2)
	assert.Equal(t, "10.0.2.128", ips[0].(map[string]any)["ip_address"])
	assert.Equal(t, "fd00:10:2::1000", ips[1].(map[string]any)["ip_address"])
}

func TestSecurityGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	list := func(query string) []any {
		return c.send(http.MethodGet, network+"/security-groups"+query, "").names("security_groups")
	}
	assert.ElementsMatch(t, []any{"default", "bosh"}, list(""), "groups of other projects are invisible")
	assert.ElementsMatch(t, []any{"default", "bosh"}, list("?name=bosh&name=default&fields=id&fields=name"))
	assert.Equal(t, []any{"bosh"}, list("?id="+c.sim.Fixtures().SecurityGroups["bosh"]))
	c.token = c.loginAs("admin", "admin").header.Get("X-Subject-Token")
	assert.Greater(t, len(list("?name=bosh")), 1, "an admin sees groups of the same name in other projects")
	c.login()

	r := c.send(http.MethodPost, network+"/security-groups", `{"security_group":{"name":"bosh"}}`)
	require.Equal(t, http.StatusCreated, r.status)
	assert.Len(t, list("?name=bosh"), 2, "names are not unique")
	id := r.id("security_group")
	c.port(`"security_groups":["` + id + `"]`)
	assert.Equal(t, "SecurityGroupInUse", c.send(http.MethodDelete, network+"/security-groups/"+id, "").at("NeutronError.type"))
}

func TestFloatingIPs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		address, id := "", ""
		for address, id = range c.sim.Fixtures().FloatingIPs {
			break
		}
		found := c.send(http.MethodGet, network+"/floatingips?floating_ip_address="+address, "")
		require.Len(t, found.body["floatingips"], 1)
		port := c.port("").id("port")
		put := func(fields string) result {
			return c.send(http.MethodPut, network+"/floatingips/"+id, `{"floatingip":{`+fields+`}}`)
		}
		r := put(`"port_id":"` + port + `"`)
		require.Equal(t, http.StatusOK, r.status, r.text)
		assert.Equal(t, port, r.at("floatingip.port_id"))
		assert.Equal(t, "10.0.0.129", r.at("floatingip.fixed_ip_address"))
		wait(time.Second)
		assert.Equal(t, "ACTIVE", c.send(http.MethodGet, network+"/floatingips/"+id, "").at("floatingip.status"))
		assert.Len(t, c.sim.Leaks(before), 2)
		other := c.send(http.MethodPost, network+"/floatingips",
			`{"floatingip":{"floating_network_id":"`+c.sim.Fixtures().Networks["external"]+`","port_id":"`+port+`"}}`)
		assert.Equal(t, "FloatingIPPortAlreadyAssociated", other.at("NeutronError.type"))
		assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, network+"/ports/"+port, "").status)
		assert.Nil(t, c.send(http.MethodGet, network+"/floatingips/"+id, "").at("floatingip.port_id"), "the association dies with the port")
		assert.Empty(t, c.sim.Leaks(before))

		two := c.port(`"fixed_ips":[{"ip_address":"10.0.0.20"},{"ip_address":"10.0.0.21"}]`).id("port")
		assert.Contains(t, put(`"port_id":"`+two+`"`).at("NeutronError.message"), "has multiple fixed IPv4 addresses.")
		r = put(`"port_id":"` + two + `","fixed_ip_address":"10.0.0.21"`)
		assert.Equal(t, "10.0.0.21", r.at("floatingip.fixed_ip_address"))
		assert.Equal(t, http.StatusOK, put(`"port_id":null`).status)
		assert.Equal(t, "PortNotFound", put(`"port_id":"`+nowhere+`"`).at("NeutronError.type"))
	})
}

func TestNeutronIsStrict(t *testing.T) {
	t.Parallel()
	for name, misuse := range map[string]struct{ method, path, body, text string }{
		"unknown route":  {http.MethodGet, "/nothing", "", "The resource could not be found."},
		"unknown filter": {http.MethodGet, "/ports?foo=1", "", "['foo'] is invalid attribute for filtering"},
		"unknown field":  {http.MethodPost, "/networks", `{"network":{"foo":1}}`, "Unrecognized attribute(s) 'foo'"},
		"wrong type":     {http.MethodPost, "/networks", `{"network":{"name":5}}`, "Invalid input for name. Reason: '5' is not a valid string."},
		"no JSON":        {http.MethodPost, "/networks", `{`, "Body contains invalid data"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStranger(t, simulator.Options{})
			c.login()
			assert.Equal(t, misuse.text, c.send(misuse.method, network+misuse.path, misuse.body).at("NeutronError.message"))
			assert.Len(t, c.sim.Violations(), 1)
		})
	}
}
