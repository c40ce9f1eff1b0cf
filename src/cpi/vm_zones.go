package cpi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// zoneError marks a failure after which another zone may do: Nova did not take
// or did not build the server.
type zoneError struct{ error }

// Unwrap gives the cause with its kind.
func (e *zoneError) Unwrap() error { return e.error }

// lookUpZones decides in which zones the VM may be built. Where disks and VMs
// have to share a zone, the VM follows its disks.
func (c *CPI) lookUpZones(ctx context.Context, plan *vmPlan, disks []bosh.DiskCID) error {
	if several := slices.Clone(plan.properties.AvailabilityZones); len(several) > 0 {
		rand.Shuffle(len(several), func(i, j int) { several[i], several[j] = several[j], several[i] })
		plan.zones = several
		return nil
	}
	zone := ""
	if plan.properties.AvailabilityZone != nil {
		zone = *plan.properties.AvailabilityZone
	}
	plan.zones = []string{zone}
	if len(disks) == 0 || c.config.OpenStack.IgnoreServerAvailabilityZone {
		return nil
	}

	diskZones, err := c.zonesOf(ctx, disks)
	if err != nil {
		return err
	}
	if zone == "" {
		zone = diskZones[0]
	}
	for _, diskZone := range diskZones {
		if diskZone != zone {
			return mixedZones(plan.properties.AvailabilityZone, disks, diskZones)
		}
	}
	plan.zones = []string{zone}
	return nil
}

func (c *CPI) zonesOf(ctx context.Context, disks []bosh.DiskCID) ([]string, error) {
	zones := make([]string, len(disks))
	lookups, ctx := errgroup.WithContext(ctx)
	for i, disk := range disks {
		lookups.Go(func() error {
			found, err := c.volume.Volume(ctx, string(disk))
			zones[i] = found.AvailabilityZone
			return diskNotFound(err, disk)
		})
	}
	return zones, lookups.Wait()
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
