package exchange

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// DryRun is a transport that sends reads, and passes writes to a function in the
// place of sending them. It answers writes as the services do if everything
// succeeds: a created object has the properties of the request, a made-up id
// and its final state. A read whose response depends on such a write in any
// other way cannot be answered; from then on every request fails with an
// *UnknownError.
type DryRun struct {
	next  http.RoundTripper
	mask  *telemetry.Mask
	write func(Write)
	end   func(*UnknownError)

	mutex   sync.Mutex
	count   int                       // of made-up ids
	made    map[string]map[string]any // responses to reads of made-up objects by path
	deleted map[string]bool           // paths
	touched map[string]bool           // ids and collections whose objects a write may have changed
	ended   *UnknownError
}

// Write is a request that was not sent.
type Write struct {
	Method string          `json:"method"`
	URL    string          `json:"url"`
	Body   json.RawMessage `json:"body,omitempty"` // redacted; null if it is a stream
	Stream bool            `json:"stream,omitempty"`
	// Creates is the made-up id of the created object, "" if nothing is created.
	Creates string `json:"creates,omitempty"`
}

// UnknownError ends a dry run.
type UnknownError struct{ Method, URL string }

// Error implements error.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("the response to %s %s depends on the writes before it, which were not sent", e.Method, e.URL)
}

// NewDryRun returns a transport that sends the reads through next. It calls write
// for each write, and end once if the dry run ends before the call.
func NewDryRun(next http.RoundTripper, mask *telemetry.Mask, write func(Write), end func(*UnknownError)) *DryRun {
	return &DryRun{next: next, mask: mask, write: write, end: end, made: map[string]map[string]any{}, deleted: map[string]bool{}, touched: map[string]bool{}}
}

// RoundTrip implements http.RoundTripper.
func (d *DryRun) RoundTrip(req *http.Request) (*http.Response, error) {
	isRead := req.Method == http.MethodGet || req.Method == http.MethodHead || strings.HasSuffix(req.URL.Path, "/tokens")
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.ended != nil {
		return nil, d.ended
	}
	if !isRead {
		return d.answer(req)
	}
	if document, found := d.made[req.URL.Path]; found && !d.touched[path.Base(req.URL.Path)] {
		return response(req, http.StatusOK, document)
	}
	if d.deleted[req.URL.Path] {
		return response(req, http.StatusNotFound, map[string]any{"itemNotFound": map[string]any{"code": http.StatusNotFound, "message": "deleted in a dry run"}})
	}
	if d.isTouched(req) {
		d.ended = &UnknownError{req.Method, address(req, d.mask)}
		d.end(d.ended)
		return nil, d.ended
	}
	d.mutex.Unlock()
	defer d.mutex.Lock()
	return d.next.RoundTrip(req)
}

// isTouched reports whether a write may have changed the response to the read.
func (d *DryRun) isTouched(req *http.Request) bool {
	if d.touched[strings.TrimSuffix(req.URL.Path, "/detail")] {
		return true
	}
	return slices.ContainsFunc(uuids(req.URL.RequestURI()), func(id string) bool { return d.touched[id] })
}

// answer prints a write and makes up its response.
func (d *DryRun) answer(req *http.Request) (*http.Response, error) {
	body, isStream, err := bodyOf(req)
	if err != nil {
		return nil, err
	}
	if isStream {
		size, err := io.Copy(io.Discard, req.Body)
		if err != nil {
			return nil, err
		}
		if image, found := d.made[path.Dir(req.URL.Path)]; found {
			image["size"] = size
		}
	}
	written := Write{Method: req.Method, URL: address(req, d.mask), Stream: isStream}
	if json.Valid(body) {
		written.Body = d.mask.Document(body)
	}
	status, document := http.StatusOK, object(body)
	switch collection := path.Base(req.URL.Path); {
	case req.Method == http.MethodDelete:
		d.deleted[req.URL.Path] = true
		status, document = http.StatusNoContent, nil
	case isStream:
		status, document = http.StatusNoContent, nil
	case req.Method == http.MethodPost && created[collection].status != 0:
		status = created[collection].status
		written.Creates = d.create(req.URL.Path, document, created[collection])
	case req.Method == http.MethodPost && collection == "action":
		status, document = http.StatusAccepted, nil
	}
	if !isStream {
		d.touch(req, body, written.Creates)
	}
	d.write(written)
	return response(req, status, document)
}

// creation describes the response to a creation.
type creation struct {
	status     int
	final      string            // the state of a finished object
	flat       bool              // the object is not the member of another
	properties map[string]string // that the service adds
}

// created holds the creations by the last part of their paths.
var created = map[string]creation{ //nolint:gochecknoglobals // a table
	"ports":                 {status: http.StatusCreated, final: "DOWN", properties: map[string]string{"mac_address": "fa:16:3e:00:00:00"}},
	"networks":              {status: http.StatusCreated, final: "ACTIVE"},
	"subnets":               {status: http.StatusCreated},
	"routers":               {status: http.StatusCreated, final: "ACTIVE"},
	"servers":               {status: http.StatusAccepted, final: "ACTIVE"},
	"volumes":               {status: http.StatusAccepted, final: "available"},
	"snapshots":             {status: http.StatusAccepted, final: "available"},
	"images":                {status: http.StatusCreated, final: "active", flat: true},
	"members":               {status: http.StatusCreated, final: "ACTIVE"},
	"os-volume_attachments": {status: http.StatusOK},
}

// create adds to the document of a creation what the service would, and
// remembers it for reads of the object.
func (d *DryRun) create(collection string, document map[string]any, kind creation) string {
	d.count++
	id := fmt.Sprintf("00000000-0000-4000-8000-%012d", d.count)
	member := document
	for _, value := range document {
		if nested, isObject := value.(map[string]any); isObject && !kind.flat {
			member = nested
		}
	}
	member["id"] = id
	if kind.final != "" {
		member["status"] = kind.final
	}
	for key, value := range kind.properties {
		member[key] = value
	}
	d.made[collection+"/"+id] = document
	return id
}

// touch records what a write may have changed: its collection, and the objects
// that it names. Nothing else that is unknown depends on a new object.
func (d *DryRun) touch(req *http.Request, body []byte, creates string) {
	if creates != "" {
		d.touched[req.URL.Path] = true
	} else {
		d.touched[collectionOf(req.URL.Path)] = true
	}
	for _, id := range slices.Concat(uuids(req.URL.Path), uuids(string(body))) {
		if id != creates {
			d.touched[id] = true
		}
	}
}

// collectionOf returns the path before its last id.
func collectionOf(address string) string {
	ids := uuids(address)
	if len(ids) == 0 {
		return address
	}
	return strings.TrimSuffix(address[:strings.LastIndex(address, ids[len(ids)-1])], "/")
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// uuids returns the ids in a text. Ids of projects have no hyphens, and are in
// the paths of all requests to Cinder.
func uuids(text string) []string { return uuid.FindAllString(text, -1) }

// object decodes the body of a request; anything but an object is empty.
func object(body []byte) map[string]any {
	var document map[string]any
	if err := json.Unmarshal(body, &document); err != nil || document == nil {
		return map[string]any{}
	}
	return document
}

// response returns a made-up response.
func response(req *http.Request, status int, document map[string]any) (*http.Response, error) {
	var body []byte
	if document != nil {
		var err error
		if body, err = json.Marshal(document); err != nil {
			return nil, err
		}
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Openstack-Request-Id": {"req-00000000-0000-4000-8000-000000000000"}}
	return &http.Response{
		StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(strings.NewReader(string(body))), ContentLength: int64(len(body)), Request: req,
	}, nil
}
