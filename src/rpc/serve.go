// Package rpc is the wire between BOSH and the CPI: one JSON request on stdin, one JSON answer on stdout, for one call
// and one process. It knows requests, answers and kinds of error, and nothing about clouds.
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

// Method answers a request. Its result is marshalled as it is; an error without a kind becomes a CloudError.
type Method func(ctx context.Context, req bosh.Request) (any, error)

// Methods are the methods by their names on the wire.
type Methods map[string]Method

// Serve reads a request from in, has it answered by one of the methods that newMethods gives for it, and writes the
// answer to out. Whatever goes wrong becomes an answer: a request that is none, methods that cannot be had, a panic.
// The error returned says that no answer could be written.
//
// All of in is read before anything else happens: the director writes its whole request before it reads, so a CPI that
// logs in between can block both. Cancelling ctx ends the method, not the answer.
func Serve(ctx context.Context, in io.Reader, out io.Writer, newMethods func(context.Context, bosh.Request) (Methods, error), log *slog.Logger) error {
	input, err := io.ReadAll(in)
	if err != nil {
		return write(out, nil, bosh.Errorf(bosh.CPIError, "read the request: %w", err))
	}
	req, err := parse(input)
	if err != nil {
		return write(out, nil, err)
	}
	if req.Context.RequestID != "" {
		log = log.With("request_id", req.Context.RequestID)
	}
	result, err := answer(ctx, req, newMethods, log)
	return write(out, result, err)
}

// answer runs the method. Of a panic the stack goes to the log and nowhere else; its value, which may hold anything, is
// shown only if Go's runtime raised it.
func answer(ctx context.Context, req bosh.Request, newMethods func(context.Context, bosh.Request) (Methods, error), log *slog.Logger) (result any, err error) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		log.ErrorContext(ctx, "method panicked", "method", req.Method, "panic_type", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
		result, err = nil, bosh.Errorf(bosh.CPIError, "internal error in %s, its stack is in the log%s", req.Method, runtimeText(cause))
	}()
	started := time.Now()
	log.DebugContext(ctx, "starting method", "method", req.Method, "api_version", req.APIVersion)
	defer func() {
		log.DebugContext(ctx, "finished method", "method", req.Method, "seconds", time.Since(started).Seconds())
	}()

	methods, err := newMethods(ctx, req)
	if err != nil {
		return nil, orCPIError(err)
	}
	method, ok := methods[req.Method]
	if !ok {
		return nil, bosh.Errorf(bosh.NotImplemented, "Method is not known, got: '%s'", req.Method)
	}
	return method(ctx, req)
}

func runtimeText(cause any) string {
	if raised, ok := cause.(runtime.Error); ok {
		return fmt.Sprintf(": %v", raised)
	}
	return ""
}

// orCPIError gives an error without a kind the kind of a CPI that cannot work.
func orCPIError(err error) error {
	if _, ok := errors.AsType[*bosh.Error](err); ok {
		return err
	}
	return &bosh.Error{Kind: bosh.CPIError, Err: err}
}
