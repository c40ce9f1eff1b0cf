package lifecycle_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/spec/faultproxy"
	"github.com/piston/openstack-bosh-cpi/spec/target"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// namedFault is a fault of one request.
type namedFault struct {
	name string
	simulator.Fault
}

// requestFaults are the faults that TestFaults and TestSoak inject.
func requestFaults() []namedFault {
	const page = "<html><body><h1>502 Bad Gateway</h1></body></html>"
	return []namedFault{
		{"429 with seconds", simulator.RateLimited("", time.Second)},
		{"429", simulator.Fault{Status: http.StatusTooManyRequests}},
		{"401 once", simulator.Fault{Status: http.StatusUnauthorized}},
		{"500", simulator.Fault{Status: http.StatusInternalServerError}},
		{"502", simulator.Fault{Status: http.StatusBadGateway}},
		{"503", simulator.Fault{Status: http.StatusServiceUnavailable}},
		{"504", simulator.Fault{Status: http.StatusGatewayTimeout}},
		{"HTML with 503", simulator.Fault{Status: http.StatusServiceUnavailable, Body: page}},
		{"HTML with success", simulator.Fault{Kind: simulator.Altered, Body: page}},
		{"empty object", simulator.Fault{Kind: simulator.Altered, Body: "{}"}},
		{"truncated JSON", simulator.Fault{Kind: simulator.Truncated}},
		{"reset", simulator.Fault{Kind: simulator.Refused}},
		{"lost answer", simulator.Fault{Kind: simulator.LostAnswer}},
		{"slow", simulator.Fault{Kind: simulator.Delayed, Delay: time.Second}},
	}
}

// kinds is the number of objects by their kind.
type kinds map[string]int

// faultyMethod is a method that must withstand faults.
type faultyMethod struct {
	name, method string
	properties   object // of cpi.json
	// prepare creates what all calls need, before the first of them. It returns
	// begin, which creates what one call needs and returns its arguments.
	prepare func(s *scenario) (begin func() []any)
	// changes are the objects that a call creates or deletes.
	changes kinds
	// done asserts on what else the call must have done; nil: nothing.
	done func(s *scenario, arguments []any, result json.RawMessage)
	// end deletes what the call has created, or brings back the former state.
	end func(s *scenario, arguments []any, result json.RawMessage)
}

func cidOf(s *scenario, result json.RawMessage) (cid string) {
	s.Helper()
	require.NoError(s, json.Unmarshal(result, &cid), string(result))
	return cid
}

// nothing has no effect: the call leaves nothing to delete.
func nothing(*scenario, []any, json.RawMessage) {}

