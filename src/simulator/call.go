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
	caller              // zero for public operations
	microversion microversion
	negotiated   bool   // the request was handled with that microversion
	prefix       string // part of the path that selects region and interface, "/internal"
	base         string // scheme, host and prefix, for links: "http://host:port/internal"
}

// caller is the user of a token.
type caller struct {
	UserID  string
	Project string // id, "" for an unscoped token
	Admin   bool
}

// Sees reports whether the caller may see what belongs to a project.
func (c caller) Sees(project string) bool { return c.Admin || project == c.Project }

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
