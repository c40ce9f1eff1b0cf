package simulator

func (n *nova) addInfoRoutes() {
	n.handleRoot(n.service, "GET ", n.versions)
	n.handleRoot(n.service, "GET /", n.versions)
	n.handleRoot(n.service, "GET /v2.1", n.version)
	n.handleRoot(n.service, "GET /v2.1/", n.version)
	n.handle(n.service, "GET /os-availability-zone", n.listZones)
	n.handle(n.service, "GET /limits", n.showLimits, "reserved")
}

func (n *nova) versionDocument(c *call) object {
	return object{
		"id": "v2.1", "status": "CURRENT", "version": n.service.microversions.text(n.service.microversions.max), "min_version": "2.1",
		"updated": "2013-07-23T11:33:21Z", "links": []object{{"rel": "self", "href": c.base + "/compute/v2.1/"}},
	}
}

func (n *nova) versions(c *call) (answer, error) {
	old := object{
		"id": "v2.0", "status": "SUPPORTED", "version": "", "min_version": "", "updated": "2011-01-21T11:33:21Z",
		"links": []object{{"rel": "self", "href": c.base + "/compute/v2/"}},
	}
	return ok(object{"versions": []object{old, n.versionDocument(c)}})
}

func (n *nova) version(c *call) (answer, error) {
	document := n.versionDocument(c)
	document["links"] = append(document["links"].([]object),
		object{"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"})
	document["media-types"] = []object{{
		"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1",
	}}
	return ok(object{"version": document})
}

func (n *nova) listZones(*call) (answer, error) {
	zones := []object{}
	for _, name := range n.options.AvailabilityZones {
		zones = append(zones, object{"zoneName": name, "zoneState": object{"available": true}, "hosts": nil})
	}
	return ok(object{"availabilityZoneInfo": zones})
}

// used counts what the servers of a project take.
func (n *nova) used(project string) (instances, cores, ram int) {
	for _, s := range n.servers {
		if s.project == project {
			instances, cores, ram = instances+1, cores+s.flavor.vcpus, ram+s.flavor.ram
		}
	}
	return instances, cores, ram
}

// metadataItems is how many keys the metadata of a server may have; Nova's default is 128.
func (n *nova) metadataItems() int {
	if limit, set := n.quotas["metadata_items"]; set {
		return limit
	}
	return 128
}

func (n *nova) showLimits(c *call) (answer, error) {
	instances, cores, ram := n.used(c.Project)
	absolute := object{
		"maxTotalInstances": n.quota("instances"), "maxTotalCores": n.quota("cores"), "maxTotalRAMSize": n.quota("ram"),
		"maxServerMeta": n.metadataItems(), "maxTotalKeypairs": n.quota("key_pairs"), "maxServerGroups": n.quota("server_groups"),
		"maxServerGroupMembers": n.quota("server_group_members"), "totalRAMUsed": ram, "totalCoresUsed": cores,
		"totalInstancesUsed": instances, "totalServerGroupsUsed": len(n.groups),
	}
	if c.microversion < limitsWithoutNetworks {
		for _, name := range []string{
			"maxPersonality", "maxPersonalitySize", "maxTotalFloatingIps", "maxSecurityGroups", "maxSecurityGroupRules",
		} {
			absolute[name] = -1
		}
		absolute["maxImageMeta"], absolute["totalFloatingIpsUsed"], absolute["totalSecurityGroupsUsed"] = n.metadataItems(), 0, 0
	}
	return ok(object{"limits": object{"rate": []object{}, "absolute": absolute}})
}
