package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const identityName = "identity"

// keystone knows who may use the cloud.
type keystone struct {
	*Simulator
	service     *service
	domains     []domain
	projects    []*project
	users       []*user
	credentials []*applicationCredential
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

type applicationCredential struct {
	id, name, secret string
	user             *user
	project          *project
}

// token is the proof of an authentication.
type token struct {
	id, auditID     string
	methods         []string
	user            *user
	project         project // empty for an unscoped token
	roles           []string
	issued, expires time.Time
	credential      *applicationCredential // that the token was given for, nil for none
}

func (t *token) hasRole(name string) bool { return slices.Contains(t.roles, name) }

func startKeystone(s *Simulator) *keystone {
	k := &keystone{Simulator: s, tokens: map[string]*token{}}
	k.service = &service{
		name: identityName, root: "/identity", public: true,
		refuse:           refuseKeystone,
		unknownRoute:     unknownKeystoneRoute,
		badType:          badKeystoneBody,
		header:           http.Header{"Vary": {"X-Auth-Token"}},
		requestIDHeaders: []string{"X-Openstack-Request-Id"},
	}
	k.addFixtures()
	s.handle(k.service, "POST /v3/auth/tokens", k.createToken, "nocatalog")
	s.handle(k.service, "GET /v3/auth/tokens", k.showToken, "nocatalog")
	s.handle(k.service, "POST /v2.0/tokens", k.createTokenV2)
	s.handleRoot(k.service, "GET ", k.versions)
	s.handleRoot(k.service, "GET /", k.versions)
	s.handleRoot(k.service, "GET /v3", k.versionThree)
	s.handleRoot(k.service, "GET /v3/", k.versionThree)
	s.handleRoot(k.service, "GET /v2.0", k.versionTwo)
	s.handleRoot(k.service, "GET /v2.0/", k.versionTwo)
	return k
}

// addFixtures makes the user of the options, an admin, and a second project that the user is no member of.
func (k *keystone) addFixtures() {
	home := domain{ID: "default", Name: k.options.DomainName}
	other := domain{ID: k.newHexID(), Name: "lab"}
	k.domains = []domain{home, other}
	member := &project{id: k.newHexID(), name: k.options.ProjectName, domain: home}
	admin := &project{id: k.newHexID(), name: "admin", domain: home}
	foreign := &project{id: k.newHexID(), name: "other", domain: home}
	k.projects = []*project{member, admin, foreign}
	person := &user{
		id: k.newHexID(), name: k.options.UserName, password: k.options.Password, domain: home, defaultProject: member,
		roles: map[string][]string{member.id: {"load-balancer_member", "member", "reader"}},
	}
	k.users = []*user{person, {
		id: k.newHexID(), name: "admin", password: k.options.Password, domain: home, defaultProject: admin,
		roles: map[string][]string{
			admin.id: {"admin", "manager", "member", "reader"}, foreign.id: {"member", "reader"},
			member.id: {"admin", "member", "reader"},
		},
	}}
	k.addNamesake(other)
	credential := &applicationCredential{id: k.newHexID(), name: "cpi", secret: k.newHexID(), user: person, project: member}
	k.credentials = []*applicationCredential{credential}
	k.fixtures.ProjectID, k.fixtures.UserID = member.id, person.id
	k.fixtures.ApplicationCredentialID, k.fixtures.ApplicationCredentialSecret = credential.id, credential.secret
}

// addNamesake makes a user and a project with the same names in another domain: only the domain tells which one is meant.
func (k *keystone) addNamesake(other domain) {
	namesake := &project{id: k.newHexID(), name: k.options.ProjectName, domain: other}
	k.projects = append(k.projects, namesake)
	k.users = append(k.users, &user{
		id: k.newHexID(), name: k.options.UserName, password: k.options.Password, domain: other, defaultProject: namesake,
		roles: map[string][]string{namesake.id: {"member", "reader"}},
	})
}

// valid returns the token with an id if it can still be used.
func (k *keystone) valid(id string) (*token, bool) {
	t, ok := k.tokens[id]
	return t, ok && k.now.Before(t.expires)
}

// issue makes a token; p is nil for an unscoped one.
func (k *keystone) issue(u *user, p *project, methods ...string) *token {
	t := &token{
		id: "gAAAAA" + strings.ReplaceAll(k.newID()+k.newID(), "-", ""), auditID: k.newHexID()[:22], methods: methods, user: u,
		issued: k.now.Truncate(time.Second), expires: k.now.Truncate(time.Second).Add(k.options.TokenLifetime),
	}
	if p != nil {
		t.project, t.roles = *p, u.roles[p.id]
	}
	k.tokens[t.id] = t
	return t
}

// RevokeTokens makes every token that was handed out invalid, as a restart of Keystone with new keys does.
func (s *Simulator) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.cloud.keystone.tokens)
}

// authenticate looks up the token of a request; public operations need none.
func (s *Simulator) authenticate(c *call, public bool) error {
	if public {
		return nil
	}
	t, ok := s.cloud.keystone.valid(c.request.Header.Get("X-Auth-Token"))
	if !ok {
		return unauthorized(c)
	}
	c.caller = caller{UserID: t.user.id, Project: t.project.id, Admin: t.hasRole("admin")}
	return nil
}

// unauthorized is what keystonemiddleware answers in front of a service; Glance lets webob render it.
func unauthorized(c *call) error {
	a := answer{status: http.StatusUnauthorized, body: object{"error": object{
		"code": http.StatusUnauthorized, "title": "Unauthorized", "message": "The request you have made requires authentication.",
	}}}
	if c.service.name == imageName {
		a = webobError(c, http.StatusUnauthorized, webobUnauthorized)
	}
	return &answerError{a.withHeader("Www-Authenticate", `Keystone uri="`+baseURL(c.request)+`/identity/"`)}
}

// Admin returns the id of the project admin.
func (k *keystone) Admin() string { return k.projects[1].id }

// Projects returns the ids of all projects.
func (k *keystone) Projects() []string {
	ids := []string{}
	for _, p := range k.projects {
		ids = append(ids, p.id)
	}
	return ids
}
