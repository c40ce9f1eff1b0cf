// Package director calls the CPI as BOSH does: one process per call, the
// request on stdin, the response on stdout, and a minimal environment. It does
// not depend on the CPI's code.
package director

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"
)

// NewestAPIVersion is the highest version of the CPI API that directors
// support.
const NewestAPIVersion = 3

// StemcellAPIVersion is the API version of current OpenStack stemcells.
const StemcellAPIVersion = 3

// Director is a BOSH director with one CPI. It is not safe for concurrent use.
type Director struct {
	// CPI is the command that starts the executable.
	CPI Command
	// UUID is part of the context of every request.
	UUID string
	// Preferred is the highest supported version of the CPI API.
	Preferred int
	// Stemcell is the API version of the VMs' stemcell; 0 omits it.
	Stemcell int
	// Properties are those of a cpi-config, which the context contains.
	Properties map[string]any

	agreed int

	// InfoCalls counts the calls of info before other calls, InfoTime is their
	// total time.
	InfoCalls int
	InfoTime  time.Duration
}

// Info is the result of the method info.
type Info struct {
	APIVersion      int      `json:"api_version"`
	StemcellFormats []string `json:"stemcell_formats"`
}

// Request is the document on stdin.
type Request struct {
	Method     string         `json:"method"`
	Arguments  []any          `json:"arguments"`
	Context    map[string]any `json:"context"`
	APIVersion int            `json:"api_version,omitempty"`
}

// Info calls info, without api_version, and negotiates the version of later
// calls.
func (d *Director) Info(ctx context.Context) (Info, Cost, error) {
	result, cost, err := d.Ask(ctx, Request{Method: "info", Arguments: []any{}, Context: d.context("info")})
	var info Info
	if err == nil {
		err = json.Unmarshal(result, &info)
	}
	if err == nil && info.APIVersion < 2 {
		err = fmt.Errorf("info reports api_version %d, a director requires 2 or more", info.APIVersion)
	}
	d.agreed = min(info.APIVersion, d.Preferred)
	return info, cost, err
}

// Agreed returns the negotiated API version, 0 before the first info.
func (d *Director) Agreed() int { return d.agreed }

// Call calls info, as directors do before nearly every call, and then the
// method with the negotiated API version.
func (d *Director) Call(ctx context.Context, method string, arguments ...any) (json.RawMessage, Cost, error) {
	_, cost, err := d.Info(ctx)
	if err != nil {
		return nil, cost, fmt.Errorf("info before %s: %w", method, err)
	}
	d.InfoCalls++
	d.InfoTime += cost.Wall
	return d.Ask(ctx, d.Request(d.agreed, method, arguments...))
}

// Request returns the request for a method with an API version.
func (d *Director) Request(apiVersion int, method string, arguments ...any) Request {
	if arguments == nil {
		arguments = []any{}
	}
	return Request{Method: method, Arguments: arguments, Context: d.context(method), APIVersion: apiVersion}
}

// Ask sends one request unchanged and returns the result. The error of a
// response is an *Error.
func (d *Director) Ask(ctx context.Context, request Request) (json.RawMessage, Cost, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, Cost{APICalls: -1}, err
	}
	run, err := d.CPI.Run(ctx, body)
	if err != nil {
		return nil, run.Cost, fmt.Errorf("%s: %w", request.Method, err)
	}
	result, err := ReadResponse(run.Stdout)
	return result, run.Cost, err
}

// context returns the request's context. A director sends the stemcell's API
// version only in methods about a VM. Properties of a cpi-config take
// precedence.
func (d *Director) context(method string) map[string]any {
	fields := map[string]any{"director_uuid": d.UUID, "request_id": requestID()}
	withVM := slices.Contains([]string{"create_vm", "delete_vm", "attach_disk", "detach_disk"}, method)
	if withVM && d.Stemcell > 0 {
		fields["vm"] = map[string]any{"stemcell": map[string]any{"api_version": d.Stemcell}}
	}
	maps.Copy(fields, d.Properties)
	return fields
}

func requestID() string {
	number, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails on the platforms of BOSH
	}
	return fmt.Sprintf("cpi-%06d", number)
}

// NewUUID returns a random UUID (version 4), as BOSH gives to directors and agents.
func NewUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // documented never to fail
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
