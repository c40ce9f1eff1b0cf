package world

import (
	"slices"
	"time"
)

// Exchange is one request to the cloud and its result.
type Exchange struct {
	Seq     int       // 1 is the first since New or ResetJournal
	Time    time.Time // when the request was received
	Service string    // identity, image, volume, compute, network or load-balancer; "" for none
	Region  string    // the region whose endpoint the client chose
	// Interface whose endpoint the client chose: public, internal or admin.
	Interface string
	Method    string
	Path      string // as the client sent it
	Route     string // path below the version with placeholders, "/servers/{id}"; "" for an unknown route
	Query     string // as the client sent it
	// Microversion the request was executed with, "" for services without.
	Microversion string
	Status       int    // 0 when nothing was answered
	Fault        string // name of the injected fault, "" for none
	Write        bool   // the request changes the cloud: neither a read nor a token
	RequestBody  string // JSON with secrets replaced, "" for streams
	RequestBytes int64  // of the body, of streams too
	AnswerBytes  int64  // of the body
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
