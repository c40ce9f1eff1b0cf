package neutron

import "github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"

func (n *Service) addInfoRoutes() {
	n.Frontend.HandleRoot("GET ", n.versions)
	n.Frontend.HandleRoot("GET /", n.versions)
}

func (n *Service) versions(c *api.Call) (api.Answer, error) {
	return api.OK(api.Object{"versions": []api.Object{{
		"id": "v2.0", "status": "CURRENT", "links": []api.Object{{"rel": "self", "href": c.Base + "/networking/v2.0/"}},
	}}})
}
