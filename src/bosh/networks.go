package bosh

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

// Network types that the director sends.
const (
	Manual  = "manual"
	Dynamic = "dynamic"
	VIP     = "vip"
)

// Networks are the networks of a VM in the order of the JSON document, which is
// the order of the VM's interfaces.
type Networks []*Network

// Network is one entry of create_vm's networks. All keys that the director sent
// are kept in their order and passed on to the agent.
type Network struct {
	Name string `json:"-"`
	Type string `json:"type"`
	IP   string `json:"ip"`
	// Prefix is the length of the prefix that is delegated to the VM. Directors
	// send it with every manual network; see WholeAddress.
	Prefix Scalar `json:"prefix"`
	// NICGroup names the interface that the network shares with other networks.
	NICGroup        Scalar            `json:"nic_group"`
	Netmask         string            `json:"netmask"`
	Gateway         string            `json:"gateway"`
	DNS             []string          `json:"dns"`
	Default         []string          `json:"default"`
	CloudProperties NetworkProperties `json:"cloud_properties"`

	spec object
}

// Scalar is a string, or a number as it is written: YAML has no quotes around most
// strings of digits.
type Scalar string

// UnmarshalJSON reads a string, a number or null.
func (s *Scalar) UnmarshalJSON(data []byte) error {
	if jsonkind.Of(data) == jsonkind.Number {
		*s = Scalar(data)
		return nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	*s = Scalar(text)
	return nil
}

// WholeAddress reports whether the network's prefix is its address alone, and not
// a range of addresses.
func (n *Network) WholeAddress() bool {
	length := "32"
	if n.IsIPv6() {
		length = "128"
	}
	return n.Prefix == "" || string(n.Prefix) == length
}

// IsIPv6 reports whether the network has an IPv6 address.
func (n *Network) IsIPv6() bool { return strings.Contains(n.IP, ":") }

// NetworkProperties are the cloud_properties of a network's subnet.
type NetworkProperties struct {
	// NetID is the UUID of the Neutron network, not of its subnet. Default: for a
	// dynamic network of a VM's only NIC, the only network of the project.
	NetID string `json:"net_id"`
	// SecurityGroups are names or UUIDs of security groups, for VMs whose VM type
	// has none. With several networks, all their groups apply. Default:
	// openstack.default_security_groups.
	SecurityGroups []string `json:"security_groups"`
	// VRRPPortCheck set to false allows address pairs whose addresses no port
	// has. Default: true.
	VRRPPortCheck *bool `json:"vrrp_port_check"`
	// MACAddress is the MAC address of the port, for networks with one VM.
	// Default: Neutron's choice.
	MACAddress string `json:"mac_address"`
	// DNSName is the port's name in Neutron's internal DNS. It is set when the server is
	// built, because Nova replaces it by the server's name before. Since: the extension
	// dns-integration (Liberty).
	DNSName string `json:"dns_name"`
	// Tags are Neutron's tags of the port. Since: the extension standard-attr-tag
	// (Queens).
	Tags []string `json:"tags"`
	// Trunk makes the port the parent of a trunk. Default: true if there are
	// subports. Since: the extension trunk (Newton).
	Trunk *bool `json:"trunk"`
	// Subports are the subports of the trunk.
	Subports []Subport `json:"subports"`

	PortProperties
}

// Subport describes a further port in another network, whose traffic reaches the VM
// over the NIC, tagged with a VLAN id (Networking API v2.0, "Trunk networking").
type Subport struct {
	// NetID is the UUID of the Neutron network.
	NetID string `json:"net_id"`
	// SegmentationID is the id of the VLAN, 1 to 4094.
	SegmentationID int `json:"segmentation_id"`
	// PortSecurity set to false turns off the filters of the subport. Default:
	// that of the Neutron network.
	PortSecurity *bool `json:"port_security_enabled"`
}

// PortProperties are the cloud_properties that a network and a VM type have in
// common. Those of the VM type are for the ports of all networks that do not have
// the same property. The names are those of Neutron's attributes (Networking API
// v2.0, "Ports"); absent properties are left to Neutron.
type PortProperties struct {
	// PortSecurity set to false turns off the filters of the port: security
	// groups, and protection against forged addresses. Default: that of the
	// Neutron network. Since: the extension port-security (Kilo).
	PortSecurity *bool `json:"port_security_enabled"`
	// VNICType is normal, direct, macvtap, or another type that the cloud has.
	// Default: normal.
	VNICType string `json:"vnic_type"`
	// BindingProfile is passed to the network driver of the host. By default only
	// administrators may set it.
	BindingProfile map[string]any `json:"binding_profile"`
	// QoSPolicy is the name or the UUID of a QoS policy. Default: that of the
	// Neutron network. Since: the extension qos (Liberty).
	QoSPolicy string `json:"qos_policy"`
	// PropagateUplinkStatus makes the port of an SR-IOV virtual function follow
	// the state of the physical link. Since: the extension
	// uplink-status-propagation (Stein).
	PropagateUplinkStatus *bool `json:"propagate_uplink_status"`
	// ValueSpecs are further attributes of the port, sent as they are.
	ValueSpecs map[string]any `json:"value_specs"`
}

// UnmarshalJSON reads an object that maps names to specifications. Errors name
// the network and the key.
func (n *Networks) UnmarshalJSON(data []byte) error {
	var members object
	if err := members.UnmarshalJSON(data); err != nil {
		return err
	}
	*n = Networks{}
	for _, m := range members {
		network := &Network{Name: m.key}
		if err := network.spec.UnmarshalJSON(m.value); err != nil {
			return fmt.Errorf("%s: %w", m.key, err)
		}
		type fields Network // without UnmarshalJSON, which would recurse
		if err := json.Unmarshal(m.value, (*fields)(network)); err != nil {
			return fmt.Errorf("%s: %w", m.key, fieldError(m.value, err))
		}
		// Directors before v250 omit the type of manual networks.
		if network.Type == "" {
			network.Type = Manual
		}
		*n = append(*n, network)
	}
	return nil
}

// fieldError names the key of a network that has the wrong type, and the type in
// JSON's terms.
func fieldError(network json.RawMessage, err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	path := strings.TrimPrefix(jsonkind.Mismatch(network, reflect.TypeFor[Network]()), ".")
	if path == "cloud_properties.security_groups" {
		return errors.New("security groups must be an Array")
	}
	return fmt.Errorf("%s must not be %s", path, jsonkind.Found(wrong))
}

// MarshalJSON writes the networks as they were read, with the changes of With.
func (n Networks) MarshalJSON() ([]byte, error) {
	members := object{}
	for _, network := range n {
		spec, err := network.spec.MarshalJSON()
		if err != nil {
			return nil, err
		}
		members = append(members, member{network.Name, spec})
	}
	return members.MarshalJSON()
}

// Raw returns the value of a key as the director sent it, or nil.
func (n *Network) Raw(key string) json.RawMessage {
	if i := slices.IndexFunc(n.spec, func(m member) bool { return m.key == key }); i >= 0 {
		return n.spec[i].value
	}
	return nil
}

// With returns a copy of the network in whose specification the key is added or
// replaced.
func (n *Network) With(key string, value any) *Network {
	changed := *n
	changed.spec = slices.Clone(n.spec)
	changed.spec.put(key, value)
	return &changed
}

// Private returns the networks that the VM has an interface in: all but VIPs.
func (n Networks) Private() Networks {
	return slices.DeleteFunc(slices.Clone(n), func(network *Network) bool { return network.Type == VIP })
}

// VIPs returns the networks of floating IPs.
func (n Networks) VIPs() Networks {
	return slices.DeleteFunc(slices.Clone(n), func(network *Network) bool { return network.Type != VIP })
}

// Gateway returns the network of the default route: the only private one, or
// the first whose defaults contain "gateway", or nil.
func (n Networks) Gateway() *Network {
	private := n.Private()
	if len(private) == 1 {
		return private[0]
	}
	for _, network := range private {
		if slices.Contains(network.Default, "gateway") {
			return network
		}
	}
	return nil
}

// DNS returns the name servers for the agent: those of the last network that has
// any. Older OpenStack CPIs choose the same.
func (n Networks) DNS() []string {
	for _, network := range slices.Backward(n) {
		if network.DNS != nil {
			return network.DNS
		}
	}
	return nil
}
