package nova

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/neutron"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// nicRequest is one element of "networks".
type nicRequest struct {
	UUID    *string `json:"uuid"`
	Port    *string `json:"port"`
	FixedIP *string `json:"fixed_ip"`
	Tag     *string `json:"tag"`
}

// chooseNetworks plans the NICs of the server: a list, or "auto" or "none"
// since microversion 2.37.
func (r *creation) chooseNetworks() error {
	raw := r.want.Server.Networks
	var word string
	switch {
	case len(raw) == 0:
		return r.onlyNetwork()
	case raw[0] == '[':
		return r.listedNetworks(raw)
	case json.Unmarshal(raw, &word) != nil || r.c.Microversion < requiredNetworks:
		return api.InvalidField("networks", raw, api.PythonRepr(raw)+" is not of type 'array'")
	case word == "auto":
		return r.onlyNetwork()
	case word == "none":
		return nil
	}
	return api.InvalidField("networks", raw, api.PythonRepr(raw)+" is not valid under any of the given schemas")
}

// onlyNetwork plans a NIC in the only network of the project.
func (r *creation) onlyNetwork() error {
	found := r.ports.Networks(r.c.Caller)
	if len(found) > 1 {
		return api.Refuse(http.StatusConflict, "Multiple possible networks found, use a Network ID to be more specific.")
	}
	for _, w := range found {
		r.server.nics = append(r.server.nics, &nic{network: w})
	}
	return r.checkPortQuota()
}

func (r *creation) listedNetworks(raw json.RawMessage) error {
	var requests []nicRequest
	if err := r.c.DecodePart(raw, "server.networks", &requests); err != nil {
		return err
	}
	if len(requests) == 0 {
		return r.onlyNetwork()
	}
	if err := r.checkNetworkForm(raw, requests); err != nil {
		return err
	}
	for _, request := range requests {
		card, err := r.planNIC(request)
		if err != nil {
			return err
		}
		r.server.nics = append(r.server.nics, card)
	}
	return r.checkPortQuota()
}

// checkNetworkForm checks ids and addresses before anything is looked up.
func (r *creation) checkNetworkForm(raw json.RawMessage, requests []nicRequest) error {
	c := r.c
	notValid := func(field string, value json.RawMessage) error {
		return api.InvalidField(field, value, api.PythonRepr(value)+" is not valid under any of the given schemas")
	}
	for _, request := range requests {
		badPort := request.Port != nil && !world.IsUUID(*request.Port)
		badIP := false
		if request.FixedIP != nil {
			_, err := netip.ParseAddr(*request.FixedIP)
			badIP = err != nil
		}
		badNetwork := request.UUID != nil && !world.IsUUID(*request.UUID)
		switch {
		case c.Microversion >= requiredNetworks && (badPort || badIP || badNetwork):
			return notValid("networks", raw)
		case badPort:
			return notValid("port", api.Marshal(*request.Port))
		case badIP:
			return notValid("fixed_ip", api.Marshal(*request.FixedIP))
		case request.Port != nil && request.FixedIP != nil:
			return api.Refuse(http.StatusBadRequest, "Specified Fixed IP '"+*request.FixedIP+"' cannot be used with port '"+
				*request.Port+"': the two cannot be specified together.")
		case request.Port == nil && request.UUID == nil:
			return api.Refuse(http.StatusBadRequest, "Bad network format: missing 'uuid'")
		case request.Port == nil && badNetwork:
			return api.Refuse(http.StatusBadRequest, "Bad networks format: network uuid is not in proper format ("+*request.UUID+")")
		}
	}
	return nil
}

func (r *creation) planNIC(request nicRequest) (*nic, error) {
	if request.Port != nil {
		return r.planNICByPort(*request.Port)
	}
	w, found := r.ports.Network(r.c.Caller, *request.UUID)
	if !found {
		return nil, api.Refuse(http.StatusBadRequest, "Network "+*request.UUID+" could not be found.")
	}
	if len(w.Subnets) == 0 {
		return nil, api.Refuse(http.StatusBadRequest, "Network "+w.ID+" requires a subnet in order to boot instances on.")
	}
	card := &nic{network: w, fixedIP: api.Deref(request.FixedIP)}
	if p, taken := r.ports.PortWithIP(w.ID, card.fixedIP); taken {
		return nil, api.Refuse(http.StatusBadRequest, "Fixed IP address "+card.fixedIP+" is already in use on instance "+p.DeviceID+".")
	}
	return card, nil
}

