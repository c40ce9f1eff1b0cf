package cpi

import (
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// imageProperties returns the properties of a stemcell's image: those that Nova
// evaluates when it boots a server, and the tags of the director's runtime config
// that do not have the name of another property.
func imageProperties(cloudProperties, tags bosh.Metadata) map[string]string {
	properties := texts(tags)
	for _, reserved := range []string{"name", "id", "visibility", "disk_format", "container_format", "status", "owner", "protected", "tags"} {
		delete(properties, reserved)
	}
	for key, value := range texts(cloudProperties) {
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
