package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Exchange is one request to the cloud and what came of it.
type Exchange struct {
	Seq     int       // 1 is the first since New or ResetJournal
	Time    time.Time // when the request came
	Service string    // identity, image, volume, compute, network or load-balancer; "" when no service has the path
	Region  string    // the region whose endpoint the client chose
	// Interface whose endpoint the client chose: public, internal or admin.
	Interface string
	Method    string
	Path      string // as the client wrote it
	Route     string // the path below the service's version with ids replaced, "/servers/{id}"; "" for an unknown route
	Query     string // as the client wrote it
	// Microversion the request was executed with, "" for services without.
	Microversion string
	Status       int    // 0 when nothing was answered
	Fault        string // name of the injected fault, "" for none
	Write        bool   // the request asks for a change of the cloud (anything but reading and tokens)
	RequestBody  string // JSON with secrets replaced, "" for streams
	RequestBytes int64  // of the body, of streams too
	AnswerBytes  int64  // of the body
}

// Call names the operation, "POST /servers/{id}/action", without its service; Fault.On selects by it.
func (e Exchange) Call() string { return e.Method + " " + e.Route }

// Journal returns all exchanges so far, oldest first. Secrets are redacted.
func (s *Simulator) Journal() []Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal)
}

// ResetJournal forgets the exchanges so far.
func (s *Simulator) ResetJournal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = nil
}

func (s *Simulator) record(e Exchange) {
	e.Seq = len(s.journal) + 1
	s.journal = append(s.journal, e)
}

const redacted = "<redacted>"

var secretKeys = []string{"password", "secret", "user_data", "adminpass", "admin_pass", "original_password"}

// redact returns a JSON document without its secrets; what is not JSON is not shown at all.
func redact(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	var document any
	if json.Unmarshal(body, &document) != nil {
		return redacted
	}
	return string(marshal(redactValue("", document)))
}

func redactValue(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for k := range v {
			v[k] = redactValue(strings.ToLower(k), v[k])
		}
		if key == "token" {
			v["id"] = redacted
		}
	case []any:
		for i := range v {
			v[i] = redactValue(key, v[i])
		}
	case string:
		if slices.Contains(secretKeys, key) {
			return redacted
		}
	}
	return value
}
