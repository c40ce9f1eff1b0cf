package contract_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
)

// sweepAge is how old another run's leftovers must be before they are swept: that run may still be going on.
const sweepAge = 30 * time.Minute

// belonging is an object some run made in the cloud.
type belonging struct {
	name    string
	service service
	path    string
}

// belongings lists everything in the project whose name begins with prefix, in an order in
// which it can be deleted.
func (c *cloud) belongings(prefix string) []belonging {
	collections := []struct {
		service service
		path    string
		key     string
		label   string // the field that holds the name
		all     string // what GET needs to list everything on one page
		option  string // what DELETE needs beside the id
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

	var found []belonging
	for _, collection := range collections {
		if collection.service.url == "" {
			continue
		}
		seen := collection.service.get(collection.path + collection.all).wants(http.StatusOK)
		for i := range seen.size(collection.key) {
			at := fmt.Sprintf("%s.%d.", collection.key, i)
			name, _ := seen.value(at + collection.label).(string)
			if strings.HasPrefix(name, prefix) {
				path := strings.TrimSuffix(collection.path, "/detail") + "/" + seen.text(at+"id")
				found = append(found, belonging{name: name, service: collection.service, path: path + collection.option})
			}
		}
	}
	return found
}

// sweep deletes what older runs left behind.
func (c *cloud) sweep(run string) {
	for _, left := range c.belongings(runPrefix) {
		if age, known := ageOf(left.name); strings.HasPrefix(left.name, run) || !known || age < sweepAge {
			continue
		}
		c.t.Logf("sweeping %s %s of an older run", left.path, left.name)
		left.service.delete(left.path)
		c.gone(left.service, strings.TrimSuffix(left.path, "?cascade=true"))
	}
}

// ageOf reads when the run that gave the name began.
func ageOf(name string) (time.Duration, bool) {
	began, _, _ := strings.Cut(strings.TrimPrefix(name, runPrefix), "-")
	seconds, err := strconv.ParseInt(began, 16, 64)
	return time.Since(time.Unix(seconds, 0)), err == nil
}

// wantsNothingOf fails the run when anything of it is still in the cloud.
func (c *cloud) wantsNothingOf(run string) {
	for _, left := range c.belongings(run) {
		assert.Failf(c.t, "the run left something behind", "%s %s", left.path, left.name)
	}
}
