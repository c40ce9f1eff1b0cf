package cpi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// contest is what the calls of a race are about.
type contest struct {
	*env
	vm, otherVM bosh.VMCID
	disk        bosh.DiskCID
	snapshot    bosh.SnapshotCID
	stemcell    bosh.StemcellCID
	archive     string
	vip         string
}

// rival is a method of a race.
type rival struct {
	name string
	// creates: a failed call must not have had an effect.
	creates bool
	// call makes the call of the nth process.
	call func(ctx context.Context, on *contest, c *CPI, nth int) error
}

// race is a set of methods that are called for the same objects.
type race struct {
	name    string
	prepare func(e *env) *contest
	rivals  []rival
	// copies are the numbers of concurrent calls of each method.
	copies []int
}

func withDisk(attached bool) func(e *env) *contest {
	return func(e *env) *contest {
		on := &contest{env: e, vm: e.vm("10.0.0.10"), otherVM: e.vm("10.0.0.11"), disk: e.disk()}
		if attached {
			_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: on.vm, Disk: on.disk})
			require.NoError(e, err)
		}
		return on
	}
}

func withSnapshot(e *env) *contest {
	on := withDisk(false)(e)
	var err error
	on.snapshot, err = e.cpi().SnapshotDisk(e.Context(), bosh.SnapshotDiskArgs{Disk: on.disk})
	require.NoError(e, err)
	return on
}

func withStemcell(e *env) *contest {
	on := &contest{env: e, archive: e.stemcellArchive(1 << 10)}
	var err error
	on.stemcell, err = e.cpi().CreateStemcell(e.Context(), on.stemcellArgs())
	require.NoError(e, err)
	return on
}

func (on *contest) stemcellArgs() bosh.CreateStemcellArgs {
	return bosh.CreateStemcellArgs{ImagePath: on.archive, CloudProperties: []byte(stemcellProperties)}
}

func (on *contest) newVM(nth int, networks bosh.Networks, properties string) bosh.CreateVMArgs {
	args := on.env.newVM(networks, properties)
	args.AgentID = fmt.Sprintf("agent-%d", nth)
	return args
}

// rivalsOf returns the methods for the objects that exist.
func rivalsOf(snapshot bool) []rival {
	all := []rival{
		{name: "attach_disk", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.AttachDisk(ctx, bosh.VMDiskArgs{VM: on.vm, Disk: on.disk})
			return err
		}},
		{name: "attach_disk to another VM", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.AttachDisk(ctx, bosh.VMDiskArgs{VM: on.otherVM, Disk: on.disk})
			return err
		}},
		{name: "detach_disk", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.DetachDisk(ctx, bosh.VMDiskArgs{VM: on.vm, Disk: on.disk})
			return err
		}},
		{name: "delete_disk", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.DeleteDisk(ctx, bosh.DiskArgs{Disk: on.disk})
			return err
		}},
		{name: "resize_disk", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.ResizeDisk(ctx, bosh.ResizeDiskArgs{Disk: on.disk, SizeMiB: 4096})
			return err
		}},
		{name: "update_disk", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.UpdateDisk(ctx, bosh.UpdateDiskArgs{Disk: on.disk, SizeMiB: 4096, CloudProperties: []byte(`{"type":"hdd"}`)})
			return err
		}},
		{name: "snapshot_disk", creates: true, call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.SnapshotDisk(ctx, bosh.SnapshotDiskArgs{Disk: on.disk})
			return err
		}},
		{name: "set_disk_metadata", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.SetDiskMetadata(ctx, bosh.SetDiskMetadataArgs{Disk: on.disk, Metadata: bosh.Metadata{"deployment": "cf"}})
			return err
		}},
		{name: "delete_vm", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.DeleteVM(ctx, bosh.VMArgs{VM: on.vm})
			return err
		}},
		{name: "reboot_vm", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.RebootVM(ctx, bosh.VMArgs{VM: on.vm})
			return err
		}},
		{name: "set_vm_metadata", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.SetVMMetadata(ctx, bosh.SetVMMetadataArgs{VM: on.vm, Metadata: bosh.Metadata{"name": "router/1", "job": "router"}})
			return err
		}},
	}
	if snapshot {
		all = append(all, rival{name: "delete_snapshot", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
			_, err := c.DeleteSnapshot(ctx, bosh.DeleteSnapshotArgs{Snapshot: on.snapshot})
			return err
		}})
	}
	return all
}

// races returns each pair of the methods for one VM and one disk, and those of
// creations.
func races() (all []race) {
	pair := func(state string, prepare func(e *env) *contest, a, b rival) {
		one := race{name: a.name + " and " + b.name + " of " + state, prepare: prepare, rivals: []rival{a, b}, copies: []int{1, 16}}
		if a.name == b.name {
			one.rivals, one.copies = []rival{a}, []int{2, 32}
		}
		all = append(all, one)
	}
	for _, attached := range []bool{false, true} {
		rivals := rivalsOf(false)
		for i, a := range rivals {
			for _, b := range rivals[i:] {
				pair(map[bool]string{false: "a free disk", true: "an attached disk"}[attached], withDisk(attached), a, b)
			}
		}
	}
	ofSnapshot := rivalsOf(true)
	for _, a := range ofSnapshot {
		pair("a disk with a snapshot", withSnapshot, a, ofSnapshot[len(ofSnapshot)-1])
	}
	return append(all, creationRaces()...)
}

