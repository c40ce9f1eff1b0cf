package lifecycle_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// The number of concurrent lifecycles of a soak, how often a failed call is
// repeated, and how often the objects of the cloud are checked for doubles.
const (
	soakWorkers  = 8
	soakRepeats  = 5
	soakInterval = 5 * time.Second
)

// soak is the state that all lifecycles of TestSoak share.
type soak struct {
	*scenario
	stemcell string // of all lifecycles but every tenth, which creates one of its own
	archive  string

	limit int       // of lifecycles
	end   time.Time // after which no lifecycle begins

	mu      sync.Mutex
	begun   int
	calls   map[string]int // by method
	errors  map[string]int // that callers saw, by method and kind
	faults  map[string]int // by name
	failed  []string       // lifecycles that did not end
	doubles []string
}

// TestSoak runs whole lifecycles in eight processes at a time while requests
// fail at random. Each error is answered as a director does: a call is repeated,
// a creation of a VM up to five times. At the end nothing may be left, and at no
// time may two servers have one agent, or two volumes one name.
//
// CPI_SOAK is the number of lifecycles, by default 16 on the simulator and none on
// a cloud, where one takes half a minute. CPI_SOAK_FAULTS is the percentage of
// requests that fail, 3 by default, CPI_SOAK_SEED the seed. After CPI_SOAK_MINUTES
// no further lifecycle begins.
func TestSoak(t *testing.T) {
	lifecycles, minutes := number(t, "CPI_SOAK", 16), number(t, "CPI_SOAK_MINUTES", 24*60)
	if os.Getenv("CPI_SOAK") == "" && suite.target.Environment(t).Simulator == nil {
		t.Skip("takes long on a cloud: set CPI_SOAK to the number of lifecycles")
	}
	percent, seed := number(t, "CPI_SOAK_FAULTS", 3), number(t, "CPI_SOAK_SEED", 1)
	s := newScenario(t)
	k := &soak{
		scenario: s, stemcell: s.fixtures.Image() + " light", archive: s.archive(1),
		limit: lifecycles, end: time.Now().Add(time.Duration(minutes) * time.Minute),
		calls: map[string]int{}, errors: map[string]int{}, faults: map[string]int{},
	}
	proxy := s.startFaultProxy(nil)
	random := rand.New(rand.NewPCG(uint64(seed), 0)) // used while the proxy is locked
	faults := requestFaults()
	for _, fault := range faults {
		rate := float64(percent) / 100 / float64(len(faults))
		fault.Times = -1
		fault.Match = func(simulator.Exchange) bool {
			strikes := random.Float64() < rate
			if strikes {
				k.count(k.faults, fault.name)
			}
			return strikes
		}
		proxy.Inject(fault.Fault)
	}

	started := time.Now()
	stopWatch := k.watch()
	var workers sync.WaitGroup
	for worker := range soakWorkers {
		nic := s.chooseNIC("private")
		workers.Go(func() {
			for number, ok := k.begin(); ok; number, ok = k.begin() {
				k.lifecycle(worker, number, nic)
			}
		})
	}
	workers.Wait()
	stopWatch()
	requests := len(proxy.Reset())
	k.report(requests, time.Since(started), percent, seed)
	code, left := s.orphans()
	for _, o := range left {
		assert.NotEqual(t, s.director.UUID, o.Director, "left: %+v", o)
	}
	assert.NotEqual(t, 1, code, "the command orphans")
	assert.Empty(t, s.inventory().Leftovers(nil, []string{s.director.UUID}), "left")
	assert.Empty(t, k.doubles, "doubles")
	assert.Empty(t, k.failed, "lifecycles that did not end")
}

// number returns the value of a variable.
func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	require.NoError(t, err, variable)
	return value
}

// begin returns the number of the next lifecycle, false if there is none.
func (k *soak) begin() (number int, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.begun == k.limit || time.Now().After(k.end) {
		return 0, false
	}
	k.begun++
	return k.begun, true
}

func (k *soak) count(in map[string]int, key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	in[key]++
}

// run is one lifecycle.
type run struct {
	*soak
	director director.Director
	failure  string // of the call that failed for good
}

// lifecycle runs one lifecycle at an address. If a call fails for good, only the
// objects are deleted.
func (k *soak) lifecycle(worker, number int, nic cloud.NIC) {
	r := &run{soak: k, director: *k.scenario.director}
	stemcell := k.stemcell
	if number%10 == 0 {
		properties := k.stemcellProperties()
		properties["version"] = fmt.Sprintf("%d.%s", number, r.director.UUID)
		stemcell = r.cid("create_stemcell", k.archive, properties)
	}
	vm := ""
	if stemcell != "" {
		vm = r.vm(vmArguments{
			stemcell: stemcell, networks: networks{manualAt("private", nic)}, agent: fmt.Sprintf("agent-%d-of-%s", number, r.director.UUID),
			properties: object{"boot_from_volume": number%5 == 0},
		})
	}
	if vm != "" {
		r.withVM(vm, number)
		r.must("delete_vm", vm)
	}
	if number%10 == 0 && stemcell != "" {
		r.must("delete_stemcell", stemcell)
	}
	if r.failure != "" {
		k.mu.Lock()
		k.failed = append(k.failed, fmt.Sprintf("%d: %s", number, r.failure))
		k.mu.Unlock()
	}
	k.Logf("worker %d: lifecycle %d ended", worker, number)
}

