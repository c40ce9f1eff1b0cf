package cpi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// diskChange is what update_disk does to a volume. Its zero value does nothing.
type diskChange struct {
	volumeType string // "" keeps the type
	policy     migrationPolicy
	size       int    // GiB; 0 keeps the size
	name       string // of a dynamic disk; "" keeps it
}

// UpdateDisk changes the type of a volume and extends it, in place. A call that
// was interrupted is completed by its repetition. It returns NotSupported, and
// changes nothing, if that is not possible: the director then creates a new disk
// and copies the data.
//
// The type is changed first, because Cinder can return to the old type, but not to
// the old size.
func (c *CPI) UpdateDisk(ctx context.Context, args bosh.UpdateDiskArgs) (bosh.DiskCID, error) {
	properties, err := c.readDisk(args.SizeMiB, args.CloudProperties)
	if err != nil {
		// The director attaches the disk again, and create_disk returns the error.
		return "", bosh.Errorf(bosh.NotSupported, "%w", err)
	}
	found, err := c.settledVolume(ctx, args.Disk)
	if err != nil {
		return "", diskNotFound(err, args.Disk)
	}
	change, err := c.planDiskChange(ctx, found, gib(args.SizeMiB), properties)
	if err != nil {
		return "", err
	}
	if err := c.changeDisk(ctx, found, change); err != nil {
		return "", diskNotFound(err, args.Disk)
	}
	return args.Disk, nil
}

// planDiskChange returns what has to change, or NotSupported if Cinder cannot
// change it.
func (c *CPI) planDiskChange(ctx context.Context, found volumes.Volume, size int, properties diskProperties) (diskChange, error) {
	change := diskChange{policy: properties.MigrationPolicy}
	if err := checkGrowth(found, size); err != nil {
		return change, err
	}
	if size > found.Size {
		change.size = size
	}
	if zone := properties.AvailabilityZone; zone != "" && zone != found.AvailabilityZone {
		return change, bosh.Errorf(bosh.NotSupported, "volume %s is in availability zone %s and cannot be moved to %s", found.ID, found.AvailabilityZone, zone)
	}
	if properties.Name != found.Metadata[diskName] {
		change.name = properties.Name
	}
	volumeType, err := c.volumeTypeName(ctx, c.volumeType(properties), found.VolumeType)
	if err != nil {
		return change, err
	}
	if volumeType != "" && volumeType != found.VolumeType {
		change.volumeType = volumeType
	}
	if change.volumeType != "" && len(found.Attachments) > 0 {
		return change, bosh.Errorf(bosh.NotSupported, "the type of volume %s cannot be changed from %s to %s while it is attached to server %s",
			found.ID, found.VolumeType, change.volumeType, found.Attachments[0].ServerID)
	}
	return change, nil
}

// volumeTypeName returns the name of a type that is given by name or id: a volume
// has the name of its type.
func (c *CPI) volumeTypeName(ctx context.Context, nameOrID, present string) (string, error) {
	if nameOrID == present || !uuid.MatchString(nameOrID) {
		return nameOrID, nil
	}
	name, err := c.volume.TypeName(ctx, nameOrID)
	if openstack.IsNotFound(err) {
		return nameOrID, nil // a name that looks like an id
	}
	return name, err
}

func (c *CPI) changeDisk(ctx context.Context, found volumes.Volume, change diskChange) error {
	if change.volumeType != "" {
		if err := c.retype(ctx, found.ID, change.volumeType, change.policy); err != nil {
			return err
		}
	}
	if change.size > 0 {
		if err := c.grow(ctx, found, change.size); err != nil {
			return c.withOldType(ctx, found, change, err)
		}
	}
	if change.name == "" {
		return nil
	}
	return c.volume.SetMetadata(ctx, found.ID, map[string]string{diskName: change.name})
}

// withOldType gives the volume its old type again if it could not be extended,
// so that nothing has changed. If the result of the extension is unknown, the
// repetition of the call completes it.
func (c *CPI) withOldType(ctx context.Context, found volumes.Volume, change diskChange, failed error) error {
	refused := (*bosh.Error)(nil)
	if change.volumeType == "" || !errors.As(failed, &refused) || refused.Kind != bosh.NotSupported {
		return failed
	}
	c.log.Info("volume gets its old type again", slog.String("volume", found.ID), slog.String("type", found.VolumeType))
	if err := c.retype(ctx, found.ID, found.VolumeType, change.policy); err != nil {
		return bosh.Errorf(bosh.CloudError, "%s\nvolume %s keeps the type %s, because it could not be changed back: %w", failed.Error(), found.ID, change.volumeType, err)
	}
	return fmt.Errorf("%w\nvolume %s has the type %s again", failed, found.ID, found.VolumeType)
}
