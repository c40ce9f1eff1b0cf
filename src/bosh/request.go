package bosh

import "encoding/json"

// The versions of the CPI API in which callers may make requests.
const (
	OldestAPIVersion = 1
	NewestAPIVersion = 3
)

// Request is one call as it arrives on stdin.
type Request struct {
	Method    string
	Arguments []json.RawMessage
	Context   Context
	// APIVersion is the CPI API version that the caller speaks; 1 if it did
	// not say. Results differ from version 2 on, so test >= 2, never == 2.
	APIVersion int
}

// Context is what the caller says about itself and about the VM's stemcell.
type Context struct {
	// DirectorUUID identifies the director, or the installation of create-env.
	DirectorUUID string
	// RequestID is the director's name for the call ("cpi-123456"), or empty.
	RequestID string
	// StemcellAPIVersion is the API version of the VM's stemcell; 1 if the
	// caller did not say. With 1 the agent reads its settings from a registry.
	StemcellAPIVersion int
	// Overrides are all other keys: the properties of the chosen entry of the
	// director's cpi-config, which replace those of the configuration file.
	Overrides map[string]json.RawMessage
}

// Registryless tells whether the agent reads its settings from the user data
// alone. Both sides have to speak version 2 for that.
func (r Request) Registryless() bool {
	return r.APIVersion >= 2 && r.Context.StemcellAPIVersion >= 2
}

// The argument structs list the positional arguments of a method in order. The
// tag names the argument in errors; "optional" ones may be missing or null.

// CreateStemcell are the arguments of create_stemcell.
type CreateStemcell struct {
	ImagePath       string          `arg:"image_path"`
	CloudProperties json.RawMessage `arg:"cloud_properties,optional"`
	// Env comes with CPI API version 3 only.
	Env StemcellEnv `arg:"env,optional"`
}

// StemcellEnv is the third argument of create_stemcell in API version 3.
type StemcellEnv struct {
	Tags Metadata `json:"tags"`
}

// DeleteStemcell are the arguments of delete_stemcell.
type DeleteStemcell struct {
	Stemcell StemcellCID `arg:"stemcell_cid"`
}

// CreateVM are the arguments of create_vm.
type CreateVM struct {
	AgentID         string          `arg:"agent_id"`
	Stemcell        StemcellCID     `arg:"stemcell_cid"`
	CloudProperties json.RawMessage `arg:"cloud_properties"`
	Networks        Networks        `arg:"networks"`
	Disks           []DiskCID       `arg:"disk_cids,optional"`
	// Env is handed to the agent as it came: it holds the certificate without
	// which the agent cannot connect.
	Env json.RawMessage `arg:"env,optional"`
}

// VM are the arguments of the methods that take a VM alone.
type VM struct {
	VM VMCID `arg:"vm_cid"`
}

// SetVMMetadata are the arguments of set_vm_metadata.
type SetVMMetadata struct {
	VM       VMCID    `arg:"vm_cid"`
	Metadata Metadata `arg:"metadata"`
}

// CalculateVM are the arguments of calculate_vm_cloud_properties.
type CalculateVM struct {
	Requirements Requirements `arg:"vm_resources"`
}

// Requirements describe a VM by its size. Pointers tell "missing" from zero.
type Requirements struct {
	CPU *int `json:"cpu"`
	// RAM and EphemeralDiskSize are MiB.
	RAM               *int `json:"ram"`
	EphemeralDiskSize *int `json:"ephemeral_disk_size"`
}

// CreateDisk are the arguments of create_disk.
type CreateDisk struct {
	SizeMiB         int             `arg:"size"`
	CloudProperties json.RawMessage `arg:"cloud_properties,optional"`
	// VM is the VM the disk will be attached to, if there is one: the disk is
	// then placed in its availability zone.
	VM VMCID `arg:"vm_cid,optional"`
}

// Disk are the arguments of the methods that take a disk alone.
type Disk struct {
	Disk DiskCID `arg:"disk_cid"`
}

// AttachDisk are the arguments of attach_disk and detach_disk.
type AttachDisk struct {
	VM   VMCID   `arg:"vm_cid"`
	Disk DiskCID `arg:"disk_cid"`
}

// SetDiskMetadata are the arguments of set_disk_metadata.
type SetDiskMetadata struct {
	Disk     DiskCID  `arg:"disk_cid"`
	Metadata Metadata `arg:"metadata"`
}

// ResizeDisk are the arguments of resize_disk.
type ResizeDisk struct {
	Disk    DiskCID `arg:"disk_cid"`
	SizeMiB int     `arg:"new_size"`
}

// SnapshotDisk are the arguments of snapshot_disk.
type SnapshotDisk struct {
	Disk     DiskCID  `arg:"disk_cid"`
	Metadata Metadata `arg:"metadata,optional"`
}

// DeleteSnapshot are the arguments of delete_snapshot.
type DeleteSnapshot struct {
	Snapshot SnapshotCID `arg:"snapshot_cid"`
}

// Anything accepts any arguments: for methods that answer without reading them.
type Anything struct{}

// Variadic tells the wire not to count the arguments.
func (Anything) Variadic() {}
