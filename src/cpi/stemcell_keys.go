package cpi

// stemcellKeys are the cloud_properties of a stemcell, which are those of
// its stemcell.MF. create_stemcell reads them as texts, because stemcells have
// numbers and booleans as well. All hw_… and os_… properties are stored, too.
type stemcellKeys struct {
	// ImageID is the id of an image of the operator. It makes the stemcell a
	// light stemcell, which has no other properties.
	ImageID string `json:"image_id"`
	// SourceURL is where Glance downloads the disk image, which is that in the
	// archive; the archive may be an empty file. It begins with http:// or
	// https:// and must not contain a secret, because logs and errors show it.
	// Since: Queens, Glance API 2.6.
	SourceURL string `json:"source_url"`
	// SourceSHA512 is the SHA-512 of the disk image at SourceURL, as Glance stores
	// it. It is compared if the archive is an empty file and Glance does not
	// convert the image. Since: Queens, Glance API 2.6.
	SourceSHA512 string `json:"source_sha512"`
	// Name is the first part of the image's name. It is required, unless there is
	// an ImageID.
	Name string `json:"name"`
	// Version is the second part of the image's name. It is required, unless
	// there is an ImageID.
	Version string `json:"version"`
	// DiskFormat is the format of the image: raw or qcow2. It is required, unless
	// there is an ImageID.
	DiskFormat string `json:"disk_format"`
	// ContainerFormat is the container of the image. Default: bare.
	ContainerFormat string `json:"container_format"`
	// Hypervisor is stored as the property hypervisor_type of the image, which
	// Nova's scheduler can evaluate.
	Hypervisor string `json:"hypervisor"`
	// Architecture is stored as a property of the image.
	Architecture string `json:"architecture"`
	// AutoDiskConfig is stored as a property of the image.
	AutoDiskConfig string `json:"auto_disk_config"`
	// OSType is stored as a property of the image.
	OSType string `json:"os_type"`
	// OSDistro is stored as a property of the image.
	OSDistro string `json:"os_distro"`
	// VMwareAdapterType is stored as a property of the image.
	VMwareAdapterType string `json:"vmware_adaptertype"`
	// VMwareDiskType is stored as a property of the image.
	VMwareDiskType string `json:"vmware_disktype"`
	// VMwareLinkedClone is stored as a property of the image.
	VMwareLinkedClone string `json:"vmware_linked_clone"`
	// VMwareOSType is stored as a property of the image.
	VMwareOSType string `json:"vmware_ostype"`
	// Infrastructure is not used.
	Infrastructure string `json:"infrastructure"`
	// Disk is not used: VMs have the root disk of their flavor.
	Disk string `json:"disk"`
	// RootDeviceName is not used: Nova chooses the device.
	RootDeviceName string `json:"root_device_name"`
}
