package compute_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestServerGroups(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		ids := map[string]string{}
		for _, opts := range []compute.ServerGroupOpts{
			{Name: "hard", Policy: "affinity"}, {Name: "soft", Policy: "soft-anti-affinity"}, {Name: "two", Policy: "anti-affinity", MaxServerPerHost: 2},
		} {
			made, err := n.CreateServerGroup(n.Context(), opts)
			require.NoError(n, err)
			ids[opts.Name] = made.ID
			named, err := n.ServerGroupsNamed(n.Context(), opts.Name)
			require.NoError(n, err)
			require.Len(n, named, 1)
			assert.Equal(n, made.ID, named[0].ID)
			assert.Equal(n, []string{opts.Policy}, named[0].Policies)
		}
		assert.Equal(n, "2", n.Inventory()["server group "+ids["two"]].Fields["servers per host"])

		opts := n.tiny("member")
		opts.SchedulerHints = map[string]any{"group": ids["soft"]}
		member, err := n.CreateServer(n.Context(), opts)
		require.NoError(n, err)
		found, err := n.ServerGroup(n.Context(), ids["soft"])
		require.NoError(n, err)
		assert.Equal(n, []string{member.ID}, found.Members)

		for range 2 { // not found counts as success
			require.NoError(n, n.DeleteServerGroup(n.Context(), ids["hard"]))
		}
		_, err = n.ServerGroup(n.Context(), ids["hard"])
		assert.True(n, openstack.IsNotFound(err))
		require.ErrorContains(n, err, "get server group "+ids["hard"])
	})
}

// A server group whose creation was not answered is found by its name.
func TestServerGroupUnanswered(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		n.Inject(simulator.Fault{On: "POST /os-server-groups", Kind: simulator.LostAnswer})
		made, err := n.CreateServerGroup(n.Context(), compute.ServerGroupOpts{Name: "group", Policy: "affinity"})
		require.NoError(n, err)
		all, err := n.ServerGroups(n.Context())
		require.NoError(n, err)
		require.Len(n, all, 1)
		assert.Equal(n, made.ID, all[0].ID)

		n.Inject(simulator.Fault{On: "GET /os-server-groups", Status: http.StatusForbidden})
		_, err = n.ServerGroupsNamed(n.Context(), "group")
		require.ErrorContains(n, err, "list server groups: ")
		n.SetQuota("server_groups", 1)
		_, err = n.CreateServerGroup(n.Context(), compute.ServerGroupOpts{Name: "more", Policy: "affinity"})
		require.ErrorContains(n, err, "create server group more: OpenStack API Forbidden (Quota exceeded, too many server groups.)")
		assert.True(n, openstack.IsQuota(err))
	})
}
