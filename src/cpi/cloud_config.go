package cpi

import (
	"encoding/json"
	"reflect"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// CheckVMType returns the keys of a VM type's cloud_properties that have no
// effect, and an error if a value has the wrong type.
func CheckVMType(data json.RawMessage) (unknown []string, err error) {
	return checkProperties[vmProperties](data)
}

// CheckDiskType is CheckVMType for a disk type.
func CheckDiskType(data json.RawMessage) (unknown []string, err error) {
	return checkProperties[diskProperties](data)
}

// CheckNetwork is CheckVMType for the subnet of a network.
func CheckNetwork(data json.RawMessage) (unknown []string, err error) {
	return checkProperties[bosh.NetworkProperties](data)
}

// CheckManagedNetwork is CheckVMType for the subnet of a managed network.
func CheckManagedNetwork(data json.RawMessage) (unknown []string, err error) {
	return checkProperties[managedProperties](data)
}

func checkProperties[T any](data json.RawMessage) (unknown []string, err error) {
	var properties T
	if err := decode(data, &properties); err != nil {
		return nil, err
	}
	return unknownKeys(cloudProperties, data, reflect.TypeFor[T]()), nil
}
