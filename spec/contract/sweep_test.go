package contract_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
)

// sweepAge is the age at which objects of another run are deleted; the objects
// of a younger run may still be in use.
const sweepAge = 30 * time.Minute

// resource is an object that a run created.
type resource struct {
	name    string
	service service
	path    string
}

// resources returns the objects of the project whose name begins with prefix,
// in an order in which they can be deleted.
func (c *cloud) resources(prefix string) []resource {
	collections := []struct {
		service service
		path    string
		key     string
		label   string // the field that holds the name
		all     string // query that lists everything on one page
		option  string // query of DELETE
	}{
		{c.loadBalancer, "/loadbalancers", "loadbalancers", "name", "", "?cascade=true"},
		{c.compute, "/servers", "servers", "name", "", ""},
		{c.network, "/floatingips", "floatingips", "description", "", ""},
		{c.network, "/ports", "ports", "name", "", ""},
		{c.volume, "/snapshots", "snapshots", "name", "", ""},
		{c.volume, "/volumes", "volumes", "name", "", ""},
		{c.image, "/images", "images", "name", "?limit=1000", ""},
		{c.network, "/networks", "networks", "name", "", ""},
		{c.network, "/security-groups", "security_groups", "name", "", ""},
		{c.compute, "/os-server-groups", "server_groups", "name", "", ""},
		{c.identity, "/users/" + c.userID + "/application_credentials", "application_credentials", "name", "", ""},
	}

	var found []resource
	for _, collection := range collections {
		if collection.service.URL == "" {
			continue
		}
		seen := collection.service.get(collection.path + collection.all).expect(http.StatusOK)
		for i := range seen.size(collection.key) {
			at := fmt.Sprintf("%s.%d.", collection.key, i)
			name, _ := seen.value(at + collection.label).(string)
			if strings.HasPrefix(name, prefix) {
				path := strings.TrimSuffix(collection.path, "/detail") + "/" + seen.text(at+"id")
				found = append(found, resource{name: name, service: collection.service, path: path + collection.option})
			}
		}
	}
	return found
}

// sweep deletes the objects of aborted runs.
func (c *cloud) sweep(run string) {
	for _, left := range c.resources(runPrefix) {
		if age, known := ageOf(left.name); strings.HasPrefix(left.name, run) || !known || age < sweepAge {
			continue
		}
		c.t.Logf("sweeping %s %s of an older run", left.path, left.name)
		left.service.delete(left.path)
		c.waitUntilGone(left.service, strings.TrimSuffix(left.path, "?cascade=true"))
	}
}

// ageOf returns the age of the run that an object's name contains.
func ageOf(name string) (time.Duration, bool) {
	began, _, _ := strings.Cut(strings.TrimPrefix(name, runPrefix), "-")
	seconds, err := strconv.ParseInt(began, 16, 64)
	return time.Since(time.Unix(seconds, 0)), err == nil
}

// expectNothingOf fails the run when anything of it is still in the cloud.
func (c *cloud) expectNothingOf(run string) {
	for _, left := range c.resources(run) {
		assert.Failf(c.t, "leaked object", "%s %s", left.path, left.name)
	}
}
