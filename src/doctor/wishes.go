package doctor

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/manifest"
)

// vmWish is what the cloud properties of a VM type, an extension or a zone ask of
// the cloud. Values of a wrong type are left out; see checkCloudConfig.
type vmWish struct {
	place      string // "VM type default"
	properties vmProperties
}

type vmProperties struct {
	InstanceType      string   `json:"instance_type"`
	AvailabilityZone  string   `json:"availability_zone"`
	AvailabilityZones []string `json:"availability_zones"`
	KeyName           string   `json:"key_name"`
	SecurityGroups    []string `json:"security_groups"`
	BootFromVolume    *bool    `json:"boot_from_volume"`
	RootDisk          struct {
		Size int    `json:"size"`
		Type string `json:"type"`
	} `json:"root_disk"`
	// ServerGroup is a name or an object.
	ServerGroup    json.RawMessage `json:"server_group"`
	SchedulerHints struct {
		Group string `json:"group"`
	} `json:"scheduler_hints"`
	LoadBalancerPools []struct {
		Name string `json:"name"`
	} `json:"loadbalancer_pools"`
}

// zones returns the zones that the properties name.
func (p vmProperties) zones() []string {
	return append([]string{p.AvailabilityZone}, p.AvailabilityZones...)
}

// fromVolume reports whether the VM boots from a volume.
func (p vmProperties) fromVolume(usual bool) bool {
	if p.BootFromVolume != nil {
		return *p.BootFromVolume
	}
	return usual
}

// vmWishes returns what VM types, extensions and zones ask for.
func (d *Doctor) vmWishes() (wishes []vmWish) {
	add := func(kind, name string, data json.RawMessage) {
		wishes = append(wishes, vmWish{place: fmt.Sprintf("%s %s", kind, name), properties: readable[vmProperties](data)})
	}
	for _, t := range d.wanted.AllVMTypes() {
		add("VM type", t.Name, t.CloudProperties)
	}
	for _, t := range d.wanted.VMExtensions {
		add("VM extension", t.Name, t.CloudProperties)
	}
	for _, zone := range d.wanted.AZs {
		add("AZ", zone.Name, zone.CloudProperties)
	}
	return wishes
}

// subnetWish is what the subnet of a network asks of the cloud.
type subnetWish struct {
	place   string
	network manifest.Network
	manifest.Subnet
	properties subnetProperties
}

type subnetProperties struct {
	NetID          string   `json:"net_id"`
	SecurityGroups []string `json:"security_groups"`
}

// subnetWishes returns the subnets of the networks that BOSH does not create. A
// network without subnets has one with its cloud properties.
func (d *Doctor) subnetWishes() (wishes []subnetWish) {
	for _, n := range d.wanted.Networks {
		all := n.Subnets
		if len(all) == 0 {
			all = []manifest.Subnet{{CloudProperties: n.CloudProperties}}
		}
		for i, subnet := range all {
			place := "network " + n.Name
			if len(all) > 1 {
				place = fmt.Sprintf("network %s, subnet %d", n.Name, i+1)
			}
			if !n.Managed {
				wishes = append(wishes, subnetWish{place, n, subnet, readable[subnetProperties](subnet.CloudProperties)})
			}
		}
	}
	return wishes
}

// diskWishes returns the volume types that disk types and boot volumes ask for, by
// the place that names them.
func (d *Doctor) diskWishes() map[string]string {
	types := map[string]string{}
	for _, t := range d.wanted.AllDiskTypes() {
		types["disk type "+t.Name] = readable[struct {
			Type string `json:"type"`
		}](t.CloudProperties).Type
	}
	for _, wish := range d.vmWishes() {
		types[wish.place+", root_disk"] = wish.properties.RootDisk.Type
	}
	return types
}

// readable decodes what can be decoded.
func readable[T any](data json.RawMessage) (value T) {
	if json.Unmarshal(data, &value) != nil {
		return value
	}
	return value
}

// closed returns the values without empty ones and variables, sorted and each
// once.
func closed(values ...string) []string {
	values = slices.DeleteFunc(slices.Clone(values), func(value string) bool { return value == "" || manifest.IsOpen(value) })
	slices.Sort(values)
	return slices.Compact(values)
}
