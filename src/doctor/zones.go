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
	d.checkVolumeZones(ctx, s, compute, used)
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

// checkVolumeZones looks for the zones of disks in Cinder.
func (d *Doctor) checkVolumeZones(ctx context.Context, s *sheet, compute, used []string) {
	volume, err := d.volume.Zones(ctx)
	if err != nil {
		s.failed("zones of Cinder", err)
		return
	}
	all := strings.Join(volume, ", ")
	for place, zone := range d.diskZones() {
		if !slices.Contains(volume, zone) {
			s.bad(place, "correct the zone"+nearest(zone, volume), "zone %s is not one of Cinder: %s", zone, all)
		}
	}
	mapped := d.config.OpenStack.VolumeAvailabilityZones
	for zone := range mapped {
		if !slices.Contains(compute, zone) {
			s.warning("openstack.volume_availability_zones", "correct the zone"+nearest(zone, compute), "zone %s is not one of Nova: %s", zone, strings.Join(compute, ", "))
		}
	}
	missing := slices.DeleteFunc(slices.Clone(used), func(zone string) bool { return mapped[zone] != "" || slices.Contains(volume, zone) })
	slices.Sort(missing)
	switch {
	case d.config.OpenStack.IgnoreServerAvailabilityZone:
		s.ok("zones of Cinder", "%s; disks are created in Cinder's default zone (ignore_server_availability_zone)", all)
	case len(missing) == 0:
		s.ok("zones of Cinder", "%s: there is one for each zone of the VMs", all)
	case len(volume) == 1:
		s.ok("zones of Cinder", "%s: the only one, in which all disks are created", all)
	default:
		s.bad("zones of Cinder", "name the zone of Cinder for each of them in openstack.volume_availability_zones, or, if volumes can be attached everywhere, set ignore_server_availability_zone to true",
			"%s, but not %s: create_disk fails for VMs there", all, strings.Join(missing, ", "))
	}
}

// diskZones returns the zones of Cinder that are named, by the place that names
// them.
func (d *Doctor) diskZones() map[string]string {
	zones := map[string]string{}
	for compute, volume := range d.config.OpenStack.VolumeAvailabilityZones {
		zones["openstack.volume_availability_zones, "+compute] = volume
	}
	for _, t := range d.wanted.AllDiskTypes() {
		zone := readable[struct {
			Zone string `json:"availability_zone"`
		}](t.CloudProperties).Zone
		if len(closed(zone)) > 0 {
			zones["disk type "+t.Name] = zone
		}
	}
	return zones
}