func (r *creation) planNICByPort(id string) (*nic, error) {
	p, found := r.ports.Port(id)
	switch {
	case !found || !r.c.Sees(p.Project):
		return nil, api.Refuse(http.StatusBadRequest, "Port id "+id+" could not be found.")
	case p.DeviceID != "":
		return nil, api.Refuse(http.StatusConflict, "Port "+id+" is still in use.")
	case len(p.Addresses) == 0:
		return nil, api.Refuse(http.StatusBadRequest, "Port "+id+" requires a FixedIP in order to be used.")
	}
	return &nic{network: p.Network, requestedPort: id}, nil
}

// checkPortQuota counts the ports that Nova would have to create.
func (r *creation) checkPortQuota() error {
	needed := 0
	for _, card := range r.server.nics {
		if card.requestedPort == "" {
			needed++
		}
	}
	if needed > 0 && r.world.Exceeds("ports", r.ports.CountPorts(r.c.Project)+needed) {
		return api.Refuse(http.StatusForbidden, "Maximum number of ports exceeded")
	}
	return nil
}

// plug creates or binds the ports of a server. The result is the reason of a
// failure, "" for none.
func (n *Service) plug(c api.Caller, s *server) string {
	for _, card := range s.nics {
		if problem := n.plugOne(c, s, card); problem != "" {
			return problem
		}
	}
	return ""
}

func (n *Service) plugOne(c api.Caller, s *server, card *nic) string {
	if card.requestedPort != "" {
		p, found := n.ports.Port(card.requestedPort)
		switch {
		case !found:
			return rescheduled(s, "Port id "+card.requestedPort+" could not be found.")
		case p.DeviceID != "":
			return aborted(s, "Failed to allocate the network(s), not rescheduling.")
		}
		card.port = p.ID
		n.ports.BindPort(p.ID, s.ID, s.zone, hostname(s))
		return ""
	}
	spec := neutron.PortSpec{NetworkID: &card.network.ID}
	if card.fixedIP != "" {
		spec.FixedIPs = &[]neutron.FixedIPSpec{{IPAddress: &card.fixedIP}}
	}
	if groups := n.groupsFor(s); card.network.PortSecurity {
		spec.Groups = &groups
	} else if !slices.Equal(s.requestedGroups, []string{"default"}) {
		return rescheduled(s, "Network requires port_security_enabled and subnet associated in order to apply security groups.")
	}
	p, err := n.ports.CreatePort(c, spec)
	if err != nil {
		return n.explain(s, card, err)
	}
	card.port = p.ID
	n.ports.BindPort(p.ID, s.ID, s.zone, hostname(s))
	return ""
}

// hostname returns the name of the server in its guest.
func hostname(s *server) string {
	allowed := func(r rune) rune {
		if r == '-' || r == '.' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' {
			return r
		}
		return -1
	}
	name := strings.Map(allowed, strings.ReplaceAll(strings.ToLower(s.name), " ", "-"))
	return strings.Trim(name[:min(len(name), 63)], "-.")
}

func (n *Service) groupsFor(s *server) []string {
	ids := []string{}
	for _, name := range s.requestedGroups {
		ids = append(ids, n.ports.GroupIDs(s.Project, name)...)
	}
	return ids
}

// explain returns the fault text for an error of Neutron.
func (n *Service) explain(s *server, card *nic, err error) string {
	var refused *api.RefusalError
	if !errors.As(err, &refused) {
		return rescheduled(s, err.Error())
	}
	switch refused.Kind {
	case "InvalidIpForNetwork":
		return aborted(s, "Invalid input received: Fixed IP "+card.fixedIP+" is not a valid ip address for network "+card.network.ID+".")
	case "IpAddressAlreadyAllocated":
		return aborted(s, "Fixed IP address "+card.fixedIP+" is already in use.")
	case "IpAddressGenerationFailure":
		return aborted(s, "No fixed IP addresses available for network: "+card.network.ID)
	case "OverQuota":
		return aborted(s, "Maximum number of ports exceeded")
	}
	return rescheduled(s, refused.Message)
}

func aborted(s *server, reason string) string {
	return "Build of instance " + s.ID + " aborted: " + reason
}

func rescheduled(s *server, reason string) string {
	return "Exceeded maximum number of retries. Exceeded max scheduling attempts 3 for instance " + s.ID + ". Last exception: " + reason
}

// unplug deletes the ports that Nova created and unbinds the others.
func (n *Service) unplug(s *server) {
	for _, card := range s.nics {
		switch {
		case card.port == "":
		case card.requestedPort == "":
			n.ports.DeletePort(card.port)
		default:
			n.ports.UnbindPort(card.port)
		}
		card.port = ""
	}
}
