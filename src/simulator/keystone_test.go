package simulator_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const tokens = "/identity/v3/auth/tokens"

func TestPasswordGivesAScopedTokenWithTheCatalog(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{Regions: []string{"RegionOne", "RegionTwo"}})

	r := c.loginAs("bosh", "bosh")

	assert.Equal(t, http.StatusCreated, r.status)
	assert.Equal(t, c.sim.Fixtures().ProjectID, r.at("token.project.id"))
	assert.Equal(t, "Default", r.at("token.user.domain.name"))
	urls := map[string]string{}
	for _, entry := range r.at("token.catalog").([]any) {
		entry := entry.(map[string]any)
		for _, endpoint := range entry["endpoints"].([]any) {
			endpoint := endpoint.(map[string]any)
			key := entry["type"].(string) + " " + endpoint["region"].(string) + " " + endpoint["interface"].(string)
			urls[key] = endpoint["url"].(string)
		}
	}
	assert.Equal(t, base+"/compute/v2.1", urls["compute RegionOne public"])
	assert.Equal(t, base+"/internal/image", urls["image RegionOne internal"])
	assert.Equal(t, base+"/RegionTwo/admin"+c.volumes(""), urls["volumev3 RegionTwo admin"])
	assert.Len(t, urls, 7*2*3)
}

func TestEveryRegionAndInterfaceLeadsToTheSameCloud(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{Regions: []string{"RegionOne", "RegionTwo"}})

	r := c.send(http.MethodGet, "/RegionTwo/internal/image/v2/images", "")

	assert.Equal(t, http.StatusOK, r.status)
	last := c.sim.Journal()[len(c.sim.Journal())-1]
	assert.Equal(t, "RegionTwo", last.Region)
	assert.Equal(t, "internal", last.Interface)
	assert.Equal(t, "/images", last.Route)
}

func TestKeystoneRefuses(t *testing.T) {
	t.Parallel()
	const unauthorized = `{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}`
	const malformed = " The server could not comply with the request since it is either malformed or otherwise incorrect." +
		" The client is assumed to be in error."
	password := func(user, scope string) string {
		return `{"auth":{"identity":{"methods":["password"],"password":{"user":` + user + `}}` + scope + `}}`
	}
	credential := func(reference string) string {
		return `{"auth":{"identity":{"methods":["application_credential"],"application_credential":` + reference + `}}}`
	}
	good := `{"name":"bosh","password":"simulator","domain":{"id":"default"}}`
	for name, test := range map[string]struct {
		body   string
		status int
		answer string
	}{
		"a wrong password":            {password(`{"name":"bosh","password":"x","domain":{"id":"default"}}`, ""), 401, unauthorized},
		"an unknown user":             {password(`{"name":"x","password":"simulator","domain":{"id":"default"}}`, ""), 401, unauthorized},
		"an unknown project":          {password(good, `,"scope":{"project":{"id":"nope"}}`), 401, unauthorized},
		"a project of others":         {password(good, `,"scope":{"project":{"name":"other","domain":{"id":"default"}}}`), 401, unauthorized},
		"a user without domain":       {password(`{"name":"bosh","password":"simulator"}`, ""), 400, `{"error":{"code":400,"message":"Expecting to find domain in user.` + malformed + `","title":"Bad Request"}}`},
		"a project with no domain":    {password(good, `,"scope":{"project":{"name":"bosh"}}`), 400, `{"error":{"code":400,"message":"Expecting to find domain in project.` + malformed + `","title":"Bad Request"}}`},
		"an unknown method":           {`{"auth":{"identity":{"methods":["magic"]}}}`, 401, `{"error":{"code":401,"identity":{"methods":["password","token","application_credential"]},"message":"Attempted to authenticate with an unsupported method.","title":"Unauthorized"}}`},
		"no password":                 {`{"auth":{"identity":{"methods":["password"]}}}`, 400, `{"error":{"code":400,"message":"Expecting to find password in identity.` + malformed + `","title":"Bad Request"}}`},
		"a credential without a user": {credential(`{"name":"cpi","secret":"x"}`), 400, `{"error":{"code":400,"message":"Expecting to find user in application credential.` + malformed + `","title":"Bad Request"}}`},
		"a credential of no user":     {credential(`{"name":"cpi","secret":"x","user":{"id":"ghost"}}`), 404, `{"error":{"code":404,"message":"Could not find user: ghost.","title":"Not Found"}}`},
		"a nameless credential":       {credential(`{}`), 400, `{"error":{"code":400,"message":"Expecting to find name or ID in application credential.` + malformed + `","title":"Bad Request"}}`},
		"an unknown credential":       {credential(`{"id":"nope","secret":"x"}`), 404, `{"error":{"code":404,"message":"Could not find Application Credential: nope.","title":"Not Found"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, simulator.Options{})
			r := c.send(http.MethodPost, tokens, test.body)
			assert.Equal(t, test.status, r.status)
			assert.JSONEq(t, test.answer, r.text)
			if test.status == http.StatusUnauthorized {
				assert.Equal(t, `Keystone uri="`+base+`/identity/v3"`, r.header.Get("Www-Authenticate"))
			}
		})
	}
}

func TestApplicationCredentialNeedsNoScope(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	f := c.sim.Fixtures()
	identity := `"identity":{"methods":["application_credential"],"application_credential":{"id":"` + f.ApplicationCredentialID +
		`","secret":"` + f.ApplicationCredentialSecret + `"}}`

	r := c.send(http.MethodPost, tokens, `{"auth":{`+identity+`}}`)
	assert.Equal(t, http.StatusCreated, r.status)
	assert.Equal(t, f.ProjectID, r.at("token.project.id"))
	assert.Equal(t, map[string]any{"id": f.ApplicationCredentialID, "name": "cpi", "restricted": true}, r.at("token.application_credential"))

	r = c.send(http.MethodPost, tokens, `{"auth":{`+identity+`,"scope":{"project":{"id":"`+f.ProjectID+`"}}}}`)
	assert.Equal(t, http.StatusUnauthorized, r.status)
	assert.JSONEq(t, `{"error":{"code":401,"identity":{},"message":"Error authenticating with application credential: Application credentials cannot request a scope.","title":"Unauthorized"}}`, r.text)
}

func TestApplicationCredentialIsFoundByTheNameOfItsUser(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	secret := c.sim.Fixtures().ApplicationCredentialSecret
	for domain, status := range map[string]int{"Default": http.StatusCreated, "lab": http.StatusUnauthorized} {
		r := c.send(http.MethodPost, tokens, `{"auth":{"identity":{"methods":["application_credential"],"application_credential":{
			"name":"cpi","user":{"name":"bosh","domain":{"name":"`+domain+`"}},"secret":"`+secret+`"}}}}`)
		assert.Equal(t, status, r.status, domain)
	}
}

func TestUsersOfDifferentDomainsMayShareAName(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})

	r := c.send(http.MethodPost, tokens, `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"bosh",
		"password":"simulator","domain":{"name":"lab"}}}},"scope":{"project":{"name":"bosh","domain":{"name":"lab"}}}}}`)

	assert.Equal(t, http.StatusCreated, r.status)
	assert.NotEqual(t, c.sim.Fixtures().ProjectID, r.at("token.project.id"))
}

func TestUnscopedTokenHasNoCatalog(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})

	r := c.send(http.MethodPost, tokens, `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"bosh",
		"password":"simulator","domain":{"name":"Default"}}}},"scope":"unscoped"}}`)

	assert.Equal(t, http.StatusCreated, r.status)
	assert.Nil(t, r.at("token.catalog"))
	assert.Nil(t, r.at("token.project"))
}

