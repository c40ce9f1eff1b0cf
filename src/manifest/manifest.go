// Package manifest reads what operators write for BOSH: cloud configs, and the
// manifests of bosh create-env, which have the same parts under other names. It
// reads only what concerns the CPI.
package manifest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Document is a cloud config or a manifest.
type Document struct {
	AZs          []AZ          `json:"azs"`
	VMTypes      []VMType      `json:"vm_types"`
	VMExtensions []VMType      `json:"vm_extensions"`
	DiskTypes    []DiskType    `json:"disk_types"`
	Networks     []Network     `json:"networks"`
	Compilation  *Compilation  `json:"compilation"`
	Pools        []VMType      `json:"resource_pools"`
	DiskPools    []DiskType    `json:"disk_pools"`
	Groups       []Group       `json:"instance_groups"`
	Provider     CloudProvider `json:"cloud_provider"`

	// Variables are the names of those that have no value: ((name)).
	Variables []string `json:"-"`
}

// AZ is an availability zone.
type AZ struct {
	Name            string          `json:"name"`
	CPI             string          `json:"cpi"`
	CloudProperties json.RawMessage `json:"cloud_properties"`
}

// VMType is a VM type, a VM extension, or a resource pool of create-env.
type VMType struct {
	Name            string          `json:"name"`
	CloudProperties json.RawMessage `json:"cloud_properties"`
}

// DiskType is a disk type, or a disk pool of create-env.
type DiskType struct {
	Name string `json:"name"`
	// SizeMiB is the size of a disk. It is 0 if it is a variable.
	SizeMiB         number          `json:"disk_size"`
	CloudProperties json.RawMessage `json:"cloud_properties"`
}

// Network is a network of BOSH.
type Network struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Managed bool     `json:"managed"`
	Subnets []Subnet `json:"subnets"`
	// CloudProperties are those of a dynamic or vip network without subnets.
	CloudProperties json.RawMessage `json:"cloud_properties"`
}

// Subnet is a subnet of a network of BOSH.
type Subnet struct {
	Range           string          `json:"range"`
	Prefix          json.RawMessage `json:"prefix"`
	Gateway         string          `json:"gateway"`
	Reserved        texts           `json:"reserved"`
	Static          texts           `json:"static"`
	DNS             texts           `json:"dns"`
	NetmaskBits     number          `json:"netmask_bits"`
	AZs             texts           `json:"azs"`
	AZ              string          `json:"az"`
	CloudProperties json.RawMessage `json:"cloud_properties"`
}

// Compilation describes the VMs that compile packages.
type Compilation struct {
	Workers number `json:"workers"`
	AZ      string `json:"az"`
	VMType  string `json:"vm_type"`
	Network string `json:"network"`
}

// Group is an instance group.
type Group struct {
	Name      string `json:"name"`
	Instances number `json:"instances"`
	VMType    string `json:"vm_type"`
	// ResourcePool and DiskPool are those of create-env.
	ResourcePool       string          `json:"resource_pool"`
	DiskPool           string          `json:"persistent_disk_pool"`
	PersistentDiskType string          `json:"persistent_disk_type"`
	PersistentDiskMiB  number          `json:"persistent_disk"`
	Networks           []GroupNetwork  `json:"networks"`
	Jobs               []Job           `json:"jobs"`
	Properties         Properties      `json:"properties"`
	Env                json.RawMessage `json:"env"`
}

// Job is a job of an instance group. A manifest of create-env calls it a template.
type Job struct {
	Name       string     `json:"name"`
	Properties Properties `json:"properties"`
}

// Properties are the properties of jobs by their first key, such as "openstack".
type Properties map[string]json.RawMessage

// GroupNetwork is a network of an instance group.
type GroupNetwork struct {
	Name      string          `json:"name"`
	StaticIPs texts           `json:"static_ips"`
	NICGroup  json.RawMessage `json:"nic_group"`
}

// CloudProvider is the part of a manifest that configures the CPI of create-env.
type CloudProvider struct {
	Template   Job        `json:"template"`
	Properties Properties `json:"properties"`
}

// number is a whole number, 0 for anything else, such as a variable.
type number int

// UnmarshalJSON reads a number.
func (n *number) UnmarshalJSON(text []byte) error {
	var value float64
	if json.Unmarshal(text, &value) == nil {
		*n = number(value)
	}
	return nil
}

// texts is a list of texts. A single one counts as a list of one.
type texts []string

// UnmarshalJSON reads a text or a list; other values are ignored.
func (t *texts) UnmarshalJSON(text []byte) error {
	var single string
	if json.Unmarshal(text, &single) == nil && single != "" {
		*t = texts{single}
		return nil
	}
	var list []any
	if err := json.Unmarshal(text, &list); err != nil {
		return nil //nolint:nilerr // a value of another kind, such as a variable
	}
	for _, item := range list {
		*t = append(*t, fmt.Sprint(item))
	}
	return nil
}

// Read reads a document in YAML.
func Read(text []byte) (Document, error) {
	var read Document
	variables, err := decode(text, &read, "a cloud config or a manifest")
	if err != nil {
		return Document{}, err
	}
	read.Variables = variables
	return read, nil
}

