package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Outcome is the result of a request: an answer, or a fault that prevents one.
type Outcome struct {
	Response Response
	Fault    world.FaultKind
	delay    time.Duration
}

// Dispatcher passes requests to the services and locks the world meanwhile.
type Dispatcher struct {
	World     *world.World
	Frontends []*Frontend
	// Authenticate returns the caller whose token has an id.
	Authenticate func(tokenID string) (c Caller, valid bool)
}

// Handle handles one request up to the point where its answer is sent.
func (d *Dispatcher) Handle(req *http.Request) Outcome {
	t := d.find(req)
	c := &Call{
		World: d.World, Request: req, service: t.frontend, Route: t.route, Path: t.path,
		Query: req.URL.Query(), Prefix: t.prefix, Base: BaseURL(req) + t.prefix,
	}
	if req.Body != nil && (t.route == nil || !t.route.Stream) {
		var err error
		if c.Body, err = io.ReadAll(req.Body); err != nil {
			return Outcome{Fault: world.LostAnswer} // the client closed the connection
		}
	}

	d.World.Lock()
	defer d.World.Unlock()
	d.World.Settle()
	e := d.describe(c, t)
	fault := d.World.Faults.Take(e)
	requestID := "req-" + d.World.NewID()
	if e.GlobalRequestID != "" && t.frontend != nil && t.frontend.AdoptsRequestID {
		requestID = e.GlobalRequestID
	}
	if fault == nil {
		w := d.execute(c, t, requestID)
		d.record(c, e, w, nil)
		return Outcome{Response: w}
	}
	e.Fault = fault.Kind.String()
	var w Response
	switch {
	case fault.Executes():
		w = d.execute(c, t, requestID)
		w.Body = fault.AnswerBody(w.Body)
	case fault.Kind == world.Answered:
		w = faultAnswer(fault, t.frontend, requestID)
	}
	d.record(c, e, w, fault)
	return Outcome{Response: w, Fault: fault.Kind, delay: fault.Delay}
}

