package cpi

import (
	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// vmNotFound turns a 404 for a server into the kind that callers know; the text
// is the one operators search for. Other errors pass.
func vmNotFound(err error, vm bosh.VMCID) error {
	if openstack.IsNotFound(err) {
		return bosh.Errorf(bosh.VMNotFound, "Server `%s' not found: %w", vm, err)
	}
	return err
}

// diskNotFound does the same for a volume.
func diskNotFound(err error, disk bosh.DiskCID) error {
	if openstack.IsNotFound(err) {
		return bosh.Errorf(bosh.DiskNotFound, "Volume `%s' not found: %w", disk, err)
	}
	return err
}
