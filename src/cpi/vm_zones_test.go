package cpi

import (
	"fmt"
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

// mapped is a cloud with other zones for volumes than for servers, and the
// configuration of them.
func mapped(t *testing.T, test func(e *env)) {
	t.Helper()
	options := simulator.Options{AvailabilityZones: []string{"az1", "az2", "az3"}, VolumeZones: []string{"ceph-a", "ceph-b"}}
	inCloud(t, options, func(e *env) {
		e.overrides["volume_availability_zones"] = map[string]string{"az1": "ceph-a", "az2": "ceph-a", "az3": "ceph-b"}
		test(e)
	})
}

// diskIn creates a disk in a zone of Cinder.
func (e *env) diskIn(zone string) bosh.DiskCID {
	e.Helper()
	disk, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: fmt.Appendf(nil, `{"availability_zone":%q}`, zone)})
	require.NoError(e, err)
	return disk
}

// createIn creates a VM with disks and returns its zone. zone is its own, or "".
func (e *env) createIn(zone string, disks ...bosh.DiskCID) (string, error) {
	e.Helper()
	properties := smallVM
	if zone != "" {
		properties = fmt.Sprintf(`{"instance_type":"m1.small","availability_zone":%q}`, zone)
	}
	args := e.newVM(e.dynamic(), properties)
	args.Disks = disks
	created, err := e.cpi().CreateVM(e.Context(), args)
	if err != nil {
		return "", err
	}
	server, err := e.cpi().compute.Server(e.Context(), string(created.CID))
	require.NoError(e, err)
	for _, disk := range disks {
		_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: created.CID, Disk: disk})
		require.NoError(e, err)
		_, err = e.cpi().DetachDisk(e.Context(), bosh.VMDiskArgs{VM: created.CID, Disk: disk})
		require.NoError(e, err)
	}
	return server.AvailabilityZone, nil
}

func TestDiskInTheVolumeZoneOfItsVM(t *testing.T) {
	t.Parallel()
	mapped(t, func(e *env) {
		for zone, volumeZone := range map[string]string{"az1": "ceph-a", "az2": "ceph-a", "az3": "ceph-b"} {
			created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.dynamic(), fmt.Sprintf(`{"instance_type":"m1.small","availability_zone":%q}`, zone)))
			require.NoError(e, err)
			disk, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, VM: created.CID})
			require.NoError(e, err)
			assert.Equal(e, volumeZone, e.volumeOf(disk).AvailabilityZone, zone)
			own, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, VM: created.CID, CloudProperties: []byte(`{"availability_zone":"ceph-b"}`)})
			require.NoError(e, err)
			assert.Equal(e, "ceph-b", e.volumeOf(own).AvailabilityZone, "of the disk type")
		}
	})
}

func TestVMInTheComputeZonesOfItsDisks(t *testing.T) {
	t.Parallel()
	mapped(t, func(e *env) {
		a, b := e.diskIn("ceph-a"), e.diskIn("ceph-b")
		seen := map[string]bool{}
		for tries := 0; len(seen) < 2 && tries < 64; tries++ { // the zones are tried in a random order
			zone, err := e.createIn("", a)
			require.NoError(e, err)
			seen[zone] = true
		}
		assert.Equal(e, map[string]bool{"az1": true, "az2": true}, seen)
		zone, err := e.createIn("", b)
		require.NoError(e, err)
		assert.Equal(e, "az3", zone)
		zone, err = e.createIn("az2", a)
		require.NoError(e, err)
		assert.Equal(e, "az2", zone)
		assert.Zero(e, e.calls("GET /os-availability-zone"), "the configuration says it")

		_, err = e.createIn("az3", a)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "VM is created in AZ 'az3', disk '"+string(a)+"' is in AZ 'ceph-a' (for VMs in az1, az2)")
		_, err = e.createIn("", a, b)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "VM is created in default AZ, disk '"+string(a)+"' is in AZ 'ceph-a' (for VMs in az1, az2), disk '"+string(b)+"'")
	})
}

// If one zone of the disks has no capacity, the VM is created in another one.
func TestNextComputeZoneOfTheDisks(t *testing.T) {
	t.Parallel()
	mapped(t, func(e *env) {
		disk := e.diskIn("ceph-a")
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Zone: "az1", Reason: simulator.NoValidHost, Times: -1})
		for range 4 {
			zone, err := e.createIn("", disk)
			require.NoError(e, err)
			assert.Equal(e, "az2", zone)
		}
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Zone: "az2", Reason: simulator.NoValidHost, Times: -1})
		_, err := e.createIn("", disk)
		text := e.requireKind(err, bosh.VMCreationFailed)
		assert.Contains(e, text, "in availability zone 'az1': ")
		assert.Contains(e, text, "in availability zone 'az2': ")
	})
}

// A disk of a zone that the configuration does not name binds only if Nova has the
// zone, too.
func TestDiskInAZoneThatIsNotMapped(t *testing.T) {
	t.Parallel()
	options := simulator.Options{AvailabilityZones: []string{"az1", "az2"}, VolumeZones: []string{"nova", "az2", "ceph"}}
	inCloud(t, options, func(e *env) {
		e.overrides["volume_availability_zones"] = map[string]string{"az1": "ceph"}
		old, same := e.diskIn("nova"), e.diskIn("az2")
		for _, zone := range []string{"az1", "az2"} {
			created, err := e.createIn(zone, old)
			require.NoError(e, err)
			assert.Equal(e, zone, created)
		}
		_, err := e.createIn("", old)
		require.NoError(e, err)
		zone, err := e.createIn("", same, old)
		require.NoError(e, err)
		assert.Equal(e, "az2", zone)
		_, err = e.createIn("az1", same)
		e.requireKind(err, bosh.CloudError)
		_, err = e.createIn("az2", e.diskIn("ceph"))
		e.requireKind(err, bosh.CloudError)
	})
}

// In a cloud whose Cinder has one zone with another name than Nova's, a disk is
// created in it. With several zones, Cinder's choice could be out of reach.
func TestDiskOfVMInAZoneThatCinderDoesNotHave(t *testing.T) {
	t.Parallel()
	create := func(e *env) (bosh.DiskCID, error) {
		vm := e.vm("10.0.0.10")
		return e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, VM: vm})
	}
	inCloud(t, simulator.Options{AvailabilityZones: []string{"az1"}, VolumeZones: []string{"nova"}}, func(e *env) {
		disk, err := create(e)
		require.NoError(e, err)
		assert.Equal(e, "nova", e.volumeOf(disk).AvailabilityZone)
		_, err = e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`{"availability_zone":"az1"}`)})
		text := e.requireKind(err, bosh.CloudError)
		assert.Contains(e, text, "Availability zone 'az1' is invalid")
		assert.Contains(e, text, "; Cinder has the zones nova: name the volume zone of each compute zone in openstack.volume_availability_zones")
	})
	inCloud(t, simulator.Options{AvailabilityZones: []string{"az1"}, VolumeZones: []string{"a", "b"}}, func(e *env) {
		before := e.cloud.Inventory()
		_, err := create(e)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "; Cinder has the zones a, b: name the volume zone")
		e.cloud.Inject(simulator.Fault{On: "GET /os-availability-zone", Status: http.StatusForbidden})
		_, err = e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`{"availability_zone":"c"}`)})
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "Availability zone 'c' is invalid")
		for _, line := range e.cloud.Inventory().Diff(before) {
			assert.NotContains(e, line, "volume")
		}
	})
}
