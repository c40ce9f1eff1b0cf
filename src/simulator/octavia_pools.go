package simulator

import (
	"maps"
	"net/http"
)

func (o *octavia) poolDocument(p *pool) object {
	document := p.document()
	listeners, members := []string{}, []string{}
	for _, l := range o.listenersOf(p) {
		listeners = append(listeners, l.id)
	}
	for _, m := range p.members {
		members = append(members, m.id)
	}
	maps.Copy(document, object{
		"protocol": p.protocol, "lb_algorithm": p.algorithm, "session_persistence": nil, "loadbalancers": reference(p.balancer.id),
		"listeners": reference(listeners...), "members": reference(members...), "tls_container_ref": nil, "ca_tls_container_ref": nil,
		"crl_container_ref": nil, "tls_enabled": false, "tls_ciphers": nil, "tls_versions": nil, "alpn_protocols": nil,
	})
	return document
}

func (o *octavia) pool(c caller, id string) (*pool, error) {
	if p := byID(visible(c, o.pools), id); p != nil {
		return p, nil
	}
	return nil, unknown("Pool", id)
}

func (o *octavia) listPools(c *call) (answer, error) {
	return o.listOf(c, "pools", documents(visible(c.caller, o.pools), o.poolDocument))
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

func (o *octavia) createPool(c *call) (answer, error) {
	var body newPool
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	b, l, err := o.homeOf(c, body)
	if err != nil {
		return answer{}, err
	}
	switch {
	case l != nil && l.defaultPool != nil:
		return answer{}, refuse(http.StatusConflict, "This listener already has a default pool")
	case b.status != activeStatus:
		return answer{}, immutable("Load Balancer", b.id)
	}
	want := body.Pool
	p := &pool{lbResource: o.newResource(c.Project), balancer: b, protocol: want.Protocol, algorithm: want.Algorithm}
	p.name, p.description = want.Name, want.Description
	assign(&p.adminUp, want.AdminStateUp)
	o.pools = append(o.pools, p)
	var touched []*lbResource
	if l != nil {
		l.defaultPool = p
		touched = append(touched, &l.lbResource)
	}
	o.change(b, "update", pendingUpdate, touched, func() { o.settled(&p.lbResource) })
	return reply(http.StatusCreated, object{"pool": o.poolDocument(p)})
}

// homeOf is the load balancer that a new pool belongs to, and the listener whose default it becomes.
func (o *octavia) homeOf(c *call, body newPool) (*loadBalancer, *listener, error) {
	want := body.Pool
	switch {
	case want == nil:
		return nil, nil, missing("pool")
	case want.Protocol == "":
		return nil, nil, missing("protocol")
	case want.Algorithm == "":
		return nil, nil, missing("lb_algorithm")
	case want.ListenerID != nil:
		l, err := o.listener(c.caller, *want.ListenerID)
		if err != nil {
			return nil, nil, err
		}
		return l.balancer, l, nil
	case want.BalancerID != nil:
		b, err := o.balancer(c.caller, *want.BalancerID)
		return b, nil, err
	}
	return nil, nil, refuse(http.StatusBadRequest, "Validation failure: Must provide at least one of: loadbalancer_id, listener_id")
}
