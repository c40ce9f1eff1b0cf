package simulator

func (n *neutron) addInfoRoutes() {
	n.handleRoot(n.service, "GET ", n.versions)
	n.handleRoot(n.service, "GET /", n.versions)
}

func (n *neutron) versions(c *call) (answer, error) {
	return ok(object{"versions": []object{{
		"id": "v2.0", "status": "CURRENT", "links": []object{{"rel": "self", "href": c.base + "/networking/v2.0/"}},
	}}})
}
