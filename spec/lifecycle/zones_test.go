package lifecycle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const noSuchZone = "no-such-zone"

// zones are two that Nova and Cinder both have; volumes without a wish go to the first.
func (s *scenario) zones() (usual, other string) {
	s.Helper()
	usual = s.volume(s.createDisk(1024, object{})).Zone
	for _, zone := range s.fixtures.AvailabilityZones.Compute {
		if zone != usual && slices.Contains(s.fixtures.AvailabilityZones.Volume, zone) {
			other = zone
		}
	}
	s.needs(other != "" && slices.Contains(s.fixtures.AvailabilityZones.Compute, usual), "two availability zones that Nova and Cinder have both")
	return usual, other
}

func TestZoneOfAVM(t *testing.T) {
	s := play(t)
	zones := s.fixtures.AvailabilityZones.Compute
	s.needs(len(zones) > 0, "an availability zone of Nova")
	for _, zone := range zones {
		vm := s.createVM(newVM{networks: networks{s.dynamic("private")}, properties: object{"availability_zone": zone}})
		assert.Equal(t, zone, s.server(vm.cid).Zone)
	}
	s.noVM("CloudError", []string{noSuchZone}, newVM{networks: networks{s.manual("private")}, properties: object{"availability_zone": noSuchZone}})
}

// One of the zones cannot have the VM; the other one gets it, whichever is tried first.
func TestAnotherZoneIsTried(t *testing.T) {
	s := play(t)
	s.configure(object{"ignore_server_availability_zone": true})
	zones := s.fixtures.AvailabilityZones.Compute
	s.needs(len(zones) > 0, "an availability zone of Nova")
	good, bad := zones[len(zones)-1], noSuchZone
	if s.simulator != nil {
		bad = zones[0]
		s.simulator.Afflict(simulator.Ailment{Resource: "server", Phase: "create", Zone: bad, Reason: simulator.NoValidHost, Times: -1})
	}
	for range 4 { // their order is left to chance
		vm := s.createVM(newVM{networks: networks{s.manual("private")}, properties: object{"availability_zones": []string{bad, good}}})
		assert.Equal(t, good, s.server(vm.cid).Zone)
		assert.Equal(t, vm.networks.mac("private"), s.portOf(vm.cid).MAC, "the port is that of the second try")
	}
	s.noVM("CloudError", []string{noSuchZone}, newVM{
		networks: networks{s.manual("private")}, properties: object{"availability_zones": []string{noSuchZone}},
	})
}

func TestSeveralZonesNeedDisksThatMayBeElsewhere(t *testing.T) {
	s := play(t)
	s.noVM("CloudError", []string{"Cannot use multiple azs without openstack.ignore_server_availability_zone"}, newVM{
		networks: networks{s.manual("private")}, properties: object{"availability_zones": []string{"a", "b"}},
	})
}

func TestDiskFollowsItsVM(t *testing.T) {
	s := play(t)
	usual, other := s.zones()
	vm := s.createVM(newVM{networks: networks{s.dynamic("private")}, properties: object{"availability_zone": other}})
	assert.Equal(t, other, s.volume(s.createDisk(1024, object{}, vm.cid)).Zone)
	assert.Equal(t, usual, s.volume(s.createDisk(1024, object{}, unknownID)).Zone, "of a VM that is gone")
	s.configure(object{"ignore_server_availability_zone": true})
	assert.Equal(t, usual, s.volume(s.createDisk(1024, object{}, vm.cid)).Zone)
}

func TestVMFollowsItsDisks(t *testing.T) {
	s := play(t)
	usual, other := s.zones()
	there := s.createVM(newVM{networks: networks{s.dynamic("private")}, properties: object{"availability_zone": other}})
	far := s.createDisk(1024, object{}, there.cid)
	near := s.createDisk(1024, object{})

	vm := s.createVM(newVM{networks: networks{s.dynamic("private")}, disks: []string{far}})
	assert.Equal(t, other, s.server(vm.cid).Zone)
	s.noVM("CloudError", []string{"can't use multiple availability zones", usual, other, far}, newVM{
		networks: networks{s.dynamic("private")}, disks: []string{far}, properties: object{"availability_zone": usual},
	})
	s.noVM("CloudError", []string{"can't use multiple availability zones", far, near}, newVM{
		networks: networks{s.dynamic("private")}, disks: []string{far, near},
	})

	s.configure(object{"ignore_server_availability_zone": true})
	vm = s.createVM(newVM{networks: networks{s.dynamic("private")}, disks: []string{far}, properties: object{"availability_zone": usual}})
	assert.Equal(t, usual, s.server(vm.cid).Zone)
}

// slowServer keeps the next server in BUILD for long enough to interrupt the one who waits for it.
func slowServer() simulator.Ailment {
	return simulator.Ailment{Resource: "server", Phase: "create", Slow: 10 * time.Second}
}
