// Package octavia simulates Octavia: load balancers.
package octavia

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/neutron"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Service is Octavia: load balancers, listeners, pools and members.
type Service struct {
	world     *world.World
	networks  networks
	Frontends []*api.Frontend
	balancers []*loadBalancer
	listeners []*listener
	pools     []*pool
}

// resource has the attributes of every resource of Octavia.
type resource struct {
	api.Identity
	name, description string
	status            string // provisioning_status
	adminUp           bool
	tags              []string
	created, updated  time.Time
}

type loadBalancer struct {
	resource
	vipPort string // id
	subnet  neutron.Subnet
	address string // of the vip
}

type listener struct {
	resource
	balancer     *loadBalancer
	protocol     string
	protocolPort int
	defaultPool  *pool
}

type pool struct {
	resource
	balancer            *loadBalancer
	protocol, algorithm string
	members             []*member
}

// The provisioning_status of a resource. Only ACTIVE resources can be changed.
const (
	pendingCreate = "PENDING_CREATE"
	pendingUpdate = "PENDING_UPDATE"
	pendingDelete = "PENDING_DELETE"
	activeStatus  = "ACTIVE"
	errorStatus   = "ERROR"
)

// networks are the calls to Neutron.
type networks interface {
	Network(caller api.Caller, id string) (info neutron.Network, found bool)
	Subnet(caller api.Caller, id string) (info neutron.Subnet, found bool)
	CreatePort(caller api.Caller, spec neutron.PortSpec) (neutron.Port, error)
	DeletePort(id string)
}

// New returns the service with its routes and fixtures.
func New(w *world.World, networks networks) *Service {
	o := &Service{world: w, networks: networks}
	main := o.newService("/load-balancer", "/v2.0")
	o.addRoutes(main, "/lbaas")
	o.Frontends = append(o.Frontends, main)
	if w.Options.WithoutLoadBalancer {
		// Old clouds have the same API below the endpoint of Neutron.
		old := o.newService("/networking/v2.0/lbaas", "")
		o.addRoutes(old, "")
		o.Frontends = append(o.Frontends, old)
	} else {
		main.HandleRoot("GET /", o.versions)
	}
	o.addFixtures()
	w.AddInventory(o.listAll)
	return o
}

func (o *Service) newService(root, version string) *api.Frontend {
	return &api.Frontend{
		Name: "load-balancer", Root: root, Version: version,
		Refuse:       refuse,
		UnknownRoute: unknownRoute,
		UnknownQuery: func(*api.Call, string) error {
			return api.Refuse(http.StatusBadRequest, "One or more arguments are either duplicate or invalid")
		},
		UnknownField:     unknownField,
		BadType:          badBody,
		RequestIDHeaders: []string{"X-Openstack-Request-Id"},
	}
}

func (o *Service) addRoutes(svc *api.Frontend, prefix string) {
	on := func(method, path string, h api.Handler, queries ...string) {
		svc.Handle(method+" "+prefix+path, h, queries...).Template = "/lbaas" + path
	}
	common := []string{"id", "name", "description", "project_id", "tenant_id", "provisioning_status", "fields", "limit", "marker", "tags"}
	queries := func(more ...string) []string { return slices.Concat(common, more) }
	on("GET", "/loadbalancers", o.listBalancers, queries("vip_address", "vip_port_id", "vip_subnet_id", "vip_network_id")...)
	on("POST", "/loadbalancers", o.createBalancer)
	on("GET", "/loadbalancers/{id}", api.Show("loadbalancer", o.balancer, o.balancerDocument), "fields")
	on("DELETE", "/loadbalancers/{id}", o.deleteBalancer, "cascade")
	on("GET", "/listeners/{id}", api.Show("listener", o.listener, o.listenerDocument), "fields")
	on("GET", "/pools", o.listPools, queries("protocol", "lb_algorithm", "loadbalancer_id", "listener_id")...)
	on("POST", "/pools", o.createPool)
	on("GET", "/pools/{id}", api.Show("pool", o.pool, o.poolDocument), "fields")
	on("GET", "/pools/{id}/members", o.listMembers, queries("address", "protocol_port", "subnet_id", "weight", "monitor_port")...)
	on("POST", "/pools/{id}/members", o.createMember)
	on("PUT", "/pools/{id}/members", o.replaceMembers, "additive_only")
	on("GET", "/pools/{id}/members/{member}", o.showMember, "fields")
	on("DELETE", "/pools/{id}/members/{member}", o.deleteMember)
}

func refuse(status int, _, message string) api.Answer {
	code := "Client"
	if status >= http.StatusInternalServerError {
		code = "Server"
	}
	return api.Answer{Status: status, Body: api.Object{"faultcode": code, "faultstring": message, "debuginfo": nil}}
}

func unknownRoute(_ *api.Call, allowed []string) api.Answer {
	if len(allowed) > 0 {
		body := api.Object{"code": http.StatusMethodNotAllowed, "title": "Method Not Allowed", "description": ""}
		return api.Answer{Status: http.StatusMethodNotAllowed, Body: body}
	}
	return api.Answer{Status: http.StatusNotFound, Body: api.Object{"code": http.StatusNotFound, "title": "Not Found", "description": ""}}
}

// unknownField answers an unknown field. It names the argument of the method
// that receives the body.
func unknownField(c *api.Call, f api.UnknownField) error {
	argument := "member_"
	if c.Request.Method == http.MethodPut && strings.HasSuffix(c.Route.Template, "/members") {
		argument = "members_"
	}
	for name, written := range map[string]string{
		"loadbalancer": "load_balancer", "listener": "listener_", "pool": "pool_",
	} {
		if f.Path == name || f.Path == "" && strings.HasSuffix(c.Route.Template, "/"+name+"s") {
			argument = written
		}
	}
	if f.Path != "" {
		argument += "." + f.Path
	}
	return api.Refuse(http.StatusBadRequest, "Unknown attribute for argument "+argument+": "+f.Name)
}

