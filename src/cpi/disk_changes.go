package cpi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// The director calls resize_disk and update_disk for a disk that it has detached.
// After NotSupported it attaches the disk again, creates another one and copies
// the data; after any other error it leaves the disk detached. So these methods
// return NotSupported for every change that Cinder refuses, and only if the volume
// is as it was.

// settledVolume returns a volume after the end of an operation that an earlier
// call has started.
func (c *CPI) settledVolume(ctx context.Context, disk bosh.DiskCID) (volumes.Volume, error) {
	found, err := c.volume.Volume(ctx, string(disk))
	if err != nil || found.Status == "available" || found.Status == "in-use" {
		return found, err
	}
	return c.volume.WaitSettled(ctx, found.ID)
}

// checkGrowth returns NotSupported for a size that Cinder cannot give the volume.
func checkGrowth(found volumes.Volume, size int) error {
	if size < found.Size {
		return bosh.Errorf(bosh.NotSupported, "Cannot resize volume to a smaller size from %d GiB to %d GiB", found.Size, size)
	}
	return nil
}

// grow extends the volume, attached or not, and waits until it has the size.
func (c *CPI) grow(ctx context.Context, found volumes.Volume, size int) error {
	attachments := len(found.Attachments)
	err := notSupportedIfRefused(c.volume.Extend(ctx, found.ID, size, attachments > 0))
	if err != nil && attachments > 0 {
		return fmt.Errorf("Cannot resize volume '%s' it still has %d attachment(s): %w", found.ID, attachments, err) //nolint:staticcheck // operators search for it
	}
	if err != nil {
		return err
	}
	grown, err := c.volume.WaitChanged(ctx, found.ID, func(volume volumes.Volume) bool { return volume.Size >= size })
	if err == nil && grown.Size < size {
		return bosh.Errorf(bosh.NotSupported, "volume %s still has %d GiB after its extension to %d GiB: Cinder found no back end with enough capacity",
			found.ID, grown.Size, size)
	}
	return err
}

// retype changes the type of the volume and waits until it has the type.
func (c *CPI) retype(ctx context.Context, id, volumeType string, policy migrationPolicy) error {
	err := c.volume.Retype(ctx, id, volumeType, policy == onDemand)
	if namesVolumeType(err, volumeType) {
		// create_disk then says where the type is configured. The error is not
		// wrapped, because its 404 is not about the disk.
		return bosh.Errorf(bosh.NotSupported, "%s", err.Error())
	}
	if err != nil {
		return notSupportedIfRefused(err)
	}
	hasType := func(volume volumes.Volume) bool { return volume.VolumeType == volumeType }
	changed, err := c.volume.WaitChanged(ctx, id, hasType)
	for policy == onDemand && isRetyping(err) && ctx.Err() == nil {
		// A copy takes as long as the volume is large, in which case the state
		// timeout says nothing. The call has a limit, too.
		changed, err = c.volume.WaitChanged(ctx, id, hasType)
	}
	if err == nil && !hasType(changed) {
		return notRetyped(id, changed.VolumeType, volumeType, policy)
	}
	return err
}

func isRetyping(err error) bool {
	wait := (*openstack.WaitError)(nil)
	return errors.As(err, &wait) && wait.TimedOut && wait.State == "retyping"
}

func notRetyped(id, from, to string, policy migrationPolicy) error {
	reason := "the new type needs another back end or encryption, to which Cinder copies the data only with migration_policy: on-demand"
	if policy == onDemand {
		reason = "Cinder found no back end for the new type, or could not copy the data; it copies no volume that has snapshots"
	}
	return bosh.Errorf(bosh.NotSupported, "volume %s still has the type %s after its change to %s: %s", id, from, to, reason)
}

// notSupportedIfRefused returns NotSupported if the service has refused the change,
// so that nothing has changed. Other errors are returned unchanged, and so are
// those that say nothing about the change: of the token, of the volume itself, of
// too many requests.
func notSupportedIfRefused(err error) error {
	about := []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusTooManyRequests}
	if !wasRefused(err) || slices.Contains(about, openstack.StatusOf(err)) {
		return err
	}
	return bosh.Errorf(bosh.NotSupported, "%w", err)
}
