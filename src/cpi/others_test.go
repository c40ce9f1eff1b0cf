package cpi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// administrator is another client of the same project. It may change all objects
// and ignores refusals.
type administrator struct {
	*env
	session *openstack.Session
	// before are the objects of the cloud before the scenario.
	before simulator.Inventory
}

// thief is the name of the ports that an administrator creates.
const thief = "port-of-others"

func (e *env) administrator(before simulator.Inventory) *administrator {
	e.overrides["username"] = "admin"
	defer delete(e.overrides, "username")
	_, session, _ := e.session()
	return &administrator{env: e, session: session, before: before}
}

// created returns the ids of the scenario's objects of a kind.
func (a *administrator) created(kind string) []string { return a.createdSince(a.before, kind) }

func (e *env) createdSince(before simulator.Inventory, kind string) (ids []string) {
	for _, key := range slices.Sorted(maps.Keys(e.cloud.Inventory())) {
		if _, existed := before[key]; kindOf(key) == kind && !existed {
			ids = append(ids, strings.TrimPrefix(key, kind+" "))
		}
	}
	return ids
}

func (a *administrator) send(service func(context.Context) (*gophercloud.ServiceClient, error), method, path string, body any) {
	client, err := service(a.Context())
	require.NoError(a, err)
	opts := &gophercloud.RequestOpts{OkCodes: []int{200, 201, 202, 204, 400, 403, 404, 409}}
	if body != nil {
		opts.JSONBody = body
	}
	response, err := client.Request(a.Context(), method, client.ServiceURL(path), opts)
	require.NoError(a, err)
	require.NoError(a, response.Body.Close())
}

func (a *administrator) delete(service func(context.Context) (*gophercloud.ServiceClient, error), collection string, ids ...string) {
	for _, id := range ids {
		a.send(service, http.MethodDelete, collection+"/"+id, nil)
	}
}

// interference is what another client does to the objects of a call.
type interference struct {
	name string
	act  func(a *administrator)
	// touches are the kinds of objects, or their fields, whose state afterwards
	// depends on it.
	touches []string
	// lasting: a repeated call does not have to succeed.
	lasting bool
}

