package doctor_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/doctor"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// On the simulator every check finds that all is well.
func TestHealthyCloud(t *testing.T) {
	t.Parallel()
	report := patient{}.examine(t)
	looked := map[string]bool{}
	for _, finding := range report.Findings {
		assert.Contains(t, []doctor.Level{doctor.OK, doctor.Note}, finding.Level, "%+v", finding)
		assert.Empty(t, finding.Advice)
		looked[finding.Check] = true
	}
	for _, name := range doctor.Checks() {
		assert.True(t, looked[name], name)
	}
	assert.Equal(t, doctor.ExitOK, report.ExitCode())
}

func TestSkip(t *testing.T) {
	t.Parallel()
	report := patient{skip: []string{"networks", "versions"}}.examine(t)
	assert.Empty(t, of(report, "networks", ""))
	assert.Empty(t, of(report, "versions", ""))
	assert.NotEmpty(t, of(report, "flavors", ""))
	assert.Equal(t, []string{"networks", "versions"}, report.Skipped)
}

// What cannot be looked at without a login is neither well nor a problem.
func TestNoLogin(t *testing.T) {
	t.Parallel()
	report := patient{properties: object{"api_key": "wrong"}}.examine(t)
	assert.Equal(t, doctor.ExitProblems, report.ExitCode())
	for _, check := range []string{"versions", "flavors", "networks"} {
		found := of(report, check, "")
		assert.Len(t, found, 1)
		assert.Equal(t, doctor.Unknown, found[0].Level)
	}
}

// Every list that fails is a finding.
func TestFailedLists(t *testing.T) {
	t.Parallel()
	for on, subject := range map[string]string{
		"GET /flavors/detail": "flavors", "GET /networks": "networks", "GET /subnets": "networks", "GET /floatingips": "floating IPs",
	} {
		report := patient{seed: func(cloud *simulator.Simulator) {
			cloud.Inject(simulator.Fault{On: on, Status: http.StatusForbidden, Times: -1})
		}}.examine(t)
		assert.Equal(t, 1, report.Count(doctor.Unknown), on)
		assert.Equal(t, doctor.ExitWarnings, report.ExitCode(), on)
		for _, finding := range report.Findings {
			if finding.Level == doctor.Unknown {
				assert.Equal(t, subject, finding.Subject)
				assert.Contains(t, finding.Text, "403")
			}
		}
	}
}

func ofImages(exchange simulator.Exchange) bool { return exchange.Service == "image" }

// token alters the token of the login.
func token(change func(token object)) patient {
	return patient{path: "/auth/tokens", change: func(body object) { change(body["token"].(object)) }}
}

// networks alters the networks of the cloud.
func networks(change func(network object)) patient {
	return patient{path: "/v2.0/networks", change: func(body object) {
		for _, n := range each(body, "networks") {
			change(n)
		}
	}}
}

