package network_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// group creates a security group and returns its id.
func (n neutron) group(name string) string {
	n.Helper()
	return n.Make(n.Session.Network, "security-groups", map[string]any{"security_group": map[string]string{"name": name}})["id"].(string)
}

// chosen returns the ids of the groups that the names and ids stand for.
func (n neutron) chosen(by *network.Service, namesOrIDs ...string) []string {
	n.Helper()
	groups, err := by.SecurityGroups(n.Context(), namesOrIDs)
	require.NoError(n, err)
	var ids []string
	for _, group := range groups {
		ids = append(ids, group.ID)
	}
	return ids
}

func TestSecurityGroups(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		def, bosh, web := n.Fixtures().SecurityGroups["default"], n.Fixtures().SecurityGroups["bosh"], n.group("web")
		assert.Empty(n, n.chosen(n.Service), "none")
		assert.Zero(n, n.Calls("GET /security-groups"))
		assert.Equal(n, []string{web, def, bosh}, n.chosen(n.Service, "web", "default", "bosh"), "in the given order")
		assert.Equal(n, 1, n.Calls("GET /security-groups"), "one request for all")
		assert.Equal(n, []string{bosh, web}, n.chosen(n.Service, bosh, "web"), "by id, too")
		assert.Equal(n, []string{web, web, web}, n.chosen(n.Service, "web", web, "web"), "with duplicates")
		for _, exchange := range n.Journal() {
			if exchange.Call() == "GET /security-groups" {
				assert.Contains(n, exchange.Query, "fields=id&fields=name&", "rules are not read")
			}
		}
	})
}

// A group with the name is preferred to the group with that id.
func TestSecurityGroupNamedLikeAnID(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		web := n.group("web")
		odd := n.group(web)
		assert.Equal(n, []string{odd}, n.chosen(n.Service, web))
		assert.Equal(n, []string{web}, n.chosen(n.Service, "web"))
	})
}

func TestMissingSecurityGroup(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		for _, wanted := range []string{"nothing", unknownID, "Bosh"} {
			_, err := n.SecurityGroups(n.Context(), []string{"bosh", wanted})
			require.EqualError(n, err, "Security group `"+wanted+"' not found")
			assert.True(n, openstack.IsNotFound(err))
		}
	})
}

func TestAmbiguousSecurityGroup(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		one, two := n.group("web"), n.group("web")
		_, err := n.SecurityGroups(n.Context(), []string{"bosh", "web"})
		require.ErrorContains(n, err, `security group name "web" is not unique, name one of the groups by its id: `)
		require.ErrorContains(n, err, one)
		require.ErrorContains(n, err, two)
		assert.Equal(n, []string{two, one}, n.chosen(n.Service, two, one))
	})
}

// Administrators see the groups of all projects, other users also see shared
// ones. Every project has a group "default".
func TestOwnSecurityGroupGoesFirst(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		admin := network.New(n.NewSession(func(o *config.OpenStack) { o.Username = "admin" }))
		assert.Equal(n, []string{n.Fixtures().SecurityGroups["default"], n.Fixtures().SecurityGroups["bosh"]}, n.chosen(admin, "default", "bosh"))

		elsewhere := network.New(n.NewSession(func(o *config.OpenStack) { o.Username, o.Project = "admin", "admin" }))
		web := n.group("web")
		assert.Equal(n, []string{web}, n.chosen(elsewhere, "web"), "another project's, if the own has none")
	})
}

func TestSecurityGroupsOnSeveralPages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		var names, ids []string
		for name := range strings.SplitSeq("abcdefg", "") {
			names, ids = append(names, name), append(ids, n.group(name))
		}
		paged := n.smallPages()
		assert.Equal(n, ids, n.chosen(paged, names...))
		assert.Equal(n, ids, n.chosen(paged, ids...))
		n.Inject(simulator.Fault{On: "GET /security-groups", Nth: 3, Status: http.StatusForbidden})
		_, err := paged.SecurityGroups(n.Context(), names)
		require.ErrorContains(n, err, "list security groups by name: OpenStack API Forbidden")
		n.Inject(simulator.Fault{On: "GET /security-groups", Nth: 2, Status: http.StatusForbidden})
		_, err = n.SecurityGroups(n.Context(), ids)
		require.ErrorContains(n, err, "list security groups by id: OpenStack API Forbidden")
	})
}