// withVM runs the part of a lifecycle that needs a VM.
func (r *run) withVM(vm string, number int) {
	r.must("set_vm_metadata", vm, object{"director": "lifecycle", "deployment": "soak", "job": "job", "id": "i", "index": fmt.Sprint(number), "name": "job/i"})
	r.must("has_vm", vm)
	disk := r.cid("create_disk", 1024, object{}, vm)
	if disk == "" {
		return
	}
	r.must("attach_disk", vm, disk)
	r.must("set_disk_metadata", disk, object{"director": "lifecycle", "deployment": "soak", "instance_id": "i"})
	r.must("get_disks", vm)
	if snapshot := r.cid("snapshot_disk", disk, object{"deployment": "soak", "job": "job", "index": number}); snapshot != "" {
		r.must("delete_snapshot", snapshot)
	}
	r.must("detach_disk", vm, disk)
	r.must("resize_disk", disk, 2048)
	r.must("delete_disk", disk)
}

// ask makes one call.
func (r *run) ask(method string, arguments ...any) (json.RawMessage, *director.Error) {
	r.count(r.calls, method)
	result, cost, err := r.director.Ask(r.Context(), r.director.Request(r.api, method, arguments...))
	r.assertNoSecrets(cost.Stderr)
	if err == nil {
		return result, nil
	}
	failure, ok := errors.AsType[*director.Error](err)
	if !ok {
		failure = &director.Error{Type: "no response", Message: err.Error()}
		assert.Fail(r, "no response", "%v: %s", err, cost.Stderr)
	}
	r.assertNoSecrets(failure.Message)
	r.count(r.errors, fmt.Sprintf("%s %s, ok_to_retry %t", method, strings.TrimPrefix(failure.Type, "Bosh::Clouds::"), failure.OKToRetry))
	r.Logf("%s: %s", method, failure)
	return nil, failure
}

// must makes a call and repeats it after an error. It returns nil if all tries
// failed.
func (r *run) must(method string, arguments ...any) json.RawMessage {
	for try := 1; ; try++ {
		result, failure := r.ask(method, arguments...)
		if failure == nil {
			return result
		}
		if try == soakRepeats {
			r.failure = fmt.Sprintf("%s: %s", method, failure)
			return nil
		}
	}
}

// cid makes a call that returns a CID, "" after a failure.
func (r *run) cid(method string, arguments ...any) (cid string) {
	result := r.must(method, arguments...)
	if result != nil {
		assert.NoError(r, json.Unmarshal(result, &cid), string(result))
	}
	return cid
}

// vm creates a VM and returns its CID, "" after a failure. A director repeats the
// call for the same agent only if the error allows it; otherwise the next
// deployment creates another one.
func (r *run) vm(arguments vmArguments) string {
	agent := arguments.agent
	for try := 1; ; try++ {
		result, failure := r.ask("create_vm", r.arguments(arguments)...)
		if failure == nil {
			var pair []any
			assert.NoError(r, json.Unmarshal(result, &pair), string(result))
			cid, _ := pair[0].(string)
			return cid
		}
		if try == soakRepeats {
			r.failure = "create_vm: " + failure.Error()
			return ""
		}
		if !failure.OKToRetry {
			arguments.agent = fmt.Sprintf("%s-%d", agent, try)
		}
	}
}

// watch looks for doubles until stop is called: two servers with the id of one
// agent, or two other objects with one name.
func (k *soak) watch() (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(soakInterval):
			}
			found, err := k.cloud.Inventory(k.cleanupContext())
			if err != nil {
				k.Log(err)
				continue
			}
			k.checkDoubles(found)
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

func (k *soak) checkDoubles(found cloud.Inventory) {
	seen := map[string]string{}
	for _, name := range found.Leftovers(nil, []string{k.scenario.director.UUID}) {
		var named struct {
			Name     string
			Metadata map[string]string
		}
		if json.Unmarshal([]byte(found[name]), &named) != nil {
			continue
		}
		kind, _, _ := strings.Cut(name, " ")
		if named.Name == "" {
			continue
		}
		identity := kind + " " + named.Name
		if agent := named.Metadata["agent_id"]; kind == "server" {
			identity = "server of " + agent
		}
		if other, double := seen[identity]; double {
			k.mu.Lock()
			if text := identity + ": " + other + " and " + name; !slices.Contains(k.doubles, text) {
				k.doubles = append(k.doubles, text)
			}
			k.mu.Unlock()
		}
		seen[identity] = name
	}
}

// report logs the figures of the soak.
func (k *soak) report(requests int, took time.Duration, percent, seed int) {
	total := func(of map[string]int) (sum int) {
		for _, n := range of {
			sum += n
		}
		return sum
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d lifecycles at %d processes, %d of them not ended, in %s (%d %% faults, seed %d)\n",
		k.begun, soakWorkers, len(k.failed), took.Round(time.Second), percent, seed)
	fmt.Fprintf(&text, "%d calls, %d requests, %d faults, %d errors that callers saw, %d doubles\n",
		total(k.calls), requests, total(k.faults), total(k.errors), len(k.doubles))
	for _, table := range []struct {
		name string
		of   map[string]int
	}{{"calls", k.calls}, {"faults", k.faults}, {"errors", k.errors}} {
		fmt.Fprintf(&text, "%s:\n", table.name)
		for _, key := range slices.Sorted(maps.Keys(table.of)) {
			fmt.Fprintf(&text, "  %6d %s\n", table.of[key], key)
		}
	}
	k.Log(text.String())
}
