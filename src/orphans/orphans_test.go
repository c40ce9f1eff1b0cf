package orphans_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/orphans"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// leavesRemains lets a CPI be killed in every creation: of a VM with everything,
// of a VM before its server, of a disk, a snapshot, a stemcell.
func (p *project) leavesRemains(d deployment) {
	p.Helper()
	_, err := p.killed("POST /members").CreateVM(p.Context(), p.newVM("10.0.0.90", 1))
	require.Error(p, err)
	_, err = p.killed("POST /ports").CreateVM(p.Context(), p.newVM("10.0.0.91", 1))
	require.Error(p, err)
	_, err = p.killed("POST /volumes").CreateDisk(p.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
	require.Error(p, err)
	_, err = p.killed("POST /snapshots").SnapshotDisk(p.Context(), bosh.SnapshotDiskArgs{Disk: d.disk, Metadata: bosh.Metadata{"deployment": "cf"}})
	require.Error(p, err)
	_, err = p.killed("POST /images").CreateStemcell(p.Context(), p.stemcell("noble"))
	require.Error(p, err)
}

// operates makes objects as an operator does, without marks, with the names and
// states that remains have.
func (p *project) operates() {
	p.Helper()
	const id = "1c9f3a52-1f0c-4c9f-8f46-3a1b8d9b7c11"
	_, session := p.session(p.cloud.Transport())
	p.makes(session.Network, "ports", object{"port": object{"network_id": p.cloud.Fixtures().Networks["private"], "name": "vm-" + id + "-0", "description": "for a database"}})
	p.makes(session.Network, "networks", object{"network": object{"name": "operators"}})
	p.makes(session.Volume, "volumes", object{"volume": object{"name": "volume-" + id, "size": 1, "metadata": object{"boot_volume_of": id, "director_uuid": ours}}})
	p.makes(session.Image, "images", object{"name": "jammy/1.0", "disk_format": "raw", "container_format": "bare", "director_uuid": ours})
	p.makes(session.LoadBalancer, p.poolPath(), object{"member": object{"name": "web", "address": "10.0.0.77", "protocol_port": 443}})
	p.passes(time.Minute)
}

// What killed CPIs have left is found and deleted. The deployment of the
// director, and what has no mark, stay as they are.
func TestRemainsOfKilledCPIs(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		kept := p.deploys("10.0.0.10", 0)
		p.operates()
		before := p.cloud.Inventory()
		p.leavesRemains(kept)
		p.passes(2 * time.Hour)

		found, judged := p.judges(orphans.Rules{Known: p.knows(kept), MinAge: time.Hour})
		assert.Empty(t, found.Failed)
		assert.Equal(t, []string{
			"pool member: known", "pool member: orphan", "floating IP: known", "floating IP: orphan", "server: known", "server: orphan",
			"port: known", "port: orphan", "port: orphan", "snapshot: known", "snapshot: orphan",
			"boot volume: known", "boot volume: orphan", "volume: known", "volume: orphan", "image: known", "image: orphan",
		}, verdicts(judged))
		assert.Empty(t, p.deletes(found, judged, false))
		assert.Empty(t, p.cloud.Inventory().Diff(before))
	})
}

func TestYoungRemainsStay(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		kept := p.deploys("10.0.0.10", 0)
		p.leavesRemains(kept)
		p.passes(30 * time.Minute)
		before := p.cloud.Inventory()
		found, judged := p.judges(orphans.Rules{Known: p.knows(kept), MinAge: time.Hour})
		assert.Contains(t, verdicts(judged), "server: young")
		assert.Contains(t, verdicts(judged), "port: young")
		assert.NotContains(t, verdicts(judged), "server: orphan")
		assert.Empty(t, p.deletes(found, judged, true))
		assert.Empty(t, p.cloud.Inventory().Diff(before))
	})
}

