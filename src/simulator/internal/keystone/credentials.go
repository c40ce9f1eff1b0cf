package keystone

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

type applicationCredential struct {
	id, name, secret string
	user             *user
	project          *project
	roles            []string
	// rules restrict the requests; nil allows all.
	rules []*accessRule
}

// accessRule belongs to a user. Application credentials with equal rules share
// them.
type accessRule struct {
	ID      string `json:"id"`
	Service string `json:"service"`
	Path    string `json:"path"`
	Method  string `json:"method"`
	user    *user
}

// segment matches the parts of a path of an access rule that stand for others.
var segment = regexp.MustCompile(`{[^}]*}|\*\*|\*`)

// allows reports whether the rule allows a request. As in keystonemiddleware,
// "{name}" and "*" stand for one segment and "**" for any number, and the rest
// is a regular expression.
func (r *accessRule) allows(service, method, path string) bool {
	pattern := segment.ReplaceAllStringFunc(r.Path, func(part string) string {
		if part == "**" {
			return ".*"
		}
		return "[^/]+"
	})
	matches, err := regexp.MatchString("^"+pattern+"$", path)
	return err == nil && matches && r.Service == service && r.Method == method
}

// restriction returns the check of the requests of a token, nil for a token
// whose requests are not restricted.
func (t *token) restriction() func(service, method, path string) bool {
	if t.credential == nil || t.credential.rules == nil {
		return nil
	}
	return func(service, method, path string) bool {
		if service == "volume" { // the setting service_type of this Cinder
			service = "block-storage"
		}
		return slices.ContainsFunc(t.credential.rules, func(r *accessRule) bool { return r.allows(service, method, path) })
	}
}

func (k *Service) handleCredentials() {
	const credentials, rules = "/v3/users/{user}/application_credentials", "/v3/users/{user}/access_rules/{rule}"
	k.Frontend.Handle("POST "+credentials, k.createCredential)
	k.Frontend.Handle("GET "+credentials+"/{credential}", k.showCredential)
	k.Frontend.Handle("DELETE "+credentials+"/{credential}", k.deleteCredential)
	k.Frontend.Handle("GET "+rules, k.showAccessRule)
	k.Frontend.Handle("DELETE "+rules, k.deleteAccessRule)
	k.world.AddInventory(func(describe world.Describe) {
		for _, credential := range k.credentials {
			describe("application credential", credential.id, credential.name, nil)
		}
		for _, rule := range k.rules {
			describe("access rule", rule.ID, "", nil)
		}
	})
}

// self returns the token of a user who manages what belongs to him.
func (k *Service) self(c *api.Call) (*token, error) {
	t, ok := k.valid(c.Request.Header.Get("X-Auth-Token"))
	switch {
	case !ok:
		return nil, k.rejected(c)
	case t.user.id != c.Path["user"]:
		return nil, api.Refuse(http.StatusForbidden, "You are not authorized to perform the requested action.")
	case c.Request.Method != http.MethodGet && t.credential != nil:
		return nil, api.Refuse(http.StatusForbidden, "You are not authorized to perform the requested action: "+
			"Using method 'application_credential' is not allowed for managing additional application credentials..")
	}
	return t, nil
}

type newCredential struct {
	Credential struct {
		Name  string `json:"name"`
		Roles []struct {
			Name string `json:"name"`
		} `json:"roles"`
		Rules []*accessRule `json:"access_rules"`
	} `json:"application_credential"`
}

func (k *Service) createCredential(c *api.Call) (api.Answer, error) {
	t, err := k.self(c)
	if err != nil {
		return api.Answer{}, err
	}
	var body newCredential
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	wanted, roles := body.Credential, t.roles
	if wanted.Roles != nil {
		roles = nil
	}
	for _, role := range wanted.Roles {
		if !t.hasRole(role.Name) {
			return api.Answer{}, api.Refuse(http.StatusBadRequest,
				"Invalid application credential: Cannot create an application credential with unassigned role")
		}
		roles = append(roles, role.Name)
	}
	made := &applicationCredential{
		id: k.world.NewHexID(), name: wanted.Name, secret: k.world.NewHexID(), user: t.user,
		project: k.project(t.project.id), roles: roles, rules: k.rulesLike(t.user, wanted.Rules),
	}
	k.credentials = append(k.credentials, made)
	document := k.describeCredential(c, made)
	document["secret"] = made.secret
	return api.Reply(http.StatusCreated, api.Object{"application_credential": document})
}

