package bosh

import "strings"

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

const lightSuffix = " light"

// LightStemcell returns the CID of a stemcell whose image the operator owns.
func LightStemcell(imageID string) StemcellCID { return StemcellCID(imageID + lightSuffix) }

// Light reports whether the image belongs to the operator.
func (c StemcellCID) Light() bool { return strings.HasSuffix(string(c), lightSuffix) }

// ImageID returns the UUID of the Glance image behind the stemcell.
func (c StemcellCID) ImageID() string { return strings.TrimSuffix(string(c), lightSuffix) }
