package cpi

import (
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// virtioSerial is how much of a volume's id a virtio disk has as its serial
// number (VIRTIO_BLK_ID_BYTES of the virtio specification).
const virtioSerial = 20

// diskHint leads the agent to the disk for as long as it is attached. Nova's
// name for it does so only until the VM boots again: Linux counts virtio disks
// anew, without the gaps that detached ones left, and a later disk gets a name
// that the guest has given to another one. Nova's libvirt driver calls disks
// vd… if and only if they are virtio disks, and makes the volume's id their
// serial number, from which udev makes a link.
func diskHint(attachment volumeattach.VolumeAttachment) bosh.DiskHint {
	if strings.HasPrefix(attachment.Device, "/dev/vd") && len(attachment.VolumeID) >= virtioSerial {
		return bosh.DiskHint("/dev/disk/by-id/virtio-" + attachment.VolumeID[:virtioSerial])
	}
	return bosh.DiskHint(attachment.Device)
}
