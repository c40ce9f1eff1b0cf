package octavia

import (
	"maps"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

func (o *Service) listenerDocument(l *listener) api.Object {
	document := l.document()
	maps.Copy(document, api.Object{
		"protocol": l.protocol, "protocol_port": l.protocolPort, "connection_limit": -1, "default_tls_container_ref": nil,
		"sni_container_refs": []string{}, "default_pool_id": nil, "l7policies": []api.Object{}, "insert_headers": api.Object{},
		"loadbalancers": reference(l.balancer.ID), "timeout_client_data": 50000, "timeout_member_connect": 5000,
		"timeout_member_data": 50000, "timeout_tcp_inspect": 0, "client_ca_tls_container_ref": nil, "client_authentication": "NONE",
		"client_crl_container_ref": nil, "allowed_cidrs": nil, "tls_ciphers": nil, "tls_versions": nil, "alpn_protocols": nil,
	})
	if l.defaultPool != nil {
		document["default_pool_id"] = l.defaultPool.ID
	}
	return document
}

func (o *Service) listener(c api.Caller, id string) (*listener, error) {
	if l := api.ByID(api.Visible(c, o.listeners), id); l != nil {
		return l, nil
	}
	return nil, unknown("Listener", id)
}
