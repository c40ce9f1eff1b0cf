package keystone

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// The body of POST /v3/auth/tokens.
type (
	authRequest struct {
		Auth *authV3 `json:"auth"`
	}
	authV3 struct {
		Identity *identityV3 `json:"identity"`
		Scope    *scopeV3    `json:"scope"`
	}
	identityV3 struct {
		Methods  []string `json:"methods"`
		Password struct {
			User *userRef `json:"user"`
		} `json:"password"`
		Token struct {
			ID string `json:"id"`
		} `json:"token"`
		ApplicationCredential *credentialRef `json:"application_credential"`
	}
	userRef struct {
		ID       string     `json:"id"`
		Name     string     `json:"name"`
		Domain   *domainRef `json:"domain"`
		Password string     `json:"password"`
	}
	credentialRef struct {
		ID     string   `json:"id"`
		Name   string   `json:"name"`
		Secret string   `json:"secret"`
		User   *userRef `json:"user"`
	}
	scopeV3 struct {
		Project *projectRef `json:"project"`
		System  *struct {
			All bool `json:"all"`
		} `json:"system"`
		Domain *domainRef `json:"domain"`
		// unscoped is true for the scope "unscoped".
		unscoped bool
	}
	projectRef struct {
		ID     string     `json:"id"`
		Name   string     `json:"name"`
		Domain *domainRef `json:"domain"`
	}
	domainRef struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
)

// UnmarshalJSON reads an object, or the word "unscoped".
func (s *scopeV3) UnmarshalJSON(text []byte) error {
	if string(text) == `"unscoped"` {
		s.unscoped = true
		return nil
	}
	type plain scopeV3
	return json.Unmarshal(text, (*plain)(s))
}

func (k *Service) createToken(c *api.Call) (api.Answer, error) {
	var body authRequest
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	switch {
	case body.Auth == nil:
		return api.Answer{}, k.missing("auth", "request body")
	case body.Auth.Identity == nil:
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "'identity' is a required property")
	}
	t, err := k.login(c, body.Auth)
	if err != nil {
		return api.Answer{}, err
	}
	a, err := api.Reply(http.StatusCreated, api.Object{"token": k.describe(c, t)})
	return a.WithHeader("X-Subject-Token", t.id), err
}

// login authenticates with the first method of the request. Several methods at
// once are not simulated.
func (k *Service) login(c *api.Call, auth *authV3) (*token, error) {
	identity := auth.Identity
	if len(identity.Methods) == 0 {
		return nil, k.rejected(c)
	}
	switch identity.Methods[0] {
	case "application_credential":
		return k.loginWithCredential(c, identity.ApplicationCredential, auth.Scope)
	case "password":
		return k.loginWithPassword(c, identity.Password.User, auth.Scope)
	case "token":
		old, ok := k.valid(identity.Token.ID)
		if !ok {
			return nil, k.rejected(c)
		}
		return k.scope(c, old.user, auth.Scope, "password", "token")
	}
	return nil, k.unusable(c, "Attempted to authenticate with an unsupported method.",
		api.Object{"methods": []string{"password", "token", "application_credential"}})
}

func (k *Service) loginWithPassword(c *api.Call, ref *userRef, scope *scopeV3) (*token, error) {
	if ref == nil {
		return nil, k.missing("password", "identity")
	}
	u, err := k.findUser(ref)
	if err != nil {
		return nil, err
	}
	if u == nil || u.password != ref.Password {
		return nil, k.rejected(c)
	}
	return k.scope(c, u, scope, "password")
}

func (k *Service) loginWithCredential(c *api.Call, ref *credentialRef, scope *scopeV3) (*token, error) {
	if ref == nil {
		return nil, k.missing("application_credential", "identity")
	}
	credential, err := k.findCredential(ref)
	if err != nil {
		return nil, err
	}
	if credential == nil || credential.secret != ref.Secret {
		return nil, k.rejected(c)
	}
	if scope != nil {
		problem := "Error authenticating with application credential: Application credentials cannot request a scope."
		return nil, k.unusable(c, problem, api.Object{})
	}
	t := k.issue(credential.user, credential.project, "application_credential")
	t.credential, t.roles = credential, credential.roles
	return t, nil
}

