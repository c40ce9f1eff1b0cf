// Package keystone simulates Keystone: users, projects, tokens and the catalog.
package keystone

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Service is Keystone: users, projects and tokens.
type Service struct {
	world       *world.World
	Frontend    *api.Frontend
	domains     []domain
	projects    []*project
	users       []*user
	credentials []*applicationCredential
	rules       []*accessRule
	tokens      map[string]*token
}

type domain struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type project struct {
	id, name string
	domain   domain
}

type user struct {
	id, name, password string
	domain             domain
	defaultProject     *project
	roles              map[string][]string // names of roles by id of the project
}

// token is the result of an authentication.
type token struct {
	id, auditID     string
	methods         []string
	user            *user
	project         project // empty for an unscoped token
	roles           []string
	issued, expires time.Time
	credential      *applicationCredential // used to authenticate, nil for none
}

func (t *token) hasRole(name string) bool { return slices.Contains(t.roles, name) }

// New returns the service with its routes and fixtures.
func New(w *world.World) *Service {
	k := &Service{world: w, tokens: map[string]*token{}}
	k.Frontend = &api.Frontend{
		Name: "identity", Root: "/identity", Public: true,
		Refuse:           refuse,
		UnknownRoute:     unknownRoute,
		BadType:          badBody,
		Header:           http.Header{"Vary": {"X-Auth-Token"}},
		RequestIDHeaders: []string{"X-Openstack-Request-Id"},
	}
	k.addFixtures()
	k.Frontend.Handle("POST /v3/auth/tokens", k.createToken, "nocatalog")
	k.Frontend.Handle("GET /v3/auth/tokens", k.showToken, "nocatalog")
	k.Frontend.Handle("POST /v2.0/tokens", k.createTokenV2)
	k.handleCredentials()
	k.Frontend.HandleRoot("GET ", k.versions)
	k.Frontend.HandleRoot("GET /", k.versions)
	k.Frontend.HandleRoot("GET /v3", k.versionThree)
	k.Frontend.HandleRoot("GET /v3/", k.versionThree)
	k.Frontend.HandleRoot("GET /v2.0", k.versionTwo)
	k.Frontend.HandleRoot("GET /v2.0/", k.versionTwo)
	return k
}

// addFixtures creates the user of the options, an admin, and a second project
// without that user.
func (k *Service) addFixtures() {
	home := domain{ID: "default", Name: k.world.Options.DomainName}
	other := domain{ID: k.world.NewHexID(), Name: "lab"}
	k.domains = []domain{home, other}
	member := &project{id: k.world.NewHexID(), name: k.world.Options.ProjectName, domain: home}
	admin := &project{id: k.world.NewHexID(), name: "admin", domain: home}
	foreign := &project{id: k.world.NewHexID(), name: "other", domain: home}
	k.projects = []*project{member, admin, foreign}
	person := &user{
		id: k.world.NewHexID(), name: k.world.Options.UserName, password: k.world.Options.Password, domain: home, defaultProject: member,
		roles: map[string][]string{member.id: {"load-balancer_member", "member", "reader"}},
	}
	k.users = []*user{person, {
		id: k.world.NewHexID(), name: "admin", password: k.world.Options.Password, domain: home, defaultProject: admin,
		roles: map[string][]string{
			admin.id: {"admin", "manager", "member", "reader"}, foreign.id: {"member", "reader"},
			member.id: {"admin", "member", "reader"},
		},
	}}
	k.addNamesake(other)
	credential := &applicationCredential{id: k.world.NewHexID(), name: "cpi", secret: k.world.NewHexID(), user: person, project: member, roles: person.roles[member.id]}
	k.credentials = []*applicationCredential{credential}
	k.world.Fixtures.ProjectID, k.world.Fixtures.UserID = member.id, person.id
	k.world.Fixtures.ApplicationCredentialID, k.world.Fixtures.ApplicationCredentialSecret = credential.id, credential.secret
}

// addNamesake creates a user and a project with the same names in another
// domain. Only the domain distinguishes them.
func (k *Service) addNamesake(other domain) {
	namesake := &project{id: k.world.NewHexID(), name: k.world.Options.ProjectName, domain: other}
	k.projects = append(k.projects, namesake)
	k.users = append(k.users, &user{
		id: k.world.NewHexID(), name: k.world.Options.UserName, password: k.world.Options.Password, domain: other, defaultProject: namesake,
		roles: map[string][]string{namesake.id: {"member", "reader"}},
	})
}

// valid returns the token with an id unless it has expired.
func (k *Service) valid(id string) (*token, bool) {
	t, ok := k.tokens[id]
	return t, ok && k.world.Now().Before(t.expires)
}

// issue creates a token; p is nil for an unscoped one.
func (k *Service) issue(u *user, p *project, methods ...string) *token {
	t := &token{
		id: "gAAAAA" + strings.ReplaceAll(k.world.NewID()+k.world.NewID(), "-", ""), auditID: k.world.NewHexID()[:22], methods: methods, user: u,
		issued: k.world.Now().Truncate(time.Second), expires: k.world.Now().Truncate(time.Second).Add(k.world.Options.TokenLifetime),
	}
	if p != nil {
		t.project, t.roles = *p, u.roles[p.id]
	}
	k.tokens[t.id] = t
	return t
}

// RevokeTokens makes every token invalid, as a restart of Keystone with new
// keys does.
func (k *Service) RevokeTokens() { clear(k.tokens) }

// Authenticate returns the caller whose token has an id.
func (k *Service) Authenticate(tokenID string) (c api.Caller, valid bool) {
	t, valid := k.valid(tokenID)
	if !valid {
		return api.Caller{}, false
	}
	return api.Caller{UserID: t.user.id, Project: t.project.id, Admin: t.hasRole("admin"), Allowed: t.restriction()}, true
}

// Admin returns the id of the project admin.
func (k *Service) Admin() string { return k.projects[1].id }

// Projects returns the ids of all projects.
func (k *Service) Projects() []string {
	ids := []string{}
	for _, p := range k.projects {
		ids = append(ids, p.id)
	}
	return ids
}