// decode decodes a document in YAML and returns its variables. The kind of the
// document is for the error.
func decode(text []byte, into any, kind string) (variables []string, err error) {
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("the document is not YAML: %w", withoutValues(err))
	}
	found := map[string]bool{}
	encoded, err := json.Marshal(plain(tree, found))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(encoded, into); err != nil {
		wrong, is := errors.AsType[*json.UnmarshalTypeError](err)
		if !is {
			return nil, err
		}
		return nil, fmt.Errorf("the document is not %s: %s must not be a %s", kind, cmp.Or(wrong.Field, "it"), wrong.Value)
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// quoted matches the values that the errors of the YAML library contain.
var quoted = regexp.MustCompile("`[^`]*`")

func withoutValues(err error) error { return errors.New(quoted.ReplaceAllString(err.Error(), "…")) }

// variable matches a variable, as the bosh command line does.
var variable = regexp.MustCompile(`\(\((!?[-/\.\w\pL]+[-/\.\w\pL:"]*)\)\)`)

// IsOpen reports whether the text contains a variable without a value.
func IsOpen(text string) bool { return variable.MatchString(text) }

// plain returns the tree with texts as keys, and adds the variables in it.
func plain(tree any, variables map[string]bool) any {
	switch node := tree.(type) {
	case map[string]any:
		for key, value := range node {
			node[key] = plain(value, variables)
		}
	case map[any]any:
		converted := map[string]any{}
		for key, value := range node {
			converted[fmt.Sprint(key)] = plain(value, variables)
		}
		return converted
	case []any:
		for i, value := range node {
			node[i] = plain(value, variables)
		}
	case string:
		for _, match := range variable.FindAllStringSubmatch(node, -1) {
			name, _, _ := strings.Cut(strings.TrimPrefix(match[1], "!"), ".")
			variables[name] = true
		}
	}
	return tree
}

// ErrNoProvider reports a manifest that does not configure a CPI.
var ErrNoProvider = errors.New("the manifest has no cloud_provider.properties.openstack: it is not one for bosh create-env on OpenStack")

// CPIConfig returns the cpi.json that bosh create-env renders from the manifest.
func (d Document) CPIConfig() ([]byte, error) {
	if len(d.Provider.Properties["openstack"]) == 0 {
		return nil, ErrNoProvider
	}
	properties := map[string]json.RawMessage{}
	for _, name := range []string{"openstack", "agent"} {
		if value, given := d.Provider.Properties[name]; given {
			properties[name] = value
		}
	}
	return json.Marshal(map[string]any{"cloud": map[string]any{"plugin": "openstack", "properties": properties}})
}

// AllVMTypes returns VM types and resource pools.
func (d Document) AllVMTypes() []VMType { return slices.Concat(d.VMTypes, d.Pools) }

// AllDiskTypes returns disk types and disk pools.
func (d Document) AllDiskTypes() []DiskType { return slices.Concat(d.DiskTypes, d.DiskPools) }

// Empty reports whether the document has nothing that concerns the cloud.
func (d Document) Empty() bool {
	return len(d.AZs)+len(d.AllVMTypes())+len(d.VMExtensions)+len(d.AllDiskTypes())+len(d.Networks) == 0
}

// AddressesIn returns the static addresses of the network: those of its subnets,
// and those of instance groups.
func (d Document) AddressesIn(n Network) (addresses []string) {
	for _, subnet := range n.Subnets {
		addresses = append(addresses, subnet.Static...)
	}
	for _, group := range d.Groups {
		for _, used := range group.Networks {
			if used.Name == n.Name {
				addresses = append(addresses, used.StaticIPs...)
			}
		}
	}
	return addresses
}

// With returns the document with the parts of another one.
func (d Document) With(other Document) Document {
	d.AZs = slices.Concat(d.AZs, other.AZs)
	d.VMTypes, d.Pools = slices.Concat(d.VMTypes, other.VMTypes), slices.Concat(d.Pools, other.Pools)
	d.VMExtensions = slices.Concat(d.VMExtensions, other.VMExtensions)
	d.DiskTypes, d.DiskPools = slices.Concat(d.DiskTypes, other.DiskTypes), slices.Concat(d.DiskPools, other.DiskPools)
	d.Networks, d.Groups = slices.Concat(d.Networks, other.Networks), slices.Concat(d.Groups, other.Groups)
	d.Variables = slices.Compact(slices.Sorted(slices.Values(slices.Concat(d.Variables, other.Variables))))
	if d.Compilation == nil {
		d.Compilation = other.Compilation
	}
	return d
}

// Section is an openstack section of the properties of a CPI job.
type Section struct {
	Path string // "cloud_provider.properties.openstack"
	Keys map[string]json.RawMessage
	// Beside are the properties beside openstack, such as registry.
	Beside Properties
}

// Sections returns the openstack sections of the document: those of create-env and
// of the director.
func (d Document) Sections() (all []Section) {
	add := func(path string, properties Properties) {
		var keys map[string]json.RawMessage
		if json.Unmarshal(properties["openstack"], &keys) == nil && keys != nil {
			all = append(all, Section{path + ".openstack", keys, properties})
		}
	}
	add("cloud_provider.properties", d.Provider.Properties)
	for _, group := range d.Groups {
		add("instance_groups."+group.Name+".properties", group.Properties)
		for _, job := range group.Jobs {
			add("instance_groups."+group.Name+".jobs."+job.Name+".properties", job.Properties)
		}
	}
	return all
}

// JobNames returns the names of all jobs, the one of create-env included.
func (d Document) JobNames() []string {
	names := []string{d.Provider.Template.Name}
	for _, group := range d.Groups {
		for _, job := range group.Jobs {
			names = append(names, job.Name)
		}
	}
	return names
}
