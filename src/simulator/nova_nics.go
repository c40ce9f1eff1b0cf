package simulator

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
)

// nicRequest is one element of "networks".
type nicRequest struct {
	UUID    *string `json:"uuid"`
	Port    *string `json:"port"`
	FixedIP *string `json:"fixed_ip"`
	Tag     *string `json:"tag"`
}

// chooseNetworks plans the cards of the server: a list, or "auto" or "none" from microversion 2.37 on.
func (r *creation) chooseNetworks() error {
	raw := r.want.Server.Networks
	var word string
	switch {
	case len(raw) == 0:
		return r.onlyNetwork()
	case raw[0] == '[':
		return r.listedNetworks(raw)
	case json.Unmarshal(raw, &word) != nil || r.c.microversion < requiredNetworks:
		return r.c.invalidField("networks", raw, pythonRepr(raw)+" is not of type 'array'")
	case word == "auto":
		return r.onlyNetwork()
	case word == "none":
		return nil
	}
	return r.c.invalidField("networks", raw, pythonRepr(raw)+" is not valid under any of the given schemas")
}

// onlyNetwork takes the one network of the project.
func (r *creation) onlyNetwork() error {
	found := r.cloud.neutron.ownNetworks(r.c)
	if len(found) > 1 {
		return r.c.refuse(http.StatusConflict, "", "Multiple possible networks found, use a Network ID to be more specific.")
	}
	for _, w := range found {
		r.server.nics = append(r.server.nics, &nic{network: w})
	}
	return r.checkPortQuota()
}

