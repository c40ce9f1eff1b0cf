package contract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cloud is an OpenStack as one user of one project sees it, for the length of one claim.
type cloud struct {
	t        *testing.T
	login    login
	run      string // unique to this run; part of the name of everything made
	fixtures fixtures

	token           string
	projectID       string
	projectDomainID string
	userID          string
	roleIDs         []string

	identity     service
	compute      service
	network      service
	volume       service
	image        service
	loadBalancer service // without a URL where the cloud has no Octavia

	admin     func() *cloud              // nil when nobody lent the run an administrator
	withQuota func(limits quotas) *cloud // another project of the user's, with limits

	credential credential // one the cloud has from the beginning; a claim makes its own otherwise
}

// service is one OpenStack service at its endpoint.
type service struct {
	t      *testing.T
	client *http.Client
	url    string
	header http.Header
}

func (s service) get(path string) answer                { return s.ask(http.MethodGet, path, nil) }
func (s service) post(path string, body any) answer     { return s.ask(http.MethodPost, path, body) }
func (s service) put(path string, body any) answer      { return s.ask(http.MethodPut, path, body) }
func (s service) delete(path string) answer             { return s.ask(http.MethodDelete, path, nil) }
func (s service) with(name, value string) service       { return s.withHeader(name, value) }
func (s service) list(path string, q url.Values) answer { return s.get(path + "?" + q.Encode()) }

// withHeader returns the service with one request header more, such as a microversion or another token.
func (s service) withHeader(name, value string) service {
	s.header = s.header.Clone()
	s.header.Set(name, value)
	return s
}

// ask sends one request. Octavia may answer 503 while another change of the project's quota is under way: claims run side
// by side, and it is not what they are about.
func (s service) ask(method, path string, body any) answer {
	s.t.Helper()
	for range int(patience / interval) {
		a := s.send(method, path, body)
		if a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), "Project busy") {
			return a
		}
		<-time.After(interval)
	}
	return s.send(method, path, body)
}

// send sends the body as JSON, a reader as it is.
// Asking for JSON matters: without it glance and octavia describe their errors in HTML.
func (s service) send(method, path string, body any) answer {
	s.t.Helper()
	var content io.Reader
	header := s.header.Clone()
	switch body := body.(type) {
	case nil:
	case io.Reader:
		content = body
	default:
		document, err := json.Marshal(body)
		require.NoError(s.t, err)
		content = bytes.NewReader(document)
		header.Set("Content-Type", "application/json")
	}

	ctx := context.WithoutCancel(s.t.Context()) // what a claim made is also removed through here, after it ended
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, content)
	require.NoError(s.t, err)
	request.Header = header
	response, err := s.client.Do(request)
	require.NoError(s.t, err)
	defer func() { _ = response.Body.Close() }()
	received, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)

	a := answer{
		t: s.t, request: method + " " + path,
		status: response.StatusCode, header: response.Header, body: received,
	}
	a.notJSON = json.Unmarshal(received, &a.document)
	return a
}

// login is what keystone needs to give a token for one project.
type login struct {
	authURL       string // ends with /v3
	username      string
	password      string
	project       string
	userDomain    string
	projectDomain string
	region        string
}

// passwordMethod is the "identity" part of a password token request.
func (l login) passwordMethod() object {
	return object{"methods": list{"password"}, "password": object{"user": object{
		"name": l.username, "password": l.password, "domain": object{"name": l.userDomain},
	}}}
}

// projectScope is the "scope" part of a token request.
func (l login) projectScope() object {
	return object{"project": object{"name": l.project, "domain": object{"name": l.projectDomain}}}
}

// authenticate logs in and finds every service in the catalog.
func authenticate(t *testing.T, client *http.Client, l login) *cloud {
	t.Helper()
	accept := http.Header{"Accept": {"application/json"}}
	keystone := service{t: t, client: client, url: l.authURL, header: accept}
	token := keystone.post("/auth/tokens", object{"auth": object{
		"identity": l.passwordMethod(), "scope": l.projectScope(),
	}}).wants(http.StatusCreated)

	c := &cloud{
		t: t, login: l,
		token:           token.header.Get("X-Subject-Token"),
		projectID:       token.text("token.project.id"),
		projectDomainID: token.text("token.project.domain.id"),
		userID:          token.text("token.user.id"),
		roleIDs:         token.each("token.roles", "id"),
	}
	at := func(types ...string) service {
		header := accept.Clone()
		header.Set("X-Auth-Token", c.token)
		return service{t: t, client: client, url: publicURL(token, l.region, types), header: header}
	}
	c.identity = at("identity")
	c.identity.url = l.authURL
	c.compute = at("compute")
	c.network = at("network")
	c.network.url += "/v2.0"
	c.volume = at("block-storage", "volumev3")
	c.image = at("image")
	c.image.url = strings.TrimSuffix(c.image.url, "/v2") + "/v2"
	if c.loadBalancer = at("load-balancer"); c.loadBalancer.url != "" {
		c.loadBalancer.url = strings.TrimSuffix(c.loadBalancer.url, "/v2.0") + "/v2.0/lbaas"
	}
	return c
}

// publicURL looks the first of the service types up in the token's catalog, empty when none is there.
func publicURL(token answer, region string, types []string) string {
	entries, _ := token.value("token.catalog").(list)
	for _, wanted := range types {
		for _, entry := range entries {
			if entry.(object)["type"] != wanted {
				continue
			}
			for _, endpoint := range entry.(object)["endpoints"].(list) {
				endpoint := endpoint.(object)
				if endpoint["interface"] == "public" && (region == "" || endpoint["region"] == region) {
					return strings.TrimSuffix(endpoint["url"].(string), "/")
				}
			}
		}
	}
	return ""
}

const (
	patience = 2 * time.Minute        // no life cycle of a healthy cloud takes longer in these claims
	interval = 300 * time.Millisecond // between two looks
)

// until looks again and again until the answer satisfies, and returns that answer.
func (c *cloud) until(what string, look func() answer, done func(answer) bool) answer {
	c.t.Helper()
	for range int(patience / interval) {
		if seen := look(); done(seen) {
			return seen
		}
		<-time.After(interval)
	}
	last := look()
	require.Failf(c.t, "it never came", "%s; the last answer was %d: %s", what, last.status, last.excerpt())
	return last
}

// gone waits until looking at the path answers 404, and returns that answer.
func (c *cloud) gone(s service, path string) answer {
	c.t.Helper()
	return c.until(path+" is gone",
		func() answer { return s.get(path) },
		func(a answer) bool { return a.status == http.StatusNotFound })
}

// becomes waits until the text at field has the wanted value, and returns that answer.
func (c *cloud) becomes(s service, path, field, want string) answer {
	c.t.Helper()
	return c.until(path+" is "+want,
		func() answer { return s.get(path).wants(http.StatusOK) },
		func(a answer) bool { return a.value(field) == want })
}

// atTheEnd removes what a claim made, whatever became of it by then. Not every state allows that
// at once: a refused DELETE is repeated.
func (c *cloud) atTheEnd(s service, path string) {
	c.t.Cleanup(func() {
		deleted := s.delete(path)
		c.until(path+" is removed",
			func() answer {
				if deleted.status >= http.StatusBadRequest {
					deleted = s.delete(path)
				}
				return s.get(path)
			},
			func(a answer) bool { return a.status == http.StatusNotFound })
	})
}