// findCredential returns an application credential by its id, or by its name
// and its user. It returns nil for an unknown name and an error for an unknown
// id.
func (k *Service) findCredential(ref *credentialRef) (*applicationCredential, error) {
	if ref.ID != "" {
		i := slices.IndexFunc(k.credentials, func(a *applicationCredential) bool { return a.id == ref.ID })
		if i < 0 {
			return nil, api.Refuse(http.StatusNotFound, "Could not find Application Credential: "+ref.ID+".")
		}
		return k.credentials[i], nil
	}
	switch {
	case ref.Name == "":
		return nil, k.missing("name or ID", "application credential")
	case ref.User == nil:
		return nil, k.missing("user", "application credential")
	}
	u, err := k.findUser(ref.User)
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, api.Refuse(http.StatusNotFound, "Could not find user: "+cmp.Or(ref.User.ID, ref.User.Name)+".")
	}
	for _, credential := range k.credentials {
		if credential.user == u && credential.name == ref.Name {
			return credential, nil
		}
	}
	return nil, nil
}

// findUser returns a user, nil for none.
func (k *Service) findUser(ref *userRef) (*user, error) {
	if ref.ID == "" && ref.Domain == nil {
		return nil, k.missing("domain", "user")
	}
	for _, u := range k.users {
		if ref.ID == u.id || ref.ID == "" && ref.Name == u.name && ref.Domain.is(u.domain) {
			return u, nil
		}
	}
	return nil, nil
}

// scope issues a token for the project of the request, or for the user's
// default project.
func (k *Service) scope(c *api.Call, u *user, scope *scopeV3, methods ...string) (*token, error) {
	if scope == nil {
		return k.issue(u, u.defaultProject, methods...), nil
	}
	if scope.unscoped {
		return k.issue(u, nil, methods...), nil
	}
	ref := scope.Project
	if ref == nil {
		return nil, k.rejected(c)
	}
	if ref.ID == "" && ref.Domain == nil {
		return nil, k.missing("domain", "project")
	}
	for _, p := range k.projects {
		if ref.ID == p.id || ref.ID == "" && ref.Name == p.name && ref.Domain.is(p.domain) {
			if len(u.roles[p.id]) > 0 {
				return k.issue(u, p, methods...), nil
			}
		}
	}
	return nil, k.rejected(c)
}

func (r *domainRef) is(d domain) bool { return r.ID == d.ID || r.ID == "" && r.Name == d.Name }

func (k *Service) subject(c *api.Call) (*token, error) {
	if _, ok := k.valid(c.Request.Header.Get("X-Auth-Token")); !ok {
		return nil, k.rejected(c)
	}
	t, ok := k.valid(c.Request.Header.Get("X-Subject-Token"))
	if !ok {
		return nil, api.Refuse(http.StatusNotFound, "Could not recognize Fernet token")
	}
	return t, nil
}

func (k *Service) showToken(c *api.Call) (api.Answer, error) {
	t, err := k.subject(c)
	if err != nil {
		return api.Answer{}, err
	}
	a, err := api.OK(api.Object{"token": k.describe(c, t)})
	return a.WithHeader("X-Subject-Token", t.id), err
}

// describe returns a token in the format of API version 3.
func (k *Service) describe(c *api.Call, t *token) api.Object {
	document := api.Object{
		"methods": t.methods,
		"user": api.Object{
			"domain": t.user.domain, "id": t.user.id, "name": t.user.name, "password_expires_at": nil,
		},
		"audit_ids":  []string{t.auditID},
		"expires_at": world.Microseconds(t.expires) + "Z",
		"issued_at":  world.Microseconds(t.issued) + "Z",
	}
	if t.credential != nil {
		credential := api.Object{"id": t.credential.id, "name": t.credential.name, "restricted": true}
		if t.credential.rules != nil {
			credential["access_rules"] = t.credential.rules
		}
		document["application_credential"] = credential
	}
	if t.project.id == "" {
		return document
	}
	roles := []api.Object{}
	for _, name := range t.roles {
		roles = append(roles, api.Object{"id": name, "name": name})
	}
	document["project"] = api.Object{"domain": t.project.domain, "id": t.project.id, "name": t.project.name}
	document["is_domain"] = false
	document["roles"] = roles
	if !c.Query.Has("nocatalog") {
		document["catalog"] = k.catalog(c, t.project.id)
	}
	return document
}