func TestVersionTwoOfTheAPI(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})

	r := c.send(http.MethodPost, "/identity/v2.0/tokens",
		`{"auth":{"tenantName":"bosh","passwordCredentials":{"username":"bosh","password":"simulator"}}}`)
	require.Equal(t, http.StatusOK, r.status)
	assert.Equal(t, c.sim.Fixtures().ProjectID, r.at("access.token.tenant.id"))
	first := r.at("access.serviceCatalog").([]any)[1].(map[string]any)
	assert.Equal(t, "compute", first["type"])
	assert.Equal(t, base+"/compute/v2.1", first["endpoints"].([]any)[0].(map[string]any)["publicURL"])

	c.token = r.at("access.token.id").(string)
	assert.Equal(t, http.StatusOK, c.send(http.MethodGet, "/image/v2/images", "").status)

	r = c.send(http.MethodPost, "/identity/v2.0/tokens",
		`{"auth":{"tenantName":"bosh","passwordCredentials":{"username":"bosh","password":"x"}}}`)
	assert.Equal(t, http.StatusUnauthorized, r.status)
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{TokenLifetime: 10 * time.Minute})
		assert.Equal(t, http.StatusOK, c.send(http.MethodGet, c.volumes("/volumes"), "").status)

		wait(10 * time.Minute)

		r := c.send(http.MethodGet, c.volumes("/volumes"), "")
		assert.Equal(t, http.StatusUnauthorized, r.status)
		assert.JSONEq(t, `{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}`, r.text)
		c.login()
		assert.Equal(t, http.StatusOK, c.send(http.MethodGet, c.volumes("/volumes"), "").status)
	})
}

func TestTokensCanBeShownAndRevoked(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})

	r := c.send(http.MethodGet, tokens, "", "X-Subject-Token", c.token)
	assert.Equal(t, http.StatusOK, r.status)
	assert.Equal(t, "bosh", r.at("token.user.name"))
	assert.Equal(t, http.StatusNotFound, c.send(http.MethodGet, tokens, "", "X-Subject-Token", "x").status)
	c.sim.RevokeTokens()
	assert.Equal(t, http.StatusUnauthorized, c.send(http.MethodGet, "/image/v2/images", "").status)
}

func TestVersionDocumentsNeedNoToken(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	c.token = ""
	for path, status := range map[string]int{
		"/identity": 300, "/identity/": 300, "/identity/v3": 200, "/identity/v3/": 200, "/identity/v2.0/": 200,
		"/image/": 300, "/image/versions": 200, "/volume/": 300, "/volume/v3/": 200,
	} {
		assert.Equal(t, status, c.send(http.MethodGet, path, "").status, path)
	}
}
