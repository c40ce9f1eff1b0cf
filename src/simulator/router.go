package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// service is one OpenStack API.
type service struct {
	name    string // as in Exchange.Service
	root    string // path of the endpoint without the version: "/compute"
	version string // path of the version below the root: "/v2.1", "/v3/{project_id}"
	// public services are used without a token.
	public bool
	// microversions that the service knows, nil for a service without.
	microversions *microversions
	// refuse renders the error body of the service. kind is the name of the exception where the service tells it
	// (Neutron's NeutronError.type), else "".
	refuse func(status int, kind, message string) answer
	// unknownRoute answers a path that the service does not have, or one that it has for the allowed methods only.
	unknownRoute func(c *call, allowed []string) answer
	// unknownQuery answers a query parameter that the route does not know; nil ignores it as the real service does.
	unknownQuery func(c *call, name string) error
	// unknownField answers a field of the body that the route does not know; nil ignores it as the real service does.
	unknownField func(c *call, f unknownField) error
	// badType answers a value of the body that has the wrong JSON type, or a body that is not JSON.
	badType func(c *call, bad badValue) error
	// header is part of every answer.
	header http.Header
	// requestIDHeaders carry the id of the request in every answer.
	requestIDHeaders []string
}

// handler executes a request while the state of the simulator is locked. An error that is a *refusal is the answer.
type handler func(c *call) (answer, error)

// route is one operation of a service.
type route struct {
	service  *service
	method   string
	template string // below the version, as in Exchange.Route
	segments []string
	queries  []string // names that may be used; "*" allows all
	stream   bool     // the handler reads the body itself, with call.drain
	public   bool     // usable without a token
	handle   handler
}

type router struct {
	services []*service
	routes   []*route
}

// handle adds an operation. pattern is a method and a path below the version of the service, "GET /volumes/{id}"; queries are
// the names of the query parameters that the operation knows.
func (s *Simulator) handle(svc *service, pattern string, h handler, queries ...string) *route {
	return s.add(svc, svc.root+svc.version, pattern, h, queries)
}

// handleRoot adds a document of the service that lies beside or above the version, "GET /" for example. It needs no token.
func (s *Simulator) handleRoot(svc *service, pattern string, h handler) {
	s.add(svc, svc.root, pattern, h, nil).public = true
}

func (s *Simulator) add(svc *service, prefix, pattern string, h handler, queries []string) *route {
	if !slices.Contains(s.router.services, svc) {
		s.router.services = append(s.router.services, svc)
	}
	method, template, _ := strings.Cut(pattern, " ")
	r := &route{
		service: svc, method: method, template: template,
		segments: strings.Split(prefix+template, "/"),
		queries:  queries, handle: h, public: svc.public,
	}
	s.router.routes = append(s.router.routes, r)
	return r
}

// target is what the path of a request leads to. service is nil when no service has the path, route when the service has no
// such operation.
type target struct {
	service  *service
	route    *route
	path     map[string]string
	allowed  []string // methods of the path
	prefix   string   // part of the path that selects region and interface
	region   string
	endpoint string // interface: public, internal, admin
}

// find looks a request up. Endpoints of other regions and interfaces lie below "/<region>" and "/internal" or "/admin".
func (s *Simulator) find(req *http.Request) target {
	path := req.URL.EscapedPath()
	t := target{region: s.options.Regions[0], endpoint: "public"}
	for _, region := range s.options.Regions[1:] {
		if rest, ok := strings.CutPrefix(path, "/"+region+"/"); ok {
			t.region, t.prefix, path = region, "/"+region, "/"+rest
		}
	}
	for _, endpoint := range []string{"internal", "admin"} {
		if rest, ok := strings.CutPrefix(path, "/"+endpoint+"/"); ok {
			t.endpoint, t.prefix, path = endpoint, t.prefix+"/"+endpoint, "/"+rest
		}
	}
	for _, svc := range s.router.services {
		if path == svc.root || strings.HasPrefix(path, svc.root+"/") {
			t.service = svc
		}
	}
	segments := strings.Split(path, "/")
	for _, r := range s.router.routes {
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

// match compares a path with the template and returns what stands for its names. An empty segment stands for no name:
// "/volumes/" is not a volume.
func (r *route) match(segments []string) (map[string]string, bool) {
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

// checkQuery refuses or notes query parameters that the operation does not know.
func (s *Simulator) checkQuery(c *call, r *route) error {
	if slices.Contains(r.queries, "*") {
		return nil
	}
	for name := range c.query {
		if slices.Contains(r.queries, name) {
			continue
		}
		s.violate(c, "unknown query parameter "+name)
		if r.service.unknownQuery != nil {
			if err := r.service.unknownQuery(c, name); err != nil {
				return err
			}
		}
	}
	return nil
}
