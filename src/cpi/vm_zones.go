package cpi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// zoneError marks a failure after which another zone may succeed: the zone does
// not exist, or has no capacity.
type zoneError struct{ error }

// Unwrap returns the cause, which has the kind.
func (e *zoneError) Unwrap() error { return e.error }

// inZone adds the zone to an error of Nova. The cause is the error that has
// Nova's reason.
func inZone(zone string, err, cause error) error {
	if zone != "" {
		err = fmt.Errorf("in availability zone '%s': %w", zone, err)
	}
	reason := strings.ToLower(openstack.MessageOf(cause))
	if wait := (*openstack.WaitError)(nil); errors.As(cause, &wait) {
		reason = strings.ToLower(wait.Reason)
	}
	for _, text := range []string{"no valid host", "availability zone", "exhausted all hosts", "insufficient compute resources"} {
		if strings.Contains(reason, text) {
			return &zoneError{err}
		}
	}
	return err
}

// buildInZones builds the VM in the first zone in which that is possible. The
// error has the reasons of all zones that were tried.
func (c *CPI) buildInZones(ctx context.Context, plan vmPlan) (bosh.CreatedVM, error) {
	var failed []error
	for _, zone := range plan.zones {
		vm, err := c.buildVM(ctx, plan, zone)
		if err == nil {
			return vm, nil
		}
		failed = append(failed, err)
		// Another attempt would create a second VM beside one that is left.
		if ctx.Err() != nil || errors.As(err, new(*leftBehindError)) || !errors.As(err, new(*zoneError)) {
			break
		}
		c.log.Warn("VM could not be created in this zone",
			slog.String("server_name", plan.name), slog.String("zone", zone), slog.Any("error", err))
	}
	return bosh.CreatedVM{}, errors.Join(failed...)
}

// withoutDiskZone returns the plan without the zone of the disks if that is not a
// zone of Nova. Nova has refused the zone before: its zones are not looked up on
// the usual path.
func (c *CPI) withoutDiskZone(ctx context.Context, plan vmPlan, refused error) (vmPlan, bool) {
	if !plan.inZoneOfDisks || !errors.As(refused, new(*zoneError)) || errors.As(refused, new(*leftBehindError)) || ctx.Err() != nil {
		return plan, false
	}
	known, err := c.compute.Zones(ctx)
	if err != nil || slices.Contains(known, plan.zones[0]) {
		return plan, false
	}
	c.log.Info("the zone of the disks is not a zone of Nova, which chooses one", slog.String("server_name", plan.name), slog.String("zone", plan.zones[0]))
	plan.zones, plan.inZoneOfDisks = []string{""}, false
	return plan, true
}

// bindingZones returns the zones of the disks without those that are not zones of
// Nova. A cloud whose volumes can be attached everywhere often has one zone for
// all of them. Nova's zones are looked up only if the zones differ.
func (c *CPI) bindingZones(ctx context.Context, properties vmProperties, diskZones []string) ([]string, error) {
	zone := zoneOf(properties, diskZones)
	if !slices.ContainsFunc(diskZones, func(diskZone string) bool { return diskZone != zone }) {
		return diskZones, nil
	}
	known, err := c.compute.Zones(ctx)
	if err != nil {
		return nil, err
	}
	binding := slices.Clone(diskZones)
	for i, diskZone := range binding {
		if !slices.Contains(known, diskZone) {
			binding[i] = ""
		}
	}
	return binding, nil
}

// zoneOf returns the zone of the VM: its own, or else that of its first disk that
// has one.
func zoneOf(properties vmProperties, diskZones []string) string {
	if zone := properties.AvailabilityZone; zone != nil && *zone != "" {
		return *zone
	}
	for _, zone := range diskZones {
		if zone != "" {
			return zone
		}
	}
	return ""
}

// planZones returns the zones to try, in order. Several zones are shuffled, so
// that VMs are spread over them. If the VM has to be in the zone of its disks,
// diskZones are their zones, "" for a zone that does not bind the VM.
func planZones(properties vmProperties, disks []bosh.DiskCID, diskZones []string) ([]string, error) {
	if zones := slices.Clone(properties.AvailabilityZones); len(zones) > 0 {
		rand.Shuffle(len(zones), func(i, j int) { zones[i], zones[j] = zones[j], zones[i] })
		return zones, nil
	}
	zone := zoneOf(properties, diskZones)
	for _, diskZone := range diskZones {
		if diskZone != "" && diskZone != zone {
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
		if zones[i] == "" {
			continue
		}
		parts = append(parts, fmt.Sprintf("disk '%s' is in AZ '%s'", disk, zones[i]))
	}
	return bosh.Errorf(bosh.CloudError, "can't use multiple availability zones: %s. Enable 'openstack.ignore_server_availability_zone' "+
		"to allow VMs and disks to be in different AZs, or use the same AZ for both.", strings.Join(parts, ", "))
}
