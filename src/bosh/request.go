package bosh

import "encoding/json"

// The versions of the CPI API in which callers may make requests.
const (
	OldestAPIVersion = 1
	NewestAPIVersion = 3
)

// Request is one call, as read from stdin.
type Request struct {
	Method    string
	Arguments []json.RawMessage
	Context   Context
	// APIVersion is the CPI API version of the caller, 1 if the request has
	// none. Results differ from version 2 on: compare with >= 2, not == 2.
	APIVersion int
}

// Context describes the caller and the VM's stemcell.
type Context struct {
	// DirectorUUID identifies the director, or the installation of create-env.
	DirectorUUID string
	// RequestID is the director's id of the call ("cpi-123456"), or empty.
	RequestID string
	// StemcellAPIVersion is the API version of the VM's stemcell, 1 if the
	// request has none. With 1 the agent reads its settings from a registry.
	StemcellAPIVersion int
	// Overrides are all other keys: the properties of an entry of the director's
	// cpi-config, which replace those of the configuration file.
	Overrides map[string]json.RawMessage
}

// Registryless reports whether the agent reads its settings from the user data
// only. Both the caller and the stemcell must have version 2 for that.
func (r Request) Registryless() bool {
	return r.APIVersion >= 2 && r.Context.StemcellAPIVersion >= 2
}

// The structs whose names end in Args list the positional arguments of a method
// in order. They are named after the method, or after their contents if several
// methods share them. The tag names the argument in errors; an "optional" one
// may be missing or null.

// CreateStemcellArgs are the arguments of create_stemcell.
type CreateStemcellArgs struct {
	ImagePath       string          `arg:"image_path"`
	CloudProperties json.RawMessage `arg:"cloud_properties,optional"`
	// Env is sent with CPI API version 3 only.
	Env StemcellEnv `arg:"env,optional"`
}

// StemcellEnv is the third argument of create_stemcell in API version 3.
type StemcellEnv struct {
	Tags Metadata `json:"tags"`
}

// DeleteStemcellArgs are the arguments of delete_stemcell.
type DeleteStemcellArgs struct {
	Stemcell StemcellCID `arg:"stemcell_cid"`
}

// CreateVMArgs are the arguments of create_vm.
type CreateVMArgs struct {
	AgentID         string          `arg:"agent_id"`
	Stemcell        StemcellCID     `arg:"stemcell_cid"`
	CloudProperties json.RawMessage `arg:"cloud_properties"`
	Networks        Networks        `arg:"networks"`
	Disks           []DiskCID       `arg:"disk_cids,optional"`
	// Env is passed on to the agent unchanged. It contains the certificate that
	// the agent needs to connect.
	Env json.RawMessage `arg:"env,optional"`
}

// VMArgs are the arguments of the methods that take a VM alone.
type VMArgs struct {
	VM VMCID `arg:"vm_cid"`
}

// SetVMMetadataArgs are the arguments of set_vm_metadata.
type SetVMMetadataArgs struct {
	VM       VMCID    `arg:"vm_cid"`
	Metadata Metadata `arg:"metadata"`
}

// CalculateVMArgs are the arguments of calculate_vm_cloud_properties.
type CalculateVMArgs struct {
	Requirements Requirements `arg:"vm_resources"`
}

// Requirements describe a VM by its size. A missing value is nil.
type Requirements struct {
	CPU *int `json:"cpu"`
	// RAM and EphemeralDiskSize are MiB.
	RAM               *int `json:"ram"`
	EphemeralDiskSize *int `json:"ephemeral_disk_size"`
}

// CreateDiskArgs are the arguments of create_disk.
type CreateDiskArgs struct {
	SizeMiB         int             `arg:"size"`
	CloudProperties json.RawMessage `arg:"cloud_properties,optional"`
	// VM is the VM that the disk will be attached to, or empty. The disk is
	// created in its availability zone.
	VM VMCID `arg:"vm_cid,optional"`
}

// DiskArgs are the arguments of the methods that take a disk alone.
type DiskArgs struct {
	Disk DiskCID `arg:"disk_cid"`
}

// VMDiskArgs are the arguments of attach_disk and detach_disk.
type VMDiskArgs struct {
	VM   VMCID   `arg:"vm_cid"`
	Disk DiskCID `arg:"disk_cid"`
}

// SetDiskMetadataArgs are the arguments of set_disk_metadata.
type SetDiskMetadataArgs struct {
	Disk     DiskCID  `arg:"disk_cid"`
	Metadata Metadata `arg:"metadata"`
}

// ResizeDiskArgs are the arguments of resize_disk.
type ResizeDiskArgs struct {
	Disk    DiskCID `arg:"disk_cid"`
	SizeMiB int     `arg:"new_size"`
}

// UpdateDiskArgs are the arguments of update_disk.
type UpdateDiskArgs struct {
	Disk            DiskCID         `arg:"disk_cid"`
	SizeMiB         int             `arg:"new_size"`
	CloudProperties json.RawMessage `arg:"cloud_properties,optional"`
}

// SnapshotDiskArgs are the arguments of snapshot_disk.
type SnapshotDiskArgs struct {
	Disk     DiskCID  `arg:"disk_cid"`
	Metadata Metadata `arg:"metadata,optional"`
}

// DeleteSnapshotArgs are the arguments of delete_snapshot.
type DeleteSnapshotArgs struct {
	Snapshot SnapshotCID `arg:"snapshot_cid"`
}

// AnyArgs accepts any arguments, for methods that do not read them.
type AnyArgs struct{}

// Variadic makes package rpc accept any number of arguments.
func (AnyArgs) Variadic() {}

// CreateNetworkArgs are the arguments of create_network.
type CreateNetworkArgs struct {
	Subnet SubnetDefinition `arg:"subnet_definition"`
}

// SubnetDefinition describes the subnet of a managed network.
type SubnetDefinition struct {
	Type string `json:"type"`
	// Range is a CIDR, or empty; then NetmaskBits is the length of the prefix
	// that the cloud chooses.
	Range       string `json:"range"`
	NetmaskBits int    `json:"netmask_bits"`
	// Gateway is an address of the range. If it is empty, the CPI chooses one.
	Gateway string `json:"gateway"`
	// CloudProperties are those of the subnet and its availability zones.
	CloudProperties json.RawMessage `json:"cloud_properties"`
}

// NetworkArgs are the arguments of delete_network.
type NetworkArgs struct {
	Network NetworkCID `arg:"network_cid"`
}
