// Package openstacktest runs the tests of src/openstack on a simulated cloud in
// virtual time.
package openstacktest

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// URL is the base URL of the simulated cloud.
const URL = "http://cloud"

// Cloud is a test on a simulated cloud with a session.
type Cloud struct {
	*testing.T
	*simulator.Simulator

	Session *openstack.Session
}

// Run runs a test on a cloud of its own. The test fails if the cloud received a
// request that OpenStack would not understand.
func Run(t *testing.T, options simulator.Options, test func(c *Cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &Cloud{T: t, Simulator: simulator.New(options)}
		c.Session = c.NewSession(nil)
		test(c)
		for _, violation := range c.Violations() {
			t.Errorf("not a valid request: %s", violation)
		}
	})
}

// NewSession returns a session that has not logged in. change modifies the
// configuration; nil leaves it as it is.
func (c *Cloud) NewSession(change func(*config.OpenStack), opts ...openstack.Option) *openstack.Session {
	c.Helper()
	cfg, err := config.Load(c.CPIConfig(URL), nil)
	if err != nil {
		c.Fatal(err)
	}
	// The transport is in-process: ConnectTimeout starts with the request.
	cfg.OpenStack.Connection.ConnectTimeout = 5 * time.Second
	if change != nil {
		change(&cfg.OpenStack)
	}
	opts = append([]openstack.Option{openstack.WithTransport(c.Transport())}, opts...)
	session, err := openstack.NewSession(cfg.OpenStack, slog.New(slog.DiscardHandler), opts...)
	if err != nil {
		c.Fatal(err)
	}
	return session
}

// WithoutServices returns a session that finds no service in the catalog.
func (c *Cloud) WithoutServices() *openstack.Session {
	return c.NewSession(func(o *config.OpenStack) { o.Region = "nowhere" })
}

// Calls returns the number of requests of an operation, such as "POST
// /servers".
func (c *Cloud) Calls(operation string) int {
	count := 0
	for _, exchange := range c.Journal() {
		if exchange.Call() == operation {
			count++
		}
	}
	return count
}

// Waits waits for the duration, in virtual time.
func (c *Cloud) Waits(d time.Duration) {
	c.Helper()
	select {
	case <-time.After(d):
	case <-c.Context().Done():
		c.Fatal(context.Cause(c.Context()))
	}
}

// Client is a method of Session that returns the client of a service.
type Client func(context.Context) (*gophercloud.ServiceClient, error)

// Make creates an object that the service packages cannot create, with a plain
// POST, and returns the object in the response.
func (c *Cloud) Make(of Client, resource string, document any) map[string]any {
	c.Helper()
	client, err := of(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	var answer map[string]map[string]any
	opts := &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusCreated, http.StatusAccepted}}
	response, err := client.Post(c.Context(), client.ServiceURL(resource), document, &answer, opts) //nolint:bodyclose // ParseResponse does
	if _, _, err = gophercloud.ParseResponse(response, err); err != nil {
		c.Fatal(err)
	}
	for _, object := range answer {
		return object
	}
	c.Fatalf("POST %s returned no object", resource)
	return nil
}

// SmallPages is a transport that limits the pages of every list to two objects.
type SmallPages struct{ Cloud http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (p SmallPages) RoundTrip(request *http.Request) (*http.Response, error) {
	lists := []string{"detail", "servers", "ports", "security-groups", "floatingips", "volumes", "snapshots", "pools", "members", "images"}
	query := request.URL.Query()
	if request.Method == http.MethodGet && slices.Contains(lists, path.Base(request.URL.Path)) && !query.Has("limit") {
		request = request.Clone(request.Context())
		query.Set("limit", "2")
		request.URL.RawQuery = query.Encode()
	}
	return p.Cloud.RoundTrip(request)
}
