package bosh

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
