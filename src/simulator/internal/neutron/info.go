package neutron

import (
	"net/http"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

func (n *Service) addInfoRoutes() {
	n.Frontend.HandleRoot("GET ", n.versions)
	n.Frontend.HandleRoot("GET /", n.versions)
	n.Frontend.Handle("GET /extensions", n.listExtensions)
	n.Frontend.Handle("GET /quotas/{project_id}/details.json", n.showQuotas)
}

func (n *Service) versions(c *api.Call) (api.Answer, error) {
	return api.OK(api.Object{"versions": []api.Object{{
		"id": "v2.0", "status": "CURRENT", "links": []api.Object{{"rel": "self", "href": c.Base + "/networking/v2.0/"}},
	}}})
}

// extensionAliases are the extensions whose attributes are simulated.
var extensionAliases = []string{
	"address-scope", "allowed-address-pairs", "binding", "dns-integration", "external-net", "net-mtu", "net-mtu-writable", "port-numa-affinity-policy",
	"port-security", "project-id", "qos", "quota_details", "quotas", "revision-if-match", "router", "security-group", "standard-attr-description",
	"standard-attr-revisions", "standard-attr-tag", "standard-attr-timestamp", "subnet_allocation", "trunk", "trunk-details", "uplink-status-propagation",
}

func (n *Service) listExtensions(*api.Call) (api.Answer, error) {
	all := []api.Object{}
	for _, alias := range extensionAliases {
		all = append(all, api.Object{"alias": alias, "name": alias, "description": "", "updated": "2017-01-01T00:00:00-00:00", "links": []api.Object{}})
	}
	return api.OK(api.Object{"extensions": all})
}

// showQuotas answers the quotas of the caller's project. Other projects are for
// administrators.
func (n *Service) showQuotas(c *api.Call) (api.Answer, error) {
	project := c.Path["project_id"]
	if project != c.Project && !c.Admin {
		return api.Answer{}, api.RefuseKind(http.StatusForbidden, "AdminRequired", "User does not have admin privileges: Only admin is authorized to access quotas for another tenant.")
	}
	rules := 0
	for _, g := range api.OfProject(n.groups, project) {
		rules += len(g.rules)
	}
	quota := api.Object{}
	for _, resource := range []struct {
		name, quota string
		used        int
	}{
		{"network", "networks", len(api.OfProject(n.networks, project))},
		{"subnet", "subnets", len(api.OfProject(n.subnets, project))},
		{"subnetpool", "", len(api.OfProject(n.subnetPools, project))},
		{"port", "ports", len(api.OfProject(n.ports, project))},
		{"router", "", len(api.OfProject(n.routers, project))},
		{"floatingip", "floating_ips", len(api.OfProject(n.floatingIPs, project))},
		{"rbac_policy", "", 0},
		{"security_group", "security_groups", len(api.OfProject(n.groups, project))},
		{"security_group_rule", "", rules},
		{"trunk", "", 0},
	} {
		quota[resource.name] = api.Object{"limit": n.world.Quota(resource.quota), "used": resource.used, "reserved": 0}
	}
	return api.OK(api.Object{"quota": quota})
}
