package orphans_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/orphans"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// An empty server group that a killed create_vm has left is an orphan. One with
// members, and those of operators and of other directors, are not.
func TestServerGroups(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		_, session := p.session(p.cloud.Transport())
		nova := compute.New(session)
		_, err := nova.CreateServerGroup(p.Context(), compute.ServerGroupOpts{Name: "operators", Policy: "affinity"})
		require.NoError(p, err)
		args := p.newVM("10.0.0.10", 0)
		args.CloudProperties = []byte(`{"instance_type":"m1.small","server_group":{"policy":"affinity"}}`)
		created, err := p.living().CreateVM(p.Context(), args)
		require.NoError(p, err)
		p.director = theirs
		args.Networks = p.newVM("10.0.0.11", 1).Networks
		_, err = p.killed("POST /os-server-groups").CreateVM(p.Context(), args)
		require.Error(p, err)
		p.director = ours
		before := p.cloud.Inventory()

		args.CloudProperties = []byte(`{"instance_type":"m1.small","server_group":{"policy":"soft-affinity"}}`)
		_, err = p.killed("POST /os-server-groups").CreateVM(p.Context(), args)
		require.Error(p, err)
		require.Len(p, p.cloud.Leaks(before), 1)

		rules := orphans.Rules{Known: p.knows(deployment{vm: created.CID}), MinAge: 3600e9}
		found, judged := p.judges(rules)
		assert.ElementsMatch(p, []string{"server: known", "port: known", "floating IP: known", "server group: orphan", "server group: foreign"}, verdicts(judged))
		assert.Empty(p, p.deletes(found, judged, false))
		assert.Empty(p, p.cloud.Inventory().Diff(before))
	})
}

// A server group that has got members since the search is left.
func TestServerGroupInUse(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		args := p.newVM("10.0.0.10", 0)
		args.CloudProperties = []byte(`{"instance_type":"m1.small","server_group":{"policy":"affinity"}}`)
		_, err := p.killed("POST /os-server-groups").CreateVM(p.Context(), args)
		require.Error(p, err)
		found, judged := p.judges(orphans.Rules{NothingKnown: true})
		require.Equal(p, []string{"server group: orphan"}, verdicts(judged))
		created, err := p.living().CreateVM(p.Context(), args)
		require.NoError(p, err)
		before := p.cloud.Inventory()
		assert.Equal(p, []string{"server group: left, because it is in use by server " + string(created.CID)}, p.deletes(found, judged, false))
		assert.Empty(p, p.cloud.Inventory().Diff(before))
		_, err = p.living().DeleteVM(p.Context(), bosh.VMArgs{VM: created.CID})
		require.NoError(p, err)
	})
}
