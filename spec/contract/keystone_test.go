package contract_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// tokenFor requests a token with an "auth" object.
func (c *cloud) tokenFor(auth object) response {
	c.t.Helper()
	return c.anonymous().post("/auth/tokens", object{"auth": auth})
}

// anonymous returns Keystone without a token.
func (c *cloud) anonymous() service {
	s := c.identity
	s.Header = http.Header{"Accept": {"application/json"}}
	return s
}

// expectUnauthorized fails the claim unless the response is Keystone's 401,
// which does not contain the cause.
func (r response) expectUnauthorized() response {
	r.t.Helper()
	return r.expect(http.StatusUnauthorized).is("error.code", 401).is("error.title", "Unauthorized").
		contains("error.message", "The request you have made requires authentication.")
}

// credential is an application credential.
type credential struct{ id, secret string }

// applicationCredential returns one of the user for the project.
func (c *cloud) applicationCredential() credential {
	c.t.Helper()
	if c.credential.id != "" {
		return c.credential
	}
	path := "/users/" + c.userID + "/application_credentials"
	made := c.identity.post(path, object{"application_credential": object{"name": c.name("credential")}}).
		expect(http.StatusCreated)
	id := made.text("application_credential.id")
	c.deleteAtEnd(c.identity, path+"/"+id)
	return credential{id: id, secret: made.text("application_credential.secret")}
}

// identity returns the "identity" part of a token request with the credential.
func (c credential) identity() object {
	return object{"methods": list{"application_credential"}, "application_credential": object{"id": c.id, "secret": c.secret}}
}

