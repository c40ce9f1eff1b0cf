package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/cpi"
)

// checkCloudConfig looks at the cloud config or the manifest itself: cloud
// properties that have no effect or a wrong type, and variables without a value.
func (d *Doctor) checkCloudConfig(_ context.Context, s *sheet) {
	if d.wanted.Empty() {
		s.note("cloud config", "none was given: the cloud is not compared with VM types, disk types and networks")
		return
	}
	if open := d.wanted.Variables; len(open) > 0 {
		s.add(Unknown, "variables", "fill them in: bosh interpolate FILE -l VARIABLES | openstack_cpi doctor -cloud-config -",
			"without a value: %s; what has them was not compared", strings.Join(open, ", "))
	}
	if names := d.wanted.CPIs(); len(names) > 1 {
		s.warning("AZs", "choose the one that this cloud belongs to with -cpi, and look at each cloud", "are of the CPIs %s: all of them were compared with this cloud", strings.Join(names, ", "))
	}
	for _, t := range d.wanted.AllVMTypes() {
		if readable[vmProperties](t.CloudProperties).InstanceType == "" {
			s.warning("VM type "+t.Name, "add cloud_properties.instance_type, or use it with a VM extension that has it only", "names no flavor (instance_type)")
		}
	}
	wrong, places := len(s.findings), d.propertyPlaces()
	for _, place := range places {
		d.checkProperties(s, place)
	}
	if len(s.findings) == wrong {
		s.ok("cloud properties", "those of %s are known", counted(len(places), "place"))
	}
}

// propertyPlace is a place of the cloud config that has cloud properties.
type propertyPlace struct {
	name  string
	data  json.RawMessage
	check func(json.RawMessage) (unknown []string, err error)
}

// propertyPlaces returns the places with cloud properties.
func (d *Doctor) propertyPlaces() (all []propertyPlace) {
	add := func(name string, data json.RawMessage, check func(json.RawMessage) ([]string, error)) {
		if len(data) > 0 {
			all = append(all, propertyPlace{name, data, check})
		}
	}
	for _, zone := range d.wanted.AZs {
		add("AZ "+zone.Name, zone.CloudProperties, cpi.CheckVMType)
	}
	for _, t := range d.wanted.AllVMTypes() {
		add("VM type "+t.Name, t.CloudProperties, cpi.CheckVMType)
	}
	for _, t := range d.wanted.VMExtensions {
		add("VM extension "+t.Name, t.CloudProperties, cpi.CheckVMType)
	}
	for _, t := range d.wanted.AllDiskTypes() {
		add("disk type "+t.Name, t.CloudProperties, cpi.CheckDiskType)
	}
	for _, n := range d.wanted.Networks {
		check := cpi.CheckNetwork
		if n.Managed {
			check = cpi.CheckManagedNetwork
		}
		add("network "+n.Name, n.CloudProperties, check)
		for i, subnet := range n.Subnets {
			add(fmt.Sprintf("network %s, subnet %d", n.Name, i+1), subnet.CloudProperties, check)
		}
	}
	return all
}

// checkProperties reports what is wrong with the properties of one place.
func (d *Doctor) checkProperties(s *sheet, place propertyPlace) {
	unknown, err := place.check(place.data)
	if err != nil {
		s.bad(place.name, "correct it in the cloud config", "%s", err)
	}
	for _, key := range unknown {
		if d.config.OpenStack.StrictCloudProperties {
			s.bad(place.name, "correct or remove it: openstack.strict_cloud_properties is true", "%s", key)
			continue
		}
		s.warning(place.name, "correct or remove it: it has no effect", "%s", key)
	}
}
