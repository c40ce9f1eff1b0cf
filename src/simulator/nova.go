package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

const computeName = "compute"

// nova runs servers.
type nova struct {
	*Simulator
	ports    ports
	volumes  volumes
	images   images
	service  *service
	flavors  []*flavor
	keyPairs []*keyPair
	servers  []*server // oldest first
	groups   []*serverGroup
}

// Microversions from which Nova answers more, or asks for something else.
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
	novaMicroversions     = 93
)

func startNova(s *Simulator, ports ports, volumes volumes, images images) *nova {
	n := &nova{Simulator: s, ports: ports, volumes: volumes, images: images}
	n.service = &service{
		name: computeName, root: "/compute", version: "/v2.1",
		refuse:           refuseWSGI,
		unknownRoute:     unknownNovaRoute,
		unknownQuery:     unknownNovaQuery,
		unknownField:     unknownNovaField,
		badType:          badNovaBody,
		requestIDHeaders: []string{"X-Openstack-Request-Id", "X-Compute-Request-Id"},
		microversions: &microversions{
			major: 2, min: 1, max: microversion(s.options.NovaMicroversion), known: novaMicroversions,
			kind: computeName, legacy: "X-OpenStack-Nova-API-Version",
		},
	}
	n.addFlavors()
	n.addKeyPairs()
	n.addServerRoutes()
	n.addVolumeRoutes()
	n.addGroupRoutes()
	n.addInfoRoutes()
	s.inventory = append(s.inventory, n.listAll)
	return n
}

func unknownNovaRoute(c *call, allowed []string) answer {
	if len(allowed) > 0 {
		return refuseWSGI(http.StatusNotFound, "", webobNotFound)
	}
	return webobError(c, http.StatusNotFound, webobNotFound)
}

// unknownNovaQuery: newer microversions refuse what older ones ignore.
func unknownNovaQuery(c *call, name string) error {
	if c.microversion < strictQueries {
		return nil
	}
	if strings.HasPrefix(c.route.template, "/servers") {
		return refuse(http.StatusBadRequest, pythonString(name)+" does not match any of the regexes: '^_'")
	}
	return refuse(http.StatusBadRequest, "Additional properties are not allowed ("+pythonString(name)+" was unexpected)")
}

// unknownNovaField words the refusal as the JSON schema does, which counts the elements of lists.
func unknownNovaField(_ *call, f unknownField) error {
	switch f.Path {
	case "server.networks", "server.security_groups", "server.block_device_mapping_v2":
		f.Path = "0"
	}
	return additionalProperty(f)
}

func badNovaBody(_ *call, bad badValue) error {
	switch {
	case bad.Wanted == "":
		return refuse(http.StatusBadRequest, "Malformed request body")
	case bad.Path == "":
		return refuse(http.StatusBadRequest, pythonRepr(bad.Value)+" is not of type '"+bad.Wanted+"'")
	}
	return invalidField(lastSegment(bad.Path), bad.Value, pythonRepr(bad.Value)+" is not of type '"+bad.Wanted+"'")
}

// since answers a field that the microversion of the call does not know yet as an unknown one. holder is the object with it.
func since(c *call, v microversion, given bool, path, field string, holder []byte) error {
	if !given || c.microversion >= v {
		return nil
	}
	c.sim.violate(c, fmt.Sprintf("field %s.%s before microversion 2.%d", path, field, v))
	return unknownNovaField(c, unknownField{Path: path, Name: field, Object: holder})
}

// links are the two addresses that Nova gives of a thing.
func (n *nova) links(c *call, collection, id string) []object {
	return []object{
		{"rel": "self", "href": c.base + "/compute/v2.1/" + collection + "/" + id},
		n.bookmark(c, collection, id),
	}
}

func (n *nova) bookmark(c *call, collection, id string) object {
	return object{"rel": "bookmark", "href": c.base + "/compute/" + collection + "/" + id}
}

// novaPage answers a page of a collection; id is what a marker names. There is a link to the next page whenever this one is as
// long as the limit, even if nothing follows.
func novaPage[R any](c *call, collection string, items []R, id func(R) string, show func(R) object) (answer, error) {
	limit, valid := c.limit(1000)
	if !valid {
		text := c.query.Get("limit")
		return answer{}, refuse(http.StatusBadRequest, "Invalid input for query parameters limit. Value: "+text+". "+pythonString(text)+" does not match '^[0-9]*$'")
	}
	if limit == 0 {
		limit = 1000
	}
	marker := c.query.Get("marker")
	chosen, _, found := page(items, id, marker, limit)
	if !found {
		return answer{}, refuse(http.StatusBadRequest, "marker ["+marker+"] not found")
	}
	body := object{collection: documents(chosen, show)}
	if len(chosen) == limit {
		body[collection+"_links"] = nextLink(c, id(chosen[limit-1]))
	}
	return ok(body)
}
