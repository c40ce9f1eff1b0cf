package cpi

import (
	"context"
	"maps"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// CreateDisk creates an empty persistent disk, in the zone of the VM that it will
// be attached to. A failed call leaves no volume.
func (c *CPI) CreateDisk(ctx context.Context, args bosh.CreateDiskArgs) (cid bosh.DiskCID, err error) {
	opts, err := c.planDisk(ctx, args)
	if err != nil {
		return "", err
	}

	undo := c.newUndoStack()
	defer undo.onError(ctx, &err)
	// Cinder refuses to delete a volume that is being created; only
	// DeleteVolumeNamed waits for it.
	deleteByID := func(ctx context.Context, _ string) error { return c.volume.DeleteVolumeNamed(ctx, opts.Name) }
	creation := undo.pushCreation("volume", opts.Name, deleteByID, c.volume.DeleteVolumeNamed)
	created, err := c.volume.CreateVolume(ctx, opts)
	creation.answered(created.ID, err)
	if openstack.IsQuota(err) {
		return "", bosh.Errorf(bosh.NoDiskSpace, "%w", err)
	}
	if err != nil {
		return "", volumeTypeNotFound(err, opts.VolumeType, opts.VolumeType != c.config.OpenStack.DefaultVolumeType)
	}

	if _, err := c.volume.WaitAvailable(ctx, created.ID); err != nil {
		return "", err
	}
	return bosh.DiskCID(created.ID), nil
}

func (c *CPI) planDisk(ctx context.Context, args bosh.CreateDiskArgs) (opts volume.CreateOpts, err error) {
	properties, err := c.readDisk(args.SizeMiB, args.CloudProperties)
	if err != nil {
		return opts, err
	}
	if args.SizeMiB < 1024 {
		return opts, bosh.Errorf(bosh.CloudError, "Minimum disk size is 1 GiB, got %d MiB", args.SizeMiB)
	}
	opts.VolumeType = c.volumeType(properties)
	opts.SizeGiB = gib(args.SizeMiB)
	opts.Metadata = maps.Clone(c.owner().Metadata())
	if properties.Name != "" {
		opts.Metadata[diskName] = properties.Name
	}
	opts.Name = newName("volume-")
	opts.AvailabilityZone, err = c.diskZone(ctx, properties.AvailabilityZone, args.VM)
	return opts, err
}

// diskZone returns the zone of the disk type, or that of the VM that the disk will
// be attached to, or "" for Cinder's default. A VM that does not exist is no error.
func (c *CPI) diskZone(ctx context.Context, own string, vm bosh.VMCID) (string, error) {
	if own != "" {
		return own, nil
	}
	if vm == "" || c.config.OpenStack.IgnoreServerAvailabilityZone {
		return "", nil
	}
	server, err := c.compute.Server(ctx, string(vm))
	if openstack.IsNotFound(err) {
		return "", nil
	}
	return server.AvailabilityZone, err
}
