package cpi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
)

// AttachDisk attaches the volume and returns the device path at which the agent
// finds it. A disk that is already attached counts as success.
func (c *CPI) AttachDisk(ctx context.Context, args bosh.VMDiskArgs) (hint bosh.DiskHint, err error) {
	server, disk := string(args.VM), string(args.Disk)
	settings, err := c.registryFor(ctx, args.VM)
	if err != nil {
		return "", err
	}

	undo := c.newUndoStack()
	defer undo.onError(ctx, &err)
	attachment, err := c.attach(ctx, undo, args)
	if mayBeAttached(err) {
		// The disk may be attached already, or still be attached by an earlier call.
		if hint, err = c.attachedAs(ctx, args); err != nil {
			return "", err
		}
		if hint != "" {
			return hint, settings.addDisk(ctx, args.Disk, hint)
		}
		attachment, err = c.attachReleased(ctx, undo, args)
	}
	if mayBeAttached(err) {
		// Another call may have attached the disk in the meantime.
		if hint, lookErr := c.attachedAs(ctx, args); lookErr == nil && hint != "" {
			return hint, settings.addDisk(ctx, args.Disk, hint)
		}
	}
	if err != nil {
		return "", diskToAttachNotFound(err, args.Disk)
	}

	if _, err := c.volume.WaitInUse(ctx, disk); err != nil {
		return "", err
	}
	if attachment.Device == "" {
		return "", bosh.Errorf(bosh.CloudError, "attach volume %s to server %s: Nova returned no device name", disk, server)
	}
	hint = diskHint(attachment)
	return hint, settings.addDisk(ctx, args.Disk, hint)
}

// mayBeAttached reports whether Nova refused the attachment for a reason that the
// volume's attachments explain. A login or a right that is refused says nothing
// about them.
func mayBeAttached(err error) bool {
	return wasRefused(err) && openstack.StatusOf(err) != http.StatusUnauthorized && openstack.StatusOf(err) != http.StatusForbidden
}

// attachReleased attaches a volume that is not attached to the VM. Nova refuses
// that for some time after the volume was detached from a server.
func (c *CPI) attachReleased(ctx context.Context, undo *undoStack, args bosh.VMDiskArgs) (volumeattach.VolumeAttachment, error) {
	for started := time.Now(); ; {
		attachment, err := c.attach(ctx, undo, args)
		waited := time.Since(started)
		if !compute.IsStillListed(err) || waited > c.config.OpenStack.StateTimeout || !c.isAvailable(ctx, args.Disk) {
			return attachment, err
		}
		if slept := openstack.Sleep(ctx, forgetPause+waited/5); slept != nil {
			return attachment, slept
		}
	}
}

// forgetPause is the shortest pause before a volume is attached again that Nova
// still lists as attached.
const forgetPause = 100 * time.Millisecond

// isAvailable reports whether the volume is attached to no server.
func (c *CPI) isAvailable(ctx context.Context, disk bosh.DiskCID) bool {
	found, err := c.volume.Volume(ctx, string(disk))
	return err == nil && found.Status == "available"
}

// attach starts the attachment. Its undo detaches the disk, unless Nova refused to
// attach it: then the disk may be attached by another call.
func (c *CPI) attach(ctx context.Context, undo *undoStack, args bosh.VMDiskArgs) (volumeattach.VolumeAttachment, error) {
	server, disk := string(args.VM), string(args.Disk)
	detach := func(ctx context.Context, _ string) error {
		c.waitAttachmentEnded(ctx, disk)
		err := c.detach(ctx, args)
		if waited, ok := errors.AsType[*openstack.WaitError](err); ok && isBeingAttached(waited.State) {
			return nil // by another call, after the end of this attachment
		}
		return err
	}
	creation := undo.pushCreation("attachment of volume "+disk+" to server", server, detach, detach)
	attachment, err := c.compute.Attach(ctx, server, disk)
	if compute.NeedsMultiattach(err) {
		attachment, err = c.attachShared(ctx, args, err)
	}
	creation.answered(attachment.VolumeID, err)
	return attachment, err
}

// attachShared attaches a volume that allows several attachments, after Nova has
// refused to attach it like others. A persistent disk has a file system that only
// one VM may use, so the volume must not be attached already.
func (c *CPI) attachShared(ctx context.Context, args bosh.VMDiskArgs, refused error) (none volumeattach.VolumeAttachment, err error) {
	found, err := c.volume.Volume(ctx, string(args.Disk))
	switch {
	case err != nil:
		return none, diskNotFound(err, args.Disk)
	case len(found.Attachments) == 0:
		return c.compute.AttachShared(ctx, string(args.VM), string(args.Disk))
	case found.Attachments[0].ServerID == string(args.VM):
		return none, refused
	}
	return none, bosh.Errorf(bosh.CloudError, "volume %s is attached to server %s; its type %s allows several attachments, but two VMs would damage its file system: %w",
		args.Disk, found.Attachments[0].ServerID, found.VolumeType, refused)
}

// isBeingAttached reports whether the status of a volume means that it is being
// attached.
func isBeingAttached(status string) bool { return status == "attaching" || status == "reserved" }

// waitAttachmentEnded waits until the volume is not being attached any more, with
// or without success: until then Nova refuses to detach it. Only the context
// limits the wait. A volume that cannot be read several times in succession is
// left to the detachment, which returns the reason.
func (c *CPI) waitAttachmentEnded(ctx context.Context, disk string) {
	for failed := 0; failed < 3; {
		found, err := c.volume.Volume(ctx, disk)
		switch {
		case err != nil:
			failed++
		case !isBeingAttached(found.Status):
			return
		default:
			failed = 0
		}
		if openstack.Sleep(ctx, time.Second) != nil {
			return
		}
	}
}

// attachedAs returns the hint of a volume that is attached to the VM, or "" if it
// is not. It waits for an attachment or detachment that an earlier call started.
func (c *CPI) attachedAs(ctx context.Context, args bosh.VMDiskArgs) (bosh.DiskHint, error) {
	server, disk := string(args.VM), string(args.Disk)
	attachments, err := c.compute.Attachments(ctx, server)
	if err != nil {
		return "", vmNotFound(err, args.VM)
	}
	i := slices.IndexFunc(attachments, func(a volumeattach.VolumeAttachment) bool { return a.VolumeID == disk })
	if i < 0 {
		return "", nil
	}
	volume, err := c.volume.Volume(ctx, disk)
	switch {
	case err != nil:
		return "", diskNotFound(err, args.Disk)
	case volume.Status == "available":
		return "", nil
	case volume.Status == "detaching":
		_, err = c.volume.WaitDetached(ctx, disk)
		return "", err
	case volume.Status != "in-use":
		_, err = c.volume.WaitInUse(ctx, disk)
	}
	return diskHint(attachments[i]), err
}
