package simulator

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// neutron keeps networks, subnets, ports, security groups, floating IPs and routers.
type neutron struct {
	*Simulator
	service     *service
	networks    []*network
	subnets     []*subnet
	ports       []*port
	groups      []*securityGroup
	floatingIPs []*floatingIP
	routers     []*l3Router
	macs        int // how many addresses were handed out
}

// standard is what every resource of Neutron has.
type standard struct {
	identity
	name, description string
	tags              []string
	created, updated  time.Time
	revision          int
}

func (n *neutron) standard(project string) standard {
	return standard{identity: identity{n.newID(), project}, tags: []string{}, created: n.now, updated: n.now}
}

// touch notes a change.
func (n *neutron) touch(s *standard) {
	s.updated = n.now
	s.revision++
}

// document begins the JSON object of a resource.
func (s *standard) document() object {
	return object{
		"id": s.id, "name": s.name, "description": s.description, "tenant_id": s.project, "project_id": s.project,
		"tags": s.tags, "created_at": seconds(s.created), "updated_at": seconds(s.updated), "revision_number": s.revision,
	}
}

func startNeutron(s *Simulator, admin string, projects []string) *neutron {
	n := &neutron{Simulator: s}
	n.service = &service{
		name: "network", root: "/networking", version: "/v2.0",
		refuse:           refuseNeutron,
		unknownRoute:     unknownNeutronRoute,
		unknownQuery:     unknownNeutronFilter,
		unknownField:     unknownNeutronField,
		badType:          badNeutronBody,
		requestIDHeaders: []string{"X-Openstack-Request-Id"},
	}
	n.addNetworkRoutes()
	n.addPortRoutes()
	n.addGroupRoutes()
	n.addFloatingIPRoutes()
	n.addInfoRoutes()
	n.addFixtures(admin, projects)
	s.inventory = append(s.inventory, n.listAll)
	return n
}

func refuseNeutron(status int, kind, message string) answer {
	return answer{status: status, body: object{"NeutronError": object{"type": kind, "message": message, "detail": ""}}}
}

func unknownNeutronRoute(_ *call, allowed []string) answer {
	if len(allowed) > 0 {
		return refuseNeutron(http.StatusMethodNotAllowed, "HTTPMethodNotAllowed",
			"The server could not comply with the request since it is either malformed or otherwise incorrect.")
	}
	return refuseNeutron(http.StatusNotFound, "HTTPNotFound", webobNotFound)
}

func unknownNeutronFilter(_ *call, name string) error {
	return badRequest("['" + name + "'] is invalid attribute for filtering")
}

func unknownNeutronField(_ *call, f unknownField) error {
	switch {
	case f.Path == "" || strings.Contains(f.Path, "."):
		return nil
	case f.Name == "tags":
		return badRequest("Attribute 'tags' not allowed in POST")
	}
	return badRequest("Unrecognized attribute(s) '" + f.Name + "'")
}

func badNeutronBody(_ *call, bad badValue) error {
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
	return invalidAttribute(attribute, "'"+strings.Trim(pythonRepr(bad.Value), "'")+"' is not "+wanted+".")
}

// badRequest is how Neutron's request parser refuses.
func badRequest(message string) error {
	return refuseKind(http.StatusBadRequest, "HTTPBadRequest", message)
}

// invalidAttribute is how Neutron's validators refuse the value of an attribute.
func invalidAttribute(attribute, reason string) error {
	return badRequest("Invalid input for " + attribute + ". Reason: " + reason)
}

// invalidInput is how Neutron's plugins refuse.
func invalidInput(message string) error {
	return refuseKind(http.StatusBadRequest, "InvalidInput", "Invalid input for operation: "+message)
}

// notFound is how Neutron reports a missing network, subnet or port.
func notFound(kind, id string) error {
	return refuseKind(http.StatusNotFound, kind+"NotFound", kind+" "+id+" could not be found.")
}

// unfound is how Neutron asks for an object that the body should have had.
func unfound(name string) error {
	return badRequest("Unable to find '" + name + "' in request body")
}

// overQuota refuses one more resource than the project may have. name is Neutron's, quota the one in Options.Quotas.
func (n *neutron) overQuota(name, quota string, wanted int) error {
	if !n.exceeds(quota, wanted) {
		return nil
	}
	return refuseKind(http.StatusConflict, "OverQuota", "Quota exceeded for resources: ['"+name+"'].")
}

// checkOwner refuses to make something for another project.
func checkOwner(c caller, project *string) error {
	if project == nil || *project == c.Project || c.Admin {
		return nil
	}
	return badRequest("Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin " +
		"or advsvc privileges")
}

// newMAC hands out an address in the range that belongs to Neutron.
func (n *neutron) newMAC() string {
	n.macs++
	digits := strconv.FormatUint(0x1000000|uint64(n.macs)*0x10d5f7&0xffffff, 16)[1:]
	return "fa:16:3e:" + digits[0:2] + ":" + digits[2:4] + ":" + digits[4:6]
}
