package cpi

import (
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// stemcellKeys are the cloud_properties of a stemcell that become image
// properties, beside every hw_… and os_… key: Nova reads them when it boots.
var stemcellKeys = map[string]string{
	"version":             "version",
	"architecture":        "architecture",
	"auto_disk_config":    "auto_disk_config",
	"hypervisor":          "hypervisor_type",
	"vmware_adaptertype":  "vmware_adaptertype",
	"vmware_disktype":     "vmware_disktype",
	"vmware_linked_clone": "vmware_linked_clone",
	"vmware_ostype":       "vmware_ostype",
}

// imageProperties returns the properties of a stemcell's image. Tags of the
// director's runtime config are added where they replace nothing.
func imageProperties(cloudProperties, tags bosh.Metadata) map[string]string {
	properties := tags.Tags()
	for _, reserved := range []string{"name", "id", "visibility", "disk_format", "container_format", "status", "owner", "protected", "tags"} {
		delete(properties, reserved)
	}
	for key, value := range cloudProperties.Tags() {
		if name, known := stemcellKeys[key]; known {
			properties[name] = value
		} else if strings.HasPrefix(key, "hw_") || strings.HasPrefix(key, "os_") {
			properties[key] = value
		}
	}
	return properties
}
