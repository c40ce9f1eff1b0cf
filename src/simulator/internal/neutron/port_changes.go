package neutron

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// checkPortAttributes checks the format of the values, as Neutron does first.
func (n *Service) checkPortAttributes(want *PortSpec) error {
	for attribute, value := range map[string]*string{"name": want.Name, "description": want.Description, "device_id": want.DeviceID} {
		if value != nil && utf8.RuneCountInString(*value) > 255 {
			return invalidAttribute(attribute, "'"+*value+"' exceeds maximum length of 255.")
		}
	}
	if want.NetworkID != nil && !world.IsUUID(*want.NetworkID) {
		return invalidAttribute("network_id", "'"+*want.NetworkID+"' is not a valid UUID.")
	}
	if want.MAC != nil {
		if _, err := net.ParseMAC(*want.MAC); err != nil || len(*want.MAC) != len("fa:16:3e:00:00:00") {
			return invalidAttribute("mac_address", "'"+*want.MAC+"' is not a valid MAC address.")
		}
	}
	if want.DNSName != nil && strings.Trim(*want.DNSName, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != "" {
		return invalidAttribute("dns_name", "'"+*want.DNSName+"' not a valid PQDN or FQDN. Reason: Name '"+*want.DNSName+
			"' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen.")
	}
	if want.FixedIPs != nil {
		if err := n.checkFixedIPs(*want.FixedIPs); err != nil {
			return err
		}
	}
	if want.Pairs == nil {
		return nil
	}
	return checkPairs(*want.Pairs)
}

func checkPairs(pairs []AddressPairSpec) error {
	seen := map[string]bool{}
	for _, pair := range pairs {
		_, errAddress := netip.ParseAddr(pair.IP)
		_, errPrefix := netip.ParsePrefix(pair.IP)
		if errAddress != nil && errPrefix != nil {
			return badRequest("'" + pair.IP + "' is not a valid IP address")
		}
		mac := "None"
		api.Assign(&mac, pair.MAC)
		if seen[mac+pair.IP] {
			return api.RefuseKind(http.StatusBadRequest, "DuplicateAddressPairInRequest",
				"Request contains duplicate address pair: mac_address "+mac+" ip_address "+pair.IP+".")
		}
		seen[mac+pair.IP] = true
	}
	return nil
}

func (n *Service) updatePort(c *api.Call) (api.Answer, error) {
	var body struct {
		Port *PortSpec `json:"port"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	switch {
	case body.Port == nil:
		return api.Answer{}, missingObject("port")
	case body.Port.NetworkID != nil:
		return api.Answer{}, badRequest("Cannot update read-only attribute network_id")
	}
	p, err := n.wantedPort(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	if err := n.checkPortAttributes(body.Port); err != nil {
		return api.Answer{}, err
	}
	changed := *p
	if err := n.applyPort(c.Caller, &changed, body.Port, false); err != nil {
		return api.Answer{}, err
	}
	*p = changed
	n.touch(&p.standard)
	return api.OK(api.Object{"port": n.portDocument(p)})
}

func (n *Service) deletePort(c *api.Call) (api.Answer, error) {
	p, err := n.wantedPort(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	if slices.Contains([]string{"network:router_interface", "network:router_gateway", "network:floatingip"}, p.deviceOwner) {
		return api.Answer{}, api.RefuseKind(http.StatusConflict, "ServicePortInUse", "Port "+p.ID+
			" cannot be deleted directly via the port API: has device owner "+p.deviceOwner+".")
	}
	if err := n.checkTrunks(p); err != nil {
		return api.Answer{}, err
	}
	n.removePort(p)
	return api.Reply(http.StatusNoContent, nil)
}

// removePort deletes a port. A floating IP loses its association.
func (n *Service) removePort(p *port) {
	for _, f := range n.floatingIPs {
		if f.port == p {
			n.dissociate(f)
		}
	}
	n.ports = api.Without(n.ports, p)
}
