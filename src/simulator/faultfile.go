package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// InjectJSON adds the faults of a JSON document, for example
//
//	{"faults": [{"on": "POST /servers", "status": 503, "times": 2}],
//	 "state_faults": [{"resource": "volume", "phase": "create", "stuck": true}]}
//
// The keys are those of Fault and StateFault in snake case; durations are
// written as "1.5s". A fault also selects by "service" and "write". Nothing is
// added when the document has an error. The error names all of them, each with
// its JSON path.
func (s *Simulator) InjectJSON(document []byte) error {
	var problems []error
	top := readObject(document, "", &problems)
	var faults []Fault
	for _, element := range top.list("faults") {
		faults = append(faults, s.readFault(element))
	}
	var stateFaults []StateFault
	for _, element := range top.list("state_faults") {
		stateFaults = append(stateFaults, readStateFault(element))
	}
	top.end()
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	s.locked(func() {
		for _, f := range faults {
			s.world.Faults.Inject(f)
		}
		for _, f := range stateFaults {
			s.world.InjectStateFault(f)
		}
	})
	return nil
}

func (s *Simulator) readFault(o *jsonObject) Fault {
	var f Fault
	var kind, service string
	var write *bool
	o.read("on", &f.On)
	o.read("service", &service)
	o.read("write", &write)
	o.read("nth", &f.Nth)
	o.read("times", &f.Times)
	o.read("kind", &kind)
	o.read("status", &f.Status)
	o.read("body", &f.Body)
	f.Delay = o.duration("delay")
	var header map[string]string
	o.read("header", &header)
	if len(header) > 0 {
		f.Header = http.Header{}
		for name, value := range header {
			f.Header.Set(name, value)
		}
	}
	o.end()
	if f.On != "" && !s.dispatcher.HasCall(f.On) {
		o.problem("on", "no service has "+f.On+"; the journal shows the names of requests as \"METHOD route\"")
	}
	f.Kind = o.kind(kind)
	if f.Kind == world.Answered && (f.Status < 200 || f.Status > 599) {
		o.problem("status", "a fault of kind answered needs an HTTP status from 200 to 599")
	}
	if service != "" || write != nil {
		f.Match = func(e Exchange) bool {
			return (service == "" || e.Service == service) && (write == nil || e.Write == *write)
		}
	}
	return f
}

// kind returns the kind of a fault with a name; "" is Answered.
func (o *jsonObject) kind(name string) FaultKind {
	names := []string{}
	for _, kind := range world.FaultKinds() {
		if name == kind.String() || name == "" {
			return kind
		}
		names = append(names, kind.String())
	}
	o.problem("kind", name+" is not one of: "+strings.Join(names, ", "))
	return world.Answered
}

func readStateFault(o *jsonObject) StateFault {
	var f StateFault
	o.read("resource", &f.Resource)
	o.read("phase", &f.Phase)
	o.read("zone", &f.Zone)
	o.read("reason", &f.Reason)
	o.read("stuck", &f.Stuck)
	o.read("times", &f.Times)
	f.Slow = o.duration("slow")
	o.end()
	o.oneOf("resource", f.Resource, "server", "volume", "snapshot", "image", "loadbalancer")
	o.oneOf("phase", f.Phase, "create", "delete", "attach", "detach", "extend", "retype", "reboot", "start", "stop", "update", "import")
	return f
}

// jsonObject reads a JSON object and reports problems with their paths.
type jsonObject struct {
	path     string // "faults[0]", "" for the document
	fields   map[string]json.RawMessage
	problems *[]error
}

func readObject(document json.RawMessage, path string, problems *[]error) *jsonObject {
	o := &jsonObject{path: path, problems: problems}
	if err := json.Unmarshal(document, &o.fields); err != nil {
		o.problem("", "a JSON object is expected: "+err.Error())
	}
	return o
}

func (o *jsonObject) problem(key, text string) {
	path := o.path
	switch {
	case path == "" && key == "":
		path = "document"
	case path == "":
		path = key
	case key != "":
		path += "." + key
	}
	*o.problems = append(*o.problems, fmt.Errorf("%s: %s", path, text))
}

// read decodes the value of a key and removes it.
func (o *jsonObject) read(key string, target any) {
	value, given := o.fields[key]
	delete(o.fields, key)
	if !given {
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	if err := decoder.Decode(target); err != nil {
		o.problem(key, err.Error())
	}
}

func (o *jsonObject) duration(key string) time.Duration {
	var text string
	o.read(key, &text)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		o.problem(key, text+" is not a duration such as \"1.5s\"")
	}
	return d
}

func (o *jsonObject) list(key string) []*jsonObject {
	var elements []json.RawMessage
	o.read(key, &elements)
	objects := []*jsonObject{}
	for i, element := range elements {
		objects = append(objects, readObject(element, fmt.Sprintf("%s[%d]", key, i), o.problems))
	}
	return objects
}

func (o *jsonObject) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		o.problem(key, fmt.Sprintf("%q is not one of: %s", value, strings.Join(allowed, ", ")))
	}
}

// end reports the keys that were not read.
func (o *jsonObject) end() {
	for _, key := range slices.Sorted(maps.Keys(o.fields)) {
		o.problem(key, "unknown key")
	}
}