func creationRaces() []race {
	nothing := func(e *env) *contest {
		return &contest{env: e, vip: e.floatingIP(), archive: e.stemcellArchive(1 << 10)}
	}
	sameAddress := rival{name: "create_vm", creates: true, call: func(ctx context.Context, on *contest, c *CPI, nth int) error {
		_, err := c.CreateVM(ctx, on.newVM(nth, on.manual("10.0.0.10"), smallVM))
		return err
	}}
	sameVIP := rival{name: "create_vm with a vip", creates: true, call: func(ctx context.Context, on *contest, c *CPI, nth int) error {
		networks := on.networks(`{"private":{"type":"manual","ip":%q,"default":["gateway"],"cloud_properties":{"net_id":%q}},"vip":{"type":"vip","ip":%q}}`,
			fmt.Sprintf("10.0.0.%d", 10+nth), on.cloud.Fixtures().Networks["private"], on.vip)
		_, err := c.CreateVM(ctx, on.newVM(nth, networks, smallVM))
		return err
	}}
	inPool := rival{name: "create_vm in a pool", creates: true, call: func(ctx context.Context, on *contest, c *CPI, nth int) error {
		_, err := c.CreateVM(ctx, on.newVM(nth, on.manual(fmt.Sprintf("10.0.0.%d", 10+nth)),
			fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":8080}]}`, on.pool())))
		return err
	}}
	inGroup := rival{name: "create_vm in a server group", creates: true, call: func(ctx context.Context, on *contest, c *CPI, nth int) error {
		_, err := c.CreateVM(ctx, on.newVM(nth, on.manual(fmt.Sprintf("10.0.0.%d", 20+nth)), `{"instance_type":"m1.tiny","server_group":{"policy":"soft-anti-affinity"}}`))
		return err
	}}
	withGroup := func(e *env) *contest {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.tiny","server_group":{"policy":"soft-anti-affinity"}}`))
		require.NoError(e, err)
		return &contest{env: e, vm: created.CID}
	}
	upload := rival{name: "create_stemcell", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
		_, err := c.CreateStemcell(ctx, on.stemcellArgs())
		return err
	}}
	remove := rival{name: "delete_stemcell", call: func(ctx context.Context, on *contest, c *CPI, _ int) error {
		_, err := c.DeleteStemcell(ctx, bosh.DeleteStemcellArgs{Stemcell: on.stemcell})
		return err
	}}
	replace := rival{name: "create_vm", creates: true, call: func(ctx context.Context, on *contest, c *CPI, nth int) error {
		_, err := c.CreateVM(ctx, on.newVM(nth, on.manual("10.0.0.10"), smallVM))
		return err
	}}
	all := rivalsOf(false)
	deleteVM := all[slices.IndexFunc(all, func(r rival) bool { return r.name == "delete_vm" })]
	return []race{
		{name: "create_vm with the same address", prepare: nothing, rivals: []rival{sameAddress}, copies: []int{2, 32}},
		{name: "create_vm with the same vip", prepare: nothing, rivals: []rival{sameVIP}, copies: []int{2, 32}},
		{name: "create_vm in the same pool", prepare: nothing, rivals: []rival{inPool}, copies: []int{2, 32}},
		{name: "create_vm in a new server group", prepare: nothing, rivals: []rival{inGroup}, copies: []int{2, 32}},
		{name: "delete_vm and create_vm in its server group", prepare: withGroup, rivals: []rival{deleteVM, inGroup}, copies: []int{1, 16}},
		{name: "delete_vm and create_vm with its address", prepare: withDisk(false), rivals: []rival{deleteVM, replace}, copies: []int{1, 16}},
		{name: "create_stemcell of the same archive", prepare: nothing, rivals: []rival{upload}, copies: []int{2, 8}},
		{name: "create_stemcell and delete_stemcell", prepare: withStemcell, rivals: []rival{upload, remove}, copies: []int{1, 8}},
		{name: "delete_stemcell and delete_stemcell", prepare: withStemcell, rivals: []rival{remove}, copies: []int{2, 32}},
	}
}

// unevenTransport delays each request, so that concurrent calls interleave in a
// different order for each seed.
type unevenTransport struct {
	cloud http.RoundTripper

	mu     sync.Mutex
	random *rand.Rand
}

func (u *unevenTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	u.mu.Lock()
	delay := time.Duration(u.random.IntN(400)) * time.Millisecond
	u.mu.Unlock()
	if err := openstack.Sleep(request.Context(), delay); err != nil {
		return nil, err
	}
	return u.cloud.RoundTrip(request)
}

// Each pair of methods is called for the same objects at the same time, by two
// and by 32 processes. Every call succeeds or returns a typed error that names an
// object. The state afterwards is one that the calls could have brought about one
// after the other, and the calls that delete the objects then leave nothing.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	seeds := 1
	if os.Getenv(exhaustive) != "" {
		seeds = 10
	}
	for _, race := range races() {
		for _, copies := range race.copies {
			for seed := range seeds {
				if name := fmt.Sprintf("%s/%d calls, seed %d", race.name, copies*len(race.rivals), seed); sampled(24, name) {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						race.run(t, copies, uint64(seed))
					})
				}
			}
		}
	}
}

