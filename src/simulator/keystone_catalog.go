package simulator

import "net/http"

// catalogEntry is one service of the catalog; path leads from the host to the endpoint.
type catalogEntry struct{ kind, name, path string }

func (k *keystone) entries(project string) []catalogEntry {
	entries := []catalogEntry{
		{"identity", "keystone", "/identity"},
		{"compute", "nova", "/compute/v2.1"},
		{"image", "glance", "/image"},
		{"network", "neutron", "/networking"},
		{"volumev3", "cinderv3", "/volume/v3/" + project},
		{"block-storage", "cinder", "/volume/v3/" + project},
	}
	if !k.options.WithoutLoadBalancer {
		entries = append(entries, catalogEntry{"load-balancer", "octavia", "/load-balancer"})
	}
	return entries
}

func interfacePath(face string) string {
	if face == "public" {
		return ""
	}
	return "/" + face
}

// endpoint is the URL of a service for a region and an interface, below the host that the client used.
func (k *keystone) endpoint(c *call, path string, region int, face string) string {
	prefix := baseURL(c.request)
	if region > 0 {
		prefix += "/" + k.options.Regions[region]
	}
	return prefix + interfacePath(face) + path
}

// catalog lists the endpoints in the form of version 3 of the API.
func (k *keystone) catalog(c *call, project string) []object {
	services := []object{}
	for _, entry := range k.entries(project) {
		endpoints := []object{}
		for i, region := range k.options.Regions {
			for _, face := range []string{"admin", "internal", "public"} {
				endpoints = append(endpoints, object{
					"id": entry.kind + "-" + region + "-" + face, "interface": face,
					"region_id": region, "region": region, "url": k.endpoint(c, entry.path, i, face),
				})
			}
		}
		services = append(services, object{
			"endpoints": endpoints, "id": entry.kind, "type": entry.kind, "name": entry.name,
		})
	}
	return services
}

func (k *keystone) version(c *call, id, status, path string) object {
	return object{
		"id": id, "status": status, "updated": "2020-04-07T00:00:00Z",
		"links":       []object{{"rel": "self", "href": c.base + "/identity" + path}},
		"media-types": []object{{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}},
	}
}

func (k *keystone) versions(c *call) (answer, error) {
	values := []object{k.version(c, "v3.14", "stable", "/v3/"), k.version(c, "v2.0", "deprecated", "/v2.0/")}
	a, err := reply(http.StatusMultipleChoices, object{"versions": object{"values": values}})
	return a.withHeader("Location", c.base+"/identity/v3/"), err
}

func (k *keystone) versionThree(c *call) (answer, error) {
	return ok(object{"version": k.version(c, "v3.14", "stable", "/v3/")})
}

func (k *keystone) versionTwo(c *call) (answer, error) {
	return ok(object{"version": k.version(c, "v2.0", "deprecated", "/v2.0/")})
}
