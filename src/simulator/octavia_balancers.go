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
		"vip_port_id": b.vip.id, "vip_subnet_id": b.subnet.id, "vip_network_id": b.subnet.network.id, "additional_vips": []object{},
		"provider": "amphora", "flavor_id": nil, "vip_qos_policy_id": nil, "availability_zone": nil,
	})
	return document
}

func (o *octavia) balancer(c *call, id string) (*loadBalancer, error) {
	if b := byID(visible(c, o.balancers), id); b != nil {
		return b, nil
	}
	return nil, c.unknown("Load Balancer", id)
}

func (o *octavia) listBalancers(c *call) (answer, error) {
	return o.listOf(c, "loadbalancers", documents(visible(c, o.balancers), o.balancerDocument))
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
		return answer{}, c.missing("loadbalancer")
	}
	want := body.Balancer
	t, err := o.vipSubnet(c, want.VIPSubnetID, want.VIPNetworkID)
	if err != nil {
		return answer{}, err
	}
	b, err := o.newBalancer(c, want.Name, t)
	if err != nil {
		return answer{}, err
	}
	b.description, b.tags = want.Description, append(b.tags, want.Tags...)
	assign(&b.adminUp, want.AdminStateUp)
	o.change(b, "create", pendingCreate, nil, func() {})
	return reply(http.StatusCreated, object{"loadbalancer": o.balancerDocument(b)})
}

func (o *octavia) vipSubnet(c *call, subnetID, networkID *string) (*subnet, error) {
	n := o.cloud.neutron
	switch {
	case subnetID != nil:
		if t := n.subnetFor(c, *subnetID); t != nil {
			return t, nil
		}
		return nil, c.refuse(http.StatusBadRequest, "", "Subnet "+*subnetID+" not found.")
	case networkID != nil:
		if w := n.networkFor(c, *networkID); w != nil && len(n.subnetsOf(w)) > 0 {
			return n.subnetsOf(w)[0], nil
		}
		return nil, c.refuse(http.StatusBadRequest, "", "Network "+*networkID+" not found.")
	}
	return nil, c.refuse(http.StatusBadRequest, "",
		"Validation failure: VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id.")
}

// newBalancer makes a load balancer with the port that holds its address.
func (o *octavia) newBalancer(c *call, name string, t *subnet) (*loadBalancer, error) {
	b := &loadBalancer{lbResource: o.newResource(c.project()), subnet: t}
	b.name = name
	caller := *c
	caller.service = o.cloud.neutron.service
	portName, device, owner, down := "octavia-lb-"+b.id, "lb-"+b.id, "Octavia", false
	vip, err := o.cloud.neutron.createPort(&caller, &portBody{
		Name: &portName, NetworkID: &t.network.id, DeviceID: &device, DeviceOwner: &owner, AdminStateUp: &down,
		FixedIPs: &[]fixedIPBody{{SubnetID: &t.id}},
	})
	if err != nil {
		_, message := neutronRefusal(err)
		return nil, c.refuse(http.StatusInternalServerError, "", message)
	}
	b.vip, b.address = vip, vip.fixedIPs[0].address.String()
	o.balancers = append(o.balancers, b)
	return b, nil
}

func (o *octavia) deleteBalancer(c *call) (answer, error) {
	b, err := o.balancer(c, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	children := len(o.listenersAt(b)) + len(o.poolsOf(b))
	cascade := c.query.Get("cascade") == "true" || c.query.Get("cascade") == "True"
	switch {
	case children > 0 && !cascade:
		return answer{}, c.refuse(http.StatusBadRequest, "", "Validation failure: Cannot delete Load Balancer "+b.id+" - it has children")
	case b.status != activeStatus && b.status != errorStatus:
		return answer{}, c.refuse(http.StatusConflict, "", "Invalid state "+b.status+" of loadbalancer resource "+b.id)
	}
	o.change(b, "delete", pendingDelete, nil, func() {
		for _, l := range o.listenersAt(b) {
			o.listeners = without(o.listeners, l)
		}
		for _, p := range o.poolsOf(b) {
			o.pools = without(o.pools, p)
		}
		o.balancers = without(o.balancers, b)
		o.cloud.neutron.removePort(b.vip)
	})
	return reply(http.StatusNoContent, nil)
}
