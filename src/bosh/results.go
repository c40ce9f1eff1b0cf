package bosh

// Info is the result of info.
type Info struct {
	APIVersion      int      `json:"api_version"`
	StemcellFormats []string `json:"stemcell_formats"`
}

// CreatedVM is the result of create_vm.
type CreatedVM struct {
	CID VMCID
	// Networks are the argument with what the agent has to know added.
	Networks Networks
}

// AtVersion returns the CID alone in version 1, [cid, networks] from 2 on.
func (v CreatedVM) AtVersion(version int) any {
	if version >= 2 {
		return []any{v.CID, v.Networks}
	}
	return v.CID
}

// DiskHint is the result of attach_disk: the path under which the agent looks
// for the disk, e.g. "/dev/sdc". It is never empty.
type DiskHint string

// AtVersion returns null in version 1, where a registry carried the hint.
func (h DiskHint) AtVersion(version int) any {
	if version >= 2 {
		return string(h)
	}
	return nil
}
