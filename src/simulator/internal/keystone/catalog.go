package keystone

import (
	"net/http"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// catalogEntry is one service of the catalog. path is relative to the host.
type catalogEntry struct{ kind, name, path string }

func (k *Service) entries(project string) []catalogEntry {
	entries := []catalogEntry{
		{"identity", "keystone", "/identity"},
		{"compute", "nova", "/compute/v2.1"},
		{"image", "glance", "/image"},
		{"network", "neutron", "/networking"},
		{"volumev3", "cinderv3", "/volume/v3/" + project},
		{"block-storage", "cinder", "/volume/v3/" + project},
	}
	if !k.world.Options.WithoutLoadBalancer {
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

// endpoint returns the URL of a service for a region and an interface, on the
// host of the request.
func (k *Service) endpoint(c *api.Call, path string, region int, face string) string {
	prefix := api.BaseURL(c.Request)
	if region > 0 {
		prefix += "/" + k.world.Options.Regions[region]
	}
	return prefix + interfacePath(face) + path
}

// catalog returns the endpoints in the format of API version 3.
func (k *Service) catalog(c *api.Call, project string) []api.Object {
	services := []api.Object{}
	for _, entry := range k.entries(project) {
		endpoints := []api.Object{}
		for i, region := range k.world.Options.Regions {
			for _, face := range []string{"admin", "internal", "public"} {
				endpoints = append(endpoints, api.Object{
					"id": entry.kind + "-" + region + "-" + face, "interface": face,
					"region_id": region, "region": region, "url": k.endpoint(c, entry.path, i, face),
				})
			}
		}
		services = append(services, api.Object{
			"endpoints": endpoints, "id": entry.kind, "type": entry.kind, "name": entry.name,
		})
	}
	return services
}

func (k *Service) version(c *api.Call, id, status, path string) api.Object {
	return api.Object{
		"id": id, "status": status, "updated": "2020-04-07T00:00:00Z",
		"links":       []api.Object{{"rel": "self", "href": c.Base + "/identity" + path}},
		"media-types": []api.Object{{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}},
	}
}

func (k *Service) versions(c *api.Call) (api.Answer, error) {
	values := []api.Object{k.version(c, "v3.14", "stable", "/v3/"), k.version(c, "v2.0", "deprecated", "/v2.0/")}
	a, err := api.Reply(http.StatusMultipleChoices, api.Object{"versions": api.Object{"values": values}})
	return a.WithHeader("Location", c.Base+"/identity/v3/"), err
}

func (k *Service) versionThree(c *api.Call) (api.Answer, error) {
	return api.OK(api.Object{"version": k.version(c, "v3.14", "stable", "/v3/")})
}

func (k *Service) versionTwo(c *api.Call) (api.Answer, error) {
	return api.OK(api.Object{"version": k.version(c, "v2.0", "deprecated", "/v2.0/")})
}