func interferences() []interference {
	ofServer := []string{"server", "port", "attachment", "association", "floating IP", "volume", "member", "server group: members"}
	return []interference{
		{name: "server in ERROR", touches: ofServer, lasting: true, act: func(a *administrator) {
			for _, id := range a.created("server") {
				a.cloud.Fail(id)
			}
		}},
		{name: "server deleted", touches: ofServer, lasting: true, act: func(a *administrator) {
			a.delete(a.session.Compute, "servers", a.created("server")...)
		}},
		{name: "volume in error", touches: []string{"volume", "server", "attachment"}, lasting: true, act: func(a *administrator) {
			for _, id := range a.created("volume") {
				a.cloud.Fail(id)
			}
		}},
		{name: "volume deleted", touches: []string{"volume", "server", "attachment"}, lasting: true, act: func(a *administrator) {
			a.delete(a.session.Volume, "volumes", a.created("volume")...)
		}},
		{name: "volume retyped", touches: []string{"volume"}, act: func(a *administrator) {
			for _, id := range a.created("volume") {
				a.send(a.session.Volume, http.MethodPost, "volumes/"+id+"/action",
					map[string]any{"os-retype": map[string]string{"new_type": "hdd", "migration_policy": "on-demand"}})
			}
		}},
		{name: "snapshot deleted", touches: []string{"snapshot"}, lasting: true, act: func(a *administrator) {
			a.delete(a.session.Volume, "snapshots", a.created("snapshot")...)
		}},
		{name: "nothing ends", touches: ofServer, lasting: true, act: func(a *administrator) { a.cloud.Stall() }},
		{name: "no quota left", lasting: true, act: func(a *administrator) {
			for _, quota := range []string{"instances", "cores", "ram", "volumes", "gigabytes", "snapshots", "ports", "images", "image_bytes", "floating_ips"} {
				a.cloud.SetQuota(quota, 0)
			}
		}},
		{name: "port deleted", touches: []string{"port", "server: ports", "association", "floating IP"}, lasting: true, act: func(a *administrator) {
			a.delete(a.session.Network, "ports", a.created("port")...)
		}},
		{name: "address taken", touches: []string{"port", "server: ports", "association", "floating IP"}, lasting: true, act: func(a *administrator) {
			a.delete(a.session.Network, "ports", a.created("port")...)
			a.send(a.session.Network, http.MethodPost, "ports", map[string]any{"port": map[string]any{
				"name": thief, "network_id": a.cloud.Fixtures().Networks["private"], "fixed_ips": []map[string]string{{"ip_address": "10.0.0.10"}},
			}})
		}},
		{name: "floating IP deleted", touches: []string{"floating IP", "association"}, lasting: true, act: func(a *administrator) {
			for _, id := range a.cloud.Fixtures().FloatingIPs {
				a.delete(a.session.Network, "floatingips", id)
			}
		}},
		{name: "image deleted", touches: []string{"image"}, lasting: true, act: func(a *administrator) {
			a.delete(a.session.Image, "images", append(a.created("image"), a.image())...)
		}},
		{name: "flavor deleted", touches: []string{"flavor m1.small"}, lasting: true, act: func(a *administrator) { a.cloud.DeleteFlavor("m1.small") }},
		{name: "key pair deleted", touches: []string{"key pair bosh"}, lasting: true, act: func(a *administrator) { a.cloud.DeleteKeyPair(a.cloud.Fixtures().KeyPair) }},
		{name: "security group deleted", touches: []string{"security group", "port: security groups", "server: security groups"}, lasting: true, act: func(a *administrator) {
			a.delete(a.session.Network, "security-groups", a.cloud.Fixtures().SecurityGroups["bosh"])
		}},
	}
}

// interferedTransport calls act after its nth request; 0 is before the first.
type interferedTransport struct {
	cloud http.RoundTripper
	nth   int
	act   func()

	mu    sync.Mutex
	count int
}

func (i *interferedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	response, err := i.cloud.RoundTrip(request)
	i.count++
	if i.count == i.nth {
		i.act()
	}
	return response, err
}

// Between any two requests of a method, polls among them, another client changes
// its objects. The call succeeds and all objects that the other client did not
// change are as after an undisturbed call, or it fails with a typed error and
// has left nothing, or names it. Nothing exists twice, and the calls with which a
// director deletes its objects leave nothing.
func TestOthersBetweenAllCalls(t *testing.T) {
	t.Parallel()
	for _, scenario := range scenarios() {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			s := sweepOf(t, scenario)
			for nth, request := range append([]string{"the start"}, s.requests(t)...) {
				for _, other := range interferences() {
					if name := fmt.Sprintf("%s after %d %s", other.name, nth, s.called(request)); sampled(25, s.name+name) {
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							inCloud(t, simulator.Options{}, func(e *env) { s.withInterference(e, other, nth) })
						})
					}
				}
			}
		})
	}
}

func (s sweep) withInterference(e *env, other interference, nth int) {
	a := e.administrator(e.cloud.Inventory())
	call := s.prepare(e)
	a.send(a.session.Compute, http.MethodGet, "flavors", nil) // logs in
	before := e.cloud.Inventory()
	act := func() { other.act(a) }
	if nth == 0 {
		act()
	}
	e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper {
		return &interferedTransport{cloud: cloud, nth: nth, act: act}
	}
	begun := time.Now()
	err := call(e.Context(), e.cpi())
	assert.Less(e, time.Since(begun), 30*time.Minute, "the call is not bounded")
	e.wrapTransport = nil
	e.pass(time.Minute) // Nova deletes the boot volume after the server
	for key, object := range e.cloud.Inventory() {
		if object.Name == thief {
			before[key], a.before[key] = object, object
		}
	}

	switch {
	case err == nil:
		assert.ElementsMatch(e, without(other.touches, s.changes), without(other.touches, e.changes(before)))
	case !s.repeatable:
		require.NoError(e, checkKind(err))
		e.assertLeaks(err, before)
	default:
		require.NoError(e, checkKind(err))
		if again := call(e.Context(), e.cpi()); !other.lasting {
			require.NoError(e, again, "the second try after: %v", err)
		} else {
			require.NoError(e, checkKind(again))
		}
	}
	s.assertNothingTwice(e, before)
	if other.name != "nothing ends" {
		e.assertDeletable(a.before, err)
	}
}

