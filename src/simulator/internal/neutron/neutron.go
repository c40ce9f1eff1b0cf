// Package neutron simulates Neutron: networks, ports, security groups and floating IPs.
package neutron

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Service is Neutron: networks, subnets, ports, security groups, floating IPs
// and a router.
type Service struct {
	world       *world.World
	Frontend    *api.Frontend
	networks    []*network
	subnets     []*subnet
	ports       []*port
	groups      []*securityGroup
	floatingIPs []*floatingIP
	routers     []*router
	policies    []*policy
	subnetPools []*subnetPool
	trunks      []*trunk
	macs        int // number of allocated addresses
}

// standard has the attributes of every resource of Neutron.
type standard struct {
	api.Identity
	name, description string
	tags              []string
	created, updated  time.Time
	revision          int
}

func (n *Service) standard(project string) standard {
	return standard{Identity: api.Identity{ID: n.world.NewID(), Project: project}, tags: []string{}, created: n.world.Now(), updated: n.world.Now()}
}

// touch records a change.
func (n *Service) touch(s *standard) {
	s.updated = n.world.Now()
	s.revision++
}

// document returns the JSON object of the standard attributes.
func (s *standard) document() api.Object {
	return api.Object{
		"id": s.ID, "name": s.name, "description": s.description, "tenant_id": s.Project, "project_id": s.Project,
		"tags": s.tags, "created_at": world.Seconds(s.created), "updated_at": world.Seconds(s.updated), "revision_number": s.revision,
	}
}

// New returns the service with its routes and fixtures.
func New(w *world.World, admin string, projects []string) *Service {
	n := &Service{world: w}
	n.Frontend = &api.Frontend{
		Name: "network", Root: "/networking", Version: "/v2.0",
		Refuse:           refuse,
		UnknownRoute:     unknownRoute,
		UnknownQuery:     unknownFilter,
		UnknownField:     unknownField,
		BadType:          badBody,
		RequestIDHeaders: []string{"X-Openstack-Request-Id"},
	}
	n.addNetworkRoutes()
	n.addPortRoutes()
	n.addGroupRoutes()
	n.addFloatingIPRoutes()
	n.addRouterRoutes()
	n.addSubnetPoolRoutes()
	n.addTrunkRoutes()
	n.addInfoRoutes()
	n.addFixtures(admin, projects)
	w.AddInventory(n.listAll)
	return n
}

func refuse(status int, kind, message string) api.Answer {
	return api.Answer{Status: status, Body: api.Object{"NeutronError": api.Object{"type": kind, "message": message, "detail": ""}}}
}

func unknownRoute(_ *api.Call, allowed []string) api.Answer {
	if len(allowed) > 0 {
		return refuse(http.StatusMethodNotAllowed, "HTTPMethodNotAllowed",
			"The server could not comply with the request since it is either malformed or otherwise incorrect.")
	}
	return refuse(http.StatusNotFound, "HTTPNotFound", api.WebobNotFound)
}

func unknownFilter(_ *api.Call, name string) error {
	return badRequest("['" + name + "'] is invalid attribute for filtering")
}

func unknownField(_ *api.Call, f api.UnknownField) error {
	switch {
	case f.Path == "" || strings.Contains(f.Path, "."):
		return nil
	case f.Name == "tags":
		return badRequest("Attribute 'tags' not allowed in POST")
	}
	return badRequest("Unrecognized attribute(s) '" + f.Name + "'")
}

func badBody(_ *api.Call, bad api.BadValue) error {
	_, attribute, nested := strings.Cut(bad.Path, ".")
	switch {
	case bad.Path == "":
		return badRequest("Body contains invalid data")
	case !nested:
		return badRequest("Object '" + bad.Path + "' contains invalid data")
	}
	article := map[string]string{"string": "a valid string", "boolean": "a boolean", "array": "a list", "object": "a dictionary"}
	wanted, known := article[bad.Wanted]
	if !known {
		wanted = "an integer"
	}
	return invalidAttribute(attribute, "'"+strings.Trim(api.PythonRepr(bad.Value), "'")+"' is not "+wanted+".")
}

// badRequest returns the error of Neutron's request parser.
func badRequest(message string) error {
	return api.RefuseKind(http.StatusBadRequest, "HTTPBadRequest", message)
}

// invalidAttribute returns the error of Neutron's validators for the value of
// an attribute.
func invalidAttribute(attribute, reason string) error {
	return badRequest("Invalid input for " + attribute + ". Reason: " + reason)
}

// invalidInput returns the error of Neutron's plugins.
func invalidInput(message string) error {
	return api.RefuseKind(http.StatusBadRequest, "InvalidInput", "Invalid input for operation: "+message)
}

// notFound returns Neutron's error for a missing network, subnet or port.
func notFound(kind, id string) error {
	return api.RefuseKind(http.StatusNotFound, kind+"NotFound", kind+" "+id+" could not be found.")
}

// missingObject returns Neutron's error for a body without the object.
func missingObject(name string) error {
	return badRequest("Unable to find '" + name + "' in request body")
}

// overQuota returns an error when the project may not have another resource.
// name is Neutron's, quota the one in Options.Quotas.
func (n *Service) overQuota(name, quota string, wanted int) error {
	if !n.world.Exceeds(quota, wanted) {
		return nil
	}
	return api.RefuseKind(http.StatusConflict, "OverQuota", "Quota exceeded for resources: ['"+name+"'].")
}

// checkOwner returns an error when a resource is to be created for another
// project.
func checkOwner(c api.Caller, project *string) error {
	if project == nil || *project == c.Project || c.Admin {
		return nil
	}
	return badRequest("Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin " +
		"or advsvc privileges")
}

// newMAC returns the next address in Neutron's range.
func (n *Service) newMAC() string {
	n.macs++
	digits := strconv.FormatUint(0x1000000|uint64(n.macs)*0x10d5f7&0xffffff, 16)[1:]
	return "fa:16:3e:" + digits[0:2] + ":" + digits[2:4] + ":" + digits[4:6]
}
