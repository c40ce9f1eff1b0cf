package cpi

import (
	"context"
	"maps"
	"reflect"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// diskProperties are the cloud_properties of a disk type.
type diskProperties struct {
	// Type is the Cinder volume type. It replaces the configured default, also
	// if it is empty. Default: openstack.default_volume_type, else Cinder's.
	Type *string `json:"type"`
	// Name is the director's name of a dynamic disk. It is stored as metadata,
	// because the name of the volume has to be unique.
	Name string `json:"name"`
}

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
	if err := checkSize(args.SizeMiB); err != nil {
		return opts, err
	}
	if args.SizeMiB < 1024 {
		return opts, bosh.Errorf(bosh.CloudError, "Minimum disk size is 1 GiB, got %d MiB", args.SizeMiB)
	}
	var properties diskProperties
	if err := decode(args.CloudProperties, &properties); err != nil {
		return opts, err
	}
	if err := c.reportIgnored(unknownKeys(cloudProperties, args.CloudProperties, reflect.TypeOf(properties))); err != nil {
		return opts, err
	}
	opts.VolumeType = c.config.OpenStack.DefaultVolumeType
	if properties.Type != nil {
		opts.VolumeType = *properties.Type
	}
	opts.SizeGiB = gib(args.SizeMiB)
	opts.Metadata = maps.Clone(c.owner().Metadata())
	if properties.Name != "" {
		opts.Metadata["disk_name"] = properties.Name
	}
	opts.Name = newName("volume-")
	opts.AvailabilityZone, err = c.diskZone(ctx, args.VM)
	return opts, err
}

// diskZone returns the zone of the VM that the disk will be attached to, or "" for
// Cinder's default. A VM that does not exist is no error.
func (c *CPI) diskZone(ctx context.Context, vm bosh.VMCID) (string, error) {
	if vm == "" || c.config.OpenStack.IgnoreServerAvailabilityZone {
		return "", nil
	}
	server, err := c.compute.Server(ctx, string(vm))
	if openstack.IsNotFound(err) {
		return "", nil
	}
	return server.AvailabilityZone, err
}