func faultyMethods() []faultyMethod {
	deleteVM := func(s *scenario, _ []any, result json.RawMessage) { s.call(nil, "delete_vm", s.createdVM(result).cid) }
	deleteDisk := func(s *scenario, _ []any, result json.RawMessage) { s.call(nil, "delete_disk", cidOf(s, result)) }
	isActive := func(s *scenario, _ []any, result json.RawMessage) {
		assert.Equal(s, "ACTIVE", s.server(s.createdVM(result).cid).Status)
	}
	newVM := func(s *scenario, on networks) string {
		var result json.RawMessage
		s.call(&result, "create_vm", s.arguments(vmArguments{networks: on})...)
		return s.createdVM(result).cid
	}
	newDisk := func(s *scenario) (disk string) {
		s.call(&disk, "create_disk", 1024, object{})
		return disk
	}
	createVM := func(s *scenario) func() []any {
		arguments := s.arguments(vmArguments{networks: networks{s.manual("private")}})
		return func() []any { return arguments }
	}
	vmAndDisk := func(s *scenario) (vm, disk string) {
		return s.createVM(vmArguments{networks: networks{s.manual("private")}}).cid, s.createDisk(1024, object{})
	}
	return []faultyMethod{
		{
			name: "create_vm", method: "create_vm", changes: kinds{"server": 1, "port": 1},
			prepare: createVM, done: isActive, end: deleteVM,
		},
		{
			name: "create_vm from volume", method: "create_vm", properties: object{"boot_from_volume": true},
			changes: kinds{"server": 1, "port": 1, "volume": 1}, prepare: createVM, done: isActive, end: deleteVM,
		},
		{
			name: "delete_vm", method: "delete_vm", changes: kinds{"server": -1, "port": -1}, end: nothing,
			prepare: func(s *scenario) func() []any {
				on := networks{s.manual("private")}
				return func() []any { return []any{newVM(s, on)} }
			},
		},
		{
			name: "set_vm_metadata", method: "set_vm_metadata", end: nothing,
			prepare: func(s *scenario) func() []any {
				vm := s.createVM(vmArguments{networks: networks{s.manual("private")}}).cid
				number := 0
				return func() []any {
					number++
					return []any{vm, object{"job": "job", "index": fmt.Sprint(number), "director": "lifecycle", "deployment": "d", "id": "i"}}
				}
			},
			done: func(s *scenario, arguments []any, _ json.RawMessage) {
				assert.Equal(s, arguments[1].(object)["index"], s.server(arguments[0].(string)).Metadata["index"])
			},
		},
		{
			name: "create_disk", method: "create_disk", changes: kinds{"volume": 1}, end: deleteDisk,
			prepare: func(*scenario) func() []any { return func() []any { return []any{1024, object{}} } },
			done: func(s *scenario, _ []any, result json.RawMessage) {
				assert.Equal(s, "available", s.volume(cidOf(s, result)).Status)
			},
		},
		{
			name: "attach_disk", method: "attach_disk",
			prepare: func(s *scenario) func() []any {
				vm, disk := vmAndDisk(s)
				return func() []any { return []any{vm, disk} }
			},
			done: func(s *scenario, arguments []any, result json.RawMessage) {
				attached := s.volume(arguments[1].(string))
				assert.Equal(s, "in-use", attached.Status)
				if assert.Len(s, attached.Attachments, 1) {
					assert.Equal(s, attached.hint(), cidOf(s, result))
				}
			},
			end: func(s *scenario, arguments []any, _ json.RawMessage) { s.call(nil, "detach_disk", arguments...) },
		},
		{
			name: "detach_disk", method: "detach_disk", end: nothing,
			prepare: func(s *scenario) func() []any {
				vm, disk := vmAndDisk(s)
				return func() []any {
					s.call(nil, "attach_disk", vm, disk)
					return []any{vm, disk}
				}
			},
			done: func(s *scenario, arguments []any, _ json.RawMessage) {
				assert.Equal(s, "available", s.volume(arguments[1].(string)).Status)
			},
		},
		{
			name: "resize_disk", method: "resize_disk", end: nothing,
			prepare: func(s *scenario) func() []any {
				disk := s.createDisk(1024, object{})
				size := 1024
				return func() []any {
					size += 1024
					return []any{disk, size}
				}
			},
			done: func(s *scenario, arguments []any, _ json.RawMessage) {
				assert.Equal(s, arguments[1].(int)/1024, s.volume(arguments[0].(string)).SizeGiB)
			},
		},
		{
			name: "snapshot_disk", method: "snapshot_disk", changes: kinds{"snapshot": 1},
			prepare: func(s *scenario) func() []any {
				disk := s.createDisk(1024, object{})
				return func() []any { return []any{disk, object{"deployment": "d", "job": "job", "index": 0}} }
			},
			done: func(s *scenario, _ []any, result json.RawMessage) {
				assert.Equal(s, "available", s.snapshot(cidOf(s, result)).Status)
			},
			end: func(s *scenario, _ []any, result json.RawMessage) { s.call(nil, "delete_snapshot", cidOf(s, result)) },
		},
		{
			name: "delete_snapshot", method: "delete_snapshot", changes: kinds{"snapshot": -1}, end: nothing,
			prepare: func(s *scenario) func() []any {
				disk := s.createDisk(1024, object{})
				return func() []any {
					var snapshot string
					s.call(&snapshot, "snapshot_disk", disk, object{"deployment": "d", "job": "job", "index": 0})
					return []any{snapshot}
				}
			},
		},
		{
			name: "delete_disk", method: "delete_disk", changes: kinds{"volume": -1}, end: nothing,
			prepare: func(s *scenario) func() []any { return func() []any { return []any{newDisk(s)} } },
		},
		{
			name: "create_stemcell", method: "create_stemcell", changes: kinds{"image": 1},
			prepare: func(s *scenario) func() []any {
				arguments := []any{s.archive(1), s.stemcellProperties()}
				return func() []any { return arguments }
			},
			done: func(s *scenario, _ []any, result json.RawMessage) {
				assert.Equal(s, "active", s.image(cidOf(s, result))["status"])
			},
			end: func(s *scenario, _ []any, result json.RawMessage) { s.call(nil, "delete_stemcell", cidOf(s, result)) },
		},
		{
			name: "delete_stemcell", method: "delete_stemcell", changes: kinds{"image": -1}, end: nothing,
			prepare: func(s *scenario) func() []any {
				archive := s.archive(1)
				return func() []any {
					var stemcell string
					s.call(&stemcell, "create_stemcell", archive, s.stemcellProperties())
					return []any{stemcell}
				}
			},
		},
	}
}