// Wait applies the fault and reports whether an answer is to be sent.
func (o Outcome) Wait(ctx context.Context) bool {
	switch o.Fault {
	case world.LostAnswer, world.Refused:
		return false
	case world.Unanswered, world.Dropped:
		<-ctx.Done()
		return false
	case world.Delayed:
		timer := time.NewTimer(o.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	default:
	}
	return true
}

// execute calls the handler of the request and encodes its answer.
func (d *Dispatcher) execute(c *Call, t target, requestID string) Response {
	a, err := d.dispatch(c, t)
	var refused *RefusalError
	var special *AnswerError
	switch {
	case errors.As(err, &refused):
		a = t.frontend.Refuse(refused.Status, refused.Kind, refused.Message)
	case errors.As(err, &special):
		a = special.Answer
	case err != nil:
		a = Answer{Status: http.StatusInternalServerError, Body: []byte(err.Error())}
	}
	w := a.encode(t.frontend, requestID)
	if c.negotiated {
		t.frontend.Microversions.headers(w.Header, c.Microversion)
	}
	return w
}

// dispatch does the checks that all operations share and calls the handler.
func (d *Dispatcher) dispatch(c *Call, t target) (Answer, error) {
	switch {
	case t.frontend == nil:
		c.Violate("no service has this path")
		return Answer{Status: http.StatusNotFound}, nil
	case t.route == nil:
		c.Violate("unknown route")
		if err := d.identify(c, t.frontend.Public); err != nil {
			return Answer{}, err
		}
		return t.frontend.UnknownRoute(c, t.allowed), nil
	}
	if err := d.identify(c, t.route.public); err != nil {
		return Answer{}, err
	}
	if t.frontend.Microversions != nil && !t.route.public {
		if err := t.frontend.Microversions.negotiate(c); err != nil {
			return Answer{}, err
		}
	}
	if err := checkQuery(c, t.route); err != nil {
		return Answer{}, err
	}
	return t.route.handle(c)
}

// describe returns the first part of a request's journal entry.
func (d *Dispatcher) describe(c *Call, t target) world.Exchange {
	e := world.Exchange{
		Time: d.World.Now(), Method: c.Request.Method, Path: c.Request.URL.Path, Query: c.Request.URL.RawQuery,
		Region: t.region, Interface: t.endpoint, RequestBytes: int64(len(c.Body)), RequestBody: redact(c.Body),
		GlobalRequestID: c.Request.Header.Get("X-Openstack-Request-Id"),
	}
	if t.frontend != nil {
		e.Service = t.frontend.Name
	}
	if t.route != nil {
		e.Route = t.route.Template
	}
	reads := e.Method == http.MethodGet || e.Method == http.MethodHead
	e.Write = !reads && (t.frontend == nil || !t.frontend.Public)
	return e
}

// record completes a request's journal entry and adds it.
func (d *Dispatcher) record(c *Call, e world.Exchange, w Response, fault *world.Fault) {
	if fault == nil || fault.Answers() {
		e.Status, e.AnswerBytes = w.Status, int64(len(w.Body))
	}
	e.RequestBytes += c.received
	if c.negotiated {
		e.Microversion = c.service.Microversions.Text(c.Microversion)
	}
	d.World.Record(e)
}

// faultAnswer returns the answer of an Answered fault. A body that begins with
// "<" is the page of a proxy, which has none of the service's headers.
func faultAnswer(f *world.Fault, svc *Frontend, requestID string) Response {
	a := Answer{Status: f.Status, Header: f.Header}
	switch {
	case strings.HasPrefix(f.Body, "<"):
		a = a.WithHeader("Content-Type", "text/html")
		a.Body = []byte(f.Body)
		return a.encode(nil, requestID)
	case f.Body != "":
		a = a.WithHeader("Content-Type", "application/json")
		a.Body = []byte(f.Body)
	case svc != nil:
		rendered := svc.Refuse(f.Status, http.StatusText(f.Status), http.StatusText(f.Status))
		a.Body = rendered.Body
		for name, values := range rendered.Header {
			a = a.WithHeader(name, values[0])
		}
	}
	return a.encode(svc, requestID)
}

// identify sets the caller of a request. Public operations need none.
func (d *Dispatcher) identify(c *Call, public bool) error {
	if public {
		return nil
	}
	caller, valid := d.Authenticate(c.Request.Header.Get("X-Auth-Token"))
	if !valid || caller.Allowed != nil && !caller.Allowed(c.service.Name, c.Request.Method, c.Request.URL.Path) {
		return unauthorized(c)
	}
	c.Caller = caller
	return nil
}

// unauthorized returns the error of keystonemiddleware in front of a service.
func unauthorized(c *Call) error {
	a := Answer{Status: http.StatusUnauthorized, Body: Object{"error": Object{
		"code": http.StatusUnauthorized, "title": "Unauthorized", "message": "The request you have made requires authentication.",
	}}}
	if render := c.service.Unauthorized; render != nil {
		a = render(c)
	}
	return &AnswerError{Answer: a.WithHeader("Www-Authenticate", `Keystone uri="`+BaseURL(c.Request)+`/identity/"`)}
}

// BaseURL returns the part of the URL before the path, as the client sent it.
func BaseURL(req *http.Request) string {
	scheme, host := req.URL.Scheme, req.Host
	if scheme == "" {
		scheme = "http"
		if req.TLS != nil || req.Header.Get("X-Forwarded-Proto") == "https" {
			scheme = "https"
		}
	}
	if host == "" {
		host = req.URL.Host
	}
	return scheme + "://" + host
}

// HasCall reports whether a service has an operation, written as Exchange.Call
// does: "POST /servers".
func (d *Dispatcher) HasCall(call string) bool {
	for _, f := range d.Frontends {
		for _, r := range f.routes {
			if r.method+" "+r.Template == call {
				return true
			}
		}
	}
	return false
}
