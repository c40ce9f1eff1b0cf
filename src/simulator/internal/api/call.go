package api

import (
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Call is one request while it is handled. The world is locked.
type Call struct {
	World        *world.World
	service      *Frontend
	Request      *http.Request
	Route        *Route
	Path         map[string]string // by the names in the route's template
	Query        url.Values
	Body         []byte // nil for streams
	received     int64  // bytes of a stream
	Caller              // zero for public operations
	Microversion Microversion
	negotiated   bool   // the request was handled with that microversion
	Prefix       string // part of the path that selects region and interface, "/internal"
	Base         string // scheme, host and prefix, for links: "http://host:port/internal"
}

// Caller is the user of a token.
type Caller struct {
	UserID  string
	Project string // id, "" for an unscoped token
	Admin   bool
	// Allowed reports whether the access rules of the caller's application
	// credential allow a request. nil allows all.
	Allowed func(service, method, path string) bool
}

// Sees reports whether the caller may see what belongs to a project.
func (c Caller) Sees(project string) bool { return c.Admin || project == c.Project }

// Limit returns the page size of the query, at most maximum. ok is false when
// it is not a number.
func (c *Call) Limit(maximum int) (limit int, ok bool) {
	text := c.Query.Get("limit")
	if text == "" {
		return maximum, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, false
	}
	return min(n, maximum), true
}

// Drain copies the body of a stream. The world is not locked meanwhile, so the
// state may have changed when Drain returns.
func (c *Call) Drain(to io.Writer) (int64, error) {
	c.World.Unlock()
	defer func() {
		c.World.Lock()
		c.World.Settle()
	}()
	if c.Request.Body == nil {
		return 0, nil
	}
	n, err := io.Copy(to, c.Request.Body)
	c.received = n
	return n, err
}

// Violate records that the request breaks the contract of its service.
func (c *Call) Violate(what string) {
	c.World.Violate(c.Request.Method + " " + c.Request.URL.Path + ": " + what)
}
