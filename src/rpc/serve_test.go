package rpc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/rpc"
)

const ping = `{"method":"ping","arguments":[],"context":{"director_uuid":"d","request_id":"cpi-1"},"api_version":2}`

// answer is the output of a call: stdout and the log.
type answer struct {
	raw    string
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Type      string `json:"type"`
		Message   string `json:"message"`
		OKToRetry *bool  `json:"ok_to_retry"`
	} `json:"error"`
	Log *string `json:"log"`
	log string
}

// unmasked is the mask of a process without secrets.
func unmasked(text string) string { return text }

// serve runs one call and asserts what is true of every answer.
func serve(t *testing.T, methods rpc.Methods, input string) answer {
	t.Helper()
	return serveWith(t, t.Context(), func(context.Context, bosh.Request) (rpc.Methods, error) { return methods, nil }, input)
}

func serveWith(t *testing.T, ctx context.Context, newMethods func(context.Context, bosh.Request) (rpc.Methods, error), input string) answer { //nolint:revive // t comes first in a test's helper
	t.Helper()
	var out, logged bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	require.NoError(t, rpc.Serve(ctx, strings.NewReader(input), &out, newMethods, unmasked, log))

	a := answer{raw: out.String(), log: logged.String()}
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&a), a.raw)
	_, err := decoder.Token()
	require.ErrorIs(t, err, io.EOF, "one document and no more: %s", a.raw)
	require.True(t, strings.HasPrefix(a.raw, `{"result":`), a.raw)
	require.True(t, strings.HasSuffix(a.raw, `,"log":""}`+"\n"), a.raw)
	if a.Error != nil {
		require.Equal(t, "null", string(a.Result))
		require.NotNil(t, a.Error.OKToRetry)
		require.Contains(t, a.raw, `{"result":null,"error":{"type":"Bosh::Clouds::`)
		require.NotEmpty(t, a.Error.Message)
	}
	return a
}

// returning returns methods with one method, ping.
func returning(result any, err error) rpc.Methods {
	return rpc.Methods{"ping": func(context.Context, bosh.Request) (any, error) { return result, err }}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		result any
		want   string
	}{
		"void":       {nil, `null`},
		"string":     {bosh.VMCID("vm"), `"vm"`},
		"false":      {false, `false`},
		"empty list": {[]string{}, `[]`},
		"no escapes": {"<a&b>", `"<a&b>"`},
		"info":       {bosh.Info{APIVersion: 3, StemcellFormats: []string{"openstack-qcow2"}}, `{"api_version":3,"stemcell_formats":["openstack-qcow2"]}`},
	} {
		a := serve(t, returning(test.result, nil), ping)
		assert.Equal(t, `{"result":`+test.want+`,"error":null,"log":""}`+"\n", a.raw, name)
	}
}

func TestErrorsOfAllKinds(t *testing.T) {
	t.Parallel()
	types := map[string]bool{}
	for kind := bosh.CPIError; kind <= bosh.VMCreationFailed; kind++ {
		for _, retry := range []bool{false, true} {
			inner := &bosh.Error{Kind: kind, OKToRetry: retry, Err: errors.New("no valid host")}
			a := serve(t, returning("ignored", fmt.Errorf("create server vm-1: %w", inner)), ping)
			assert.Equal(t, kind.String(), a.Error.Type)
			assert.Equal(t, "create server vm-1: no valid host", a.Error.Message)
			assert.Equal(t, retry, *a.Error.OKToRetry)
			types[a.Error.Type] = true
		}
	}
	assert.Len(t, types, 10)

	a := serve(t, returning(nil, errors.New("plain")), ping)
	assert.Equal(t, "Bosh::Clouds::CloudError", a.Error.Type, "what has no kind came from the cloud")
	assert.False(t, *a.Error.OKToRetry)
}

