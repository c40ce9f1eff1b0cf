package neutron

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// trunk carries the traffic of its subports, tagged with VLAN ids, over the
// interface of its parent port.
type trunk struct {
	standard
	parent   *port
	subports []subport
}

type subport struct {
	port *port
	vlan int
}

// subportSpec is a subport in a request.
type subportSpec struct {
	PortID string `json:"port_id"`
	Type   string `json:"segmentation_type"`
	VLAN   int    `json:"segmentation_id"`
}

func (n *Service) addTrunkRoutes() {
	n.Frontend.Handle("GET /trunks", n.listTrunks, filters("port_id", "status", "admin_state_up")...)
	n.Frontend.Handle("POST /trunks", n.createTrunk)
	n.Frontend.Handle("GET /trunks/{id}", api.Show("trunk", n.wantedTrunk, n.trunkDocument), "fields")
	n.Frontend.Handle("DELETE /trunks/{id}", n.deleteTrunk)
}

func (n *Service) wantedTrunk(c api.Caller, id string) (*trunk, error) {
	if t := api.ByID(api.Visible(c, n.trunks), id); t != nil {
		return t, nil
	}
	return nil, notFound("Trunk", id)
}

func (n *Service) listTrunks(c *api.Call) (api.Answer, error) {
	return n.list(c, "trunks", api.Documents(api.Visible(c.Caller, n.trunks), n.trunkDocument))
}

func (n *Service) trunkDocument(t *trunk) api.Object {
	document := t.document()
	maps.Copy(document, api.Object{"admin_state_up": true, "status": "DOWN", "port_id": t.parent.ID, "sub_ports": t.subportDocuments(false)})
	return document
}

// subportDocuments returns the subports, with their MAC addresses in the
// trunk_details of a port.
func (t *trunk) subportDocuments(withMAC bool) []api.Object {
	documents := []api.Object{}
	for _, s := range t.subports {
		document := api.Object{"port_id": s.port.ID, "segmentation_type": "vlan", "segmentation_id": s.vlan}
		if withMAC {
			document["mac_address"] = s.port.mac
		}
		documents = append(documents, document)
	}
	return documents
}

// trunkDetails returns the attribute of a port that a trunk has as its parent.
func (n *Service) trunkDetails(p *port) api.Object {
	if t := n.trunkOf(p); t != nil {
		return api.Object{"trunk_details": api.Object{"trunk_id": t.ID, "sub_ports": t.subportDocuments(true)}}
	}
	return nil
}

// trunkOf returns the trunk whose parent is the port, nil for none.
func (n *Service) trunkOf(p *port) *trunk {
	for _, t := range n.trunks {
		if t.parent.ID == p.ID {
			return t
		}
	}
	return nil
}

// trunkWith returns the trunk that has the port as subport, nil for none.
func (n *Service) trunkWith(p *port) *trunk {
	for _, t := range n.trunks {
		if slices.ContainsFunc(t.subports, func(s subport) bool { return s.port.ID == p.ID }) {
			return t
		}
	}
	return nil
}

// checkTrunks returns an error when a port that is to be deleted is in a trunk.
func (n *Service) checkTrunks(p *port) error {
	if t := n.trunkWith(p); t != nil {
		return api.RefuseKind(http.StatusConflict, "PortInUseAsSubPort", "Port "+p.ID+" is currently a subport for trunk "+t.ID+".")
	}
	if t := n.trunkOf(p); t != nil {
		return api.RefuseKind(http.StatusConflict, "PortInUseAsTrunkParent", "Port "+p.ID+" is currently a parent port for trunk "+t.ID+".")
	}
	return nil
}

func (n *Service) createTrunk(c *api.Call) (api.Answer, error) {
	var body struct {
		Trunk *struct {
			Name        string        `json:"name"`
			Description string        `json:"description"`
			PortID      string        `json:"port_id"`
			Subports    []subportSpec `json:"sub_ports"`
		} `json:"trunk"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Trunk == nil {
		return api.Answer{}, missingObject("trunk")
	}
	parent, err := n.wantedPort(c.Caller, body.Trunk.PortID)
	if err != nil {
		return api.Answer{}, err
	}
	if err := n.checkParent(parent); err != nil {
		return api.Answer{}, err
	}
	t := &trunk{standard: n.standard(c.Project), parent: parent}
	t.name, t.description = body.Trunk.Name, body.Trunk.Description
	for _, want := range body.Trunk.Subports {
		p, err := n.wantedPort(c.Caller, want.PortID)
		if err != nil {
			return api.Answer{}, err
		}
		if err := n.checkSubport(t, p, want); err != nil {
			return api.Answer{}, err
		}
		t.subports = append(t.subports, subport{p, want.VLAN})
	}
	n.trunks = append(n.trunks, t)
	return api.Reply(http.StatusCreated, api.Object{"trunk": n.trunkDocument(t)})
}

// checkParent returns an error when a port cannot be the parent of a new trunk.
func (n *Service) checkParent(p *port) error {
	if n.trunkWith(p) != nil {
		return trunkPortInUse(p)
	}
	if n.trunkOf(p) != nil || p.deviceID != "" {
		return api.RefuseKind(http.StatusConflict, "ParentPortInUse", "Port "+p.ID+" is currently in use and is not eligible for use as a parent port.")
	}
	return nil
}

// checkSubport returns an error when a port cannot be a subport of a new trunk.
func (n *Service) checkSubport(t *trunk, p *port, want subportSpec) error {
	switch {
	case n.trunkWith(p) != nil:
		return trunkPortInUse(p)
	case n.trunkOf(p) != nil || p.ID == t.parent.ID:
		return api.RefuseKind(http.StatusConflict, "ParentPortInUse", "Port "+p.ID+" is currently in use and is not eligible for use as a parent port.")
	case want.Type != "vlan":
		return invalidInput("Segmentation type '" + want.Type + "' is not supported.")
	case want.VLAN < 1 || want.VLAN > 4094:
		return invalidInput("Invalid segmentation ID '" + strconv.Itoa(want.VLAN) + "'.")
	case p.network.mtu > t.parent.network.mtu:
		return api.RefuseKind(http.StatusConflict, "SubPortMtuGreaterThanTrunkPortMtu", "MTU "+strconv.Itoa(p.network.mtu)+" of subport "+p.ID+
			" cannot be greater than MTU "+strconv.Itoa(t.parent.network.mtu)+" of trunk "+t.parent.ID+".")
	}
	return nil
}

func trunkPortInUse(p *port) error {
	return api.RefuseKind(http.StatusConflict, "TrunkPortInUse", "Port "+p.ID+" is in use by another trunk.")
}

func (n *Service) deleteTrunk(c *api.Call) (api.Answer, error) {
	t, err := n.wantedTrunk(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	if t.parent.deviceID != "" {
		return api.Answer{}, api.RefuseKind(http.StatusConflict, "TrunkInUse", "Trunk "+t.ID+" is currently in use.")
	}
	n.trunks = api.Without(n.trunks, t)
	return api.Reply(http.StatusNoContent, nil)
}
