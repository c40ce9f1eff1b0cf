package octavia

import (
	"maps"
	"net/http"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/neutron"
)

func (o *Service) balancerDocument(b *loadBalancer) api.Object {
	document := b.document()
	listeners, pools := []string{}, []string{}
	for _, l := range o.listenersAt(b) {
		listeners = append(listeners, l.ID)
	}
	for _, p := range o.poolsOf(b) {
		pools = append(pools, p.ID)
	}
	maps.Copy(document, api.Object{
		"listeners": reference(listeners...), "pools": reference(pools...), "vip_address": b.address,
		"vip_port_id": b.vipPort, "vip_subnet_id": b.subnet.ID, "vip_network_id": b.subnet.NetworkID, "additional_vips": []api.Object{},
		"provider": "amphora", "flavor_id": nil, "vip_qos_policy_id": nil, "availability_zone": nil,
	})
	return document
}

func (o *Service) balancer(c api.Caller, id string) (*loadBalancer, error) {
	if b := api.ByID(api.Visible(c, o.balancers), id); b != nil {
		return b, nil
	}
	return nil, unknown("Load Balancer", id)
}

func (o *Service) listBalancers(c *api.Call) (api.Answer, error) {
	return o.listOf(c, "loadbalancers", api.Documents(api.Visible(c.Caller, o.balancers), o.balancerDocument))
}

func (o *Service) createBalancer(c *api.Call) (api.Answer, error) {
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
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Balancer == nil {
		return api.Answer{}, missing("loadbalancer")
	}
	want := body.Balancer
	t, err := o.vipSubnet(c.Caller, want.VIPSubnetID, want.VIPNetworkID)
	if err != nil {
		return api.Answer{}, err
	}
	b, err := o.newBalancer(c.Caller, want.Name, t)
	if err != nil {
		return api.Answer{}, err
	}
	b.description, b.tags = want.Description, append(b.tags, want.Tags...)
	api.Assign(&b.adminUp, want.AdminStateUp)
	o.change(b, "create", pendingCreate, nil, func() {})
	return api.Reply(http.StatusCreated, api.Object{"loadbalancer": o.balancerDocument(b)})
}

func (o *Service) vipSubnet(c api.Caller, subnetID, networkID *string) (neutron.Subnet, error) {
	switch {
	case subnetID != nil:
		if t, found := o.networks.Subnet(c, *subnetID); found {
			return t, nil
		}
		return neutron.Subnet{}, api.Refuse(http.StatusBadRequest, "Subnet "+*subnetID+" not found.")
	case networkID != nil:
		if w, found := o.networks.Network(c, *networkID); found && len(w.Subnets) > 0 {
			return w.Subnets[0], nil
		}
		return neutron.Subnet{}, api.Refuse(http.StatusBadRequest, "Network "+*networkID+" not found.")
	}
	return neutron.Subnet{}, api.Refuse(http.StatusBadRequest,
		"Validation failure: VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id.")
}

// newBalancer creates a load balancer and the port that holds its address.
func (o *Service) newBalancer(c api.Caller, name string, t neutron.Subnet) (*loadBalancer, error) {
	b := &loadBalancer{resource: o.newResource(c.Project), subnet: t}
	b.name = name
	portName, device, owner, down := "octavia-lb-"+b.ID, "lb-"+b.ID, "Octavia", false
	vip, err := o.networks.CreatePort(c, neutron.PortSpec{
		Name: &portName, NetworkID: &t.NetworkID, DeviceID: &device, DeviceOwner: &owner, AdminUp: &down,
		FixedIPs: &[]neutron.FixedIPSpec{{SubnetID: &t.ID}},
	})
	if err != nil {
		return nil, api.Refuse(http.StatusInternalServerError, err.Error())
	}
	b.vipPort, b.address = vip.ID, vip.Addresses[0].IP.String()
	o.balancers = append(o.balancers, b)
	return b, nil
}

func (o *Service) deleteBalancer(c *api.Call) (api.Answer, error) {
	b, err := o.balancer(c.Caller, c.Path["id"])
	if err != nil {
		return api.Answer{}, err
	}
	children := len(o.listenersAt(b)) + len(o.poolsOf(b))
	cascade := c.Query.Get("cascade") == "true" || c.Query.Get("cascade") == "True"
	switch {
	case children > 0 && !cascade:
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "Validation failure: Cannot delete Load Balancer "+b.ID+" - it has children")
	case b.status != activeStatus && b.status != errorStatus:
		return api.Answer{}, api.Refuse(http.StatusConflict, "Invalid state "+b.status+" of loadbalancer resource "+b.ID)
	}
	o.change(b, "delete", pendingDelete, nil, func() {
		for _, l := range o.listenersAt(b) {
			o.listeners = api.Without(o.listeners, l)
		}
		for _, p := range o.poolsOf(b) {
			o.pools = api.Without(o.pools, p)
		}
		o.balancers = api.Without(o.balancers, b)
		o.networks.DeletePort(b.vipPort)
	})
	return api.Reply(http.StatusNoContent, nil)
}
