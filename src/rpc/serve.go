// Package rpc is the protocol between BOSH and the CPI: one process serves one
// call, with a JSON request on stdin and a JSON answer on stdout. The package
// decodes requests, dispatches them and encodes answers. It has no knowledge of
// clouds.
package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// Method answers a request. Its result is encoded as JSON; an untyped error
// becomes a CloudError.
type Method func(ctx context.Context, req bosh.Request) (any, error)

// Methods are the methods by their names in the CPI API.
type Methods map[string]Method

// Serve reads a request from in, dispatches it to a method returned by
// newMethods, and writes the answer to out. Every failure becomes an answer: an
// invalid request, an error of newMethods, a panic. Serve returns an error only
// if it cannot write the answer.
//
// It reads all of in first: the director writes its whole request before it
// reads, so a CPI that logs before it has read the request could block both.
// When ctx ends, the method ends, but the answer is still written. The text of
// every error passes through mask, which removes secrets. newMethods can make the
// secrets of the request known to it.
func Serve(ctx context.Context, in io.Reader, out io.Writer, newMethods func(context.Context, bosh.Request) (Methods, error), mask func(string) string, log *slog.Logger) error {
	input, err := readAll(ctx, in)
	if err != nil {
		return write(out, nil, bosh.Errorf(bosh.CPIError, "read the request: %w", err), mask)
	}
	req, err := parse(input)
	if err != nil {
		return write(out, nil, err, mask)
	}
	result, err := answer(ctx, req, newMethods, log)
	return write(out, result, err, mask)
}

// readAll reads the request. A signal that ends ctx ends the reading as well:
// the caller may keep stdin open for ever.
func readAll(ctx context.Context, in io.Reader) ([]byte, error) {
	type input struct {
		data []byte
		err  error
	}
	read := make(chan input, 1)
	go func() {
		data, err := io.ReadAll(in)
		read <- input{data, err}
	}()
	select {
	case all := <-read:
		return all.data, all.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// answer runs the method. A panic becomes a CpiError, and its stack is logged.
// The panic's value is shown only if it is a runtime error, because another
// value may hold anything.
func answer(ctx context.Context, req bosh.Request, newMethods func(context.Context, bosh.Request) (Methods, error), log *slog.Logger) (result any, err error) {
	if req.Context.RequestID != "" {
		log = log.With("request_id", shorten(req.Context.RequestID, maxName))
	}
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		log.ErrorContext(ctx, "method panicked", "method", shorten(req.Method, maxName), "panic_type", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
		result, err = nil, bosh.Errorf(bosh.CPIError, "internal error in %s, its stack is in the log%s", req.Method, runtimeText(cause))
	}()
	// No line is logged before the secrets of the request are known.
	methods, err := newMethods(ctx, req)
	if err != nil {
		return nil, orCPIError(err)
	}
	method, ok := methods[req.Method]
	if !ok {
		return nil, bosh.Errorf(bosh.NotImplemented, "Method is not known, got: '%s'", shorten(req.Method, maxName))
	}
	start := time.Now()
	log.DebugContext(ctx, "starting method", "method", req.Method, "api_version", req.APIVersion)
	defer func() {
		log.DebugContext(ctx, "finished method", "method", req.Method, "seconds", time.Since(start).Seconds())
	}()
	return method(ctx, req)
}

// runtimeText returns the text of a runtime error, "" for any other value.
func runtimeText(cause any) string {
	if raised, ok := cause.(runtime.Error); ok {
		return fmt.Sprintf(": %v", raised)
	}
	return ""
}

// orCPIError gives untyped errors the kind CpiError.
func orCPIError(err error) error {
	if _, ok := errors.AsType[*bosh.Error](err); ok {
		return err
	}
	return &bosh.Error{Kind: bosh.CPIError, Err: err}
}
