package cpi

import (
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// blockDevice is a disk of a VM in addition to its root disk and persistent disks.
// It is deleted with the VM.
type blockDevice struct {
	// Type is volume, ephemeral or swap. A volume is created by Cinder, the others
	// are disks of the hypervisor, for which the flavor must have space. The agent
	// uses the volume for /var/vcap/data, or else the ephemeral disk. It does not
	// use the swap disk: it makes swap on the disk of /var/vcap/data itself, as
	// env.bosh.swap_size says. There can be one disk of each type. It is required.
	Type string `json:"type"`
	// Size is GiB. It is required.
	Size int `json:"size"`
	// VolumeType is the Cinder volume type of a volume. Default: Cinder's. Since:
	// Nova 2.67 (Stein).
	VolumeType string `json:"volume_type"`
}

// The types of block devices.
const (
	volumeDevice    = "volume"
	ephemeralDevice = "ephemeral"
	swapDevice      = "swap"
)

// checkBlockDevices returns an error if the block devices are wrong in any cloud.
func (p vmProperties) checkBlockDevices() error {
	seen := map[string]bool{}
	for i, device := range p.BlockDevices {
		switch {
		case device.Type != volumeDevice && device.Type != ephemeralDevice && device.Type != swapDevice:
			return bosh.Errorf(bosh.CPIError, "cloud_properties.block_devices[%d].type is '%s', which must be volume, ephemeral or swap", i, device.Type)
		case seen[device.Type]:
			return bosh.Errorf(bosh.CPIError, "cloud_properties.block_devices has two disks of type %s: the agent can use one", device.Type)
		case device.Size < 1:
			return bosh.Errorf(bosh.CPIError, "cloud_properties.block_devices[%d].size is %d, which must be 1 GiB or more", i, device.Size)
		case device.VolumeType != "" && device.Type != volumeDevice:
			return bosh.Errorf(bosh.CPIError, "cloud_properties.block_devices[%d].volume_type is for the type volume, but the type is %s", i, device.Type)
		}
		seen[device.Type] = true
	}
	return nil
}

// blockDevice returns the block device of the type.
func (p vmProperties) blockDevice(kind string) (device blockDevice, found bool) {
	for _, device := range p.BlockDevices {
		if device.Type == kind {
			return device, true
		}
	}
	return blockDevice{}, false
}

// planBlockDevices returns the block devices as Nova creates them.
func planBlockDevices(properties vmProperties, flavor flavors.Flavor) (devices []servers.BlockDevice, err error) {
	if ephemeral, found := properties.blockDevice(ephemeralDevice); found {
		if ephemeral.Size > flavor.Ephemeral {
			return nil, bosh.Errorf(bosh.CloudError, "the ephemeral disk in cloud_properties.block_devices has %d GiB, flavor '%s' allows %d", ephemeral.Size, flavor.Name, flavor.Ephemeral)
		}
		devices = append(devices, blank(servers.DestinationLocal, ephemeral.Size))
	}
	if swap, found := properties.blockDevice(swapDevice); found {
		if swap.Size*1024 > flavor.Swap {
			return nil, bosh.Errorf(bosh.CloudError, "the swap disk in cloud_properties.block_devices has %d GiB, flavor '%s' allows %d MiB", swap.Size, flavor.Name, flavor.Swap)
		}
		device := blank(servers.DestinationLocal, swap.Size*1024) // MiB
		device.GuestFormat = "swap"
		devices = append(devices, device)
	}
	if volume, found := properties.blockDevice(volumeDevice); found {
		device := blank(servers.DestinationVolume, volume.Size)
		device.VolumeType = volume.VolumeType
		devices = append(devices, device)
	}
	return devices, nil
}

func blank(destination servers.DestinationType, size int) servers.BlockDevice {
	return servers.BlockDevice{SourceType: servers.SourceBlank, DestinationType: destination, VolumeSize: size, BootIndex: -1, DeleteOnTermination: true}
}

// dataDevice returns the device of the disk for /var/vcap/data, or "" if that is a
// partition of the root disk. Nova names the disks in this order: root disk,
// ephemeral disk, swap, volumes. The agent looks for /dev/vdb and /dev/xvdb in the
// place of /dev/sdb.
func dataDevice(properties vmProperties, flavor flavors.Flavor) string {
	letter := 'b'
	if _, found := properties.blockDevice(volumeDevice); !found {
		if flavor.Ephemeral > 0 {
			return "/dev/sdb"
		}
		return ""
	}
	if flavor.Ephemeral > 0 {
		letter++
	}
	if flavor.Swap > 0 {
		letter++
	}
	return "/dev/sd" + string(letter)
}

// withBlockDevices returns all disks that Nova creates for the server, nil if
// these are the ones of the flavor. Nova takes the root disk from the image only
// if the list has it.
func (p vmPlan) withBlockDevices() []servers.BlockDevice {
	switch {
	case p.bootVolume != nil:
		return append([]servers.BlockDevice{*p.bootVolume}, p.blockDevices...)
	case len(p.blockDevices) > 0:
		root := servers.BlockDevice{SourceType: servers.SourceImage, DestinationType: servers.DestinationLocal, UUID: p.imageID, DeleteOnTermination: true}
		return append([]servers.BlockDevice{root}, p.blockDevices...)
	}
	return nil
}

// createsVolumes reports whether Nova creates volumes for the server.
func (p vmPlan) createsVolumes() bool {
	for _, device := range p.withBlockDevices() {
		if device.DestinationType == servers.DestinationVolume {
			return true
		}
	}
	return false
}

// typedVolume returns the property that chooses the type of a volume, or "".
func (p vmPlan) typedVolume() string {
	if p.bootVolume != nil && p.bootVolume.VolumeType != "" {
		return "root_disk.type"
	}
	for _, device := range p.blockDevices {
		if device.VolumeType != "" {
			return "block_devices.volume_type"
		}
	}
	return ""
}
