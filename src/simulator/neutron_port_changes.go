package simulator

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"unicode/utf8"
)

// checkPortAttributes looks at the form of the values, as Neutron does before anything else.
func (n *neutron) checkPortAttributes(want *portSpec) error {
	for attribute, value := range map[string]*string{"name": want.Name, "description": want.Description, "device_id": want.DeviceID} {
		if value != nil && utf8.RuneCountInString(*value) > 255 {
			return invalidAttribute(attribute, "'"+*value+"' exceeds maximum length of 255.")
		}
	}
	if want.NetworkID != nil && !isUUID(*want.NetworkID) {
		return invalidAttribute("network_id", "'"+*want.NetworkID+"' is not a valid UUID.")
	}
	if want.MAC != nil {
		if _, err := net.ParseMAC(*want.MAC); err != nil || len(*want.MAC) != len("fa:16:3e:00:00:00") {
			return invalidAttribute("mac_address", "'"+*want.MAC+"' is not a valid MAC address.")
		}
	}
	if want.FixedIPs != nil {
		if err := n.checkFixedIPs(*want.FixedIPs); err != nil {
			return err
		}
	}
	if want.Pairs == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, pair := range *want.Pairs {
		_, errAddress := netip.ParseAddr(pair.IP)
		_, errPrefix := netip.ParsePrefix(pair.IP)
		if errAddress != nil && errPrefix != nil {
			return badRequest("'" + pair.IP + "' is not a valid IP address")
		}
		mac := "None"
		assign(&mac, pair.MAC)
		if seen[mac+pair.IP] {
			return refuseKind(http.StatusBadRequest, "DuplicateAddressPairInRequest",
				"Request contains duplicate address pair: mac_address "+mac+" ip_address "+pair.IP+".")
		}
		seen[mac+pair.IP] = true
	}
	return nil
}

func (n *neutron) updatePort(c *call) (answer, error) {
	var body struct {
		Port *portSpec `json:"port"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	switch {
	case body.Port == nil:
		return answer{}, unfound("port")
	case body.Port.NetworkID != nil:
		return answer{}, badRequest("Cannot update read-only attribute network_id")
	}
	p, err := n.wantedPort(c.caller, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	if err := n.checkPortAttributes(body.Port); err != nil {
		return answer{}, err
	}
	changed := *p
	if err := n.applyPort(c.caller, &changed, body.Port, false); err != nil {
		return answer{}, err
	}
	*p = changed
	n.touch(&p.standard)
	return ok(object{"port": n.portDocument(p)})
}

func (n *neutron) deletePort(c *call) (answer, error) {
	p, err := n.wantedPort(c.caller, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	if slices.Contains([]string{"network:router_interface", "network:router_gateway", "network:floatingip"}, p.deviceOwner) {
		return answer{}, refuseKind(http.StatusConflict, "ServicePortInUse", "Port "+p.id+
			" cannot be deleted directly via the port API: has device owner "+p.deviceOwner+".")
	}
	n.removePort(p)
	return reply(http.StatusNoContent, nil)
}

// removePort deletes a port; a floating IP loses its association.
func (n *neutron) removePort(p *port) {
	for _, f := range n.floatingIPs {
		if f.port == p {
			n.dissociate(f)
		}
	}
	n.ports = without(n.ports, p)
}
