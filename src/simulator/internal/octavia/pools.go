package octavia

import (
	"maps"
	"net/http"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

func (o *Service) poolDocument(p *pool) api.Object {
	document := p.document()
	listeners, members := []string{}, []string{}
	for _, l := range o.listenersOf(p) {
		listeners = append(listeners, l.ID)
	}
	for _, m := range p.members {
		members = append(members, m.ID)
	}
	maps.Copy(document, api.Object{
		"protocol": p.protocol, "lb_algorithm": p.algorithm, "session_persistence": nil, "loadbalancers": reference(p.balancer.ID),
		"listeners": reference(listeners...), "members": reference(members...), "tls_container_ref": nil, "ca_tls_container_ref": nil,
		"crl_container_ref": nil, "tls_enabled": false, "tls_ciphers": nil, "tls_versions": nil, "alpn_protocols": nil,
	})
	return document
}

func (o *Service) pool(c api.Caller, id string) (*pool, error) {
	if p := api.ByID(api.Visible(c, o.pools), id); p != nil {
		return p, nil
	}
	return nil, unknown("Pool", id)
}

func (o *Service) listPools(c *api.Call) (api.Answer, error) {
	return o.listOf(c, "pools", api.Documents(api.Visible(c.Caller, o.pools), o.poolDocument))
}

type newPool struct {
	Pool *struct {
		Name         string  `json:"name"`
		Description  string  `json:"description"`
		BalancerID   *string `json:"loadbalancer_id"`
		ListenerID   *string `json:"listener_id"`
		Protocol     string  `json:"protocol"`
		Algorithm    string  `json:"lb_algorithm"`
		AdminStateUp *bool   `json:"admin_state_up"`
	} `json:"pool"`
}

func (o *Service) createPool(c *api.Call) (api.Answer, error) {
	var body newPool
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	b, l, err := o.homeOf(c, body)
	if err != nil {
		return api.Answer{}, err
	}
	switch {
	case l != nil && l.defaultPool != nil:
		return api.Answer{}, api.Refuse(http.StatusConflict, "This listener already has a default pool")
	case b.status != activeStatus:
		return api.Answer{}, immutable("Load Balancer", b.ID)
	}
	want := body.Pool
	p := &pool{resource: o.newResource(c.Project), balancer: b, protocol: want.Protocol, algorithm: want.Algorithm}
	p.name, p.description = want.Name, want.Description
	api.Assign(&p.adminUp, want.AdminStateUp)
	o.pools = append(o.pools, p)
	var touched []*resource
	if l != nil {
		l.defaultPool = p
		touched = append(touched, &l.resource)
	}
	o.change(b, "update", pendingUpdate, touched, func() { o.settled(&p.resource) })
	return api.Reply(http.StatusCreated, api.Object{"pool": o.poolDocument(p)})
}

// homeOf returns the load balancer of a new pool, and the listener whose
// default it becomes.
func (o *Service) homeOf(c *api.Call, body newPool) (*loadBalancer, *listener, error) {
	want := body.Pool
	switch {
	case want == nil:
		return nil, nil, missing("pool")
	case want.Protocol == "":
		return nil, nil, missing("protocol")
	case want.Algorithm == "":
		return nil, nil, missing("lb_algorithm")
	case want.ListenerID != nil:
		l, err := o.listener(c.Caller, *want.ListenerID)
		if err != nil {
			return nil, nil, err
		}
		return l.balancer, l, nil
	case want.BalancerID != nil:
		b, err := o.balancer(c.Caller, *want.BalancerID)
		return b, nil, err
	}
	return nil, nil, api.Refuse(http.StatusBadRequest, "Validation failure: Must provide at least one of: loadbalancer_id, listener_id")
}
