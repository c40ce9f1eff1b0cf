package cpi

import (
	"context"
	"slices"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// AttachDisk attaches the volume and returns the device path at which the agent
// finds it. A disk that is already attached counts as success.
func (c *CPI) AttachDisk(ctx context.Context, args bosh.VMDiskArgs) (hint bosh.DiskHint, err error) {
	server, disk := string(args.VM), string(args.Disk)
	settings, err := c.registryFor(ctx, args.VM)
	if err != nil {
		return "", err
	}
	if hint, err = c.attachedAs(ctx, args); err != nil {
		return "", err
	}
	if hint != "" {
		return hint, settings.addDisk(ctx, args.Disk, hint)
	}

	undo := c.newUndoStack()
	defer undo.onError(ctx, &err)
	undo.push("attachment of volume "+disk+" to server "+server, func(ctx context.Context) error {
		c.waitAttachmentEnded(ctx, disk)
		return c.detach(ctx, args)
	})
	attachment, err := c.compute.Attach(ctx, server, disk)
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
		case found.Status != "attaching" && found.Status != "reserved":
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
	case volume.Status == "detaching", volume.Status == "available":
		return "", c.compute.WaitDetached(ctx, server, disk)
	case volume.Status != "in-use":
		_, err = c.volume.WaitInUse(ctx, disk)
	}
	return diskHint(attachments[i]), err
}
