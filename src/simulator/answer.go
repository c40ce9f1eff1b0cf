package simulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
)

// answer is a response before it is written.
type answer struct {
	status int
	header http.Header
	body   any // marshalled as JSON; []byte is sent as it is (the header then has the Content-Type); nil sends nothing
}

// object is a JSON object that is written by hand.
type object = map[string]any

// ok answers 200 with a JSON document.
func ok(body any) (answer, error) { return answer{status: http.StatusOK, body: body}, nil }

// reply answers a status with a JSON document; a nil body is an empty answer.
func reply(status int, body any) (answer, error) { return answer{status: status, body: body}, nil }

// refusal is an error that the service of the request renders.
type refusal struct {
	status  int
	kind    string // name of the exception where the service shows it (Neutron), else ""
	message string
}

// Error returns the message that the client receives.
func (r *refusal) Error() string { return r.message }

// refuse returns a refusal.
func refuse(status int, message string) error { return &refusal{status: status, message: message} }

// refuseKind returns a refusal with the name of Neutron's exception.
func refuseKind(status int, kind, message string) error {
	return &refusal{status: status, kind: kind, message: message}
}

// answerError is an error whose answer has a form of its own.
type answerError struct{ answer }

// Error makes an answerError an error; the text is never shown.
func (e *answerError) Error() string { return "HTTP " + strconv.Itoa(e.status) }

// withHeader returns the answer with one more header.
func (a answer) withHeader(name, value string) answer {
	header := maps.Clone(a.header)
	if header == nil {
		header = http.Header{}
	}
	header.Set(name, value)
	a.header = header
	return a
}

// wire is an answer as bytes.
type wire struct {
	status int
	header http.Header
	body   []byte
}

// encode writes the answer as bytes, with the headers that every answer of the service has.
func (a answer) encode(svc *service, requestID string) wire {
	w := wire{status: a.status, header: maps.Clone(a.header)}
	if w.header == nil {
		w.header = http.Header{}
	}
	switch body := a.body.(type) {
	case nil:
	case []byte:
		w.body = body
	default:
		w.body = marshal(body)
		if w.header.Get("Content-Type") == "" {
			w.header.Set("Content-Type", "application/json")
		}
	}
	if svc != nil {
		maps.Copy(w.header, svc.header)
		for _, name := range svc.requestIDHeaders {
			w.header.Set(name, requestID)
		}
	}
	if w.status != http.StatusNoContent {
		w.header.Set("Content-Length", strconv.Itoa(len(w.body)))
	}
	return w
}

// marshal writes JSON without the escapes that only a page needs. The simulator's own structs cannot fail to marshal.
func marshal(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