// A director that lists nothing is taken for one whose lists are incomplete, as
// far as BOSH has used the objects.
func TestWhatBOSHHasUsedIsGuarded(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		before := p.cloud.Inventory()
		p.deploys("10.0.0.10", 0)
		p.passes(2 * time.Hour)
		deployed := p.cloud.Inventory()

		found, judged := p.judges(orphans.Rules{Known: p.knows(), Director: ours, MinAge: time.Hour})
		assert.Equal(t, []string{
			"pool member: guarded", "floating IP: guarded", "server: guarded", "port: guarded", "snapshot: guarded",
			"boot volume: guarded", "volume: guarded", "image: orphan",
		}, verdicts(judged))
		for i, words := range map[int]string{2: "set_vm_metadata was called", 4: `none of deployment "cf"`, 6: "attached to server " + judged[2].ID} {
			assert.Contains(t, judged[i].Reason, words)
		}
		assert.Empty(t, p.deletes(found, judged, false))
		assert.Len(t, p.cloud.Inventory().Diff(deployed), 1, "only the image is deleted")

		assert.Empty(t, p.deletes(found, judged, true))
		assert.Empty(t, p.cloud.Inventory().Diff(before))
	})
}

// Without lists, only what no director can know is an orphan.
func TestWithoutKnownLists(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		p.leavesRemains(p.deploys("10.0.0.10", 0))
		p.passes(2 * time.Hour)
		_, judged := p.judges(orphans.Rules{MinAge: time.Hour})
		assert.Equal(t, []string{
			"pool member: undecided", "pool member: orphan", "floating IP: undecided", "floating IP: orphan", "server: undecided", "server: orphan",
			"port: undecided", "port: orphan", "port: orphan", "snapshot: undecided", "snapshot: undecided",
			"boot volume: undecided", "boot volume: orphan", "volume: undecided", "volume: undecided", "image: undecided", "image: orphan",
		}, verdicts(judged))
	})
}

// A director that is gone has no lists. All that it had is orphaned, and guarded
// where BOSH has used it.
func TestDirectorThatIsGone(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		p.director = theirs
		p.deploys("10.0.0.20", 0)
		before := p.cloud.Inventory()
		p.director = ours
		_, err := p.living().CreateDisk(p.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
		require.NoError(t, err)
		p.leavesRemains(p.deploys("10.0.0.10", 1))
		p.passes(2 * time.Hour)
		found, judged := p.judges(orphans.Rules{Director: ours, NothingKnown: true, MinAge: time.Hour})
		assert.NotContains(t, verdicts(judged), "server: known")
		assert.Empty(t, p.deletes(found, judged, true))
		assert.Empty(t, p.cloud.Inventory().Diff(before))
	})
}

// Lists belong to the directors whose objects they contain. Other directors'
// objects are no orphans, whatever the lists say. A pool member whose server is
// gone does not say whose it is.
func TestOtherDirectors(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		kept := p.deploys("10.0.0.10", 0)
		p.director = theirs
		_, err := p.killed("POST /ports").CreateVM(p.Context(), p.newVM("10.0.0.92", 1))
		require.Error(t, err)
		_, err = p.killed("POST /volumes").CreateDisk(p.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
		require.Error(t, err)
		_, session := p.session(p.cloud.Transport())
		p.makes(session.LoadBalancer, p.poolPath(), object{"member": object{"name": "vm-1c9f3a52-1f0c-4c9f-8f46-3a1b8d9b7c11", "address": "10.0.0.78", "protocol_port": 443}})
		p.passes(2 * time.Hour)
		none, all := []string{"foreign", "foreign", "foreign"}, []string{"orphan", "orphan", "orphan"}
		for director, want := range map[string][]string{
			"": none, ours: none, theirs: {"foreign", "orphan", "orphan"}, orphans.AllDirectors: all,
		} {
			_, judged := p.judges(orphans.Rules{Known: p.knows(kept), Director: director, MinAge: time.Hour})
			got := []string{}
			for _, j := range judged {
				if j.Owner.DirectorUUID != ours {
					got = append(got, string(j.Verdict))
				}
			}
			assert.Equal(t, want, got, "director %q", director)
		}
	})
}

