package simulator

import (
	"maps"
	"net/http"
)

func (o *octavia) balancerDocument(b *loadBalancer) object {
	document := b.document()
	listeners, pools := []string{}, []string{}
	for _, l := range o.listenersAt(b) {
		listeners = append(listeners, l.id)
	}
	for _, p := range o.poolsOf(b) {
		pools = append(pools, p.id)
	}
	maps.Copy(document, object{
		"listeners": reference(listeners...), "pools": reference(pools...), "vip_address": b.address,
		"vip_port_id": b.vipPort, "vip_subnet_id": b.subnet.ID, "vip_network_id": b.subnet.NetworkID, "additional_vips": []object{},
		"provider": "amphora", "flavor_id": nil, "vip_qos_policy_id": nil, "availability_zone": nil,
	})
	return document
}

func (o *octavia) balancer(c caller, id string) (*loadBalancer, error) {
	if b := byID(visible(c, o.balancers), id); b != nil {
		return b, nil
	}
	return nil, unknown("Load Balancer", id)
}

func (o *octavia) listBalancers(c *call) (answer, error) {
	return o.listOf(c, "loadbalancers", documents(visible(c.caller, o.balancers), o.balancerDocument))
}

func (o *octavia) createBalancer(c *call) (answer, error) {
	var body struct {
		Balancer *struct {
			Name         string   `json:"name"`
			Description  string   `json:"description"`
			VIPSubnetID  *string  `json:"vip_subnet_id"`
			VIPNetworkID *string  `json:"vip_network_id"`
			AdminStateUp *bool    `json:"admin_state_up"`
			Tags         []string `json:"tags"`
		} `json:"loadbalancer"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Balancer == nil {
		return answer{}, missing("loadbalancer")
	}
	want := body.Balancer
	t, err := o.vipSubnet(c.caller, want.VIPSubnetID, want.VIPNetworkID)
	if err != nil {
		return answer{}, err
	}
	b, err := o.newBalancer(c.caller, want.Name, t)
	if err != nil {
		return answer{}, err
	}
	b.description, b.tags = want.Description, append(b.tags, want.Tags...)
	assign(&b.adminUp, want.AdminStateUp)
	o.change(b, "create", pendingCreate, nil, func() {})
	return reply(http.StatusCreated, object{"loadbalancer": o.balancerDocument(b)})
}

func (o *octavia) vipSubnet(c caller, subnetID, networkID *string) (subnetInfo, error) {
	switch {
	case subnetID != nil:
		if t, found := o.networks.Subnet(c, *subnetID); found {
			return t, nil
		}
		return subnetInfo{}, refuse(http.StatusBadRequest, "Subnet "+*subnetID+" not found.")
	case networkID != nil:
		if w, found := o.networks.Network(c, *networkID); found && len(w.Subnets) > 0 {
			return w.Subnets[0], nil
		}
		return subnetInfo{}, refuse(http.StatusBadRequest, "Network "+*networkID+" not found.")
	}
	return subnetInfo{}, refuse(http.StatusBadRequest,
		"Validation failure: VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id.")
}

// newBalancer creates a load balancer and the port that holds its address.
func (o *octavia) newBalancer(c caller, name string, t subnetInfo) (*loadBalancer, error) {
	b := &loadBalancer{lbResource: o.newResource(c.Project), subnet: t}
	b.name = name
	portName, device, owner, down := "octavia-lb-"+b.id, "lb-"+b.id, "Octavia", false
	vip, err := o.networks.CreatePort(c, portSpec{
		Name: &portName, NetworkID: &t.NetworkID, DeviceID: &device, DeviceOwner: &owner, AdminUp: &down,
		FixedIPs: &[]fixedIPSpec{{SubnetID: &t.ID}},
	})
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, err.Error())
	}
	b.vipPort, b.address = vip.ID, vip.Addresses[0].IP.String()
	o.balancers = append(o.balancers, b)
	return b, nil
}

func (o *octavia) deleteBalancer(c *call) (answer, error) {
	b, err := o.balancer(c.caller, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	children := len(o.listenersAt(b)) + len(o.poolsOf(b))
	cascade := c.query.Get("cascade") == "true" || c.query.Get("cascade") == "True"
	switch {
	case children > 0 && !cascade:
		return answer{}, refuse(http.StatusBadRequest, "Validation failure: Cannot delete Load Balancer "+b.id+" - it has children")
	case b.status != activeStatus && b.status != errorStatus:
		return answer{}, refuse(http.StatusConflict, "Invalid state "+b.status+" of loadbalancer resource "+b.id)
	}
	o.change(b, "delete", pendingDelete, nil, func() {
		for _, l := range o.listenersAt(b) {
			o.listeners = without(o.listeners, l)
		}
		for _, p := range o.poolsOf(b) {
			o.pools = without(o.pools, p)
		}
		o.balancers = without(o.balancers, b)
		o.networks.DeletePort(b.vipPort)
	})
	return reply(http.StatusNoContent, nil)
}
