package cpi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// withCache runs a test in a cloud whose CPIs share a cache, as the calls of a
// director do.
func withCache(t *testing.T, test func(e *env)) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cache")
	inCloud(t, simulator.Options{}, func(e *env) {
		e.cache = dir
		test(e)
	})
}

// reads returns the requests of a step that only read, without polls of servers.
func (e *env) reads(step func()) (reads []string) {
	e.Helper()
	e.cloud.ResetJournal()
	step()
	for _, exchange := range e.cloud.Journal() {
		if !exchange.Write && exchange.Call() != "GET /servers/{id}" {
			reads = append(reads, exchange.Call())
		}
	}
	return reads
}

// Within ten minutes, a further VM needs no look-ups, apart from those of things
// that can change under their name, which are made after a minute.
func TestLookUpsOfEarlierVMs(t *testing.T) {
	t.Parallel()
	withCache(t, func(e *env) {
		assert.Len(e, e.reads(func() { e.vm("10.0.0.10") }), 5)
		assert.Empty(e, e.reads(func() { e.vm("10.0.0.11") }))
		pause(e, time.Minute)
		assert.Equal(e, []string{"GET /security-groups"}, e.reads(func() { e.vm("10.0.0.12") }))
		pause(e, 10*time.Minute)
		assert.Len(e, e.reads(func() { e.vm("10.0.0.13") }), 4)
	})
}

// The first disk of a VM is created in the VM's zone without a look at the VM.
func TestZoneOfAVMThatWasJustCreated(t *testing.T) {
	t.Parallel()
	withCache(t, func(e *env) {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zone":"z2"}`))
		require.NoError(e, err)
		looks := func() (looks int) {
			e.cloud.ResetJournal()
			disk, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, VM: created.CID})
			require.NoError(e, err)
			for _, exchange := range e.cloud.Journal() {
				if exchange.Call() == "GET /servers/{id}" {
					looks++
				}
			}
			found, err := e.cpi().volume.Volume(e.Context(), string(disk))
			require.NoError(e, err)
			assert.Equal(e, "z2", found.AvailabilityZone)
			return looks
		}
		assert.Zero(e, looks())
		pause(e, 11*time.Minute)
		assert.Equal(e, 1, looks())
	})
}

func pause(e *env, d time.Duration) {
	select {
	case <-time.After(d):
	case <-e.Context().Done():
	}
}

// outdated is a network that replaces a text in the responses to reads of a
// service, so that they describe an earlier state of the cloud.
type outdated struct {
	cloud              http.RoundTripper
	path, before, then string
}

func (o outdated) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := o.cloud.RoundTrip(request)
	if err != nil || request.Method != http.MethodGet || !strings.HasSuffix(request.URL.Path, o.path) {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(body), o.before, o.then)))
	return response, err
}