// A list that failed is not an empty list.
func TestFailedLists(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		kept := p.deploys("10.0.0.10", 0)
		p.leavesRemains(kept)
		p.passes(2 * time.Hour)
		before := p.cloud.Inventory()
		p.cloud.Inject(simulator.Fault{On: "GET /servers/detail", Status: http.StatusForbidden, Times: -1})
		p.cloud.Inject(simulator.Fault{On: "GET /snapshots", Status: http.StatusForbidden, Times: -1})
		found, judged := p.judges(orphans.Rules{Known: p.knows(kept), MinAge: time.Hour})
		report := orphans.Report{Objects: judged, Failed: found.Failed}
		require.Len(t, report.Errors(), 2)
		assert.Contains(t, report.Errors()[0], "the list of servers failed: list servers: OpenStack API Forbidden")
		assert.Contains(t, report.Errors()[1], "the list of snapshots failed: ")
		for _, j := range judged {
			if j.Server != "" || j.Kind == orphans.PoolMember || j.Kind == orphans.Port {
				assert.NotEqual(t, orphans.Orphan, j.Verdict, "%s: %s", j.Kind, j.Reason)
			}
		}
		assert.Empty(t, p.deletes(found, judged, false))
		for _, line := range p.cloud.Inventory().Diff(before) {
			assert.Regexp(t, "^- (volume|image) ", line)
		}
	})
}

func TestCloudWithoutLoadBalancers(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{WithoutLoadBalancer: true}, func(p *project) {
		_, err := p.killed("POST /volumes").CreateDisk(p.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
		require.Error(t, err)
		found, judged := p.judges(orphans.Rules{Known: p.knows(), Director: ours})
		assert.Empty(t, found.Failed)
		assert.Equal(t, []string{"volume: orphan"}, verdicts(judged))
	})
}

// What belongs to a server that could not be deleted stays: the server would run
// without its network or its disk. All else is deleted.
func TestServerThatCannotBeDeleted(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		kept := p.deploys("10.0.0.10", 0)
		before := p.cloud.Inventory()
		p.leavesRemains(kept)
		p.passes(2 * time.Hour)
		found, judged := p.judges(orphans.Rules{Known: p.knows(kept), MinAge: time.Hour})
		p.cloud.Inject(simulator.Fault{On: "DELETE /servers/{id}", Status: http.StatusConflict, Times: -1})
		failed := p.deletes(found, judged, false)
		require.Len(t, failed, 3)
		assert.Contains(t, failed[0], "server: delete server ")
		assert.Regexp(t, "^port: left, because its server .* was not deleted", failed[1])
		assert.Regexp(t, "^boot volume: left, because its server .* was not deleted", failed[2])
		kinds := []string{}
		for _, leak := range p.cloud.Leaks(before) {
			kinds = append(kinds, leak[:4])
		}
		assert.Contains(t, kinds, "serv")
		assert.NotContains(t, kinds, "imag")

		p.cloud.ClearFaults()
		found, judged = p.judges(orphans.Rules{Known: p.knows(kept), MinAge: time.Hour})
		assert.Empty(t, p.deletes(found, judged, false))
		assert.Empty(t, p.cloud.Leaks(before))
	})
}

// Between the first look and the deletion the director announces the server.
func TestObjectThatComesIntoUse(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		created, err := p.living().CreateVM(p.Context(), p.newVM("10.0.0.10", 0))
		require.NoError(t, err)
		p.passes(2 * time.Hour)
		_, first := p.judges(orphans.Rules{Known: p.knows(), Director: ours, MinAge: time.Hour})
		assert.Contains(t, verdicts(first), "server: orphan")
		_, err = p.living().SetVMMetadata(p.Context(), bosh.SetVMMetadataArgs{VM: created.CID, Metadata: bosh.Metadata{"director": "d", "job": "j"}})
		require.NoError(t, err)
		_, second := p.judges(orphans.Rules{Known: p.knows(), Director: ours, MinAge: time.Hour})
		assert.Empty(t, orphans.Confirmed(first, second, false))
		assert.NotEmpty(t, orphans.Confirmed(first, second, true))
	})
}

