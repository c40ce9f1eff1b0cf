package doctor

import (
	"context"
	"slices"
	"strings"
)

// checkZones compares the zones that are named with those of Nova, and those with
// Cinder's: a disk is created in the zone of its VM.
func (d *Doctor) checkZones(ctx context.Context, s *sheet) {
	compute, err := d.compute.Zones(ctx)
	if err != nil {
		s.failed("zones of Nova", err)
		return
	}
	s.ok("zones of Nova", "%s", strings.Join(compute, ", "))
	used := compute
	if wanted := d.wantedZones(); len(wanted) > 0 {
		used = nil
		for zone, places := range wanted {
			if !slices.Contains(compute, zone) {
				s.bad(places, "correct availability_zone"+nearest(zone, compute), "zone %s is not one of Nova: %s", zone, strings.Join(compute, ", "))
				continue
			}
			used = append(used, zone)
		}
	}
	d.checkVolumeZones(ctx, s, used)
}

// wantedZones returns the zones that are named, with the places that name them.
func (d *Doctor) wantedZones() map[string]string {
	wanted := map[string]string{}
	for _, wish := range d.vmWishes() {
		for _, zone := range closed(wish.properties.zones()...) {
			// "zone:host" is for administrators.
			name, _, _ := strings.Cut(zone, ":")
			if wanted[name] != "" {
				wanted[name] += ", "
			}
			wanted[name] += wish.place
		}
	}
	return wanted
}

// checkVolumeZones looks for Nova's zones in Cinder.
func (d *Doctor) checkVolumeZones(ctx context.Context, s *sheet, used []string) {
	volume, err := d.volume.Zones(ctx)
	if err != nil {
		s.failed("zones of Cinder", err)
		return
	}
	missing := slices.DeleteFunc(slices.Clone(used), func(zone string) bool { return slices.Contains(volume, zone) })
	slices.Sort(missing)
	switch {
	case d.config.OpenStack.IgnoreServerAvailabilityZone:
		s.ok("zones of Cinder", "%s; disks are created in Cinder's default zone (ignore_server_availability_zone)", strings.Join(volume, ", "))
	case len(missing) > 0:
		s.bad("zones of Cinder", "set openstack.ignore_server_availability_zone to true, if volumes can be attached in every zone",
			"%s, but not %s: create_disk asks for the zone of the VM, and Cinder refuses zones that it does not have",
			strings.Join(volume, ", "), strings.Join(missing, ", "))
	default:
		s.ok("zones of Cinder", "%s: has those of the VMs", strings.Join(volume, ", "))
	}
}
