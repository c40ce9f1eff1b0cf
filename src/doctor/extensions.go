package doctor

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// extension is an extension of Neutron, and the cloud properties that need it.
type extension struct {
	alias string
	// keys are cloud properties of VM types or networks.
	keys []string
	// required extensions are needed without any property.
	required bool
	what     string
}

func extensions() []extension {
	return []extension{
		{alias: "security-group", required: true, what: "security groups"},
		{alias: "router", what: "floating IPs and routers"},
		{alias: "allowed-address-pairs", keys: []string{"allowed_address_pairs"}, what: "allowed_address_pairs, prefixes"},
		{alias: "port-security", keys: []string{"port_security_enabled"}, what: "port_security_enabled"},
		{alias: "binding", keys: []string{"vnic_type", "binding_profile"}, what: "vnic_type, binding_profile"},
		{alias: "qos", keys: []string{"qos_policy"}, what: "qos_policy"},
		{alias: "dns-integration", keys: []string{"dns_name"}, what: "dns_name"},
		{alias: "standard-attr-tag", keys: []string{"tags"}, what: "tags of ports"},
		{alias: "uplink-status-propagation", keys: []string{"propagate_uplink_status"}, what: "propagate_uplink_status"},
		{alias: "trunk", keys: []string{"trunk", "subports"}, what: "trunk, subports"},
		{alias: "net-mtu-writable", keys: []string{"mtu"}, what: "mtu of managed networks"},
		{alias: "subnet_allocation", keys: []string{"subnet_pool"}, what: "subnet_pool of managed networks"},
	}
}

// checkExtensions looks for the extensions of Neutron that features of the CPI
// need.
func (d *Doctor) checkExtensions(ctx context.Context, s *sheet) {
	found, err := d.network.Extensions(ctx)
	if err != nil {
		s.failed("extensions", err)
		return
	}
	var has, without []string
	for _, e := range extensions() {
		places := d.placesWith(e.keys)
		switch {
		case slices.Contains(found, e.alias):
			has = append(has, e.alias)
		case len(places) > 0:
			s.bad(e.alias, "remove the property, or ask the cloud's operator for the extension", "Neutron does not have it, and %s need it (%s)", strings.Join(places, ", "), e.what)
		case e.required:
			s.bad(e.alias, "ask the cloud's operator for the extension", "Neutron does not have it: there are no %s", e.what)
		default:
			without = append(without, e.alias+" ("+e.what+")")
		}
	}
	if len(has) > 0 {
		s.ok("extensions", "%s", strings.Join(has, ", "))
	}
	if len(without) > 0 {
		s.note("extensions", "Neutron does not have %s", strings.Join(without, ", "))
	}
}

// placesWith returns the places whose cloud properties have one of the keys.
func (d *Doctor) placesWith(keys []string) (places []string) {
	for _, place := range d.propertyPlaces() {
		given := readable[map[string]json.RawMessage](place.data)
		if slices.ContainsFunc(keys, func(key string) bool { return len(given[key]) > 0 }) {
			places = append(places, place.name)
		}
	}
	return places
}
