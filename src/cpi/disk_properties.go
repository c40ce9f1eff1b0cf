package cpi

import (
	"encoding/json"
	"reflect"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// diskProperties are the cloud_properties of a disk type.
type diskProperties struct {
	// Type is the name or id of a Cinder volume type. It replaces the configured
	// default, also if it is empty. Default: openstack.default_volume_type, else
	// Cinder's.
	Type *string `json:"type"`
	// AvailabilityZone is a zone of Cinder. Default: that of the VM, or Cinder's
	// with openstack.ignore_server_availability_zone.
	AvailabilityZone string `json:"availability_zone"`
	// MigrationPolicy says whether Cinder may copy the data to another back end
	// when update_disk changes the type: never or on-demand. Default: never.
	MigrationPolicy migrationPolicy `json:"migration_policy"`
	// Name is the director's name of a dynamic disk. It is stored as metadata,
	// because the name of the volume has to be unique.
	Name string `json:"name"`
}

// migrationPolicy is "", never or on-demand.
type migrationPolicy string

const onDemand migrationPolicy = "on-demand"

// diskName is the metadata key of a dynamic disk's name.
const diskName = "disk_name"

// readDisk returns the properties of a disk if its size and properties are valid
// by themselves.
func (c *CPI) readDisk(sizeMiB int, data json.RawMessage) (properties diskProperties, err error) {
	if err := checkSize(sizeMiB); err != nil {
		return properties, err
	}
	if err := decode(data, &properties); err != nil {
		return properties, err
	}
	if err := c.reportIgnored(unknownKeys(cloudProperties, data, reflect.TypeOf(properties))); err != nil {
		return properties, err
	}
	switch properties.MigrationPolicy {
	case "", "never", onDemand:
		return properties, nil
	}
	return properties, bosh.Errorf(bosh.CPIError, "cloud_properties.migration_policy must be never or on-demand")
}

// volumeType returns the type that the disk type or the configuration asks for, ""
// for any.
func (c *CPI) volumeType(properties diskProperties) string {
	if properties.Type != nil {
		return *properties.Type
	}
	return c.config.OpenStack.DefaultVolumeType
}