// roles alters the roles of the token.
func roles(names ...string) patient {
	return token(func(token object) {
		list := []any{}
		for _, name := range names {
			list = append(list, object{"id": name, "name": name})
		}
		token["roles"] = list
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]symptom{
		"misspelt property": {
			patient{properties: object{"default_keyname": "bosh"}},
			"configuration", "context.default_keyname", doctor.Warning,
			"did you mean default_key_name?", "correct",
		},
		"pause longer than the wait": {
			patient{properties: object{"state_timeout": 4}}, "configuration", "wait_resource_poll_interval", doctor.Warning, "longest wait", "shorter",
		},
		"neither DHCP nor config drive": {
			patient{properties: object{"use_dhcp": false}}, "configuration", "use_dhcp", doctor.Warning, "no address", "config_drive",
		},
		"Keystone is unreachable": {
			patient{seed: func(cloud *simulator.Simulator) { cloud.Inject(simulator.Fault{Kind: simulator.Refused, Times: -1}) }},
			"connection", "127.0.0.1", doctor.Problem, "connection refused", "auth_url",
		},
		"no TLS": {
			patient{properties: object{"auth_url": "http://keystone.example.com/identity/v3"}},
			"connection", "keystone.example.com", doctor.Warning,
			"without TLS", "https",
		},
		"wrong password": {patient{properties: object{"api_key": "wrong"}}, "identity", "login", doctor.Problem, "401", "credentials"},
		"no project":     {token(func(token object) { delete(token, "project") }), "identity", "project", doctor.Problem, "no project", "project_id"},
		"no roles":       {roles(), "identity", "roles", doctor.Unknown, "does not contain", ""},
		"reader":         {roles("reader"), "identity", "roles", doctor.Problem, "nothing can be created", "member"},
		"administrator":  {patient{properties: object{"username": "admin"}}, "identity", "roles", doctor.Warning, "admin, member, reader", "application credential"},
		"own roles":      {roles("operators"), "identity", "roles", doctor.Unknown, "this cloud only", ""},
		"old member":     {roles("_member_"), "identity", "roles", doctor.OK, "_member_", ""},
		"short token":    {patient{options: simulator.Options{TokenLifetime: 20 * time.Minute}}, "identity", "token", doctor.Warning, "20m0s", "expiration"},
		"clock behind": {
			token(func(token object) { token["issued_at"] = time.Now().Add(time.Hour).UTC().Format(time.RFC3339Nano) }),
			"identity", "clock", doctor.Warning, "1h0m0s behind", "NTP",
		},
		"clock ahead": {
			token(func(token object) { token["issued_at"] = time.Now().Add(-time.Minute).UTC().Format(time.RFC3339Nano) }),
			"identity", "clock", doctor.Warning, "1m0s ahead", "NTP",
		},
		"Keystone v2 has no time": {
			patient{properties: object{"auth_url": "http://127.0.0.1/identity/v2.0", "tenant": "bosh"}}, "identity", "clock", doctor.Unknown, "does not say", "",
		},
		"old Nova": {
			patient{options: simulator.Options{NovaMicroversion: 60}}, "versions", "Nova", doctor.Note, "2.67 (Stein) is needed", "",
		},
		"no such region": {patient{properties: object{"region": "Mars"}}, "versions", "Cinder", doctor.Problem, "Mars", "openstack.region"},
		"no versions": {
			patient{seed: func(cloud *simulator.Simulator) {
				cloud.Inject(simulator.Fault{Match: ofImages, Status: http.StatusNotFound, Body: "<html>nginx</html>", Times: -1})
			}}, "versions", "Glance", doctor.Unknown, "could not be read", "",
		},
		"no microversions": {
			patient{path: "/compute/", change: func(body object) {
				for _, version := range each(body, "versions") {
					version["version"] = ""
				}
			}}, "versions", "Nova", doctor.Unknown, "does not say", "",
		},
		"no Octavia": {patient{options: simulator.Options{WithoutLoadBalancer: true}}, "versions", "Octavia", doctor.Note, "neutron-lbaas", ""},
		"no flavors": {
			patient{path: "/flavors/detail", change: func(body object) { body["flavors"] = []any{} }}, "flavors", "flavors", doctor.Problem, "can use none", "operator",
		},
		"small ephemeral disk": {
			patient{path: "/flavors/detail", change: func(body object) {
				for _, flavor := range each(body, "flavors") {
					if flavor["name"] == "m1.large" {
						flavor["OS-FLV-EXT-DATA:ephemeral"] = 10
					}
				}
			}}, "flavors", "flavors", doctor.Note, "twice their memory: m1.large", "",
		},
		"no network": {
			patient{path: "/v2.0/networks", change: func(body object) { body["networks"] = []any{} }}, "networks", "networks", doctor.Problem, "can use none", "create a network",
		},
		"no external network": {
			patient{path: "/v2.0/networks", change: func(body object) { body["networks"] = []any{} }}, "networks", "external network", doctor.Note, "there is none", "",
		},
		"network down":      {networks(func(n object) { n["admin_state_up"] = false }), "networks", "network private", doctor.Warning, "is down", "--enable"},
		"small MTU":         {networks(func(n object) { n["mtu"] = 900 }), "networks", "network private", doctor.Warning, "MTU of 900", "physical network"},
		"no subnet":         {patient{path: "/v2.0/subnets", change: func(body object) { body["subnets"] = []any{} }}, "networks", "network dual", doctor.Warning, "no subnet", "add"},
		"nothing allocated": {patient{path: "/floatingips", change: func(body object) { body["floatingips"] = []any{} }}, "networks", "floating IPs", doctor.OK, "0 allocated", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.confirm(t)
		})
	}
}
