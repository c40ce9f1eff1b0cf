package cpi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// calls returns how often a call was made.
func (e *env) calls(call string) (n int) {
	for _, exchange := range e.cloud.Journal() {
		if exchange.Call() == call {
			n++
		}
	}
	return n
}

// The zone of a disk binds a VM only if it is a zone of Nova, too. In a cloud with
// one zone for all volumes a VM can be created again in its zone.
func TestDiskInAZoneOfCinder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties string
		zones      []string
	}{
		"VM in a zone":      {`{"instance_type":"m1.small","availability_zone":"az2"}`, []string{"az2"}},
		"VM without a zone": {smallVM, []string{"az1", "az2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{AvailabilityZones: []string{"az1", "az2"}, VolumeZones: []string{"nova"}}, func(e *env) {
				args := e.newVM(e.manual("10.0.0.10"), test.properties)
				args.Disks = []bosh.DiskCID{e.disk()}
				before := e.cloud.Inventory()
				created, err := e.cpi().CreateVM(e.Context(), args)
				require.NoError(e, err)
				server, err := e.cpi().compute.Server(e.Context(), string(created.CID))
				require.NoError(e, err)
				assert.Contains(e, test.zones, server.AvailabilityZone)
				_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
				require.NoError(e, err)
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

// A zone of Nova that has no capacity is not left, because the disk is there.
func TestDiskInAZoneOfNova(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		args := e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zone":"z2"}`)
		args.Disks = []bosh.DiskCID{e.disk()}
		_, err := e.cpi().CreateVM(e.Context(), args)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "can't use multiple availability zones: VM is created in AZ 'z2', disk '"+string(args.Disks[0])+"' is in AZ 'z1'")
		assert.Equal(e, 1, e.calls("GET /os-availability-zone"))

		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Zone: "z1", Reason: simulator.NoValidHost, Times: -1})
		args.CloudProperties = []byte(smallVM)
		_, err = e.cpi().CreateVM(e.Context(), args)
		assert.Contains(e, e.requireKind(err, bosh.VMCreationFailed), "in availability zone 'z1': ")

		e.cloud.ClearStateFaults()
		e.cloud.ResetJournal()
		_, err = e.cpi().CreateVM(e.Context(), args)
		require.NoError(e, err)
		assert.Zero(e, e.calls("GET /os-availability-zone"), "the zones are equal")
	})
}

// Another zone is tried only if the reason is the zone. The error has the reasons
// of all zones.
func TestWhenTheNextZoneIsTried(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail     func(e *env)
		attempts int
		words    []string
	}{
		"no capacity": {attempts: 2, words: []string{"'z1'", "'z2'", simulator.NoValidHost}, fail: func(e *env) {
			e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: simulator.NoValidHost, Times: -1})
		}},
		"another fault": {attempts: 1, words: []string{"the image is damaged"}, fail: func(e *env) {
			e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: "the image is damaged", Times: -1})
		}},
		"forbidden": {attempts: 1, words: []string{"Forbidden"}, fail: func(e *env) {
			e.cloud.Inject(simulator.Fault{On: "POST /servers", Status: http.StatusForbidden, Times: -1})
		}},
		"quota": {attempts: 1, words: []string{"quota"}, fail: func(e *env) { e.cloud.SetQuota("instances", 0) }},
		"server left behind": {attempts: 1, words: []string{"left behind"}, fail: func(e *env) {
			e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: simulator.NoValidHost, Times: -1})
			e.cloud.Inject(simulator.Fault{On: "DELETE /servers/{id}", Status: http.StatusForbidden, Times: -1})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				e.overrides["ignore_server_availability_zone"] = true
				test.fail(e)
				_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zones":["z1","z2"]}`))
				require.Error(e, err)
				for _, word := range test.words {
					assert.Contains(e, strings.ToLower(err.Error()), strings.ToLower(word))
				}
				assert.Equal(e, test.attempts, e.calls("POST /servers"))
			})
		})
	}
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["ignore_server_availability_zone"] = true
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zones":["nowhere","z2"]}`))
		require.NoError(e, err, "a zone that does not exist")
	})
}
