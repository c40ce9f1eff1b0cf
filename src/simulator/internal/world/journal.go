package world

import (
	"slices"
	"time"
)

// Exchange is one request to the cloud and its result.
type Exchange struct {
	Seq     int       `json:"seq"`     // 1 is the first since New or ResetJournal
	Time    time.Time `json:"time"`    // when the request was received
	Service string    `json:"service"` // identity, image, volume, compute, network or load-balancer; "" for none
	Region  string    `json:"region"`  // the region whose endpoint the client chose
	// Interface whose endpoint the client chose: public, internal or admin.
	Interface string `json:"interface"`
	Method    string `json:"method"`
	Path      string `json:"path"`  // as the client sent it
	Route     string `json:"route"` // path below the version with placeholders, "/servers/{id}"; "" for an unknown route
	Query     string `json:"query"` // as the client sent it
	// Microversion the request was executed with, "" for services without.
	Microversion string `json:"microversion"`
	// GlobalRequestID is the client's x-openstack-request-id, "" for none.
	GlobalRequestID string `json:"global_request_id"`
	Status          int    `json:"status"`        // 0 when nothing was answered
	Fault           string `json:"fault"`         // name of the injected fault, "" for none
	Write           bool   `json:"write"`         // the request changes the cloud: neither a read nor a token
	RequestBody     string `json:"request_body"`  // JSON with secrets replaced, "" for streams
	RequestBytes    int64  `json:"request_bytes"` // of the body, of streams too
	AnswerBytes     int64  `json:"answer_bytes"`  // of the body
}

// Call names the operation, "POST /servers/{id}/action", without its service;
// Fault.On selects by it.
func (e Exchange) Call() string { return e.Method + " " + e.Route }

// Journal returns all exchanges so far, oldest first.
func (w *World) Journal() []Exchange { return slices.Clone(w.journal) }

// ResetJournal removes the exchanges so far.
func (w *World) ResetJournal() { w.journal = nil }

// Record adds an exchange.
func (w *World) Record(e Exchange) {
	e.Seq = len(w.journal) + 1
	w.journal = append(w.journal, e)
}
