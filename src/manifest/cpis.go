package manifest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// CPIs returns the names of the CPIs of a CPI config that the AZs name.
func (d Document) CPIs() (names []string) {
	for _, zone := range d.AZs {
		if zone.CPI != "" {
			names = append(names, zone.CPI)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// OfCPI returns the part of the document that the CPI with the name carries out:
// its AZs, the subnets in them, and networks that are bound to no AZ. VM types and
// disk types can be used in every AZ.
func (d Document) OfCPI(name string) (Document, error) {
	if !slices.Contains(d.CPIs(), name) {
		return d, fmt.Errorf("no AZ has the CPI %s; the AZs have: %s", name, strings.Join(d.CPIs(), ", "))
	}
	var others []string
	d.AZs = slices.DeleteFunc(slices.Clone(d.AZs), func(zone AZ) bool {
		if zone.CPI != name {
			others = append(others, zone.Name)
		}
		return zone.CPI != name
	})
	all := d.Networks
	d.Networks = nil
	for _, network := range all {
		subnets := slices.DeleteFunc(slices.Clone(network.Subnets), func(subnet Subnet) bool { return subnet.onlyIn(others) })
		if len(subnets) > 0 || len(network.Subnets) == 0 {
			network.Subnets = subnets
			d.Networks = append(d.Networks, network)
		}
	}
	if d.Compilation != nil && slices.Contains(others, d.Compilation.AZ) {
		d.Compilation = nil
	}
	return d, nil
}

// onlyIn reports whether the subnet is in AZs with these names and no others.
func (s Subnet) onlyIn(names []string) bool {
	zones := s.AZs
	if s.AZ != "" {
		zones = append(slices.Clone(zones), s.AZ)
	}
	return len(zones) > 0 && !slices.ContainsFunc(zones, func(zone string) bool { return !slices.Contains(names, zone) })
}

// cpi is an entry of a CPI config.
type cpi struct {
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Properties Properties `json:"properties"`
}

// ReadCPI returns the properties of the entry with the name in a CPI config in
// YAML, which a director sends in the context of its requests.
func ReadCPI(text []byte, name string) (Properties, error) {
	var config struct {
		CPIs []cpi `json:"cpis"`
	}
	if _, err := decode(text, &config, "a CPI config"); err != nil {
		return nil, err
	}
	names := []string{}
	for _, entry := range config.CPIs {
		if entry.Name != name {
			names = append(names, entry.Name)
			continue
		}
		if entry.Type != "openstack" {
			return nil, fmt.Errorf("the CPI %s is of type %s, not openstack", name, entry.Type)
		}
		encoded, err := json.Marshal(entry.Properties)
		if err != nil {
			return nil, err
		}
		if open := variable.FindSubmatch(encoded); open != nil {
			return nil, fmt.Errorf("the CPI %s has variables without a value, such as %s: fill them in with bosh interpolate", name, open[1])
		}
		return entry.Properties, nil
	}
	return nil, fmt.Errorf("the CPI config has no CPI %s, only: %s", name, strings.Join(names, ", "))
}
