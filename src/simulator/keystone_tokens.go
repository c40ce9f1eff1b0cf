package simulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
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
		// unscoped is the scope that is written as the word "unscoped".
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

func (k *keystone) createToken(c *call) (answer, error) {
	var body authRequest
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	switch {
	case body.Auth == nil:
		return answer{}, k.missing("auth", "request body")
	case body.Auth.Identity == nil:
		return answer{}, refuse(http.StatusBadRequest, "'identity' is a required property")
	}
	t, err := k.login(c, body.Auth)
	if err != nil {
		return answer{}, err
	}
	a, err := reply(http.StatusCreated, object{"token": k.describe(c, t)})
	return a.withHeader("X-Subject-Token", t.id), err
}

// login authenticates with the first method that the request names; several at once are not simulated.
func (k *keystone) login(c *call, auth *authV3) (*token, error) {
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
		object{"methods": []string{"password", "token", "application_credential"}})
}

func (k *keystone) loginWithPassword(c *call, ref *userRef, scope *scopeV3) (*token, error) {
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

func (k *keystone) loginWithCredential(c *call, ref *credentialRef, scope *scopeV3) (*token, error) {
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
		return nil, k.unusable(c, problem, object{})
	}
	t := k.issue(credential.user, credential.project, "application_credential")
	t.credential = credential
	return t, nil
}

// findCredential finds an application credential by its id, or by its name and its user. An unknown name is nil, an unknown
// id an error.
func (k *keystone) findCredential(ref *credentialRef) (*applicationCredential, error) {
	if ref.ID != "" {
		i := slices.IndexFunc(k.credentials, func(a *applicationCredential) bool { return a.id == ref.ID })
		if i < 0 {
			return nil, refuse(http.StatusNotFound, "Could not find Application Credential: "+ref.ID+".")
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
		return nil, refuse(http.StatusNotFound, "Could not find user: "+cmp.Or(ref.User.ID, ref.User.Name)+".")
	}
	for _, credential := range k.credentials {
		if credential.user == u && credential.name == ref.Name {
			return credential, nil
		}
	}
	return nil, nil
}

// findUser returns nil for a user that does not exist.
func (k *keystone) findUser(ref *userRef) (*user, error) {
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

// scope issues a token for the project that the request names, or for the user's default project when it names none.
func (k *keystone) scope(c *call, u *user, scope *scopeV3, methods ...string) (*token, error) {
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

func (k *keystone) subject(c *call) (*token, error) {
	if _, ok := k.valid(c.request.Header.Get("X-Auth-Token")); !ok {
		return nil, k.rejected(c)
	}
	t, ok := k.valid(c.request.Header.Get("X-Subject-Token"))
	if !ok {
		return nil, refuse(http.StatusNotFound, "Could not recognize Fernet token")
	}
	return t, nil
}

func (k *keystone) showToken(c *call) (answer, error) {
	t, err := k.subject(c)
	if err != nil {
		return answer{}, err
	}
	a, err := ok(object{"token": k.describe(c, t)})
	return a.withHeader("X-Subject-Token", t.id), err
}

// describe is the document of a token as version 3 of the API writes it.
func (k *keystone) describe(c *call, t *token) object {
	document := object{
		"methods": t.methods,
		"user": object{
			"domain": t.user.domain, "id": t.user.id, "name": t.user.name, "password_expires_at": nil,
		},
		"audit_ids":  []string{t.auditID},
		"expires_at": microseconds(t.expires) + "Z",
		"issued_at":  microseconds(t.issued) + "Z",
	}
	if t.credential != nil {
		document["application_credential"] = object{"id": t.credential.id, "name": t.credential.name, "restricted": true}
	}
	if t.project.id == "" {
		return document
	}
	roles := []object{}
	for _, name := range t.roles {
		roles = append(roles, object{"id": name, "name": name})
	}
	document["project"] = object{"domain": t.project.domain, "id": t.project.id, "name": t.project.name}
	document["is_domain"] = false
	document["roles"] = roles
	if !c.query.Has("nocatalog") {
		document["catalog"] = k.catalog(c, t.project.id)
	}
	return document
}