func badBody(_ *api.Call, bad api.BadValue) error {
	if bad.Wanted == "" {
		return api.Refuse(http.StatusBadRequest, "Request is not in valid JSON format")
	}
	return invalidValue(api.LastSegment(bad.Path), strings.Trim(api.PythonRepr(bad.Value), "'"), "Value should be "+bad.Wanted)
}

// invalidValue returns Octavia's error for the value of an attribute.
func invalidValue(attribute, value, problem string) error {
	return api.Refuse(http.StatusBadRequest, "Invalid input for field/attribute "+attribute+". Value: '"+value+"'. "+problem)
}

// missing returns Octavia's error for an absent attribute.
func missing(attribute string) error {
	return invalidValue(attribute, "None", "Mandatory field missing.")
}

// unknown returns Octavia's error for a missing resource.
func unknown(kind, id string) error {
	return api.Refuse(http.StatusNotFound, kind+" "+id+" not found.")
}

// immutable returns Octavia's error for a change of a resource that is
// changing.
func immutable(kind, id string) error {
	return api.Refuse(http.StatusConflict, kind+" "+id+" is immutable and cannot be updated.")
}

func (o *Service) versions(c *api.Call) (api.Answer, error) {
	versions := []api.Object{}
	for _, id := range []string{"v2.0", "v2.1", "v2.13", "v2.26"} {
		versions = append(versions, api.Object{
			"id": id, "status": "SUPPORTED", "updated": "2016-12-11T00:00:00Z",
			"links": []api.Object{{"rel": "self", "href": c.Base + "/load-balancer/v2"}},
		})
	}
	versions[len(versions)-1]["status"] = "CURRENT"
	return api.OK(api.Object{"versions": versions})
}

func (o *Service) newResource(project string) resource {
	return resource{Identity: api.Identity{ID: o.world.NewID(), Project: project}, status: pendingCreate, adminUp: true, tags: []string{}, created: o.world.Now()}
}

func (r *resource) document() api.Object {
	document := api.Object{
		"id": r.ID, "name": r.name, "description": r.description, "provisioning_status": r.status, "operating_status": "OFFLINE",
		"admin_state_up": r.adminUp, "project_id": r.Project, "tenant_id": r.Project, "tags": r.tags,
		"created_at": r.created.UTC().Format(timeFormat), "updated_at": nil,
	}
	if !r.updated.IsZero() {
		document["updated_at"] = r.updated.UTC().Format(timeFormat)
	}
	return document
}

const timeFormat = "2006-01-02T15:04:05"

// reference returns ids in the format in which resources refer to each other.
func reference(ids ...string) []api.Object {
	list := []api.Object{}
	for _, id := range ids {
		list = append(list, api.Object{"id": id})
	}
	return list
}

// listOf answers a collection.
func (o *Service) listOf(c *api.Call, collection string, documents []api.Object) (api.Answer, error) {
	limit, valid := c.Limit(1000)
	if !valid || limit == 0 {
		limit = 1000
	}
	kept := []api.Object{}
	for _, document := range documents {
		if o.matches(c, document) {
			kept = append(kept, document)
		}
	}
	shown, more, found := api.Page(kept, func(d api.Object) string { return d["id"].(string) }, c.Query.Get("marker"), limit)
	if !found {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "Invalid marker")
	}
	links := []api.Object{}
	if more {
		links = api.NextLink(c, shown[len(shown)-1]["id"].(string))
	}
	for i := range shown {
		shown[i] = api.Pick(shown[i], c.Query["fields"])
	}
	return api.OK(api.Object{collection: append([]api.Object{}, shown...), collection + "_links": links})
}

func (o *Service) matches(c *api.Call, document api.Object) bool {
	for name, values := range c.Query {
		switch name {
		case "fields", "limit", "marker":
			continue
		}
		if !slices.ContainsFunc(values, func(value string) bool { return api.HasValue(document[name], value) }) {
			return false
		}
	}
	return true
}

// listAll adds Octavia's part of the inventory. Provisioning states are not
// part of it, because a change of a member changes the states of its pool,
// listeners and load balancer.
func (o *Service) listAll(add world.Describe) {
	for _, b := range o.balancers {
		add("load balancer", b.ID, b.name, api.Object{"description": b.description, "address": b.address, "tags": b.tags})
	}
	for _, l := range o.listeners {
		add("listener", l.ID, l.name, api.Object{"description": l.description, "protocol": l.protocol, "port": l.protocolPort, "tags": l.tags})
	}
	for _, p := range o.pools {
		add("pool", p.ID, p.name, api.Object{
			"description": p.description, "protocol": p.protocol, "algorithm": p.algorithm, "tags": p.tags,
		})
		for _, m := range p.members {
			add("member", p.ID+"/"+m.ID, m.address+":"+strconv.Itoa(m.protocolPort), m.inventory())
		}
	}
}

func (m *member) inventory() api.Object {
	fields := api.Object{
		"label": m.name, "address": m.address, "port": m.protocolPort, "weight": m.weight, "subnet": m.subnetID,
		"monitor address": m.monitorAddress, "backup": m.backup, "admin state": m.adminUp, "tags": m.tags,
	}
	if m.monitorPort != nil {
		fields["monitor port"] = *m.monitorPort
	}
	return fields
}