// without drops the lines of changes about the kinds of objects, or their fields.
func without(kinds, lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return slices.ContainsFunc(kinds, func(kind string) bool {
			rest, found := strings.CutPrefix(line[2:], kind)
			return found && (rest == "" || rest[0] == ':' || rest[0] == ' ' && strings.Contains(kind, ":"))
		})
	})
}

// assertNothingTwice asserts that there are not more new objects of any kind than
// after the call without a fault.
func (s sweep) assertNothingTwice(e *env, before simulator.Inventory) {
	e.Helper()
	expected := map[string]int{}
	for _, line := range s.changes {
		if kind, created := strings.CutPrefix(line, "+ "); created {
			expected[kind]++
		}
	}
	have := map[string]int{}
	for key := range e.cloud.Inventory() {
		if _, existed := before[key]; !existed {
			have[kindOf(key)]++
		}
	}
	for kind, count := range have {
		assert.LessOrEqual(e, count, expected[kind], kind)
	}
}

// assertDeletable makes the calls with which a director deletes what exists, and
// a VM that does not exist any more. Afterwards nothing must be left.
func (e *env) assertDeletable(before simulator.Inventory, failed error) {
	e.Helper()
	e.pass(30 * time.Minute) // from then on a port without a server is lost
	for _, id := range e.createdSince(before, "snapshot") {
		_, err := e.cpi().DeleteSnapshot(e.Context(), bosh.DeleteSnapshotArgs{Snapshot: bosh.SnapshotCID(id)})
		require.NoError(e, err)
	}
	for _, id := range append(e.createdSince(before, "server"), "5a2c9d1e-0000-4000-8000-000000000000") {
		_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: bosh.VMCID(id)})
		require.NoError(e, err)
	}
	for _, id := range e.createdSince(before, "volume") {
		_, err := e.cpi().DeleteDisk(e.Context(), bosh.DiskArgs{Disk: bosh.DiskCID(id)})
		require.NoError(e, err)
	}
	for _, id := range e.createdSince(before, "image") {
		_, err := e.cpi().DeleteStemcell(e.Context(), bosh.DeleteStemcellArgs{Stemcell: bosh.StemcellCID(id)})
		require.NoError(e, err)
	}
	for _, id := range e.createdSince(before, "network") {
		_, err := e.cpi().DeleteNetwork(e.Context(), bosh.NetworkArgs{Network: bosh.NetworkCID(id)})
		require.NoError(e, err)
	}
	// The server group that the operator made for the scenario stays.
	left := slices.DeleteFunc(e.cloud.Leaks(before), func(line string) bool { return strings.HasSuffix(line, "(operators)") })
	assert.Empty(e, left, "left by: %v", failed)
}

// laggingTransport is a cloud whose reads lag behind its writes: the reads that
// follow the nth request answer 404, or what they answered before it.
type laggingTransport struct {
	cloud http.RoundTripper
	nth   int
	// reads is how many reads lag behind.
	reads int
	// missing: 404 is the response to a read of one object.
	missing bool

	mu    sync.Mutex
	count int
	seen  map[string][]byte // responses to reads, by URL
}