func TestNoCloudErrorLooksLikeAMissingMethod(t *testing.T) {
	t.Parallel()
	a := serve(t, returning(nil, errors.New("Invalid Method: PATCH")), ping)
	assert.Equal(t, "OpenStack: Invalid Method: PATCH", a.Error.Message)
	a = serve(t, returning(nil, bosh.Errorf(bosh.DiskNotFound, "Invalid Method: PATCH")), ping)
	assert.Equal(t, "Invalid Method: PATCH", a.Error.Message)
}

func TestUnknownMethod(t *testing.T) {
	t.Parallel()
	a := serve(t, returning(nil, nil), `{"method":"make_coffee","arguments":[1],"context":{"director_uuid":"d"}}`)
	assert.Equal(t, "Bosh::Clouds::NotImplemented", a.Error.Type)
	assert.Equal(t, "Method is not known, got: 'make_coffee'", a.Error.Message)
}

func TestMethodsThatCannotBeHad(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		kind string
	}{
		{errors.New("broken cpi.json"), "Bosh::Clouds::CpiError"},
		{bosh.Errorf(bosh.CloudError, "broken cpi.json"), "Bosh::Clouds::CloudError"},
	} {
		a := serveWith(t, t.Context(), func(_ context.Context, req bosh.Request) (rpc.Methods, error) {
			assert.Equal(t, "ping", req.Method)
			assert.Equal(t, "cpi-1", req.Context.RequestID)
			return nil, test.err
		}, ping)
		assert.Equal(t, test.kind, a.Error.Type)
		assert.Equal(t, "broken cpi.json", a.Error.Message)
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	var empty map[string]int
	for name, test := range map[string]struct {
		cause   func()
		message string
	}{
		"runtime": {func() { _ = []int{}[len(t.Name()):][0] }, "internal error in ping, its stack is in the log: runtime error: slice bounds out of range"},
		"nil map": {func() { empty["canary"] = 1 }, "internal error in ping, its stack is in the log: assignment to entry in nil map"},
		"text":    {func() { panic("canary") }, "internal error in ping, its stack is in the log"},
		"error":   {func() { panic(errors.New("canary")) }, "internal error in ping, its stack is in the log"},
	} {
		a := serve(t, rpc.Methods{"ping": func(context.Context, bosh.Request) (any, error) {
			test.cause()
			return "never", nil
		}}, ping)
		assert.Equal(t, "Bosh::Clouds::CpiError", a.Error.Type, name)
		assert.Contains(t, a.Error.Message, test.message, name)
		assert.Contains(t, a.log, "serve_test.go", name)
		assert.Contains(t, a.log, "request_id=cpi-1", name)
		assert.NotContains(t, a.raw+a.log, "canary", name)
		assert.NotContains(t, a.raw, ".go:", name)
	}

	a := serveWith(t, t.Context(), func(context.Context, bosh.Request) (rpc.Methods, error) { panic("canary") }, ping)
	assert.Equal(t, "Bosh::Clouds::CpiError", a.Error.Type)
}

func TestCancelledCallsStillAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	undone := false
	a := serveWith(t, ctx, func(context.Context, bosh.Request) (rpc.Methods, error) {
		return rpc.Methods{"ping": func(ctx context.Context, _ bosh.Request) (any, error) {
			cancel()
			<-ctx.Done()
			undone = true
			return nil, bosh.Errorf(bosh.VMCreationFailed, "create server vm-1: %w", ctx.Err())
		}}, nil
	}, ping)
	assert.True(t, undone)
	assert.Equal(t, "Bosh::Clouds::VMCreationFailed", a.Error.Type)
	assert.Equal(t, "create server vm-1: context canceled", a.Error.Message)
}

func TestStartAndFinishAreLogged(t *testing.T) {
	t.Parallel()
	a := serve(t, returning(nil, nil), ping)
	lines := strings.Split(strings.TrimSpace(a.log), "\n")
	require.Len(t, lines, 2)
	assert.Regexp(t, `level=DEBUG msg="starting method" request_id=cpi-1 method=ping api_version=2$`, lines[0])
	assert.Regexp(t, `level=DEBUG msg="finished method" request_id=cpi-1 method=ping seconds=[0-9.e-]+$`, lines[1])
}

