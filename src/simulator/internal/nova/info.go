package nova

import "github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"

func (n *Service) addInfoRoutes() {
	n.Frontend.HandleRoot("GET ", n.versions)
	n.Frontend.HandleRoot("GET /", n.versions)
	n.Frontend.HandleRoot("GET /v2.1", n.version)
	n.Frontend.HandleRoot("GET /v2.1/", n.version)
	n.Frontend.Handle("GET /os-availability-zone", n.listZones)
	n.Frontend.Handle("GET /limits", n.showLimits, "reserved")
}

func (n *Service) versionDocument(c *api.Call) api.Object {
	return api.Object{
		"id": "v2.1", "status": "CURRENT", "version": n.Frontend.Microversions.Text(n.Frontend.Microversions.Max), "min_version": "2.1",
		"updated": "2013-07-23T11:33:21Z", "links": []api.Object{{"rel": "self", "href": c.Base + "/compute/v2.1/"}},
	}
}

func (n *Service) versions(c *api.Call) (api.Answer, error) {
	old := api.Object{
		"id": "v2.0", "status": "SUPPORTED", "version": "", "min_version": "", "updated": "2011-01-21T11:33:21Z",
		"links": []api.Object{{"rel": "self", "href": c.Base + "/compute/v2/"}},
	}
	return api.OK(api.Object{"versions": []api.Object{old, n.versionDocument(c)}})
}

func (n *Service) version(c *api.Call) (api.Answer, error) {
	document := n.versionDocument(c)
	document["links"] = append(document["links"].([]api.Object),
		api.Object{"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"})
	document["media-types"] = []api.Object{{
		"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1",
	}}
	return api.OK(api.Object{"version": document})
}

func (n *Service) listZones(*api.Call) (api.Answer, error) {
	zones := []api.Object{}
	for _, name := range n.world.Options.AvailabilityZones {
		zones = append(zones, api.Object{"zoneName": name, "zoneState": api.Object{"available": true}, "hosts": nil})
	}
	return api.OK(api.Object{"availabilityZoneInfo": zones})
}

// used counts instances, cores and memory of a project's servers.
func (n *Service) used(project string) (instances, cores, ram int) {
	for _, s := range n.servers {
		if s.Project == project {
			instances, cores, ram = instances+1, cores+s.flavor.vcpus, ram+s.flavor.ram
		}
	}
	return instances, cores, ram
}

// metadataItems returns the number of metadata keys that a server may have.
// Nova's default is 128.
func (n *Service) metadataItems() int {
	return n.world.QuotaOr("metadata_items", 128)
}

func (n *Service) showLimits(c *api.Call) (api.Answer, error) {
	instances, cores, ram := n.used(c.Project)
	absolute := api.Object{
		"maxTotalInstances": n.world.Quota("instances"), "maxTotalCores": n.world.Quota("cores"), "maxTotalRAMSize": n.world.Quota("ram"),
		"maxServerMeta": n.metadataItems(), "maxTotalKeypairs": n.world.Quota("key_pairs"), "maxServerGroups": n.world.Quota("server_groups"),
		"maxServerGroupMembers": n.world.Quota("server_group_members"), "totalRAMUsed": ram, "totalCoresUsed": cores,
		"totalInstancesUsed": instances, "totalServerGroupsUsed": len(n.groups),
	}
	if c.Microversion < limitsWithoutNetworks {
		for _, name := range []string{
			"maxPersonality", "maxPersonalitySize", "maxTotalFloatingIps", "maxSecurityGroups", "maxSecurityGroupRules",
		} {
			absolute[name] = -1
		}
		absolute["maxImageMeta"], absolute["totalFloatingIpsUsed"], absolute["totalSecurityGroupsUsed"] = n.metadataItems(), 0, 0
	}
	return api.OK(api.Object{"limits": api.Object{"rate": []api.Object{}, "absolute": absolute}})
}
