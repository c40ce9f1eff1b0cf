// Package director calls the CPI the way BOSH does: one process for each call, the whole request on stdin, one JSON
// document back, and nearly no environment. It knows the executable and the wire, and nothing of the CPI's code.
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

// NewestAPIVersion is the highest version of the CPI API that directors speak.
const NewestAPIVersion = 3

// StemcellAPIVersion is what the OpenStack stemcells of today say in their manifest.
const StemcellAPIVersion = 3

// Director is a BOSH director with one CPI. It is not safe for concurrent use.
type Director struct {
	// CPI is how the executable is started.
	CPI Command
	// UUID goes into the context of every request.
	UUID string
	// Preferred is the highest version of the CPI API it speaks.
	Preferred int
	// Stemcell is the API version of the VMs' stemcell; 0 tells none.
	Stemcell int
	// Properties are those of a cpi-config: they go flat into the context.
	Properties map[string]any

	agreed int

	// InfoCalls counts the calls of info that only came before another call, InfoTime is what they took.
	InfoCalls int
	InfoTime  time.Duration
}

// Info is the result of the method info.
type Info struct {
	APIVersion      int      `json:"api_version"`
	StemcellFormats []string `json:"stemcell_formats"`
}

// Request is what goes to stdin. Without an API version it carries none.
type Request struct {
	Method     string         `json:"method"`
	Arguments  []any          `json:"arguments"`
	Context    map[string]any `json:"context"`
	APIVersion int            `json:"api_version,omitempty"`
}

// Info asks what the CPI can do. The request carries no api_version: that is what it is about to agree on.
func (d *Director) Info(ctx context.Context) (Info, Cost, error) {
	result, cost, err := d.Ask(ctx, Request{Method: "info", Arguments: []any{}, Context: d.context("info")})
	var info Info
	if err == nil {
		err = json.Unmarshal(result, &info)
	}
	if err == nil && info.APIVersion < 2 {
		err = fmt.Errorf("info reports api_version %d, a director needs 2 or more", info.APIVersion)
	}
	d.agreed = min(info.APIVersion, d.Preferred)
	return info, cost, err
}

// Agreed is the version of all calls after the first info, 0 before.
func (d *Director) Agreed() int { return d.agreed }

// Call asks info, as directors do before nearly every call, and then the method, with the API version both sides speak.
func (d *Director) Call(ctx context.Context, method string, arguments ...any) (json.RawMessage, Cost, error) {
	_, cost, err := d.Info(ctx)
	if err != nil {
		return nil, cost, fmt.Errorf("info before %s: %w", method, err)
	}
	d.InfoCalls++
	d.InfoTime += cost.Wall
	return d.Ask(ctx, d.Request(d.agreed, method, arguments...))
}

// Request is what a director that has agreed on an API version sends for a method.
func (d *Director) Request(apiVersion int, method string, arguments ...any) Request {
	if arguments == nil {
		arguments = []any{}
	}
	return Request{Method: method, Arguments: arguments, Context: d.context(method), APIVersion: apiVersion}
}

// Ask sends one request as it is and reads the answer. An error answer is an *Error.
func (d *Director) Ask(ctx context.Context, request Request) (json.RawMessage, Cost, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, Cost{APICalls: -1}, err
	}
	run, err := d.CPI.Run(ctx, body)
	if err != nil {
		return nil, run.Cost, fmt.Errorf("%s: %w", request.Method, err)
	}
	result, err := ReadAnswer(run.Stdout)
	return result, run.Cost, err
}

// context is the request's context: a director tells the stemcell's API version only where it has a VM at hand, and
// lets the properties of a cpi-config win.
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
		panic(err) // crypto/rand never fails on the systems BOSH runs on
	}
	return fmt.Sprintf("cpi-%06d", number)
}