// What was looked up can be replaced by another object with the same name.
func TestReplacedObjects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path   string
		before func(e *env) string
		then   string
		// properties are further cloud properties.
		properties func(e *env) string
		// created is the number of objects of the VM.
		created int
	}{
		"flavor":             {path: "/flavors/detail", before: (*env).flavorID, then: "f3f6f7a2-0000-4000-8000-000000000000", created: 2},
		"security group":     {path: "/security-groups", before: func(e *env) string { return e.cloud.Fixtures().SecurityGroups["bosh"] }, then: "f3f6f7a2-0000-4000-8000-000000000000", created: 2},
		"size of the flavor": {path: "/flavors/detail", before: func(*env) string { return `"OS-FLV-EXT-DATA:ephemeral":10` }, then: `"OS-FLV-EXT-DATA:ephemeral":1`, created: 2},
		"pool": {
			path: "/lbaas/pools", before: func(e *env) string { return e.cloud.Fixtures().Pools[e.pool()] }, then: "f3f6f7a2-0000-4000-8000-000000000000", created: 3,
			properties: func(e *env) string { return fmt.Sprintf(`,"loadbalancer_pools":[{"name":%q,"port":8080}]`, e.pool()) },
		},
		"server group": {
			path: "/os-server-groups", before: func(e *env) string { return e.serverGroup(operators) }, then: "f3f6f7a2-0000-4000-8000-000000000000", created: 3,
			properties: func(*env) string { return `,"server_group":"operators"` },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCache(t, func(e *env) {
				before, properties := test.before(e), smallVM
				if test.properties != nil {
					properties = strings.TrimSuffix(smallVM, "}") + test.properties(e) + "}"
				}
				e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper { return outdated{cloud, test.path, before, test.then} }
				// The attempt with this network keeps the result of the look-up.
				_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.9"), properties))
				require.Error(e, err)
				e.wrapTransport = nil
				inventory := e.cloud.Inventory()
				created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), properties))
				require.NoError(e, err)
				assert.NotEmpty(e, created.CID)
				assert.Len(e, e.cloud.Inventory().Diff(inventory), test.created, "a server, a port, and the member of a pool or a server group")
				assert.Empty(e, e.reads(func() { e.vm("10.0.0.11") }), "the new look-up is remembered")
			})
		})
	}
}

func (e *env) flavorID() string {
	e.Helper()
	c := e.cpi()
	found, err := c.compute.Flavor(e.Context(), "m1.small")
	require.NoError(e, err)
	return found.ID
}

var variable = regexp.MustCompile(`req-[0-9a-f-]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}`)

