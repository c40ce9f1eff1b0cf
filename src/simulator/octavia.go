package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// octavia keeps load balancers with listeners, pools and members.
type octavia struct {
	*Simulator
	networks  networks
	service   *service
	balancers []*loadBalancer
	listeners []*listener
	pools     []*pool
}

// lbResource is what every resource of Octavia has.
type lbResource struct {
	identity
	name, description string
	status            string // provisioning_status
	adminUp           bool
	tags              []string
	created, updated  time.Time
}

type loadBalancer struct {
	lbResource
	vipPort string // id
	subnet  subnetInfo
	address string // of the vip
}

type listener struct {
	lbResource
	balancer     *loadBalancer
	protocol     string
	protocolPort int
	defaultPool  *pool
}

type pool struct {
	lbResource
	balancer            *loadBalancer
	protocol, algorithm string
	members             []*lbMember
}

// provisioning_status of Octavia's resources; only what is ACTIVE can be changed.
const (
	pendingCreate = "PENDING_CREATE"
	pendingUpdate = "PENDING_UPDATE"
	pendingDelete = "PENDING_DELETE"
	activeStatus  = "ACTIVE"
	errorStatus   = "ERROR"
)

// networks are the calls to Neutron.
type networks interface {
	Network(caller caller, id string) (info networkInfo, found bool)
	Subnet(caller caller, id string) (info subnetInfo, found bool)
	CreatePort(caller caller, spec portSpec) (portInfo, error)
	DeletePort(id string)
}

func startOctavia(s *Simulator, networks networks) *octavia {
	o := &octavia{Simulator: s, networks: networks}
	o.service = o.newService("/load-balancer", "/v2.0")
	o.addRoutes(o.service, "/lbaas")
	if s.options.WithoutLoadBalancer {
		// Old clouds have the same API below the endpoint of Neutron.
		o.addRoutes(o.newService("/networking/v2.0/lbaas", ""), "")
	} else {
		s.handleRoot(o.service, "GET /", o.versions)
	}
	o.addFixtures()
	s.inventory = append(s.inventory, o.listAll)
	return o
}

func (o *octavia) newService(root, version string) *service {
	return &service{
		name: "load-balancer", root: root, version: version,
		refuse:       refuseOctavia,
		unknownRoute: unknownOctaviaRoute,
		unknownQuery: func(*call, string) error {
			return refuse(http.StatusBadRequest, "One or more arguments are either duplicate or invalid")
		},
		unknownField:     unknownOctaviaField,
		badType:          badOctaviaBody,
		requestIDHeaders: []string{"X-Openstack-Request-Id"},
	}
}

func (o *octavia) addRoutes(svc *service, prefix string) {
	on := func(method, path string, h handler, queries ...string) {
		o.handle(svc, method+" "+prefix+path, h, queries...).template = "/lbaas" + path
	}
	common := []string{"id", "name", "description", "project_id", "tenant_id", "provisioning_status", "fields", "limit", "marker", "tags"}
	queries := func(more ...string) []string { return slices.Concat(common, more) }
	on("GET", "/loadbalancers", o.listBalancers, queries("vip_address", "vip_port_id", "vip_subnet_id", "vip_network_id")...)
	on("POST", "/loadbalancers", o.createBalancer)
	on("GET", "/loadbalancers/{id}", shows("loadbalancer", o.balancer, o.balancerDocument), "fields")
	on("DELETE", "/loadbalancers/{id}", o.deleteBalancer, "cascade")
	on("GET", "/listeners/{id}", shows("listener", o.listener, o.listenerDocument), "fields")
	on("GET", "/pools", o.listPools, queries("protocol", "lb_algorithm", "loadbalancer_id", "listener_id")...)
	on("POST", "/pools", o.createPool)
	on("GET", "/pools/{id}", shows("pool", o.pool, o.poolDocument), "fields")
	on("GET", "/pools/{id}/members", o.listMembers, queries("address", "protocol_port", "subnet_id", "weight", "monitor_port")...)
	on("POST", "/pools/{id}/members", o.createMember)
	on("PUT", "/pools/{id}/members", o.replaceMembers, "additive_only")
	on("GET", "/pools/{id}/members/{member}", o.showMember, "fields")
	on("DELETE", "/pools/{id}/members/{member}", o.deleteMember)
}

func refuseOctavia(status int, _, message string) answer {
	code := "Client"
	if status >= http.StatusInternalServerError {
		code = "Server"
	}
	return answer{status: status, body: object{"faultcode": code, "faultstring": message, "debuginfo": nil}}
}

func unknownOctaviaRoute(_ *call, allowed []string) answer {
	if len(allowed) > 0 {
		body := object{"code": http.StatusMethodNotAllowed, "title": "Method Not Allowed", "description": ""}
		return answer{status: http.StatusMethodNotAllowed, body: body}
	}
	return answer{status: http.StatusNotFound, body: object{"code": http.StatusNotFound, "title": "Not Found", "description": ""}}
}

