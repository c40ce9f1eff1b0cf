package cpi

import (
	"context"
	"regexp"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// isUUID tells what Nova looks up at all from what it refuses to.
var isUUID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$`)

// AttachDisk attaches the volume and returns the device under which the agent
// finds it. The device is the one Nova answers: the libvirt driver has ignored
// requested names since Liberty. A disk that is attached already is a success.
func (c *CPI) AttachDisk(ctx context.Context, args bosh.AttachDisk) (hint bosh.DiskHint, err error) {
	server, disk := string(args.VM), string(args.Disk)
	settings, err := c.registryFor(ctx, args.VM)
	if err != nil {
		return "", err
	}
	attachments, err := c.compute.Attachments(ctx, server)
	if err != nil {
		return "", vmNotFound(err, args.VM)
	}
	if i := slices.IndexFunc(attachments, func(a volumeattach.VolumeAttachment) bool { return a.VolumeID == disk }); i >= 0 {
		hint = bosh.DiskHint(attachments[i].Device)
		return hint, settings.addDisk(ctx, args.Disk, hint)
	}

	undo := c.newUndo()
	defer undo.onError(ctx, &err)
	undo.push("attachment of volume "+disk, func(ctx context.Context) error { return c.detach(ctx, args) })
	attachment, err := c.compute.Attach(ctx, server, disk)
	if err != nil {
		if openstack.IsBadRequest(err) && !isUUID.MatchString(disk) {
			return "", bosh.Errorf(bosh.DiskNotFound, "Volume `%s' not found: %w", disk, err)
		}
		return "", diskNotFound(err, args.Disk)
	}

	if _, err := c.volume.WaitInUse(ctx, disk); err != nil {
		return "", err
	}
	if attachment.Device == "" {
		return "", bosh.Errorf(bosh.CloudError, "attach volume %s to server %s: Nova named no device", disk, server)
	}
	hint = bosh.DiskHint(attachment.Device)
	return hint, settings.addDisk(ctx, args.Disk, hint)
}