func (k *Service) project(id string) *project {
	return k.projects[slices.IndexFunc(k.projects, func(p *project) bool { return p.id == id })]
}

// rulesLike returns the user's rules that are equal to the wanted ones, and
// creates those that do not exist.
func (k *Service) rulesLike(u *user, wanted []*accessRule) (rules []*accessRule) {
	for _, rule := range wanted {
		i := slices.IndexFunc(k.rules, func(r *accessRule) bool {
			return r.user == u && r.Service == rule.Service && r.Method == rule.Method && r.Path == rule.Path
		})
		if i < 0 {
			rule.ID, rule.user, i = k.world.NewHexID(), u, len(k.rules)
			k.rules = append(k.rules, rule)
		}
		rules = append(rules, k.rules[i])
	}
	return rules
}

func (k *Service) describeCredential(c *api.Call, credential *applicationCredential) api.Object {
	roles := []api.Object{}
	for _, name := range credential.roles {
		roles = append(roles, api.Object{"id": name, "name": name, "domain_id": nil, "description": nil, "options": api.Object{}})
	}
	document := api.Object{
		"id": credential.id, "name": credential.name, "description": nil, "user_id": credential.user.id,
		"project_id": credential.project.id, "system": nil, "expires_at": nil, "unrestricted": nil, "roles": roles,
		"links": api.Object{"self": c.Base + "/identity/v3/application_credentials/" + credential.id},
	}
	if credential.rules != nil {
		document["access_rules"] = credential.rules
	}
	return document
}

// credentialOf returns the index of the credential in the path.
func (k *Service) credentialOf(c *api.Call) (int, error) {
	t, err := k.self(c)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(k.credentials, func(a *applicationCredential) bool { return a.id == c.Path["credential"] && a.user == t.user })
	if i < 0 {
		return 0, api.Refuse(http.StatusNotFound, "Could not find Application Credential: "+c.Path["credential"]+".")
	}
	return i, nil
}

func (k *Service) showCredential(c *api.Call) (api.Answer, error) {
	i, err := k.credentialOf(c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.OK(api.Object{"application_credential": k.describeCredential(c, k.credentials[i])})
}

// deleteCredential also revokes the credential's tokens. The access rules
// remain.
func (k *Service) deleteCredential(c *api.Call) (api.Answer, error) {
	i, err := k.credentialOf(c)
	if err != nil {
		return api.Answer{}, err
	}
	for id, t := range k.tokens {
		if t.credential == k.credentials[i] {
			delete(k.tokens, id)
		}
	}
	k.credentials = slices.Delete(k.credentials, i, i+1)
	return api.Reply(http.StatusNoContent, nil)
}

// accessRuleOf returns the index of the access rule in the path.
func (k *Service) accessRuleOf(c *api.Call) (int, error) {
	t, err := k.self(c)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(k.rules, func(r *accessRule) bool { return r.ID == c.Path["rule"] && r.user == t.user })
	if i < 0 {
		return 0, api.Refuse(http.StatusNotFound, "Could not find Access Rule: "+c.Path["rule"]+".")
	}
	return i, nil
}

func (k *Service) showAccessRule(c *api.Call) (api.Answer, error) {
	i, err := k.accessRuleOf(c)
	if err != nil {
		return api.Answer{}, err
	}
	rule := k.rules[i]
	return api.OK(api.Object{"access_rule": api.Object{
		"id": rule.ID, "service": rule.Service, "path": rule.Path, "method": rule.Method,
		"links": api.Object{"self": c.Base + "/identity/v3/access_rules/" + rule.ID},
	}})
}

func (k *Service) deleteAccessRule(c *api.Call) (api.Answer, error) {
	i, err := k.accessRuleOf(c)
	if err != nil {
		return api.Answer{}, err
	}
	if slices.ContainsFunc(k.credentials, func(a *applicationCredential) bool { return slices.Contains(a.rules, k.rules[i]) }) {
		return api.Answer{}, api.Refuse(http.StatusForbidden, "May not delete access rule in use")
	}
	k.rules = slices.Delete(k.rules, i, i+1)
	return api.Reply(http.StatusNoContent, nil)
}