// The error is the same whether or not earlier calls have looked the objects up,
// and nothing is left in both cases.
func TestRefusalsWithACache(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(e *env, stemcell bosh.StemcellCID)
		args    func(e *env) bosh.CreateVMArgs
		words   string
	}{
		"flavor deleted":   {happens: func(e *env, _ bosh.StemcellCID) { e.cloud.DeleteFlavor("m1.small") }, words: "Flavor `m1.small' not found (cloud_properties.instance_type)"},
		"key pair deleted": {happens: func(e *env, _ bosh.StemcellCID) { e.cloud.DeleteKeyPair(e.cloud.Fixtures().KeyPair) }, words: "Key-pair `"},
		"image deleted": {happens: func(e *env, stemcell bosh.StemcellCID) {
			require.NoError(e, e.cpi().image.DeleteImage(e.Context(), stemcell.ImageID()))
		}, words: "upload the stemcell again"},
		"group deleted": {happens: func(e *env, _ bosh.StemcellCID) {
			require.NoError(e, groups.Delete(e.Context(), e.neutron(), e.cloud.Fixtures().SecurityGroups["bosh"]).ExtractErr())
		}, words: "Security group `bosh' not found"},
		"group deleted, Nova's port": {happens: func(e *env, _ bosh.StemcellCID) {
			require.NoError(e, groups.Delete(e.Context(), e.neutron(), e.cloud.Fixtures().SecurityGroups["bosh"]).ExtractErr())
		}, args: func(e *env) bosh.CreateVMArgs {
			return e.newVM(e.networks(`{"private":{"type":"dynamic","cloud_properties":{}}}`), smallVM)
		}, words: "Security group `bosh' not found"},
		"quota":          {happens: func(e *env, _ bosh.StemcellCID) { e.cloud.SetQuota("instances", 0) }, words: "Quota exceeded"},
		"port quota":     {happens: func(e *env, _ bosh.StemcellCID) { e.cloud.SetQuota("ports", 0) }, words: "Quota exceeded"},
		"another flavor": {args: func(e *env) bosh.CreateVMArgs { return e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.smal"}`) }, words: "did you mean m1.small?"},
		"another zone": {args: func(e *env) bosh.CreateVMArgs {
			return e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zone":"z9"}`)
		}, words: "in availability zone 'z9'"},
		"another network": {args: func(e *env) bosh.CreateVMArgs {
			return e.newVM(e.networks(`{"private":{"type":"dynamic","cloud_properties":{"net_id":"f3f6f7a2-0000-4000-8000-000000000000"}}}`), smallVM)
		}, words: "Following network IDs are not existing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCache(t, func(e *env) {
				stemcell, err := e.cpi().CreateStemcell(e.Context(), bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(100), CloudProperties: json.RawMessage(stemcellProperties)})
				require.NoError(e, err)
				earlier := e.newVM(e.manual("10.0.0.9"), smallVM)
				earlier.Stemcell = stemcell
				vm, err := e.cpi().CreateVM(e.Context(), earlier)
				require.NoError(e, err)
				_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm.CID})
				require.NoError(e, err)
				if test.happens != nil {
					test.happens(e, stemcell)
				}
				args := e.newVM(e.manual("10.0.0.10"), smallVM)
				if test.args != nil {
					args = test.args(e)
				}
				args.Stemcell = stemcell
				before := e.cloud.Inventory()
				full := e.cache
				texts := map[string]string{}
				for state, dir := range map[string]string{"full": full, "none": "", "empty": filepath.Join(e.TempDir(), "empty")} {
					e.cache = dir
					_, err := e.cpi().CreateVM(e.Context(), args)
					require.ErrorContains(e, err, test.words, state)
					texts[state] = fmt.Sprint(bosh.AsError(err).Kind) + ": " + variable.ReplaceAllString(err.Error(), "ID")
				}
				assert.Equal(e, texts["none"], texts["full"])
				assert.Equal(e, texts["none"], texts["empty"])
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

// With a cache, calls suffer the same faults as without one, with the same
// results.
func TestFaultsWithACache(t *testing.T) {
	t.Parallel()
	for _, scenario := range scenarios() {
		if !strings.HasPrefix(scenario.name, "create_vm") && !strings.HasPrefix(scenario.name, "delete_vm") {
			continue // other calls keep only the login
		}
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			scenario.prepare = warmed(scenario)
			s := sweepOf(t, scenario)
			assert.Subset(t, s.changes, s.done)
			for nth, write := range s.writes {
				for _, f := range writeFaults() {
					if name := fmt.Sprintf("write %d %s %s", nth+1, write, f.name); sampled(5, s.name+name) {
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							inCloud(t, simulator.Options{}, func(e *env) { s.withFailedWrite(e, f, write, nth+1) })
						})
					}
				}
			}
			for read := range s.reads {
				if strings.HasPrefix(s.name, "create_vm") {
					break // after a failed look-up all are made again, and the call can succeed
				}
				t.Run(read, func(t *testing.T) {
					t.Parallel()
					inCloud(t, simulator.Options{}, func(e *env) { s.withFailedRead(e, read, 1) })
				})
			}
		})
	}
}

// warmed returns the preparation of a scenario whose call finds a full cache.
func warmed(s scenario) func(e *env) func(context.Context, *CPI) error {
	return func(e *env) func(context.Context, *CPI) error {
		e.cache = filepath.Join(e.TempDir(), "cache")
		call := s.prepare(e)
		e.warmUp(s, call)
		return call
	}
}

// A server that was deleted without the CPI is not taken for existing because
// create_vm has seen it: what it left is found and deleted.
func TestDeleteVMThatIsGone(t *testing.T) {
	t.Parallel()
	for name, properties := range map[string]func(e *env) string{
		"with a port": func(*env) string { return smallVM },
		"in a pool": func(e *env) string {
			return fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":8080}]}`, e.pool())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCache(t, func(e *env) {
				before := e.cloud.Inventory()
				created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), properties(e)))
				require.NoError(e, err)
				require.NoError(e, e.cpi().compute.DeleteServer(e.Context(), string(created.CID)))
				pause(e, time.Hour) // from then on a port without a server is lost
				_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
				require.NoError(e, err)
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}
