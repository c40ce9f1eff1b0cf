package simulator

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// outcome is what a request comes to: an answer, or one of the ways to get none.
type outcome struct {
	wire  wire
	fault FaultKind
	delay time.Duration
}

// exchange handles one request up to the point where its answer is sent.
func (s *Simulator) exchange(req *http.Request) outcome {
	t := s.find(req)
	c := &call{
		sim: s, request: req, service: t.service, route: t.route, path: t.path,
		query: req.URL.Query(), prefix: t.prefix, base: baseURL(req) + t.prefix,
	}
	if req.Body != nil && (t.route == nil || !t.route.stream) {
		var err error
		if c.body, err = io.ReadAll(req.Body); err != nil {
			return outcome{fault: LostAnswer} // the client has gone before the request was complete
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	e := s.describe(c, t)
	struck := s.strike(e)
	requestID := "req-" + s.newID()
	if struck != nil {
		e.Fault = struck.Kind.String()
	}
	if struck == nil || struck.executes() {
		w := s.execute(c, t, requestID)
		if kindOf(struck) == Altered {
			w.body = []byte(struck.Body)
		}
		s.note(c, e, w, struck)
		return outcome{wire: w, fault: kindOf(struck), delay: delayOf(struck)}
	}
	var w wire
	if struck.Kind == Answered {
		speaker := t.service
		if struck.foreign() {
			speaker = nil
		}
		w = struck.answer(t.service).encode(speaker, requestID)
	}
	s.note(c, e, w, struck)
	return outcome{wire: w, fault: struck.Kind}
}

// execute runs the handler of the request and writes its answer as bytes.
func (s *Simulator) execute(c *call, t target, requestID string) wire {
	a, err := s.dispatch(c, t)
	var refused *refusal
	var special *answerError
	switch {
	case errors.As(err, &refused):
		a = t.service.refuse(refused.status, refused.kind, refused.message)
	case errors.As(err, &special):
		a = special.answer
	case err != nil:
		a = answer{status: http.StatusInternalServerError, body: []byte(err.Error())}
	}
	w := a.encode(t.service, requestID)
	if c.negotiated {
		t.service.microversions.headers(w.header, c.microversion)
	}
	return w
}

// dispatch checks what every operation has in common and runs the handler.
func (s *Simulator) dispatch(c *call, t target) (answer, error) {
	switch {
	case t.service == nil:
		s.violate(c, "no service has this path")
		return answer{status: http.StatusNotFound}, nil
	case t.route == nil:
		s.violate(c, "unknown route")
		if err := s.authenticate(c, t.service.public); err != nil {
			return answer{}, err
		}
		return t.service.unknownRoute(c, t.allowed), nil
	}
	if err := s.authenticate(c, t.route.public); err != nil {
		return answer{}, err
	}
	if t.service.microversions != nil && !t.route.public {
		if err := t.service.microversions.negotiate(c); err != nil {
			return answer{}, err
		}
	}
	if err := s.checkQuery(c, t.route); err != nil {
		return answer{}, err
	}
	return t.route.handle(c)
}

// describe begins the journal's entry of a request.
func (s *Simulator) describe(c *call, t target) Exchange {
	e := Exchange{
		Time: s.now, Method: c.request.Method, Path: c.request.URL.Path, Query: c.request.URL.RawQuery,
		Region: t.region, Interface: t.endpoint, RequestBytes: int64(len(c.body)), RequestBody: redact(c.body),
	}
	if t.service != nil {
		e.Service = t.service.name
	}
	if t.route != nil {
		e.Route = t.route.template
	}
	reads := e.Method == http.MethodGet || e.Method == http.MethodHead
	e.Write = !reads && e.Service != identityName
	return e
}

// note ends the journal's entry of a request and keeps it.
func (s *Simulator) note(c *call, e Exchange, w wire, struck *Fault) {
	if struck == nil || struck.answers() {
		e.Status, e.AnswerBytes = w.status, int64(len(w.body))
	}
	e.RequestBytes += c.received
	if c.negotiated {
		e.Microversion = c.service.microversions.text(c.microversion)
	}
	s.record(e)
}

func (f *Fault) executes() bool {
	return f.Kind == LostAnswer || f.Kind == Unanswered || f.Kind == Delayed || f.Kind == Altered
}

func (f *Fault) answers() bool { return f.Kind == Answered || f.Kind == Delayed || f.Kind == Altered }

// foreign tells that not the service answers but a proxy before it, with a page for people.
func (f *Fault) foreign() bool { return strings.HasPrefix(f.Body, "<") }

// answer is what an Answered fault says.
func (f *Fault) answer(svc *service) answer {
	a := answer{status: f.Status, header: f.Header}
	switch {
	case f.foreign():
		a = a.withHeader("Content-Type", "text/html")
		a.body = []byte(f.Body)
	case f.Body != "":
		a = a.withHeader("Content-Type", "application/json")
		a.body = []byte(f.Body)
	case svc != nil:
		rendered := svc.refuse(f.Status, http.StatusText(f.Status), http.StatusText(f.Status))
		a.body = rendered.body
		for name, values := range rendered.header {
			a = a.withHeader(name, values[0])
		}
	}
	return a
}

func kindOf(f *Fault) FaultKind {
	if f == nil {
		return Answered
	}
	return f.Kind
}

func delayOf(f *Fault) time.Duration {
	if f == nil {
		return 0
	}
	return f.Delay
}

// baseURL is the part of the URL before the path as the client wrote it.
func baseURL(req *http.Request) string {
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
