package cpi

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// zoneError marks a failure after which another zone may succeed: Nova did not
// accept or did not build the server.
type zoneError struct{ error }

// Unwrap returns the cause, which has the kind.
func (e *zoneError) Unwrap() error { return e.error }

// planZones returns the zones to try, in order. Several zones are shuffled, so
// that VMs are spread over them. If the VM has to be in the zone of its disks,
// diskZones are their zones.
func planZones(properties vmProperties, disks []bosh.DiskCID, diskZones []string) ([]string, error) {
	if zones := slices.Clone(properties.AvailabilityZones); len(zones) > 0 {
		rand.Shuffle(len(zones), func(i, j int) { zones[i], zones[j] = zones[j], zones[i] })
		return zones, nil
	}
	zone := ""
	if properties.AvailabilityZone != nil {
		zone = *properties.AvailabilityZone
	}
	if zone == "" && len(diskZones) > 0 {
		zone = diskZones[0]
	}
	for _, diskZone := range diskZones {
		if diskZone != zone {
			return nil, mixedZones(properties.AvailabilityZone, disks, diskZones)
		}
	}
	return []string{zone}, nil
}

func mixedZones(vmZone *string, disks []bosh.DiskCID, zones []string) error {
	parts := []string{"VM is created in default AZ"}
	if vmZone != nil && *vmZone != "" {
		parts[0] = fmt.Sprintf("VM is created in AZ '%s'", *vmZone)
	}
	for i, disk := range disks {
		parts = append(parts, fmt.Sprintf("disk '%s' is in AZ '%s'", disk, zones[i]))
	}
	return bosh.Errorf(bosh.CloudError, "can't use multiple availability zones: %s. Enable 'openstack.ignore_server_availability_zone' "+
		"to allow VMs and disks to be in different AZs, or use the same AZ for both.", strings.Join(parts, ", "))
}
