package neutron

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// policy limits the bandwidth of ports.
type policy struct{ standard }

// vnicTypes are the values of binding:vnic_type.
var vnicTypes = []string{
	"normal", "direct", "macvtap", "baremetal", "direct-physical", "virtio-forwarder", "smart-nic", "accelerator-direct",
	"accelerator-direct-physical", "remote-managed", "vdpa",
}

// applyOptions sets the attributes of the extensions portbindings, dns-integration,
// qos, uplink-status-propagation and port-numa-affinity-policy.
func (n *Service) applyOptions(c api.Caller, p *port, want *PortSpec) error {
	p.options = maps.Clone(p.options)
	if p.options == nil {
		p.options = api.Object{}
	}
	if want.VNICType != nil && !slices.Contains(vnicTypes, *want.VNICType) {
		return invalidAttribute("binding:vnic_type", *want.VNICType+" is not in valid_values.")
	}
	if want.Profile != nil {
		if !c.Admin {
			return api.RefuseKind(http.StatusForbidden, "PolicyNotAuthorized", "(rule:create_port and rule:create_port:binding:profile) is disallowed by policy")
		}
		p.options["binding:profile"] = want.Profile
	}
	if want.QoSPolicy != nil {
		if api.ByID(n.policies, *want.QoSPolicy) == nil {
			return api.RefuseKind(http.StatusNotFound, "QosPolicyNotFound", "QoS policy "+*want.QoSPolicy+" could not be found.")
		}
		p.options["qos_policy_id"] = *want.QoSPolicy
	}
	api.Assign(&p.dnsName, want.DNSName)
	if want.Uplink != nil {
		p.options["propagate_uplink_status"] = *want.Uplink
	}
	if want.NUMAPolicy != nil {
		p.options["numa_affinity_policy"] = *want.NUMAPolicy
	}
	return nil
}

// dnsAssignment returns the names of the port's addresses in Neutron's internal DNS.
func dnsAssignment(p *port) []api.Object {
	const domain = "openstacklocal."
	assigned := []api.Object{}
	for _, ip := range p.fixedIPs {
		name := cmp.Or(p.dnsName, p.hostname, "host-"+strings.NewReplacer(".", "-", ":", "-").Replace(ip.address.String()))
		assigned = append(assigned, api.Object{"hostname": name, "ip_address": ip.address.String(), "fqdn": name + "." + domain})
	}
	return assigned
}

// tagPort replaces the tags of a port.
func (n *Service) tagPort(c *api.Call) (api.Answer, error) {
	var body struct {
		Tags *[]string `json:"tags"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Tags == nil {
		return api.Answer{}, missingObject("tags")
	}
	p, err := n.wantedPort(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	p.tags = slices.Compact(slices.Sorted(slices.Values(*body.Tags)))
	n.touch(&p.standard)
	return api.OK(api.Object{"tags": p.tags})
}

// listPolicies lists the policies, all of which another project shares. Since
// 2025.1 a list whose fields do not include shared has none of those.
func (n *Service) listPolicies(c *api.Call) (api.Answer, error) {
	visible := n.policies
	if fields := c.Query["fields"]; len(fields) > 0 && !slices.Contains(fields, "shared") {
		visible = nil
	}
	return n.list(c, "policies", api.Documents(visible, func(p *policy) api.Object {
		document := p.document()
		maps.Copy(document, api.Object{"shared": true, "is_default": false, "rules": []api.Object{}})
		return document
	}))
}