// unknownOctaviaField names the argument of the method that the body becomes.
func unknownOctaviaField(c *call, f unknownField) error {
	argument := "member_"
	if c.request.Method == http.MethodPut && strings.HasSuffix(c.route.template, "/members") {
		argument = "members_"
	}
	for name, written := range map[string]string{
		"loadbalancer": "load_balancer", "listener": "listener_", "pool": "pool_",
	} {
		if f.Path == name || f.Path == "" && strings.HasSuffix(c.route.template, "/"+name+"s") {
			argument = written
		}
	}
	if f.Path != "" {
		argument += "." + f.Path
	}
	return refuse(http.StatusBadRequest, "Unknown attribute for argument "+argument+": "+f.Name)
}

func badOctaviaBody(_ *call, bad badValue) error {
	if bad.Wanted == "" {
		return refuse(http.StatusBadRequest, "Request is not in valid JSON format")
	}
	return invalidValue(lastSegment(bad.Path), strings.Trim(pythonRepr(bad.Value), "'"), "Value should be "+bad.Wanted)
}

// invalidValue is how Octavia refuses the value of an attribute.
func invalidValue(attribute, value, problem string) error {
	return refuse(http.StatusBadRequest, "Invalid input for field/attribute "+attribute+". Value: '"+value+"'. "+problem)
}

// missing is how Octavia asks for an attribute.
func missing(attribute string) error {
	return invalidValue(attribute, "None", "Mandatory field missing.")
}

// unknown is how Octavia reports a resource that is not there.
func unknown(kind, id string) error {
	return refuse(http.StatusNotFound, kind+" "+id+" not found.")
}

// immutable is how Octavia refuses to change what is changing already.
func immutable(kind, id string) error {
	return refuse(http.StatusConflict, kind+" "+id+" is immutable and cannot be updated.")
}

func (o *octavia) versions(c *call) (answer, error) {
	versions := []object{}
	for _, id := range []string{"v2.0", "v2.1", "v2.13", "v2.26"} {
		versions = append(versions, object{
			"id": id, "status": "SUPPORTED", "updated": "2016-12-11T00:00:00Z",
			"links": []object{{"rel": "self", "href": c.base + "/load-balancer/v2"}},
		})
	}
	versions[len(versions)-1]["status"] = "CURRENT"
	return ok(object{"versions": versions})
}

func (o *octavia) newResource(project string) lbResource {
	return lbResource{identity: identity{o.newID(), project}, status: pendingCreate, adminUp: true, tags: []string{}, created: o.now}
}

func (r *lbResource) document() object {
	document := object{
		"id": r.id, "name": r.name, "description": r.description, "provisioning_status": r.status, "operating_status": "OFFLINE",
		"admin_state_up": r.adminUp, "project_id": r.project, "tenant_id": r.project, "tags": r.tags,
		"created_at": r.created.UTC().Format(octaviaTime), "updated_at": nil,
	}
	if !r.updated.IsZero() {
		document["updated_at"] = r.updated.UTC().Format(octaviaTime)
	}
	return document
}

const octaviaTime = "2006-01-02T15:04:05"

// reference is how resources name each other.
func reference(ids ...string) []object {
	list := []object{}
	for _, id := range ids {
		list = append(list, object{"id": id})
	}
	return list
}

// listOf answers a collection.
func (o *octavia) listOf(c *call, collection string, documents []object) (answer, error) {
	limit, valid := c.limit(1000)
	if !valid || limit == 0 {
		limit = 1000
	}
	kept := []object{}
	for _, document := range documents {
		if o.matches(c, document) {
			kept = append(kept, document)
		}
	}
	shown, more, found := page(kept, func(d object) string { return d["id"].(string) }, c.query.Get("marker"), limit)
	if !found {
		return answer{}, refuse(http.StatusBadRequest, "Invalid marker")
	}
	links := []object{}
	if more {
		links = nextLink(c, shown[len(shown)-1]["id"].(string))
	}
	for i := range shown {
		shown[i] = pick(shown[i], c.query["fields"])
	}
	return ok(object{collection: append([]object{}, shown...), collection + "_links": links})
}

func (o *octavia) matches(c *call, document object) bool {
	for name, values := range c.query {
		switch name {
		case "fields", "limit", "marker":
			continue
		}
		if !slices.ContainsFunc(values, func(value string) bool { return attributeIs(document[name], value) }) {
			return false
		}
	}
	return true
}

// listAll is Octavia's part of the inventory. Provisioning states are not part
// of it: a change of a member moves the states of everything above it.
func (o *octavia) listAll(add describe) {
	for _, b := range o.balancers {
		add("load balancer", b.id, b.name, object{"description": b.description, "address": b.address, "tags": b.tags})
	}
	for _, l := range o.listeners {
		add("listener", l.id, l.name, object{"description": l.description, "protocol": l.protocol, "port": l.protocolPort, "tags": l.tags})
	}
	for _, p := range o.pools {
		add("pool", p.id, p.name, object{
			"description": p.description, "protocol": p.protocol, "algorithm": p.algorithm, "tags": p.tags,
		})
		for _, m := range p.members {
			add("member", p.id+"/"+m.id, m.address+":"+itoa(m.protocolPort), m.inventory())
		}
	}
}

func (m *lbMember) inventory() object {
	fields := object{
		"label": m.name, "address": m.address, "port": m.protocolPort, "weight": m.weight, "subnet": m.subnetID,
		"monitor address": m.monitorAddress, "backup": m.backup, "admin state": m.adminUp, "tags": m.tags,
	}
	if m.monitorPort != nil {
		fields["monitor port"] = *m.monitorPort
	}
	return fields
}
