package cpi

import (
	"context"
	"maps"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// CreateDisk creates an empty persistent disk, in the zone of the VM that it will
// be attached to. A failed call leaves no volume.
func (c *CPI) CreateDisk(ctx context.Context, args bosh.CreateDiskArgs) (cid bosh.DiskCID, err error) {
	plan, err := c.planDisk(ctx, args)
	if err != nil {
		return "", err
	}

	undo := c.newUndoStack()
	defer undo.onError(ctx, &err)
	// Cinder refuses to delete a volume that is being created; only
	// DeleteVolumeNamed waits for it.
	deleteByID := func(ctx context.Context, _ string) error { return c.volume.DeleteVolumeNamed(ctx, plan.Name) }
	creation := undo.pushCreation("volume", plan.Name, deleteByID, c.volume.DeleteVolumeNamed)
	created, err := c.createVolume(ctx, plan)
	creation.answered(created.ID, err)
	if openstack.IsQuota(err) {
		return "", bosh.Errorf(bosh.NoDiskSpace, "%w", err)
	}
	if err != nil {
		return "", volumeTypeNotFound(err, plan.VolumeType, plan.VolumeType != c.config.OpenStack.DefaultVolumeType)
	}

	if _, err := c.volume.WaitAvailable(ctx, created.ID); err != nil {
		return "", err
	}
	return bosh.DiskCID(created.ID), nil
}

// createVolume starts creating the volume. If Cinder does not have the zone of the
// VM, another one may do.
func (c *CPI) createVolume(ctx context.Context, plan diskPlan) (volumes.Volume, error) {
	created, err := c.volume.CreateVolume(ctx, plan.CreateOpts)
	if !isZoneRefused(err, plan.AvailabilityZone) {
		return created, err
	}
	if plan.AvailabilityZone, err = c.otherDiskZone(ctx, plan, err); err != nil {
		return created, err
	}
	return c.volume.CreateVolume(ctx, plan.CreateOpts)
}

func (c *CPI) planDisk(ctx context.Context, args bosh.CreateDiskArgs) (plan diskPlan, err error) {
	properties, err := c.readDisk(args.SizeMiB, args.CloudProperties)
	if err != nil {
		return plan, err
	}
	if args.SizeMiB < 1024 {
		return plan, bosh.Errorf(bosh.CloudError, "Minimum disk size is 1 GiB, got %d MiB", args.SizeMiB)
	}
	plan.Name = newName("volume-")
	plan.SizeGiB = gib(args.SizeMiB)
	plan.VolumeType = c.volumeType(properties)
	plan.Metadata = maps.Clone(c.owner().Metadata())
	if properties.Name != "" {
		plan.Metadata[diskName] = properties.Name
	}
	plan.AvailabilityZone, plan.inZoneOfVM, err = c.diskZone(ctx, properties.AvailabilityZone, args.VM)
	return plan, err
}
