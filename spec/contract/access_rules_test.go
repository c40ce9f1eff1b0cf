package contract_test

import (
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"
)

const (
	userGuide  = "https://docs.openstack.org/keystone/latest/user/application_credentials.html#access-rules"
	middleware = "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html"
)

// rule returns an access rule. The path follows the API version of the service.
func (c *cloud) rule(s service, kind, method, path string) object {
	c.t.Helper()
	address, err := url.Parse(s.URL)
	require.NoError(c.t, err)
	return object{"service": kind, "method": method, "path": address.Path + path}
}

// userPath returns a path below the user's own.
func (c *cloud) userPath(path string) string { return "/users/" + c.userID + path }

// createCredential creates an application credential with access rules and
// returns the response. At the end, the credential and its rules are deleted.
func (c *cloud) createCredential(rules ...object) response {
	c.t.Helper()
	made := c.identity.post(c.userPath("/application_credentials"), object{"application_credential": object{
		"name": c.name("credential"), "roles": list{object{"name": "member"}}, "access_rules": rules,
	}}).expect(http.StatusCreated)
	for _, id := range made.each("application_credential.access_rules", "id") {
		c.deleteAtEnd(c.identity, c.userPath("/access_rules/"+id))
	}
	c.deleteAtEnd(c.identity, c.userPath("/application_credentials/"+made.text("application_credential.id")))
	return made
}

// tokenWith returns a token of the credential in the response.
func (c *cloud) tokenWith(made response) response {
	c.t.Helper()
	login := credential{made.text("application_credential.id"), made.text("application_credential.secret")}
	return c.tokenFor(object{"identity": login.identity()}).expect(http.StatusCreated)
}

// limitedTo returns the service with a token that is limited to the rules.
func (c *cloud) limitedTo(s service, rules ...object) service {
	c.t.Helper()
	return s.with("X-Auth-Token", c.tokenWith(c.createCredential(rules...)).header.Get("X-Subject-Token"))
}

// expectAllowed fails the claim unless the request was executed. It skips the
// claim if the service does not compare requests with access rules: it then
// refuses all requests.
func (r response) expectAllowed(c *cloud) {
	r.t.Helper()
	if r.status == http.StatusUnauthorized {
		c.skipWithout("service_type in [keystone_authtoken] of the service of " + r.request)
	}
	r.expect(http.StatusOK)
}