// Each request of each method suffers each fault once. The call then succeeds and
// has done exactly its work, or it fails with an error that a director can
// handle: nothing is left of a creation, and a repetition succeeds and has done
// exactly the work. CPI_FAULTS=all runs all cases, CPI_FAULTS=writes those of
// requests that change the cloud; without it, a sample runs.
func TestFaults(t *testing.T) {
	for _, method := range faultyMethods() {
		t.Run(method.name, func(t *testing.T) {
			calls := newFaultCases(t, method).calls()
			for _, call := range calls {
				faults := slices.DeleteFunc(requestFaults(), func(f namedFault) bool { return !isSelected(method.name, call, f.name) })
				if len(faults) == 0 {
					continue
				}
				t.Run(strings.ReplaceAll(call.Call(), "/", "|"), func(t *testing.T) {
					f := newFaultCases(t, method)
					failed := 0
					for _, fault := range faults {
						if !f.run(call.Call(), fault) {
							failed++
						}
					}
					f.Logf("%d runs, %d of them with an error", len(faults), failed)
				})
			}
		})
	}
}

// isSelected reports whether a case is to run. The sample is one case in sixteen.
func isSelected(method string, call simulator.Exchange, fault string) bool {
	switch os.Getenv("CPI_FAULTS") {
	case "all":
		return true
	case "writes":
		return call.Write
	}
	sum := fnv.New32a()
	sum.Write([]byte(method + "/" + call.Call() + "/" + fault))
	return sum.Sum32()%16 == 0
}

// startFaultProxy starts a proxy before the cloud and makes the CPI use it.
func (s *scenario) startFaultProxy(properties object) *faultproxy.Proxy {
	s.Helper()
	if suite.microversions != nil {
		s.Skip("CPI_MICROVERSION needs a proxy of its own")
	}
	if url, _ := target.Properties(s.config)["auth_url"].(string); !strings.HasPrefix(url, "http://") {
		s.Skip("the proxy cannot read requests over TLS")
	}
	proxy := faultproxy.Start(s.cloud)
	s.Cleanup(proxy.Close)
	options := object{"proxy": proxy.URL}
	if given, ok := target.Properties(s.config)["connection_options"].(object); ok {
		maps.Copy(options, given)
	}
	all := object{"connection_options": options, "token_cache": false} // every request is sent
	if s.simulator == nil {                                            // a small cloud is slow under many concurrent calls
		s.timeout = 5 * time.Minute
		options["read_timeout"], all["wait_resource_poll_interval"] = int(s.timeout.Seconds()), 5
	}
	maps.Copy(all, properties)
	s.configure(all)
	return proxy
}

// faultCases runs one method with faults.
type faultCases struct {
	*scenario
	proxy  *faultproxy.Proxy
	method faultyMethod
	begin  func() []any
}

// newFaultCases begins a scenario for the cases of a method.
func newFaultCases(t *testing.T, method faultyMethod) faultCases {
	t.Helper()
	s := newScenario(t)
	proxy := s.startFaultProxy(method.properties)
	return faultCases{s, proxy, method, method.prepare(s)}
}

