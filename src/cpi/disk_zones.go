package cpi

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// computeZones returns the zones of Nova whose disks are in a zone of Cinder, and
// whether the configuration says so.
func (c *CPI) computeZones(volumeZone string) (zones []string, mapped bool) {
	for _, zone := range slices.Sorted(maps.Keys(c.config.OpenStack.VolumeAvailabilityZones)) {
		if c.config.OpenStack.VolumeAvailabilityZones[zone] == volumeZone {
			zones = append(zones, zone)
		}
	}
	if len(zones) > 0 {
		return zones, true
	}
	return []string{volumeZone}, false
}

// diskZone returns the zone of the disk type, or that for disks of the VM, or ""
// for Cinder's default, and whether the VM's zone has the same name. A VM that does
// not exist is no error. The zone of a VM that was just created is recalled from
// create_vm: a server remains in its zone.
func (c *CPI) diskZone(ctx context.Context, own string, vm bosh.VMCID) (zone string, ofVM bool, err error) {
	if own != "" || vm == "" || c.config.OpenStack.IgnoreServerAvailabilityZone {
		return own, false, nil
	}
	server, err := c.compute.Server(new(openstack.Memory).Recall(ctx, lastingAge), string(vm))
	if openstack.IsNotFound(err) {
		return "", false, nil
	}
	if zone, mapped := c.config.OpenStack.VolumeAvailabilityZones[server.AvailabilityZone]; mapped {
		return zone, false, err
	}
	return server.AvailabilityZone, true, err
}

// otherDiskZone returns the zone to create a volume in after Cinder has refused
// that of the VM because it does not exist: the only zone that Cinder has. Then
// volumes and servers are not in zones of the same kind, and each volume can be
// attached to each server. Otherwise it returns the error, with Cinder's zones.
func (c *CPI) otherDiskZone(ctx context.Context, plan diskPlan, refused error) (string, error) {
	known, err := c.volume.Zones(ctx)
	if err != nil {
		c.log.Warn("Cinder's zones could not be listed", slog.Any("error", err))
		return "", refused
	}
	if len(known) != 1 || !plan.inZoneOfVM {
		return "", bosh.Errorf(bosh.CloudError, "%w; Cinder has the zones %s: %s", refused, strings.Join(known, ", "), config.HintVolumeZones)
	}
	c.log.Info("the zone of the VM is not a zone of Cinder, which has one zone only",
		slog.String("zone", plan.AvailabilityZone), slog.String("volume_zone", known[0]))
	return known[0], nil
}

// isZoneRefused reports whether Cinder has refused a zone that does not exist.
func isZoneRefused(err error, zone string) bool {
	return zone != "" && openstack.IsBadRequest(err) && strings.Contains(strings.ToLower(openstack.MessageOf(err)), "availability zone")
}

// diskPlan is the volume that create_disk creates.
type diskPlan struct {
	volume.CreateOpts

	// inZoneOfVM says that the zone is that of the VM, and not of the disk type
	// or the configuration.
	inZoneOfVM bool
}