var accessRuleClaims = []claim{
	{
		id:        "keystone-app-cred-create-201",
		statement: "POST of an application credential with access rules returns 201 with its secret, its roles and the rules, each with an id.",
		proof:     userGuide,
		check: func(c *cloud) response {
			return c.createCredential(c.rule(c.compute, "compute", "GET", "/images")).
				expectKeys("application_credential", "id", "secret", "project_id").
				is("application_credential.roles.0.name", "member").is("application_credential.access_rules.0.service", "compute").
				is("application_credential.access_rules.0.method", "GET").expectKeys("application_credential.access_rules.0", "id", "path")
		},
	},
	{
		id:        "keystone-app-cred-roles",
		statement: "A token of an application credential has the roles and the access rules of the credential only.",
		proof:     userGuide,
		check: func(c *cloud) response {
			token := c.tokenWith(c.createCredential(c.rule(c.compute, "compute", "GET", "/extensions")))
			require.NotContains(c.t, token.each("token.roles", "name"), "load-balancer_member")
			return token.is("token.application_credential.access_rules.0.service", "compute").is("token.application_credential.restricted", true)
		},
	},
	{
		id:        "keystone-app-cred-restricted-403",
		statement: "An application credential cannot create another one: 403, since Epoxy 401 if its access rules do not allow the request.",
		proof:     userGuide,
		check: func(c *cloud) response {
			token := c.tokenWith(c.createCredential(c.rule(c.compute, "compute", "GET", "/versions"))).header.Get("X-Subject-Token")
			return c.identity.with("X-Auth-Token", token).post(c.userPath("/application_credentials"), object{"application_credential": object{
				"name": c.name("another"),
			}}).expect(http.StatusForbidden, http.StatusUnauthorized)
		},
	},
	{
		id:        "keystone-app-cred-deleted-404",
		statement: "After DELETE of an application credential, services refuse its tokens, and a token request with it returns 404; its access rules remain.",
		proof:     userGuide,
		check: func(c *cloud) response {
			made := c.createCredential(c.rule(c.compute, "compute", "GET", "/os-services"))
			token, id := c.tokenWith(made).header.Get("X-Subject-Token"), made.text("application_credential.id")
			c.identity.delete(c.userPath("/application_credentials/" + id)).expect(http.StatusNoContent)
			c.identity.get(c.userPath("/access_rules/" + made.text("application_credential.access_rules.0.id"))).expect(http.StatusOK)
			c.compute.with("X-Auth-Token", token).get("/flavors").expectUnauthorized()
			return c.tokenFor(object{"identity": credential{id, made.text("application_credential.secret")}.identity()}).expect(http.StatusNotFound)
		},
	},
	{
		id:        "keystone-access-rule-in-use-403",
		statement: "DELETE of an access rule that an application credential has returns 403.",
		proof:     userGuide,
		check: func(c *cloud) response {
			made := c.createCredential(c.rule(c.compute, "compute", "GET", "/os-agents"))
			return c.identity.delete(c.userPath("/access_rules/"+made.text("application_credential.access_rules.0.id"))).
				expect(http.StatusForbidden).is("error.message", "May not delete access rule in use")
		},
	},
	{
		id:        "keystone-access-rule-wildcard",
		statement: "In the path of an access rule, * and {name} stand for one segment and ** for several.",
		proof:     userGuide,
		check: func(c *cloud) response {
			limited := c.limitedTo(c.compute, c.rule(c.compute, "compute", "GET", "/os-keypairs/*"), c.rule(c.compute, "compute", "GET", "/flavors/{id}"),
				c.rule(c.compute, "compute", "GET", "/os-av**"))
			limited.get("/os-keypairs/" + c.fixtures.KeyPair).expectAllowed(c)
			limited.get("/flavors/detail").expect(http.StatusOK)
			limited.get("/os-availability-zone").expect(http.StatusOK)
			return limited.get("/flavors").expectUnauthorized()
		},
	},
	{
		id:        "nova-access-rule-401",
		statement: "Nova refuses requests that no access rule of the application credential allows with 401, as for an unknown token.",
		proof:     middleware,
		check: func(c *cloud) response {
			limited := c.limitedTo(c.compute, c.rule(c.compute, "compute", "GET", "/flavors"))
			limited.get("/flavors").expectAllowed(c)
			return limited.get("/flavors/detail").expectUnauthorized().expectHeader("Www-Authenticate")
		},
	},
	{
		id:        "neutron-access-rule-401",
		statement: "Neutron refuses requests that no access rule of the application credential allows with 401, as for an unknown token.",
		proof:     middleware,
		check: func(c *cloud) response {
			limited := c.limitedTo(c.network, c.rule(c.network, "network", "GET", "/networks"))
			limited.get("/networks").expectAllowed(c)
			return limited.get("/ports").expectUnauthorized().expectHeader("Www-Authenticate")
		},
	},
	{
		id:        "cinder-access-rule-401",
		statement: "Cinder refuses requests that no access rule of the application credential allows with 401; rules for one of its types in the catalog suffice.",
		proof:     middleware,
		check: func(c *cloud) response {
			limited := c.limitedTo(c.volume, c.rule(c.volume, "block-storage", "GET", "/volumes"), c.rule(c.volume, "volumev3", "GET", "/volumes"))
			limited.get("/volumes").expectAllowed(c)
			return limited.get("/snapshots").expectUnauthorized().expectHeader("Www-Authenticate")
		},
	},
	{
		id:        "glance-access-rule-401",
		statement: "Glance refuses requests that no access rule of the application credential allows with 401, as for an unknown token.",
		proof:     middleware,
		check: func(c *cloud) response {
			limited := c.limitedTo(c.image, c.rule(c.image, "image", "GET", "/images"))
			limited.get("/images").expectAllowed(c)
			return limited.get("/images/" + c.fixtures.Image).expect(http.StatusUnauthorized)
		},
	},
	{
		id:        "octavia-access-rule-401",
		statement: "Octavia refuses requests that no access rule of the application credential allows with 401, as for an unknown token.",
		proof:     middleware,
		check: func(c *cloud) response {
			c.needsOctavia()
			limited := c.limitedTo(c.loadBalancer, c.rule(c.loadBalancer, "load-balancer", "GET", "/pools/*"))
			if seen := limited.get("/pools/" + unknownID); seen.status == http.StatusUnauthorized {
				seen.expectAllowed(c)
			}
			return limited.get("/pools").expectUnauthorized().expectHeader("Www-Authenticate")
		},
	},
}