// Managed networks and their routers are marked in their description. No list of bosh has their
// CIDs, so that only a plain list or the end of the director makes them orphans.
func TestNetworks(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		before := p.cloud.Inventory()
		_, session := p.session(p.cloud.Transport())
		made := func(path string, body object) string {
			body["description"] = mark.Owner{DirectorUUID: ours}.Description()
			return p.makes(session.Network, path, object{strings.TrimSuffix(path, "s"): body})
		}
		network, router := made("networks", object{"name": "managed"}), made("routers", object{"name": "managed"})
		subnet := p.makes(session.Network, "subnets", object{"subnet": object{"network_id": network, "cidr": "10.9.0.0/24", "ip_version": 4}})
		client, err := session.Network(p.Context())
		require.NoError(p, err)
		_, err = routers.AddInterface(p.Context(), client, router, routers.AddInterfaceOpts{SubnetID: subnet}).Extract()
		require.NoError(p, err)
		port := p.makes(session.Network, "ports", object{"port": object{"network_id": network, "name": "an operator's"}})
		p.passes(2 * time.Hour)
		_, judged := p.judges(orphans.Rules{Known: p.knows(), Director: ours})
		assert.Equal(t, []string{"network: undecided", "router: undecided"}, verdicts(judged))

		// A network in use stays connected.
		connected := p.cloud.Inventory()
		found, judged := p.judges(orphans.Rules{Director: ours, NothingKnown: true})
		assert.Contains(t, fmt.Sprint(p.deletes(found, judged, false)), "left, because it is in use by port "+port)
		assert.Empty(t, p.cloud.Inventory().Diff(connected))

		require.NoError(p, ports.Delete(p.Context(), client, port).ExtractErr())
		found, judged = p.judges(orphans.Rules{Director: ours, NothingKnown: true})
		assert.Empty(t, p.deletes(found, judged, false))
		assert.Empty(t, p.cloud.Inventory().Diff(before))
	})
}

// Nova asks Cinder once to delete a boot volume. If Cinder refuses, the volume
// outlives its server.
func TestBootVolumeWithoutServer(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{}, func(p *project) {
		before := p.cloud.Inventory()
		gone := "1c9f3a52-1f0c-4c9f-8f46-3a1b8d9b7c11"
		metadata := mark.Owner{DirectorUUID: ours}.Metadata()
		metadata[mark.BootVolumeOf] = gone
		_, session := p.session(p.cloud.Transport())
		p.makes(session.Volume, "volumes", object{"volume": object{"name": "", "size": 1, "metadata": metadata}})
		p.passes(2 * time.Hour)
		found, judged := p.judges(orphans.Rules{MinAge: time.Hour})
		require.Equal(t, []string{"boot volume: orphan"}, verdicts(judged))
		assert.Equal(t, "its server "+gone+" is gone", judged[0].Reason)
		assert.Empty(t, p.deletes(found, judged, false))
		assert.Empty(t, p.cloud.Inventory().Diff(before))
	})
}

// A server without the mark is not the CPI's, and its ports stay with it.
func TestPortOfAnUnmarkedServer(t *testing.T) {
	t.Parallel()
	inProject(t, simulator.Options{WithoutLoadBalancer: true}, func(p *project) {
		created, err := p.living().CreateVM(p.Context(), p.newVM("10.0.0.10", 0))
		require.NoError(t, err)
		_, session := p.session(p.cloud.Transport())
		p.makes(session.Compute, "servers/"+string(created.CID)+"/metadata", object{"metadata": object{mark.Key: "another"}})
		p.passes(2 * time.Hour)
		_, judged := p.judges(orphans.Rules{Director: ours, NothingKnown: true})
		for _, j := range judged {
			assert.Equal(t, orphans.Undecided, j.Verdict, "%s: %s", j.Kind, j.Reason)
		}
		require.NotEmpty(t, judged)
	})
}
