package cpi

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

// cloudProperties is the path of the cloud_properties in the arguments.
const cloudProperties = "cloud_properties"

// decode reads the cloud_properties of an argument. An absent argument and null
// are the same as {}.
func decode(data json.RawMessage, into any) error {
	if len(data) == 0 {
		return nil
	}
	err := json.Unmarshal(data, into)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		path := cloudProperties + jsonkind.Mismatch(data, reflect.TypeOf(into))
		return bosh.Errorf(bosh.CPIError, "%s must not be %s", path, jsonkind.Found(wrong))
	}
	if err != nil {
		return bosh.Errorf(bosh.CPIError, "cloud_properties: %w", err)
	}
	return nil
}

// reportIgnored logs one warning for each property that has no effect. If the
// operator has chosen strict cloud_properties, it returns an error instead.
func (c *CPI) reportIgnored(ignored []string) error {
	if len(ignored) == 0 {
		return nil
	}
	if c.config.OpenStack.StrictCloudProperties {
		return bosh.Errorf(bosh.CPIError, "%s (openstack.strict_cloud_properties is true)", strings.Join(ignored, "; "))
	}
	c.warnings = append(c.warnings, ignored...)
	for _, property := range ignored {
		c.log.Warn("cloud property ignored", slog.String("property", property))
	}
	return nil
}

// unknownKeys returns the keys of a JSON document that the type does not have,
// with their paths, at any depth. A value of another kind than the type is not
// reported: decoding has accepted it.
func unknownKeys(path string, data json.RawMessage, of reflect.Type) (unknown []string) {
	switch of.Kind() { //nolint:exhaustive // only these have keys below them
	case reflect.Pointer:
		return unknownKeys(path, data, of.Elem())
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(data, &items) != nil {
			return nil
		}
		for i, item := range items {
			unknown = append(unknown, unknownKeys(fmt.Sprintf("%s[%d]", path, i), item, of.Elem())...)
		}
	case reflect.Struct:
		unknown = unknownIn(path, data, keysOf(of))
		for key, value := range members(data) {
			for _, field := range reflect.VisibleFields(of) {
				if keyOf(field) == key {
					unknown = append(unknown, unknownKeys(path+"."+key, value, field.Type)...)
				}
			}
		}
	}
	slices.Sort(unknown)
	return unknown
}

// keysOf returns the keys of the JSON object that a struct describes.
func keysOf(structure reflect.Type) (keys []string) {
	for _, field := range reflect.VisibleFields(structure) {
		if key := keyOf(field); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// keyOf returns the key of a field, or "" for an embedded struct.
func keyOf(field reflect.StructField) string {
	key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return key
}

// unknownIn returns the keys of a JSON object that are not known, with their
// paths and the known keys that they may stand for. Like encoding/json it ignores
// case.
func unknownIn(path string, data json.RawMessage, known []string) (unknown []string) {
	for _, key := range slices.Sorted(maps.Keys(members(data))) {
		if slices.ContainsFunc(known, func(name string) bool { return strings.EqualFold(name, key) }) {
			continue
		}
		text := path + "." + config.ShownKey(key) + " is unknown"
		if near, ok := config.Nearest(key, known); ok {
			text += "; did you mean " + near + "?"
		}
		unknown = append(unknown, text)
	}
	return unknown
}

// members returns the members of a JSON object, or none.
func members(data json.RawMessage) (all map[string]json.RawMessage) {
	if json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all
}

// ignoredByVM returns the cloud_properties of a VM and its networks that have no
// effect.
func (c *CPI) ignoredByVM(args bosh.CreateVMArgs, properties vmProperties) []string {
	ignored := unknownKeys(cloudProperties, args.CloudProperties, reflect.TypeOf(properties))
	if properties.RootDisk != nil && !c.bootsFromVolume(properties) {
		ignored = append(ignored, "cloud_properties.root_disk has no effect: the VM does not boot from a volume (boot_from_volume)")
	}
	for _, n := range args.Networks {
		path := "networks." + n.Name + "." + cloudProperties
		ignored = append(ignored, unknownKeys(path, n.Raw(cloudProperties), reflect.TypeOf(n.CloudProperties))...)
	}
	return ignored
}

// ignoredByStemcell returns the cloud_properties of a stemcell that neither the
// CPI nor the official stemcells have. All hw_… and os_… properties are stored.
func ignoredByStemcell(data json.RawMessage) []string {
	known := keysOf(reflect.TypeFor[stemcellKeys]())
	for key := range members(data) {
		if strings.HasPrefix(key, "hw_") || strings.HasPrefix(key, "os_") {
			known = append(known, key)
		}
	}
	return unknownIn(cloudProperties, data, known)
}