func (l *laggingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	if request.Method == http.MethodGet && l.count > l.nth && l.reads > 0 {
		if l.missing && uuids.MatchString(lastElement(request.URL.Path)) {
			l.reads--
			return respond(request, http.StatusNotFound, "application/json", body(`{"itemNotFound":{"code":404,"message":"It could not be found."}}`)), nil
		}
		if old, known := l.seen[request.URL.String()]; known && !l.missing {
			l.reads--
			return respond(request, http.StatusOK, "application/json", body(string(old))), nil
		}
	}
	response, content, err := exchange(request, l.cloud)
	if err != nil {
		return nil, err
	}
	if request.Method == http.MethodGet && response.StatusCode == http.StatusOK && l.count <= l.nth {
		l.seen[request.URL.String()] = content
	}
	response.Body = io.NopCloser(bytes.NewReader(content))
	return response, nil
}

func lastElement(path string) string { return path[strings.LastIndex(path, "/")+1:] }

func body(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

// After every write of every method, one or two reads answer that the object does
// not exist, or the state from before the write. The call succeeds nevertheless.
func TestReadsLagBehindWrites(t *testing.T) {
	t.Parallel()
	for _, scenario := range scenarios() {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			s := sweepOf(t, scenario)
			for nth, request := range s.requests(t) {
				if strings.HasPrefix(request, http.MethodGet) || strings.HasSuffix(request, "/auth/tokens") {
					continue
				}
				for reads := range 2 {
					for _, missing := range []bool{true, false} {
						name := fmt.Sprintf("%d %s reads %d missing %t", nth+1, s.called(request), reads+1, missing)
						if !sampled(1, s.name+name) {
							continue
						}
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							inCloud(t, simulator.Options{}, func(e *env) { s.withLag(e, nth+1, reads+1, missing) })
						})
					}
				}
			}
		})
	}
}

func (s sweep) withLag(e *env, nth, reads int, missing bool) {
	call := s.prepare(e)
	before := e.cloud.Inventory()
	e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper {
		return &laggingTransport{cloud: cloud, nth: nth, reads: reads, missing: missing, seen: map[string][]byte{}}
	}
	require.NoError(e, call(e.Context(), e.cpi()))
	e.wrapTransport = nil
	e.pass(time.Minute)
	e.assertSettled(s, before)
}

// What create_vm has looked up is deleted before the server is created. The error
// has the text of the look-up, and nothing is left.
func TestDeletedAfterItsLookUp(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"flavor": "Flavor `m1.small' not found", "key pair": "Key-pair `bosh' not found", "image": "Image `",
		"security group": "Security group `bosh' not found",
	} {
		for _, vm := range []string{"create_vm manual", "create_vm dynamic with vip", "create_vm from volume"} {
			for _, before := range []string{"POST /ports", "POST /servers"} {
				if before == "POST /servers" && name == "security group" {
					continue // only the ports need it
				}
				t.Run(fmt.Sprintf("%s, %s, before %s", name, vm, before), func(t *testing.T) {
					t.Parallel()
					scenario := scenarios()[slices.IndexFunc(scenarios(), func(s scenario) bool { return s.name == vm })]
					other := interferences()[slices.IndexFunc(interferences(), func(i interference) bool { return i.name == name+" deleted" })]
					s := sweepOf(t, scenario)
					nth := slices.IndexFunc(s.requests(t), func(request string) bool {
						return strings.HasPrefix(request, http.MethodPost) && strings.HasSuffix(request, strings.TrimPrefix(before, "POST "))
					})
					require.Positive(t, nth)
					inCloud(t, simulator.Options{}, func(e *env) {
						a := e.administrator(e.cloud.Inventory())
						call := s.prepare(e)
						e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper {
							return &interferedTransport{cloud: cloud, nth: nth, act: func() { other.act(a) }}
						}
						err := call(e.Context(), e.cpi())
						text := e.requireKind(err, bosh.CloudError)
						assert.Contains(e, text, says)
						assert.Contains(e, text, "was deleted while the VM was being created")
						assert.Contains(e, text, "HTTP 40", "the refusal is shown as well")
						assert.Empty(e, e.cloud.Leaks(a.before))
					})
				})
			}
		}
	}
}
