package lifecycle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const noSuchZone = "no-such-zone"

// zones returns two zones of both Nova and Cinder; usual is Cinder's default.
func (s *scenario) zones() (usual, other string) {
	s.Helper()
	usual = s.volume(s.createDisk(1024, object{})).Zone
	for _, zone := range s.fixtures.AvailabilityZones.Compute {
		if zone != usual && slices.Contains(s.fixtures.AvailabilityZones.Volume, zone) {
			other = zone
		}
	}
	s.needs(other != "" && slices.Contains(s.fixtures.AvailabilityZones.Compute, usual), "two availability zones of both Nova and Cinder")
	return usual, other
}

func TestZoneOfVM(t *testing.T) {
	s := newScenario(t)
	zones := s.fixtures.AvailabilityZones.Compute
	s.needs(len(zones) > 0, "an availability zone of Nova")
	for _, zone := range zones {
		vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{"availability_zone": zone}})
		assert.Equal(t, zone, s.server(vm.cid).Zone)
	}
	s.createVMFails("CloudError", []string{noSuchZone}, vmArguments{networks: networks{s.manual("private")}, properties: object{"availability_zone": noSuchZone}})
}

// If one zone has no capacity, the VM is created in the other one.
func TestNextZoneIsTried(t *testing.T) {
	s := newScenario(t)
	s.configure(object{"ignore_server_availability_zone": true})
	zones := s.fixtures.AvailabilityZones.Compute
	s.needs(len(zones) > 0, "an availability zone of Nova")
	good, bad := zones[len(zones)-1], noSuchZone
	if s.simulator != nil {
		bad = zones[0]
		s.simulator.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Zone: bad, Reason: simulator.NoValidHost, Times: -1})
	}
	for range 4 { // their order is random
		vm := s.createVM(vmArguments{networks: networks{s.manual("private")}, properties: object{"availability_zones": []string{bad, good}}})
		assert.Equal(t, good, s.server(vm.cid).Zone)
		assert.Equal(t, vm.networks.mac("private"), s.portOf(vm.cid).MAC, "the port of the successful attempt")
	}
	s.createVMFails("CloudError", []string{noSuchZone}, vmArguments{
		networks: networks{s.manual("private")}, properties: object{"availability_zones": []string{noSuchZone}},
	})
}

func TestSeveralZonesNeedIgnoredVolumeZones(t *testing.T) {
	s := newScenario(t)
	s.createVMFails("CloudError", []string{"Cannot use multiple azs without openstack.ignore_server_availability_zone"}, vmArguments{
		networks: networks{s.manual("private")}, properties: object{"availability_zones": []string{"a", "b"}},
	})
}

func TestDiskFollowsItsVM(t *testing.T) {
	s := newScenario(t)
	usual, other := s.zones()
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{"availability_zone": other}})
	assert.Equal(t, other, s.volume(s.createDisk(1024, object{}, vm.cid)).Zone)
	assert.Equal(t, usual, s.volume(s.createDisk(1024, object{}, unknownID)).Zone, "of a deleted VM")
	s.configure(object{"ignore_server_availability_zone": true})
	assert.Equal(t, usual, s.volume(s.createDisk(1024, object{}, vm.cid)).Zone)
}

func TestVMFollowsItsDisks(t *testing.T) {
	s := newScenario(t)
	usual, other := s.zones()
	there := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{"availability_zone": other}})
	far := s.createDisk(1024, object{}, there.cid)
	near := s.createDisk(1024, object{})

	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, disks: []string{far}})
	assert.Equal(t, other, s.server(vm.cid).Zone)
	s.createVMFails("CloudError", []string{"can't use multiple availability zones", usual, other, far}, vmArguments{
		networks: networks{s.dynamic("private")}, disks: []string{far}, properties: object{"availability_zone": usual},
	})
	s.createVMFails("CloudError", []string{"can't use multiple availability zones", far, near}, vmArguments{
		networks: networks{s.dynamic("private")}, disks: []string{far, near},
	})

	s.configure(object{"ignore_server_availability_zone": true})
	vm = s.createVM(vmArguments{networks: networks{s.dynamic("private")}, disks: []string{far}, properties: object{"availability_zone": usual}})
	assert.Equal(t, usual, s.server(vm.cid).Zone)
}

// slowServer keeps the next server in BUILD for long enough to interrupt
// create_vm.
func slowServer() simulator.StateFault {
	return simulator.StateFault{Resource: "server", Phase: "create", Slow: 10 * time.Second}
}

// With other names for the zones of Cinder, disks follow their VMs and VMs their
// disks. The names are exchanged, so that no other rule can lead to this result.
func TestVolumeZonesOfComputeZones(t *testing.T) {
	s := newScenario(t)
	usual, other := s.zones()
	s.configure(object{"volume_availability_zones": object{usual: other, other: usual}})
	for zone, volumeZone := range map[string]string{usual: other, other: usual} {
		there := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{"availability_zone": zone}})
		disk := s.createDisk(1024, object{}, there.cid)
		assert.Equal(t, volumeZone, s.volume(disk).Zone)
		s.call(nil, "attach_disk", there.cid, disk)
		s.call(nil, "delete_vm", there.cid)
		again := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, disks: []string{disk}})
		assert.Equal(t, zone, s.server(again.cid).Zone)
		s.createVMFails("CloudError", []string{"can't use multiple availability zones", disk, "(for VMs in " + zone + ")"}, vmArguments{
			networks: networks{s.dynamic("private")}, disks: []string{disk}, properties: object{"availability_zone": volumeZone},
		})
	}
}

func TestZoneOfDiskType(t *testing.T) {
	s := newScenario(t)
	usual, other := s.zones()
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{"availability_zone": usual}})
	disk := s.createDisk(1024, object{"availability_zone": other}, vm.cid)
	assert.Equal(t, other, s.volume(disk).Zone)
	s.refused("NotSupported", []string{"is in availability zone " + other + " and cannot be moved to " + usual}, "update_disk", disk, 2048, object{"availability_zone": usual})
	s.updateDisk(disk, 2048, object{"availability_zone": other})
	assert.Equal(t, 2, s.volume(disk).SizeGiB)
}