// calls makes a call without a fault and returns the different requests that it
// sends.
func (f faultCases) calls() (calls []simulator.Exchange) {
	f.Helper()
	arguments := f.begin()
	before := f.owned()
	f.proxy.Reset()
	result, failure := f.ask(f.method.method, arguments...)
	require.Nil(f, failure)
	for _, e := range f.proxy.Reset() {
		if !slices.ContainsFunc(calls, func(other simulator.Exchange) bool { return other.Call() == e.Call() }) {
			calls = append(calls, e)
		}
	}
	f.assertDone(before, arguments, result)
	f.method.end(f.scenario, arguments, result)
	return calls
}

// run makes a call one of whose requests suffers a fault, and reports whether it
// succeeded in spite of it.
func (f faultCases) run(call string, fault namedFault) (succeeded bool) {
	f.Helper()
	arguments := f.begin()
	before := f.owned()
	f.proxy.Reset()
	fault.On = call
	f.proxy.Inject(fault.Fault)
	started := time.Now()
	result, failure := f.ask(f.method.method, arguments...)
	what := fmt.Sprintf("%s, %s: %s", f.method.name, call, fault.name)
	assert.Less(f, time.Since(started), f.timeout, what)
	journal := f.proxy.Reset()
	assert.True(f, slices.ContainsFunc(journal, func(e simulator.Exchange) bool { return e.Fault != "" }), "%s: did not happen", what)
	if failure != nil {
		f.Logf("%s: %s", what, failure)
		f.assertHandled(failure, call, fault, what)
		if f.creates() {
			f.waitUntil(what+": nothing is left", func() bool { return maps.Equal(f.owned(), before) })
		}
		result, failure = f.ask(f.method.method, arguments...)
		require.Nil(f, failure, "%s: the second call", what)
		f.assertDone(before, arguments, result)
		f.method.end(f.scenario, arguments, result)
		return false
	}
	f.Logf("%s: success", what)
	f.assertDone(before, arguments, result)
	f.method.end(f.scenario, arguments, result)
	return true
}

// creates reports whether the method creates objects.
func (f faultCases) creates() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(f.method.changes)), func(n int) bool { return n > 0 })
}

// assertHandled asserts that a director can handle the error: it is about the
// cloud and not about the CPI, and a director repeats a creation of a VM, unless
// Keystone has refused the credentials.
func (f faultCases) assertHandled(failure *director.Error, call string, fault namedFault, what string) {
	f.Helper()
	assert.Contains(f, []string{"Bosh::Clouds::CloudError", "Bosh::Clouds::VMCreationFailed"}, failure.Type, what)
	refused := strings.HasSuffix(call, "/auth/tokens") && fault.Status == http.StatusUnauthorized
	if f.method.method == "create_vm" && !refused {
		assert.True(f, failure.OKToRetry, "%s: %s", what, failure)
	}
}

// assertDone asserts that the call has done its work once.
func (f faultCases) assertDone(before kinds, arguments []any, result json.RawMessage) {
	f.Helper()
	want := maps.Clone(before)
	for kind, change := range f.method.changes {
		if want[kind] += change; want[kind] == 0 {
			delete(want, kind)
		}
	}
	assert.Equal(f, want, f.owned())
	if f.method.done != nil {
		f.method.done(f.scenario, arguments, result)
	}
}

// owned counts the objects with the mark of the scenario's director, of the kinds
// that the method creates or deletes. At the end of the scenario, no object of
// any kind may be left.
func (f faultCases) owned() kinds {
	f.Helper()
	found := kinds{}
	if len(f.method.changes) == 0 {
		return found
	}
	all, err := f.cloud.Inventory(f.cleanupContext(), slices.Collect(maps.Keys(f.method.changes))...)
	require.NoError(f, err)
	for _, name := range all.Leftovers(nil, []string{f.director.UUID}) {
		kind, _, _ := strings.Cut(name, " ")
		found[kind]++
	}
	return found
}
