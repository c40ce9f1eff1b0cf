package orphans_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/orphans"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// dynamicVM returns arguments of create_vm with an address that Neutron chooses.
func (p *project) dynamicVM() bosh.CreateVMArgs {
	args := p.newVM("10.0.0.95", 1)
	require.NoError(p, json.Unmarshal(fmt.Appendf(nil, `{"private":{"type":"dynamic","cloud_properties":{"net_id":%q}}}`,
		p.cloud.Fixtures().Networks["private"]), &args.Networks))
	args.CloudProperties = json.RawMessage(`{"instance_type":"m1.small","boot_from_volume":true}`)
	return args
}

// A create_vm is killed at each of its requests. Its boot volume has no mark
// before the server is active, but is found with the server, which is deleted
// with all of its objects.
func TestCreateVMKilledAtEveryRequest(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]func(p *project) bosh.CreateVMArgs{
		"manual, vip, pool": func(p *project) bosh.CreateVMArgs { return p.newVM("10.0.0.95", 1) },
		"dynamic":           (*project).dynamicVM,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			inProject(t, simulator.Options{}, func(p *project) {
				p.cloud.ResetJournal()
				_, err := p.living().CreateVM(p.Context(), args(p))
				require.NoError(p, err)
				requests = len(p.cloud.Journal())
			})
			require.Greater(t, requests, 8)
			for nth := range requests {
				t.Run(fmt.Sprint(nth+1), func(t *testing.T) {
					t.Parallel()
					inProject(t, simulator.Options{}, func(p *project) { p.killsCreateVM(args(p), nth+1) })
				})
			}
		})
	}
}

func (p *project) killsCreateVM(args bosh.CreateVMArgs, nth int) {
	kept := p.deploys("10.0.0.10", 0)
	before := p.cloud.Inventory()
	if _, err := p.cpi(&killer{cloud: p.cloud.Transport(), nth: nth}).CreateVM(p.Context(), args); err == nil {
		p.Log("the process had done its work, but its answer was not delivered")
	}
	p.passes(2 * time.Hour)
	found, judged := p.judges(orphans.Rules{Known: p.knows(kept), MinAge: time.Hour})
	assert.Empty(p, found.Failed)
	assert.Empty(p, p.deletes(found, judged, false))
	p.passes(time.Minute) // Nova deletes the boot volume after the server
	assert.Empty(p, p.cloud.Inventory().Diff(before))
}

// A repeated create_vm for the same agent cannot find the server of a killed one
// if no address is in conflict, so that two servers of one agent exist. The one
// that the director does not know is an orphan.
func TestSecondServerOfAnAgent(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		kept := p.deploys("10.0.0.10", 0)
		_, err := p.killed("POST /servers").CreateVM(p.Context(), p.dynamicVM())
		require.Error(p, err)
		p.passes(time.Minute)
		withoutOrphan := len(p.cloud.Inventory())
		second, err := p.living().CreateVM(p.Context(), p.dynamicVM())
		require.NoError(p, err)
		assert.Greater(p, len(p.cloud.Inventory()), withoutOrphan)
		p.passes(2 * time.Hour)

		known := kept
		known.vm = second.CID
		found, judged := p.judges(orphans.Rules{Known: p.knows(kept, known), MinAge: time.Hour})
		var servers []string
		for _, j := range judged {
			if j.Kind == orphans.Server && j.Verdict == orphans.Orphan {
				servers = append(servers, j.Reason)
				assert.Equal(p, "agent-1", j.Owner.AgentID)
				assert.NotEqual(p, string(second.CID), j.ID)
			}
		}
		assert.Equal(p, []string{"in no list of VMs, and set_vm_metadata was never called"}, servers)
		assert.Empty(p, p.deletes(found, judged, false))
		exists, err := p.living().HasVM(p.Context(), bosh.VMArgs{VM: second.CID})
		require.NoError(p, err)
		assert.True(p, exists)
	})
}
