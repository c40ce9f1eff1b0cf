package contract_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// tokenFor asks for a token with the parts of an "auth" object.
func (c *cloud) tokenFor(auth object) answer {
	c.t.Helper()
	return c.anonymous().post("/auth/tokens", object{"auth": auth})
}

// anonymous is keystone without a token.
func (c *cloud) anonymous() service {
	s := c.identity
	s.header = http.Header{"Accept": {"application/json"}}
	return s
}

// wantsUnauthorized fails the claim unless the answer is keystone's 401, which never says what was wrong.
func (a answer) wantsUnauthorized() answer {
	a.t.Helper()
	return a.wants(http.StatusUnauthorized).is("error.code", 401).is("error.title", "Unauthorized").
		says("error.message", "The request you have made requires authentication.")
}

// credential is an application credential.
type credential struct{ id, secret string }

// applicationCredential returns one of the claim's user for the project.
func (c *cloud) applicationCredential() credential {
	c.t.Helper()
	if c.credential.id != "" {
		return c.credential
	}
	path := "/users/" + c.userID + "/application_credentials"
	made := c.identity.post(path, object{"application_credential": object{"name": c.name("credential")}}).
		wants(http.StatusCreated)
	id := made.text("application_credential.id")
	c.atTheEnd(c.identity, path+"/"+id)
	return credential{id: id, secret: made.text("application_credential.secret")}
}

// method is the "identity" part of a token request with the credential.
func (c credential) method() object {
	return object{"methods": list{"application_credential"}, "application_credential": object{"id": c.id, "secret": c.secret}}
}

