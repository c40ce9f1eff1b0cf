package simulator

import (
	"maps"
	"net/http"
)

func (o *octavia) listenerDocument(l *listener) object {
	document := l.document()
	maps.Copy(document, object{
		"protocol": l.protocol, "protocol_port": l.protocolPort, "connection_limit": -1, "default_tls_container_ref": nil,
		"sni_container_refs": []string{}, "default_pool_id": nil, "l7policies": []object{}, "insert_headers": object{},
		"loadbalancers": reference(l.balancer.id), "timeout_client_data": 50000, "timeout_member_connect": 5000,
		"timeout_member_data": 50000, "timeout_tcp_inspect": 0, "client_ca_tls_container_ref": nil, "client_authentication": "NONE",
		"client_crl_container_ref": nil, "allowed_cidrs": nil, "tls_ciphers": nil, "tls_versions": nil, "alpn_protocols": nil,
	})
	if l.defaultPool != nil {
		document["default_pool_id"] = l.defaultPool.id
	}
	return document
}

func (o *octavia) listener(c *call, id string) (*listener, error) {
	if l := byID(visible(c, o.listeners), id); l != nil {
		return l, nil
	}
	return nil, c.unknown("Listener", id)
}

func (o *octavia) listListeners(c *call) (answer, error) {
	return o.listOf(c, "listeners", documents(visible(c, o.listeners), o.listenerDocument))
}

func (o *octavia) createListener(c *call) (answer, error) {
	var body struct {
		Listener *struct {
			Name         string `json:"name"`
			Description  string `json:"description"`
			BalancerID   string `json:"loadbalancer_id"`
			Protocol     string `json:"protocol"`
			ProtocolPort int    `json:"protocol_port"`
			AdminStateUp *bool  `json:"admin_state_up"`
		} `json:"listener"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	want := body.Listener
	switch {
	case want == nil:
		return answer{}, c.missing("listener")
	case want.Protocol == "":
		return answer{}, c.missing("protocol")
	case want.ProtocolPort == 0:
		return answer{}, c.missing("protocol_port")
	}
	b, err := o.balancer(c, want.BalancerID)
	if err != nil {
		return answer{}, err
	}
	if b.status != activeStatus {
		return answer{}, c.immutable("Load Balancer", b.id)
	}
	for _, other := range o.listenersAt(b) {
		if other.protocol == want.Protocol && other.protocolPort == want.ProtocolPort {
			return answer{}, c.refuse(http.StatusConflict, "", "Another Listener on this Load Balancer is already using protocol "+
				want.Protocol+" and protocol_port "+itoa(want.ProtocolPort))
		}
	}
	l := &listener{
		lbResource: o.newResource(c.project()), balancer: b, protocol: want.Protocol, protocolPort: want.ProtocolPort,
	}
	l.name, l.description = want.Name, want.Description
	assign(&l.adminUp, want.AdminStateUp)
	o.listeners = append(o.listeners, l)
	o.change(b, "update", pendingUpdate, nil, func() { o.settled(&l.lbResource) })
	return reply(http.StatusCreated, object{"listener": o.listenerDocument(l)})
}

func (o *octavia) deleteListener(c *call) (answer, error) {
	l, err := o.listener(c, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	if l.balancer.status != activeStatus {
		return answer{}, c.immutable("Load Balancer", l.balancer.id)
	}
	l.status = pendingDelete
	o.change(l.balancer, "update", pendingUpdate, nil, func() { o.listeners = without(o.listeners, l) })
	return reply(http.StatusNoContent, nil)
}
