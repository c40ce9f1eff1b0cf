package bosh

import "encoding/json"

// Info is the result of info.
type Info struct {
	APIVersion      int      `json:"api_version"`
	StemcellFormats []string `json:"stemcell_formats"`
}

// CreatedVM is the result of create_vm.
type CreatedVM struct {
	CID VMCID
	// Networks are those of the arguments, with the keys that the CPI added for
	// the agent.
	Networks Networks
}

// AtVersion returns the CID in version 1, and [cid, networks] from version 2 on.
func (v CreatedVM) AtVersion(version int) any {
	if version >= 2 {
		return []any{v.CID, v.Networks}
	}
	return v.CID
}

// DiskHint is the result of attach_disk: the device path at which the agent
// finds the disk, for example "/dev/sdc". It is never empty.
type DiskHint string

// AtVersion returns null in version 1, where the agent reads the hint from the
// registry.
func (h DiskHint) AtVersion(version int) any {
	if version >= 2 {
		return string(h)
	}
	return nil
}

// CreatedNetwork is the result of create_network.
type CreatedNetwork struct {
	CID       NetworkCID
	Addresses NetworkAddresses
	// CloudProperties replace those of the subnet in calls of create_vm.
	CloudProperties json.RawMessage
}

// NetworkAddresses are the addresses of a managed network's subnet.
type NetworkAddresses struct {
	Range   string `json:"range"`
	Gateway string `json:"gateway"`
	// Reserved are addresses and ranges ("10.0.0.2-10.0.0.9") that VMs must not
	// get.
	Reserved []string `json:"reserved"`
}

// AtVersion returns [cid, addresses, cloud_properties] in every version.
func (n CreatedNetwork) AtVersion(int) any {
	return []any{n.CID, n.Addresses, n.CloudProperties}
}