var keystoneClaims = []claim{
	{
		id:    "keystone-password-201",
		says:  "User, password, their domain by name and a project scope give 201, the token in X-Subject-Token.",
		proof: keystone + "keystone/api/auth.py#L334",
		check: func(c *cloud) answer {
			token := c.tokenFor(object{"identity": c.login.passwordMethod(), "scope": c.login.projectScope()})
			return token.wants(http.StatusCreated).wantsHeader("X-Subject-Token").
				is("token.methods.0", "password").is("token.project.name", c.login.project).
				is("token.user.name", c.login.username).
				wantsKeys("token", "catalog", "roles", "expires_at", "issued_at").
				wantsKeys("token.project", "id", "domain")
		},
	},
	{
		id:    "keystone-scope-by-id",
		says:  "A project scope by id needs no domain.",
		proof: keystone + "keystone/auth/core.py#L185",
		check: func(c *cloud) answer {
			token := c.tokenFor(object{
				"identity": c.login.passwordMethod(), "scope": object{"project": object{"id": c.projectID}},
			})
			return token.wants(http.StatusCreated).is("token.project.id", c.projectID)
		},
	},
	{
		id:    "keystone-token-expiry",
		says:  "The token's expires_at is a UTC time with microseconds and Z, and lies in the future.",
		proof: keystone + "keystone/common/utils.py#L317",
		check: func(c *cloud) answer {
			token := c.tokenFor(object{"identity": c.login.passwordMethod(), "scope": c.login.projectScope()})
			expires, err := time.Parse("2006-01-02T15:04:05.000000Z", token.wants(http.StatusCreated).text("token.expires_at"))
			require.NoError(c.t, err)
			require.True(c.t, expires.After(time.Now()), "expired at %s", expires)
			return token
		},
	},
	{
		id:    "keystone-catalog-shape",
		says:  "Each catalog entry has a type, a name and endpoints with interface, region, region_id and url.",
		proof: keystone + "keystone/catalog/backends/sql.py#L341",
		check: func(c *cloud) answer {
			token := c.tokenFor(object{"identity": c.login.passwordMethod(), "scope": c.login.projectScope()})
			for _, service := range []string{"identity", "compute", "network", "image"} {
				require.Contains(c.t, token.wants(http.StatusCreated).each("token.catalog", "type"), service)
			}
			return token.wantsKeys("token.catalog.0", "id", "type", "name", "endpoints").
				wantsKeys("token.catalog.0.endpoints.0", "id", "interface", "region", "region_id", "url")
		},
	},
	{
		id:    "keystone-wrong-password-401",
		says:  "A wrong password is answered 401 and no word about what was wrong.",
		proof: keystone + "keystone/exception.py#L314",
		check: func(c *cloud) answer {
			mistaken := c.login
			mistaken.password = "wrong"
			return c.tokenFor(object{"identity": mistaken.passwordMethod(), "scope": mistaken.projectScope()}).
				wantsUnauthorized()
		},
	},
	{
		id:    "keystone-unknown-user-401",
		says:  "An unknown user is answered exactly like a wrong password.",
		proof: keystone + "keystone/exception.py#L314",
		check: func(c *cloud) answer {
			mistaken := c.login
			mistaken.username = c.name("nobody")
			return c.tokenFor(object{"identity": mistaken.passwordMethod(), "scope": mistaken.projectScope()}).
				wantsUnauthorized()
		},
	},
	{
		id:    "keystone-unknown-project-401",
		says:  "A scope to an unknown project is answered exactly like a wrong password.",
		proof: keystone + "keystone/auth/core.py#L219",
		check: func(c *cloud) answer {
			mistaken := c.login
			mistaken.project = c.name("nowhere")
			return c.tokenFor(object{"identity": mistaken.passwordMethod(), "scope": mistaken.projectScope()}).
				wantsUnauthorized()
		},
	},
	{
		id:    "keystone-unknown-domain-401",
		says:  "An unknown user domain is answered exactly like a wrong password.",
		proof: keystone + "keystone/exception.py#L314",
		check: func(c *cloud) answer {
			mistaken := c.login
			mistaken.userDomain = c.name("nowhere")
			return c.tokenFor(object{"identity": mistaken.passwordMethod(), "scope": mistaken.projectScope()}).
				wantsUnauthorized()
		},
	},
	{
		id:    "keystone-app-cred-201",
		says:  "An application credential gives a token for its project without a scope being asked for.",
		proof: keystone + "keystone/auth/core.py#L270",
		check: func(c *cloud) answer {
			token := c.tokenFor(object{"identity": c.applicationCredential().method()})
			return token.wants(http.StatusCreated).wantsHeader("X-Subject-Token").
				is("token.methods.0", "application_credential").is("token.project.id", c.projectID).
				wantsKeys("token", "catalog", "expires_at")
		},
	},
	{
		id:    "keystone-app-cred-scope-401",
		says:  "An application credential with a scope of its own is refused with 401.",
		proof: keystone + "keystone/auth/core.py#L281",
		check: func(c *cloud) answer {
			return c.tokenFor(object{"identity": c.applicationCredential().method(), "scope": c.login.projectScope()}).wants(http.StatusUnauthorized).is("error.code", 401)
		},
	},
	{
		id:    "keystone-app-cred-secret-401",
		says:  "An application credential with a wrong secret is answered exactly like a wrong password.",
		proof: keystone + "keystone/auth/plugins/application_credential.py#L33",
		check: func(c *cloud) answer {
			mistaken := c.applicationCredential()
			mistaken.secret = "wrong"
			return c.tokenFor(object{"identity": mistaken.method()}).wantsUnauthorized()
		},
	},
	{
		id:    "keystone-app-cred-unknown-404",
		says:  "An unknown application credential is answered 404, not 401.",
		proof: keystone + "keystone/exception.py#L613",
		check: func(c *cloud) answer {
			unknown := credential{id: strings.Repeat("0", 32), secret: "wrong"}
			return c.tokenFor(object{"identity": unknown.method()}).wants(http.StatusNotFound).is("error.code", 404).
				says("error.message", "Could not find Application Credential: "+unknown.id)
		},
	},
	{
		id:    "keystone-token-read",
		says:  "A token read back describes itself as it was issued, the catalog included.",
		proof: keystone + "keystone/api/auth.py#L313",
		check: func(c *cloud) answer {
			return c.identity.with("X-Subject-Token", c.token).get("/auth/tokens").wants(http.StatusOK).
				is("token.project.id", c.projectID).wantsKeys("token", "catalog", "expires_at")
		},
	},
	{
		id:    "keystone-version-anonymous",
		says:  "GET /v3 tells the version to anybody.",
		proof: keystone + "keystone/api/discovery.py#L100",
		check: func(c *cloud) answer {
			return c.anonymous().get("").wants(http.StatusOK).says("version.id", "v3").is("version.status", "stable")
		},
	},
}
