package cpi

import (
	"reflect"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// checkPortOptions refuses options that contradict each other.
func checkPortOptions(properties vmProperties, networks bosh.Networks) error {
	if err := checkValueSpecs(cloudProperties, properties.ValueSpecs); err != nil {
		return err
	}
	for _, group := range groupNICs(networks) {
		for i := range group {
			if err := checkOptionsOf(properties, group, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkOptionsOf checks the options of one network of an interface.
func checkOptionsOf(properties vmProperties, group bosh.Networks, i int) error {
	n := group[i]
	path := "networks." + n.Name + "." + cloudProperties
	if err := checkValueSpecs(path, n.CloudProperties.ValueSpecs); err != nil {
		return err
	}
	if err := checkSubports(path, n.CloudProperties); err != nil {
		return err
	}
	if name := n.CloudProperties.DNSName; name != "" && !isDNSName(name) {
		return bosh.Errorf(bosh.CloudError, "%s.dns_name is '%s', which is not a DNS name: labels of at most 63 letters, digits and inner hyphens, separated by dots", path, name)
	}
	if n.CloudProperties.NetID == "" && !reflect.DeepEqual(portOptions(group, properties.PortProperties), bosh.NetworkProperties{}) {
		return bosh.Errorf(bosh.CloudError, "%s.net_id is missing: properties of the port have an effect only on a port that the CPI creates", path)
	}
	for _, other := range group[:i] {
		if key := contradiction(other.CloudProperties, n.CloudProperties); key != "" {
			return bosh.Errorf(bosh.CloudError, "%s.%s is not that of network '%s', with which the network shares a NIC", path, key, other.Name)
		}
	}
	return nil
}

// isDNSName reports whether Neutron accepts the text as the name of a port.
func isDNSName(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for label := range strings.SplitSeq(strings.TrimSuffix(text, "."), ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label || strings.Trim(label, letters+"-") != "" {
			return false
		}
	}
	return len(text) <= 255
}

// checkValueSpecs refuses attributes that the CPI sends itself.
func checkValueSpecs(path string, specs map[string]any) error {
	own := []string{
		"name", "description", "network_id", "fixed_ips", "mac_address", "security_groups", "allowed_address_pairs", "port_security_enabled",
		"binding:vnic_type", "binding:profile", "dns_name", "qos_policy_id", "propagate_uplink_status", "device_id", "device_owner", "project_id", "tenant_id",
	}
	for key := range specs {
		if slices.Contains(own, key) {
			return bosh.Errorf(bosh.CloudError, "%s.value_specs.%s is set by the CPI; value_specs are for other attributes of a port", path, key)
		}
	}
	return nil
}

// contradiction returns the key of a port's property that both networks have with
// different values, or "".
func contradiction(one, other bosh.NetworkProperties) string {
	for _, field := range optionFields() {
		a, b := reflect.ValueOf(one).FieldByIndex(field.Index), reflect.ValueOf(other).FieldByIndex(field.Index)
		if !a.IsZero() && !b.IsZero() && !reflect.DeepEqual(a.Interface(), b.Interface()) {
			return field.Tag.Get("json")
		}
	}
	return ""
}

// optionFields returns the fields of NetworkProperties that describe the port.
func optionFields() []reflect.StructField {
	others := []string{"net_id", "security_groups", "vrrp_port_check"}
	return slices.DeleteFunc(reflect.VisibleFields(reflect.TypeFor[bosh.NetworkProperties]()), func(field reflect.StructField) bool {
		return field.Anonymous || slices.Contains(others, field.Tag.Get("json"))
	})
}

// portOptions returns the properties of an interface's port: of each, the value of
// the networks, or else that of the VM type.
func portOptions(group bosh.Networks, defaults bosh.PortProperties) bosh.NetworkProperties {
	sources := []bosh.NetworkProperties{}
	for _, n := range group {
		sources = append(sources, n.CloudProperties)
	}
	sources = append(sources, bosh.NetworkProperties{PortProperties: defaults})
	var options bosh.NetworkProperties
	for _, source := range sources {
		for _, field := range optionFields() {
			to := reflect.ValueOf(&options).Elem().FieldByIndex(field.Index)
			if to.IsZero() {
				to.Set(reflect.ValueOf(source).FieldByIndex(field.Index))
			}
		}
	}
	return options
}

// qosPoliciesNeeded returns the names or UUIDs of the QoS policies of a VM's ports.
func qosPoliciesNeeded(properties vmProperties, networks bosh.Networks) (policies []string) {
	for _, group := range groupNICs(networks) {
		if policy := portOptions(group, properties.PortProperties).QoSPolicy; policy != "" {
			policies = append(policies, policy)
		}
	}
	slices.Sort(policies)
	return slices.Compact(policies)
}