// result is what a race has led to.
type result struct {
	changes []string
	// succeeded counts the successful calls by rival.
	succeeded []int
	failed    []error
}

func (r race) run(t *testing.T, copies int, seed uint64) {
	t.Helper()
	var outcome result
	inCloud(t, simulator.Options{}, func(e *env) { outcome = r.concurrently(e, copies, seed) })
	var possible [][]string
	for _, order := range r.orders(copies, outcome.succeeded) {
		inCloud(t, simulator.Options{}, func(e *env) { possible = append(possible, r.sequentially(e, order)) })
		if slices.Equal(possible[len(possible)-1], outcome.changes) {
			return
		}
	}
	assert.Fail(t, "no order of the calls leads to this state", "%s\nsucceeded: %v\nfailed: %v\npossible:\n%s",
		strings.Join(outcome.changes, "\n"), outcome.succeeded, errors.Join(outcome.failed...), alternatives(possible))
}

func alternatives(possible [][]string) string {
	var all []string
	for _, lines := range possible {
		all = append(all, strings.Join(lines, "\n"))
	}
	return strings.Join(all, "\nor\n")
}

func (r race) concurrently(e *env, copies int, seed uint64) result {
	pristine := e.cloud.Inventory()
	on := r.prepare(e)
	before := e.cloud.Inventory()
	outcome := result{succeeded: make([]int, len(r.rivals))}
	var mu sync.Mutex
	var calls sync.WaitGroup
	for nth := range copies * len(r.rivals) {
		e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper {
			return &unevenTransport{cloud: cloud, random: rand.New(rand.NewPCG(seed, uint64(nth)))}
		}
		c := e.cpi()
		calls.Go(func() {
			err := r.rivals[nth%len(r.rivals)].call(e.Context(), on, c, nth)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				outcome.succeeded[nth%len(r.rivals)]++
				return
			}
			outcome.failed = append(outcome.failed, err)
			require.NoError(e, checkKind(err))
			assert.True(e, uuids.MatchString(err.Error()) || strings.Contains(err.Error(), "10.0.0."), "the error names no object: %v", err)
			assert.NotContains(e, err.Error(), "left behind")
		})
	}
	calls.Wait()
	e.wrapTransport = nil
	e.pass(time.Minute)
	outcome.changes = settled(e.changes(before))
	e.assertDeletable(pristine, errors.Join(outcome.failed...))
	return outcome
}

func (r race) sequentially(e *env, order []int) []string {
	on := r.prepare(e)
	before := e.cloud.Inventory()
	for nth, i := range order {
		if err := r.rivals[i].call(e.Context(), on, e.cpi(), nth); err != nil {
			e.Log(err)
		}
	}
	e.pass(time.Minute)
	return settled(e.changes(before))
}

// orders returns the sequences of calls, as indexes of rivals, that may have the
// effect of the race: those of one rival before, after or between those of the
// other. A call that has failed and does not create objects may have had its effect
// or not.
func (r race) orders(copies int, succeeded []int) (all [][]int) {
	var effects [][]int // by rival, the possible numbers of calls
	for i, rival := range r.rivals {
		effects = append(effects, []int{succeeded[i]})
		if !rival.creates && succeeded[i] < copies {
			effects[i] = append(effects[i], succeeded[i]+1)
		}
	}
	for _, first := range effects[0] {
		calls := slices.Repeat([]int{0}, first)
		if len(r.rivals) == 1 {
			all = append(all, calls)
			continue
		}
		for _, second := range effects[1] {
			others := slices.Repeat([]int{1}, second)
			all = append(all, slices.Concat(calls, others), slices.Concat(others, calls))
			for i := 1; i < first; i++ {
				all = append(all, slices.Concat(calls[:i], others, calls[i:]))
			}
			for i := 1; i < second; i++ {
				all = append(all, slices.Concat(others[:i], calls, others[i:]))
			}
		}
	}
	return all
}

var (
	agents    = regexp.MustCompile(`agent-\d+`)
	addresses = regexp.MustCompile(`10\.0\.0\.\d+`)
)

// settled returns changes without what depends on the order of equal calls.
func settled(changes []string) []string {
	var lines []string
	for _, line := range changes {
		if !strings.Contains(line, "server: boots ") {
			lines = append(lines, addresses.ReplaceAllString(agents.ReplaceAllString(line, "agent-…"), "10.0.0.…"))
		}
	}
	slices.Sort(lines)
	return lines
}