func TestTextsThatAreNotUTF8(t *testing.T) {
	t.Parallel()
	a := serve(t, returning(json.RawMessage("{\"name\":\"a\xffb\"}"), nil), ping)
	assert.JSONEq(t, `{"name":"a�b"}`, string(a.Result))
	a = serve(t, returning("a\xffb", nil), ping)
	assert.JSONEq(t, `"a�b"`, string(a.Result))
	a = serve(t, returning(nil, errors.New("a\xffb")), ping)
	assert.Equal(t, "a�b", a.Error.Message)
	a = serve(t, nil, "{\"method\":\"a\xffb\",\"arguments\":[],\"context\":{\"director_uuid\":\"d\"}}")
	assert.Equal(t, "Method is not known, got: 'a�b'", a.Error.Message)
}

func TestResultsThatAreNotJSON(t *testing.T) {
	t.Parallel()
	for _, result := range []any{json.RawMessage(`{"canary`), func() {}, make(chan int)} {
		a := serve(t, returning(result, nil), ping)
		assert.Equal(t, "Bosh::Clouds::CpiError", a.Error.Type)
		assert.Contains(t, a.Error.Message, "encode the result: ")
		assert.NotContains(t, a.raw, "canary")
	}
}

// TestTheWholeRequestIsReadFirst checks that nothing is written before the
// request is read: the director reads nothing before it has written its
// request.
func TestTheWholeRequestIsReadFirst(t *testing.T) {
	t.Parallel()
	input := strings.Replace(ping, "[]", `["`+strings.Repeat("x", 1<<20)+`"]`, 1)
	reader := strings.NewReader(input)
	var out bytes.Buffer
	err := rpc.Serve(t.Context(), iotest.OneByteReader(reader), &out, func(_ context.Context, req bosh.Request) (rpc.Methods, error) {
		assert.Zero(t, reader.Len())
		assert.Len(t, req.Arguments[0], 1<<20+2)
		return returning(nil, nil), nil
	}, unmasked, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	assert.JSONEq(t, `{"result":null,"error":null,"log":""}`, out.String())
}

func TestBrokenPipes(t *testing.T) {
	t.Parallel()
	table := func(context.Context, bosh.Request) (rpc.Methods, error) { return returning(nil, nil), nil }
	var out bytes.Buffer
	require.NoError(t, rpc.Serve(t.Context(), iotest.ErrReader(errors.New("gone")), &out, table, unmasked, slog.New(slog.DiscardHandler)))
	assert.JSONEq(t, `{"result":null,"error":{"type":"Bosh::Clouds::CpiError","message":"read the request: gone","ok_to_retry":false},"log":""}`, out.String())

	read, write := io.Pipe()
	require.NoError(t, read.CloseWithError(errors.New("closed by the reader")))
	err := rpc.Serve(t.Context(), strings.NewReader(ping), write, table, unmasked, slog.New(slog.DiscardHandler))
	require.EqualError(t, err, "write the answer: closed by the reader")
}

// A caller that keeps stdin open does not keep a process that is told to end.
func TestEndBeforeTheRequestIsComplete(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	t.Cleanup(func() { assert.NoError(t, writer.Close()) })
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("terminated"))
	var out bytes.Buffer
	table := func(context.Context, bosh.Request) (rpc.Methods, error) { return returning(nil, nil), nil }
	require.NoError(t, rpc.Serve(ctx, reader, &out, table, unmasked, slog.New(slog.DiscardHandler)))
	assert.JSONEq(t, `{"result":null,"error":{"type":"Bosh::Clouds::CpiError","message":"read the request: terminated","ok_to_retry":false},"log":""}`, out.String())
}
