// Package api is what the HTTP interfaces of the simulated services share:
// routing, strict decoding, pages, microversions and error formats.
package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
)

// Answer is a response before it is encoded.
type Answer struct {
	Status int
	Header http.Header
	Body   any // JSON document; []byte is sent unchanged, nil as an empty body
}

// Object is a JSON object.
type Object = map[string]any

// OK returns an answer with status 200 and a JSON document.
func OK(body any) (Answer, error) { return Answer{Status: http.StatusOK, Body: body}, nil }

// Reply returns an answer with a JSON document; nil is an empty body.
func Reply(status int, body any) (Answer, error) { return Answer{Status: status, Body: body}, nil }

// RefusalError is an error that the frontend of the request renders.
type RefusalError struct {
	Status  int
	Kind    string // name of the exception where the service shows it (Neutron), else ""
	Message string
}

// Error returns the message that the client receives.
func (r *RefusalError) Error() string { return r.Message }

// Refuse returns a RefusalError.
func Refuse(status int, message string) error { return &RefusalError{Status: status, Message: message} }

// RefuseKind returns a RefusalError with the name of Neutron's exception.
func RefuseKind(status int, kind, message string) error {
	return &RefusalError{Status: status, Kind: kind, Message: message}
}

// AnswerError is an error with a complete answer.
type AnswerError struct{ Answer }

// Error implements error. No client receives the text.
func (e *AnswerError) Error() string { return "HTTP " + strconv.Itoa(e.Status) }

// WithHeader returns the answer with another header.
func (a Answer) WithHeader(name, value string) Answer {
	header := maps.Clone(a.Header)
	if header == nil {
		header = http.Header{}
	}
	header.Set(name, value)
	a.Header = header
	return a
}

// Response is an encoded answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// encode returns the answer as bytes, with the headers that every answer of the
// service has.
func (a Answer) encode(svc *Frontend, requestID string) Response {
	w := Response{Status: a.Status, Header: maps.Clone(a.Header)}
	if w.Header == nil {
		w.Header = http.Header{}
	}
	switch body := a.Body.(type) {
	case nil:
	case []byte:
		w.Body = body
	default:
		w.Body = Marshal(body)
		if w.Header.Get("Content-Type") == "" {
			w.Header.Set("Content-Type", "application/json")
		}
	}
	if svc != nil {
		maps.Copy(w.Header, svc.Header)
		for _, name := range svc.RequestIDHeaders {
			w.Header.Set(name, requestID)
		}
	}
	if w.Status != http.StatusNoContent {
		w.Header.Set("Content-Length", strconv.Itoa(len(w.Body)))
	}
	return w
}

// Marshal returns JSON without the escapes for HTML. It panics for values that
// JSON cannot represent, which the simulator does not have.
func Marshal(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
