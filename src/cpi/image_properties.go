package cpi

import (
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// imageProperties returns the properties of a stemcell's image: what Nova reads
// when it boots. Tags of the director's runtime config are added where they
// replace nothing.
func imageProperties(cloudProperties, tags bosh.Metadata) map[string]string {
	properties := tags.Tags()
	for _, reserved := range []string{"name", "id", "visibility", "disk_format", "container_format", "status", "owner", "protected", "tags"} {
		delete(properties, reserved)
	}
	for key, value := range cloudProperties.Tags() {
		switch key {
		case "hypervisor":
			properties["hypervisor_type"] = value
		case "version", "architecture", "auto_disk_config", "vmware_adaptertype", "vmware_disktype", "vmware_linked_clone", "vmware_ostype":
			properties[key] = value
		default:
			if strings.HasPrefix(key, "hw_") || strings.HasPrefix(key, "os_") {
				properties[key] = value
			}
		}
	}
	return properties
}
