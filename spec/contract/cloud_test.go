package contract_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	openstack "github.com/piston/openstack-bosh-cpi/spec/cloud"
)

// cloud is a session of one user in one project, for the duration of one claim.
type cloud struct {
	t        *testing.T
	login    openstack.Properties
	run      string // unique to this run; part of the name of every object
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
	loadBalancer service // without a URL if the cloud has no Octavia

	admin     func() *cloud              // logs in as administrator; nil without credentials
	withQuota func(limits quotas) *cloud // another project of the user, with quotas
	// withVolumeType creates a volume type with extra specs and returns its name.
	withVolumeType func(extraSpecs object) string

	// offer returns a URL from which Glance can download the data, from the time
	// when the channel is closed, unless it is nil. Without a way to this machine,
	// offer is nil.
	offer func(data []byte, begin <-chan struct{}) string

	credential credential // an existing one; without it a claim creates its own
}

// service is one OpenStack service. Its methods fail the test if there is no
// response, and return any response, whatever its status.
type service struct {
	t *testing.T
	openstack.Service
}

func (s service) get(path string) response { return s.request(http.MethodGet, path, nil) }

func (s service) post(path string, body any) response { return s.request(http.MethodPost, path, body) }

func (s service) put(path string, body any) response { return s.request(http.MethodPut, path, body) }

func (s service) delete(path string) response             { return s.request(http.MethodDelete, path, nil) }
func (s service) list(path string, q url.Values) response { return s.get(path + "?" + q.Encode()) }

// with returns the service with one more request header, such as a
// microversion or another token.
func (s service) with(name, value string) service { return service{s.t, s.With(name, value)} }

// request sends one request. It is repeated while parallel claims prevent it.
func (s service) request(method, path string, body any) response {
	s.t.Helper()
	for range int(timeout / pollInterval) {
		r := s.send(method, path, body)
		if !r.isOfContention() {
			return r
		}
		<-time.After(pollInterval)
	}
	return s.send(method, path, body)
}

// isOfContention reports whether another request has prevented this one. Octavia
// returns 503 while another change of the project's quota is in progress. Glance
// returns 500 if the database has ended its transaction because of a deadlock
// with another one, and has changed nothing then.
func (r response) isOfContention() bool {
	switch r.status {
	case http.StatusServiceUnavailable:
		return r.says("Project busy")
	case http.StatusInternalServerError:
		return r.says("The server has either erred or is incapable of performing the requested operation")
	}
	return false
}

func (s service) send(method, path string, body any) response {
	s.t.Helper()
	ctx := context.WithoutCancel(s.t.Context()) // clean-up functions send requests, too
	received, err := s.Do(ctx, method, path, body)
	require.NoError(s.t, err)
	r := response{
		t: s.t, request: method + " " + path,
		status: received.Status, header: received.Header, body: received.Body,
	}
	r.notJSON = json.Unmarshal(received.Body, &r.document)
	return r
}

// authenticate logs in and finds the services in the catalog.
func authenticate(t *testing.T, client *http.Client, login openstack.Properties) *cloud {
	t.Helper()
	session, err := openstack.LogIn(t.Context(), client, login)
	require.NoError(t, err)
	c := &cloud{
		t: t, login: login,
		token:           session.Token.Value,
		projectID:       session.Token.Project.ID,
		projectDomainID: session.Token.Project.Domain.ID,
		userID:          session.Token.User.ID,
		identity:        service{t, session.Service("identity")},
		compute:         service{t, session.Service("compute")},
		network:         service{t, session.Service("network")},
		volume:          service{t, session.Service("volume")},
		image:           service{t, session.Service("image")},
		loadBalancer:    service{t, session.Service("load-balancer")},
	}
	for _, role := range session.Token.Roles {
		c.roleIDs = append(c.roleIDs, role.ID)
	}
	return c
}

const (
	timeout      = 2 * time.Minute        // of one change of state
	pollInterval = 300 * time.Millisecond // between two reads
)

// poll repeats a read until its response satisfies the condition, and returns
// that response.
func (c *cloud) poll(condition string, read func() response, satisfied func(response) bool) response {
	c.t.Helper()
	for range int(timeout / pollInterval) {
		if r := read(); satisfied(r) {
			return r
		}
		<-time.After(pollInterval)
	}
	last := read()
	require.Failf(c.t, "timeout", "waiting until %s; the last response was %d: %s", condition, last.status, last.excerpt())
	return last
}

// waitUntilGone waits until GET of the path returns 404, and returns that
// response.
func (c *cloud) waitUntilGone(s service, path string) response {
	c.t.Helper()
	return c.poll(path+" does not exist",
		func() response { return s.get(path) },
		func(r response) bool { return r.status == http.StatusNotFound })
}

// waitFor waits until a field has the wanted value, and returns that response.
func (c *cloud) waitFor(s service, path, field, want string) response {
	c.t.Helper()
	return c.poll(path+" is "+want,
		func() response { return s.get(path).expect(http.StatusOK) },
		func(r response) bool { return r.value(field) == want })
}

// deleteAtEnd deletes an object when the claim ends. DELETE is repeated while
// the object's state does not allow it.
func (c *cloud) deleteAtEnd(s service, path string) {
	c.t.Cleanup(func() {
		deleted := s.delete(path)
		c.poll(path+" is deleted",
			func() response {
				if deleted.status >= http.StatusBadRequest {
					deleted = s.delete(path)
				}
				return s.get(path)
			},
			func(r response) bool { return r.status == http.StatusNotFound })
	})
}
