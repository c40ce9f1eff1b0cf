package cpi

import (
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// virtioSerial is the length of a virtio disk's serial number
// (VIRTIO_BLK_ID_BYTES of the virtio specification).
const virtioSerial = 20

// diskHint returns a device path that stays valid across reboots.
//
// The device name that Nova returns does not: when the guest boots, Linux numbers
// its virtio disks without the gaps that detached disks have left, so that Nova
// can assign a name that the guest uses for another disk. Nova's libvirt driver
// names exactly the virtio disks vd…, and sets their serial number to the first
// characters of the volume's id; udev creates a link with the serial number.
func diskHint(attachment volumeattach.VolumeAttachment) bosh.DiskHint {
	if strings.HasPrefix(attachment.Device, "/dev/vd") && len(attachment.VolumeID) >= virtioSerial {
		return bosh.DiskHint("/dev/disk/by-id/virtio-" + attachment.VolumeID[:virtioSerial])
	}
	return bosh.DiskHint(attachment.Device)
}
