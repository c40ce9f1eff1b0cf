package bosh

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// VMCID identifies a VM: the UUID of a Nova server.
type VMCID string

// DiskCID identifies a persistent disk: the UUID of a Cinder volume, without a
// prefix or suffix, because agents derive /dev/disk/by-id names from it.
type DiskCID string

// SnapshotCID identifies a disk snapshot: the UUID of a Cinder snapshot.
type SnapshotCID string

// StemcellCID identifies a stemcell: the UUID of a Glance image, followed by
// " light" if the image belongs to the operator and must never be deleted.
type StemcellCID string

// NetworkCID identifies a managed network: the UUID of a Neutron network.
type NetworkCID string

const lightSuffix = " light"

// LightStemcell returns the CID of a stemcell whose image the operator owns.
func LightStemcell(imageID string) StemcellCID { return StemcellCID(imageID + lightSuffix) }

// Light reports whether the image belongs to the operator.
func (c StemcellCID) Light() bool { return strings.HasSuffix(string(c), lightSuffix) }

// ImageID returns the UUID of the Glance image behind the stemcell.
func (c StemcellCID) ImageID() string { return strings.TrimSuffix(string(c), lightSuffix) }

// longestID is the length of the longest id of a resource.
const longestID = 255

// resourceID matches the ids of resources. They become a part of URLs.
var resourceID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_.-]*$`)

// Check returns an error if the CID cannot be the id of a server.
func (c VMCID) Check() error { return checkID(string(c)) }

// Check returns an error if the CID cannot be the id of a volume.
func (c DiskCID) Check() error { return checkID(string(c)) }

// Check returns an error if the CID cannot be the id of a snapshot.
func (c SnapshotCID) Check() error { return checkID(string(c)) }

// Check returns an error if the CID cannot be the id of a network.
func (c NetworkCID) Check() error { return checkID(string(c)) }

// Check returns an error if the CID cannot be the id of an image.
func (c StemcellCID) Check() error { return checkID(c.ImageID()) }

// checkID returns an error for a text that means something else in a URL than
// one resource: a path, a query, or one of the words that name a list.
func checkID(id string) error {
	reserved := []string{"detail", "summary", "action"}
	if len(id) > longestID || !resourceID.MatchString(id) || strings.Contains(id, "..") || slices.Contains(reserved, id) {
		return errors.New("cannot be the id of a resource")
	}
	return nil
}