var keystoneClaims = []claim{
	{
		id:        "keystone-password-201",
		statement: "A token request with user, password, domain name and project scope returns 201 with the token in X-Subject-Token.",
		proof:     keystone + "keystone/api/auth.py#L334",
		check: func(c *cloud) response {
			token := c.tokenFor(object{"identity": c.login.Identity(), "scope": c.login.Scope()})
			return token.expect(http.StatusCreated).expectHeader("X-Subject-Token").
				is("token.methods.0", "password").is("token.project.name", c.login.Project).
				is("token.user.name", c.login.Username).
				expectKeys("token", "catalog", "roles", "expires_at", "issued_at").
				expectKeys("token.project", "id", "domain")
		},
	},
	{
		id:        "keystone-scope-by-id",
		statement: "A project scope by id needs no domain.",
		proof:     keystone + "keystone/auth/core.py#L185",
		check: func(c *cloud) response {
			token := c.tokenFor(object{
				"identity": c.login.Identity(), "scope": object{"project": object{"id": c.projectID}},
			})
			return token.expect(http.StatusCreated).is("token.project.id", c.projectID)
		},
	},
	{
		id:        "keystone-token-expiry",
		statement: "The token's expires_at is a UTC time with microseconds and Z, in the future.",
		proof:     keystone + "keystone/common/utils.py#L317",
		check: func(c *cloud) response {
			token := c.tokenFor(object{"identity": c.login.Identity(), "scope": c.login.Scope()})
			expires, err := time.Parse("2006-01-02T15:04:05.000000Z", token.expect(http.StatusCreated).text("token.expires_at"))
			require.NoError(c.t, err)
			require.True(c.t, expires.After(time.Now()), "expired at %s", expires)
			return token
		},
	},
	{
		id:        "keystone-catalog-shape",
		statement: "Each catalog entry has a type, a name and endpoints with interface, region, region_id and url.",
		proof:     keystone + "keystone/catalog/backends/sql.py#L341",
		check: func(c *cloud) response {
			token := c.tokenFor(object{"identity": c.login.Identity(), "scope": c.login.Scope()})
			for _, service := range []string{"identity", "compute", "network", "image"} {
				require.Contains(c.t, token.expect(http.StatusCreated).each("token.catalog", "type"), service)
			}
			return token.expectKeys("token.catalog.0", "id", "type", "name", "endpoints").
				expectKeys("token.catalog.0.endpoints.0", "id", "interface", "region", "region_id", "url")
		},
	},
	{
		id:        "keystone-wrong-password-401",
		statement: "A wrong password returns 401 with a message that does not reveal the cause.",
		proof:     keystone + "keystone/exception.py#L314",
		check: func(c *cloud) response {
			mistaken := c.login
			mistaken.APIKey = "wrong"
			return c.tokenFor(object{"identity": mistaken.Identity(), "scope": mistaken.Scope()}).
				expectUnauthorized()
		},
	},
	{
		id:        "keystone-unknown-user-401",
		statement: "An unknown user returns the same 401 as a wrong password.",
		proof:     keystone + "keystone/exception.py#L314",
		check: func(c *cloud) response {
			mistaken := c.login
			mistaken.Username = c.name("user")
			return c.tokenFor(object{"identity": mistaken.Identity(), "scope": mistaken.Scope()}).
				expectUnauthorized()
		},
	},
	{
		id:        "keystone-unknown-project-401",
		statement: "An unknown project in the scope returns the same 401 as a wrong password.",
		proof:     keystone + "keystone/auth/core.py#L219",
		check: func(c *cloud) response {
			mistaken := c.login
			mistaken.Project = c.name("nowhere")
			return c.tokenFor(object{"identity": mistaken.Identity(), "scope": mistaken.Scope()}).
				expectUnauthorized()
		},
	},
	{
		id:        "keystone-unknown-domain-401",
		statement: "An unknown user domain returns the same 401 as a wrong password.",
		proof:     keystone + "keystone/exception.py#L314",
		check: func(c *cloud) response {
			mistaken := c.login
			mistaken.UserDomainName = c.name("nowhere")
			return c.tokenFor(object{"identity": mistaken.Identity(), "scope": mistaken.Scope()}).
				expectUnauthorized()
		},
	},
	{
		id:        "keystone-app-cred-201",
		statement: "A token request with an application credential and no scope returns a token for the credential's project.",
		proof:     keystone + "keystone/auth/core.py#L270",
		check: func(c *cloud) response {
			token := c.tokenFor(object{"identity": c.applicationCredential().identity()})
			return token.expect(http.StatusCreated).expectHeader("X-Subject-Token").
				is("token.methods.0", "application_credential").is("token.project.id", c.projectID).
				expectKeys("token", "catalog", "expires_at")
		},
	},
	{
		id:        "keystone-app-cred-scope-401",
		statement: "A token request with an application credential and an explicit scope returns 401.",
		proof:     keystone + "keystone/auth/core.py#L281",
		check: func(c *cloud) response {
			return c.tokenFor(object{"identity": c.applicationCredential().identity(), "scope": c.login.Scope()}).
				expect(http.StatusUnauthorized).is("error.code", 401)
		},
	},
	{
		id:        "keystone-app-cred-secret-401",
		statement: "A wrong secret of an application credential returns the same 401 as a wrong password.",
		proof:     keystone + "keystone/auth/plugins/application_credential.py#L33",
		check: func(c *cloud) response {
			mistaken := c.applicationCredential()
			mistaken.secret = "wrong"
			return c.tokenFor(object{"identity": mistaken.identity()}).expectUnauthorized()
		},
	},
	{
		id:        "keystone-app-cred-unknown-404",
		statement: "An unknown application credential returns 404, not 401.",
		proof:     keystone + "keystone/exception.py#L613",
		check: func(c *cloud) response {
			unknown := credential{id: strings.Repeat("0", 32), secret: "wrong"}
			return c.tokenFor(object{"identity": unknown.identity()}).expect(http.StatusNotFound).is("error.code", 404).
				contains("error.message", "Could not find Application Credential: "+unknown.id)
		},
	},
	{
		id:        "keystone-token-read",
		statement: "GET of a token returns the same document as its creation, including the catalog.",
		proof:     keystone + "keystone/api/auth.py#L313",
		check: func(c *cloud) response {
			return c.identity.with("X-Subject-Token", c.token).get("/auth/tokens").expect(http.StatusOK).
				is("token.project.id", c.projectID).expectKeys("token", "catalog", "expires_at")
		},
	},
	{
		id:        "keystone-version-anonymous",
		statement: "GET /v3 returns the version without authentication.",
		proof:     keystone + "keystone/api/discovery.py#L100",
		check: func(c *cloud) response {
			return c.anonymous().get("").expect(http.StatusOK).contains("version.id", "v3").is("version.status", "stable")
		},
	},
}
