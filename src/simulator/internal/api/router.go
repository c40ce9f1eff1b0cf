package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Frontend is the HTTP interface of one service: its routes, checks and error
// formats.
type Frontend struct {
	Name    string // as in Exchange.Service
	Root    string // path of the endpoint without the version: "/compute"
	Version string // path of the version below the root: "/v2.1", "/v3/{project_id}"
	// Public services need no token.
	Public bool
	// Microversions of the service, nil for a service without.
	Microversions *Microversions
	// Refuse renders an error. kind is the name of the exception where the
	// service shows it (Neutron's NeutronError.type), else "".
	Refuse func(status int, kind, message string) Answer
	// UnknownRoute answers a path that the service does not have, or has for
	// the allowed methods only.
	UnknownRoute func(c *Call, allowed []string) Answer
	// UnknownQuery answers a query parameter that the route does not have; nil
	// ignores it as the real service does.
	UnknownQuery func(c *Call, name string) error
	// UnknownField answers a field of the body that the route does not have;
	// nil ignores it as the real service does.
	UnknownField func(c *Call, f UnknownField) error
	// BadType answers a value of the body that has the wrong JSON type, or a
	// body that is not JSON.
	BadType func(c *Call, bad BadValue) error
	// Header is part of every answer.
	Header http.Header
	// RequestIDHeaders contain the id of the request in every answer.
	RequestIDHeaders []string
	// AdoptsRequestID is whether the id of a request is the client's
	// x-openstack-request-id, if it has one.
	AdoptsRequestID bool
	// Unauthorized answers a request without a valid token; nil is the JSON
	// document of keystonemiddleware.
	Unauthorized func(c *Call) Answer

	routes []*Route
}

// Handler executes a request while the world is locked. A RefusalError or an
// AnswerError is the answer.
type Handler func(c *Call) (Answer, error)

// Route is one operation of a service.
type Route struct {
	frontend *Frontend
	method   string
	Template string // below the version, as in Exchange.Route
	segments []string
	queries  []string // accepted parameters; "*" accepts all
	Stream   bool     // the handler reads the body with Call.Drain
	public   bool     // usable without a token
	handle   Handler
}

// Handle adds an operation. pattern is a method and a path below the version of
// the service, "GET /volumes/{id}"; queries are the query parameters that the
// operation accepts.
func (f *Frontend) Handle(pattern string, h Handler, queries ...string) *Route {
	return f.add(f.Root+f.Version, pattern, h, queries)
}

// HandleRoot adds a document beside or above the version, "GET /" for example.
// It needs no token.
func (f *Frontend) HandleRoot(pattern string, h Handler) {
	f.add(f.Root, pattern, h, nil).public = true
}

func (f *Frontend) add(prefix, pattern string, h Handler, queries []string) *Route {
	method, template, _ := strings.Cut(pattern, " ")
	r := &Route{
		frontend: f, method: method, Template: template,
		segments: strings.Split(prefix+template, "/"),
		queries:  queries, handle: h, public: f.Public,
	}
	f.routes = append(f.routes, r)
	return r
}

// target is the result of routing. frontend is nil when no service has the
// path, route is nil when the service has no such operation.
type target struct {
	frontend *Frontend
	route    *Route
	path     map[string]string
	allowed  []string // methods of the path
	prefix   string   // part of the path that selects region and interface
	region   string
	endpoint string // interface: public, internal, admin
}

// find routes a request. The endpoints of other regions and interfaces are
// below "/<region>" and "/internal" or "/admin".
func (d *Dispatcher) find(req *http.Request) target {
	path := req.URL.EscapedPath()
	t := target{region: d.World.Options.Regions[0], endpoint: "public"}
	for _, region := range d.World.Options.Regions[1:] {
		if rest, ok := strings.CutPrefix(path, "/"+region+"/"); ok {
			t.region, t.prefix, path = region, "/"+region, "/"+rest
		}
	}
	for _, endpoint := range []string{"internal", "admin"} {
		if rest, ok := strings.CutPrefix(path, "/"+endpoint+"/"); ok {
			t.endpoint, t.prefix, path = endpoint, t.prefix+"/"+endpoint, "/"+rest
		}
	}
	for _, svc := range d.Frontends {
		if path == svc.Root || strings.HasPrefix(path, svc.Root+"/") {
			t.frontend = svc
		}
	}
	if t.frontend == nil {
		return t
	}
	segments := strings.Split(path, "/")
	for _, r := range t.frontend.routes {
		values, ok := r.match(segments)
		if !ok {
			continue
		}
		t.allowed = append(t.allowed, r.method)
		if r.method == req.Method && (t.route == nil || len(values) < len(t.path)) {
			t.route, t.path = r, values
		}
	}
	return t
}

// match compares a path with the template and returns the values of its
// parameters. An empty segment matches no parameter: "/volumes/" is not a
// volume.
func (r *Route) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, want := range r.segments {
		if !strings.HasPrefix(want, "{") {
			if want != segments[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil || value == "" {
			return nil, false
		}
		values[strings.Trim(want, "{}")] = value
	}
	return values, true
}

// checkQuery refuses or records query parameters that the operation does not
// have.
func checkQuery(c *Call, r *Route) error {
	if slices.Contains(r.queries, "*") {
		return nil
	}
	for name := range c.Query {
		if slices.Contains(r.queries, name) {
			continue
		}
		c.Violate("unknown query parameter " + name)
		if r.frontend.UnknownQuery != nil {
			if err := r.frontend.UnknownQuery(c, name); err != nil {
				return err
			}
		}
	}
	return nil
}
