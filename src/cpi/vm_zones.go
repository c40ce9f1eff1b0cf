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
	return bosh.CreatedVM{}, c.final(errors.Join(failed...))
}

// final returns the error without the request to repeat the call if the failed VM
// is kept: each repetition would keep another one.
func (c *CPI) final(err error) error {
	if !c.config.OpenStack.KeepFailedVMs || !errors.As(err, new(*leftBehindError)) {
		return err
	}
	known := bosh.AsError(err)
	known.OKToRetry = false
	return known
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

// vmZones are the zones in which a VM may be created.
type vmZones struct {
	// names are tried in order; "" leaves the choice to Nova.
	names []string
	// ofDisks says that the only zone is that of the disks, which may not be a
	// zone of Nova.
	ofDisks bool
}

// diskBinding is a disk that a VM must be able to attach.
type diskBinding struct {
	disk bosh.DiskCID
	zone string   // of Cinder
	from []string // the zones of Nova from which it can be attached
	// mapped says that from is configured. Otherwise the zone has the same name in
	// Nova, if Nova has it.
	mapped bool
}

func (b diskBinding) String() string {
	text := fmt.Sprintf("disk '%s' is in AZ '%s'", b.disk, b.zone)
	if b.mapped {
		text += fmt.Sprintf(" (for VMs in %s)", strings.Join(b.from, ", "))
	}
	return text
}

// planZones returns the zones of a VM: its own, or else those from which all its
// disks can be attached. Several zones are shuffled, so that VMs are spread over
// them. diskZones are the zones of the disks, or none if they do not matter.
//
// A zone of a disk that is not a zone of Nova does not bind the VM: a cloud whose
// volumes can be attached everywhere often has one zone for all of them. Nova's
// zones are looked up only if the zones differ.
func (c *CPI) planZones(ctx context.Context, properties vmProperties, disks []bosh.DiskCID, diskZones []string) (vmZones, error) {
	if zones := properties.AvailabilityZones; len(zones) > 0 {
		return vmZones{names: shuffled(zones)}, nil
	}
	var own []string
	if zone := properties.AvailabilityZone; zone != nil && *zone != "" {
		own = []string{*zone}
	}
	bindings := c.bindings(disks, diskZones)
	zones, ok := commonZones(own, bindings)
	if !ok {
		known, err := c.compute.Zones(ctx)
		if err != nil {
			return vmZones{}, err
		}
		bindings = slices.DeleteFunc(bindings, func(b diskBinding) bool { return !b.mapped && !slices.Contains(known, b.zone) })
		if zones, ok = commonZones(own, bindings); !ok {
			return vmZones{}, mixedZones(own, bindings)
		}
	}
	ofDisks := own == nil && len(bindings) > 0 && !slices.ContainsFunc(bindings, func(b diskBinding) bool { return b.mapped })
	if len(zones) == 0 {
		zones = []string{""}
	}
	return vmZones{names: shuffled(zones), ofDisks: ofDisks}, nil
}

func shuffled(zones []string) []string {
	zones = slices.Clone(zones)
	rand.Shuffle(len(zones), func(i, j int) { zones[i], zones[j] = zones[j], zones[i] })
	return zones
}

// bindings returns the disks that have a zone.
func (c *CPI) bindings(disks []bosh.DiskCID, zones []string) (all []diskBinding) {
	for i, zone := range zones {
		if zone != "" {
			from, mapped := c.computeZones(zone)
			all = append(all, diskBinding{disk: disks[i], zone: zone, from: from, mapped: mapped})
		}
	}
	return all
}

// commonZones returns the VM's own zone, or else the zones from which all disks can
// be attached, or nothing if neither is given. It returns false if there is no such
// zone.
func commonZones(own []string, bindings []diskBinding) (zones []string, ok bool) {
	zones = own
	for _, binding := range bindings {
		if zones == nil {
			zones = binding.from
			continue
		}
		zones = slices.DeleteFunc(slices.Clone(zones), func(zone string) bool { return !slices.Contains(binding.from, zone) })
		if len(zones) == 0 {
			return nil, false
		}
	}
	return zones, true
}

func mixedZones(own []string, bindings []diskBinding) error {
	parts := []string{"VM is created in default AZ"}
	if len(own) > 0 {
		parts[0] = fmt.Sprintf("VM is created in AZ '%s'", own[0])
	}
	for _, binding := range bindings {
		parts = append(parts, binding.String())
	}
	return bosh.Errorf(bosh.CloudError, "can't use multiple availability zones: %s. Enable 'openstack.ignore_server_availability_zone' "+
		"to allow VMs and disks to be in different AZs, or use the same AZ for both.", strings.Join(parts, ", "))
}
