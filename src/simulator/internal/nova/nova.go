// Package nova simulates Nova: servers, flavors, key pairs and server groups.
package nova

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Service is Nova: servers, flavors, key pairs and server groups.
type Service struct {
	world    *world.World
	ports    ports
	volumes  volumes
	images   images
	Frontend *api.Frontend
	flavors  []*flavor
	keyPairs []*keyPair
	servers  []*server // oldest first
	groups   []*serverGroup
}

// Microversions from which Nova shows more or requires something else.
const (
	keyPairType           = 2
	deleteOnTermination   = 3
	serverLocked          = 9
	groupOwner            = 15
	serverDescription     = 19
	serverTags            = 26
	keyPairPages          = 35
	requiredNetworks      = 37
	flavorWithoutID       = 47
	attachmentTag         = 49
	tagsAtCreation        = 52
	limitsWithoutNetworks = 57
	attachmentMulti       = 60
	flavorExtraSpecs      = 61
	trustedCertificates   = 63
	groupPolicy           = 64
	bootVolumeType        = 67
	memberOfGroups        = 71
	lockedReason          = 73
	strictQueries         = 75
	attachmentTermination = 79
	attachmentIDs         = 89
	serverHostname        = 90
	importedKeysOnly      = 92
)

// New returns the service with its routes and fixtures.
func New(w *world.World, ports ports, volumes volumes, images images) *Service {
	n := &Service{world: w, ports: ports, volumes: volumes, images: images}
	n.Frontend = &api.Frontend{
		Name: "compute", Root: "/compute", Version: "/v2.1",
		Refuse:           api.RefuseWSGI,
		UnknownRoute:     unknownRoute,
		UnknownQuery:     unknownQuery,
		UnknownField:     unknownField,
		BadType:          badBody,
		RequestIDHeaders: []string{"X-Openstack-Request-Id", "X-Compute-Request-Id"},
		Microversions: &api.Microversions{
			Major: 2, Min: 1, Max: api.Microversion(w.Options.NovaMicroversion), Known: world.NewestNovaMicroversion,
			Kind: "compute", Legacy: "X-OpenStack-Nova-API-Version",
		},
	}
	n.addFlavors()
	n.addKeyPairs()
	n.addServerRoutes()
	n.addVolumeRoutes()
	n.addGroupRoutes()
	n.addInfoRoutes()
	w.AddInventory(n.listAll)
	return n
}

func unknownRoute(c *api.Call, allowed []string) api.Answer {
	if len(allowed) > 0 {
		return api.RefuseWSGI(http.StatusNotFound, "", api.WebobNotFound)
	}
	return api.WebobError(c, http.StatusNotFound, api.WebobNotFound)
}

// unknownQuery answers an unknown query parameter. Newer microversions refuse
// what older ones ignore.
func unknownQuery(c *api.Call, name string) error {
	if c.Microversion < strictQueries {
		return nil
	}
	if strings.HasPrefix(c.Route.Template, "/servers") {
		return api.Refuse(http.StatusBadRequest, api.PythonString(name)+" does not match any of the regexes: '^_'")
	}
	return api.Refuse(http.StatusBadRequest, "Additional properties are not allowed ("+api.PythonString(name)+" was unexpected)")
}

// unknownField answers an unknown field in the format of the JSON schema, which
// counts the elements of lists.
func unknownField(_ *api.Call, f api.UnknownField) error {
	switch f.Path {
	case "server.networks", "server.security_groups", "server.block_device_mapping_v2":
		f.Path = "0"
	}
	return api.AdditionalProperty(f)
}

func badBody(_ *api.Call, bad api.BadValue) error {
	switch {
	case bad.Wanted == "":
		return api.Refuse(http.StatusBadRequest, "Malformed request body")
	case bad.Path == "":
		return api.Refuse(http.StatusBadRequest, api.PythonRepr(bad.Value)+" is not of type '"+bad.Wanted+"'")
	}
	return api.InvalidField(api.LastSegment(bad.Path), bad.Value, api.PythonRepr(bad.Value)+" is not of type '"+bad.Wanted+"'")
}

// since answers a field that the microversion of the call does not have as an
// unknown one. holder is the object that contains it.
func since(c *api.Call, v api.Microversion, given bool, path, field string, holder []byte) error {
	if !given || c.Microversion >= v {
		return nil
	}
	c.Violate(fmt.Sprintf("field %s.%s before microversion 2.%d", path, field, v))
	return unknownField(c, api.UnknownField{Path: path, Name: field, Object: holder})
}

// links returns the two links of a resource.
func (n *Service) links(c *api.Call, collection, id string) []api.Object {
	return []api.Object{
		{"rel": "self", "href": c.Base + "/compute/v2.1/" + collection + "/" + id},
		n.bookmark(c, collection, id),
	}
}

func (n *Service) bookmark(c *api.Call, collection, id string) api.Object {
	return api.Object{"rel": "bookmark", "href": c.Base + "/compute/" + collection + "/" + id}
}

// pageOf answers a page of a collection; id is what a marker contains. A full
// page has a link to the next one, even if nothing follows.
func pageOf[R any](c *api.Call, collection string, items []R, id func(R) string, show func(R) api.Object) (api.Answer, error) {
	limit, valid := c.Limit(1000)
	if !valid {
		text := c.Query.Get("limit")
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "Invalid input for query parameters limit. Value: "+text+". "+api.PythonString(text)+" does not match '^[0-9]*$'")
	}
	if limit == 0 {
		limit = 1000
	}
	marker := c.Query.Get("marker")
	chosen, _, found := api.Page(items, id, marker, limit)
	if !found {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "marker ["+marker+"] not found")
	}
	body := api.Object{collection: api.Documents(chosen, show)}
	if len(chosen) == limit {
		body[collection+"_links"] = api.NextLink(c, id(chosen[limit-1]))
	}
	return api.OK(body)
}
