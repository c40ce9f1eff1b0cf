package cpi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// uuid matches the ids that Nova looks up. It refuses others as malformed.
var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$`)

// The functions of this file turn the error of a missing object into one of the
// kind that callers handle, with the text that operators search for. They return
// all other errors, and nil, unchanged.

func vmNotFound(err error, vm bosh.VMCID) error {
	return notFound(err, bosh.VMNotFound, "Server `%s' not found", string(vm))
}

func diskNotFound(err error, disk bosh.DiskCID) error {
	return notFound(err, bosh.DiskNotFound, "Volume `%s' not found", string(disk))
}

// diskToAttachNotFound is diskNotFound for an error of Nova: a disk whose id is
// malformed cannot exist.
func diskToAttachNotFound(err error, disk bosh.DiskCID) error {
	if openstack.IsBadRequest(err) && !uuid.MatchString(string(disk)) {
		return bosh.Errorf(bosh.DiskNotFound, "Volume `%s' not found: %w", disk, err)
	}
	return diskNotFound(err, disk)
}

// diskToTagNotFound is diskNotFound in the words of set_disk_metadata.
func diskToTagNotFound(err error, disk bosh.DiskCID) error {
	return notFound(err, bosh.DiskNotFound, "Disk `%s' not found", string(disk))
}

// diskToResizeNotFound is diskNotFound in the words of resize_disk.
func diskToResizeNotFound(err error, disk bosh.DiskCID) error {
	return notFound(err, bosh.DiskNotFound, "Cannot resize volume because volume with %s not found", string(disk))
}

func imageNotFound(err error, stemcell bosh.StemcellCID) error {
	if err = notFound(err, bosh.CloudError, "Image `%s' not found", string(stemcell)); openstack.IsNotFound(err) {
		err = fmt.Errorf("%w; upload the stemcell again with `bosh upload-stemcell --fix`", err)
	}
	return err
}

// flavorNotFound names the flavors that may be meant, or all.
func flavorNotFound(err error, name string, all []flavors.Flavor) error {
	if err = notFound(err, bosh.CloudError, "Flavor `%s' not found", name); !openstack.IsNotFound(err) {
		return err
	}
	names := make([]string, len(all))
	for i, flavor := range all {
		names[i] = flavor.Name
	}
	slices.Sort(names)
	if near, ok := config.Nearest(name, names); ok {
		return fmt.Errorf("%w (cloud_properties.instance_type); did you mean %s?", err, near)
	}
	return fmt.Errorf("%w (cloud_properties.instance_type); there are: %s", err, strings.Join(names, ", "))
}

// volumeTypeNotFound says where a volume type that does not exist is configured.
func volumeTypeNotFound(err error, volumeType string, own bool) error {
	if !namesVolumeType(err, volumeType) {
		return err
	}
	property := "openstack.default_volume_type of the CPI"
	if own {
		property = "disk_types.*.cloud_properties.type of the cloud config"
	}
	return bosh.Errorf(bosh.CloudError, "%w; correct %s: `openstack volume type list` shows the types", err, property)
}

// namesVolumeType reports whether the type of a volume, and not the volume, does not
// exist.
func namesVolumeType(err error, volumeType string) bool {
	return openstack.IsNotFound(err) && volumeType != "" && strings.Contains(openstack.MessageOf(err), volumeType)
}

func keyPairNotFound(err error, name string) error {
	return notFound(err, bosh.CloudError, "Key-pair `%s' not found", name)
}

func poolNotFound(err error, name string) error {
	return notFound(err, bosh.VMCreationFailed, "Load balancer pool '%s' does not exist", name)
}

func notFound(err error, kind bosh.Kind, text, name string) error {
	if !openstack.IsNotFound(err) {
		return err
	}
	if text = fmt.Sprintf(text, name); text == err.Error() {
		return bosh.Errorf(kind, "%w", err)
	}
	return bosh.Errorf(kind, "%s: %w", text, err)
}