func (r *creation) listedNetworks(raw json.RawMessage) error {
	var requests []nicRequest
	if err := r.c.decodePart(raw, "server.networks", &requests); err != nil {
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

// checkNetworkForm looks at ids and addresses before anything is looked up.
func (r *creation) checkNetworkForm(raw json.RawMessage, requests []nicRequest) error {
	c := r.c
	notValid := func(field string, value json.RawMessage) error {
		return c.invalidField(field, value, pythonRepr(value)+" is not valid under any of the given schemas")
	}
	for _, request := range requests {
		badPort := request.Port != nil && !isUUID(*request.Port)
		badIP := false
		if request.FixedIP != nil {
			_, err := netip.ParseAddr(*request.FixedIP)
			badIP = err != nil
		}
		badNetwork := request.UUID != nil && !isUUID(*request.UUID)
		switch {
		case c.microversion >= requiredNetworks && (badPort || badIP || badNetwork):
			return notValid("networks", raw)
		case badPort:
			return notValid("port", marshal(*request.Port))
		case badIP:
			return notValid("fixed_ip", marshal(*request.FixedIP))
		case request.Port != nil && request.FixedIP != nil:
			return c.refuse(http.StatusBadRequest, "", "Specified Fixed IP '"+*request.FixedIP+"' cannot be used with port '"+
				*request.Port+"': the two cannot be specified together.")
		case request.Port == nil && request.UUID == nil:
			return c.refuse(http.StatusBadRequest, "", "Bad network format: missing 'uuid'")
		case request.Port == nil && badNetwork:
			return c.refuse(http.StatusBadRequest, "", "Bad networks format: network uuid is not in proper format ("+*request.UUID+")")
		}
	}
	return nil
}

func (r *creation) planNIC(request nicRequest) (*nic, error) {
	if request.Port != nil {
		return r.planNICByPort(*request.Port)
	}
	w := r.cloud.neutron.networkFor(r.c, *request.UUID)
	if w == nil {
		return nil, r.c.refuse(http.StatusBadRequest, "", "Network "+*request.UUID+" could not be found.")
	}
	if len(r.cloud.neutron.subnetsOf(w)) == 0 {
		return nil, r.c.refuse(http.StatusBadRequest, "", "Network "+w.id+" requires a subnet in order to boot instances on.")
	}
	card := &nic{network: w, fixedIP: deref(request.FixedIP)}
	for _, p := range r.cloud.neutron.ports {
		holds := func(ip fixedIP) bool { return ip.address.String() == card.fixedIP }
		if p.network == w && slices.ContainsFunc(p.fixedIPs, holds) {
			return nil, r.c.refuse(http.StatusBadRequest, "",
				"Fixed IP address "+card.fixedIP+" is already in use on instance "+p.deviceID+".")
		}
	}
	return card, nil
}

func (r *creation) planNICByPort(id string) (*nic, error) {
	p := r.cloud.neutron.portFor(r.c, id)
	switch {
	case p == nil:
		return nil, r.c.refuse(http.StatusBadRequest, "", "Port id "+id+" could not be found.")
	case p.deviceID != "":
		return nil, r.c.refuse(http.StatusConflict, "", "Port "+id+" is still in use.")
	case len(p.fixedIPs) == 0:
		return nil, r.c.refuse(http.StatusBadRequest, "", "Port "+id+" requires a FixedIP in order to be used.")
	}
	return &nic{network: p.network, portID: id}, nil
}

// checkPortQuota counts the ports that Nova would have to make.
func (r *creation) checkPortQuota() error {
	needed, owned := 0, 0
	for _, card := range r.server.nics {
		if card.portID == "" {
			needed++
		}
	}
	for _, p := range r.cloud.neutron.ports {
		if p.project == r.c.project() {
			owned++
		}
	}
	if needed > 0 && r.exceeds("ports", owned+needed) {
		return r.c.refuse(http.StatusForbidden, "", "Maximum number of ports exceeded")
	}
	return nil
}

// plug makes or takes the ports of a server. The result is why it cannot, "" when it can.
func (n *nova) plug(c *call, s *server) string {
	caller := *c
	caller.service = n.cloud.neutron.service
	for _, card := range s.nics {
		if problem := n.plugOne(&caller, s, card); problem != "" {
			return problem
		}
	}
	return ""
}

func (n *nova) plugOne(c *call, s *server, card *nic) string {
	if card.portID != "" {
		p := n.cloud.neutron.portFor(c, card.portID)
		switch {
		case p == nil:
			return rescheduled(s, "Port id "+card.portID+" could not be found.")
		case p.deviceID != "":
			return aborted(s, "Failed to allocate the network(s), not rescheduling.")
		}
		card.port = p
		n.cloud.neutron.bind(p, s.id, s.zone)
		return ""
	}
	want := &portBody{NetworkID: &card.network.id}
	if card.fixedIP != "" {
		want.FixedIPs = &[]fixedIPBody{{IPAddress: &card.fixedIP}}
	}
	if groups := n.groupsFor(s); card.network.portSecurity {
		want.Groups = marshal(groups)
	} else if !slices.Equal(s.requestedGroups, []string{"default"}) {
		return rescheduled(s, "Network requires port_security_enabled and subnet associated in order to apply security groups.")
	}
	p, err := n.cloud.neutron.createPort(c, want)
	if err != nil {
		return n.explain(s, card, err)
	}
	card.port = p
	n.cloud.neutron.bind(p, s.id, s.zone)
	return ""
}

func (n *nova) groupsFor(s *server) []string {
	ids := []string{}
	for _, name := range s.requestedGroups {
		for _, g := range n.cloud.neutron.groupsNamed(s.project, name) {
			ids = append(ids, g.id)
		}
	}
	return ids
}

// explain turns Neutron's refusal into the text of a fault.
func (n *nova) explain(s *server, card *nic, err error) string {
	kind, message := neutronRefusal(err)
	switch kind {
	case "InvalidIpForNetwork":
		return aborted(s, "Invalid input received: Fixed IP "+card.fixedIP+" is not a valid ip address for network "+card.network.id+".")
	case "IpAddressAlreadyAllocated":
		return aborted(s, "Fixed IP address "+card.fixedIP+" is already in use.")
	case "IpAddressGenerationFailure":
		return aborted(s, "No fixed IP addresses available for network: "+card.network.id)
	case "OverQuota":
		return aborted(s, "Maximum number of ports exceeded")
	}
	return rescheduled(s, message)
}

func aborted(s *server, reason string) string {
	return "Build of instance " + s.id + " aborted: " + reason
}

func rescheduled(s *server, reason string) string {
	return "Exceeded maximum number of retries. Exceeded max scheduling attempts 3 for instance " + s.id + ". Last exception: " + reason
}

// unplug deletes the ports that Nova made and gives back the others.
func (n *nova) unplug(s *server) {
	for _, card := range s.nics {
		p := card.port
		card.port = nil
		switch {
		case p == nil || !slices.Contains(n.cloud.neutron.ports, p):
		case card.portID == "":
			n.cloud.neutron.removePort(p)
		default:
			n.cloud.neutron.unbind(p)
		}
	}
}
