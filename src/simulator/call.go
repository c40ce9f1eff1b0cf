package simulator

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// call is one request while it is being handled; the simulator is locked.
type call struct {
	sim          *Simulator
	service      *service
	request      *http.Request
	route        *route
	path         map[string]string // by the names in the route's template
	query        url.Values
	body         []byte // nil for streams
	received     int64  // bytes of a stream
	token        *token // nil for public operations
	microversion microversion
	negotiated   bool   // the request was handled with that microversion
	prefix       string // part of the path that selects region and interface, "/internal"
	base         string // scheme, host and prefix, for links: "http://host:port/internal"
}

// project is the id of the project that the token is for, "" for an unscoped token.
func (c *call) project() string { return c.token.project.id }

// isAdmin tells whether the token has the role admin.
func (c *call) isAdmin() bool { return c.token != nil && c.token.hasRole("admin") }

// limit returns the page size that the query asks for, at most maximum; ok is false when it is not a number.
func (c *call) limit(maximum int) (limit int, ok bool) {
	text := c.query.Get("limit")
	if text == "" {
		return maximum, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, false
	}
	return min(n, maximum), true
}

// drain copies the body of a stream. The simulator is not locked meanwhile, so the state may have changed when it returns.
func (c *call) drain(to io.Writer) (int64, error) {
	c.sim.mu.Unlock()
	defer func() {
		c.sim.mu.Lock()
		c.sim.settle()
	}()
	if c.request.Body == nil {
		return 0, nil
	}
	n, err := io.Copy(to, c.request.Body)
	c.received = n
	return n, err
}
