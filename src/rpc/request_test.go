package rpc_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/rpc"
)

func TestRequestsThatAreNone(t *testing.T) {
	t.Parallel()
	const context = `"context":{"director_uuid":"d"}`
	for name, test := range map[string]struct{ input, message string }{
		"empty":                    {``, "Request cannot be deserialized, details: it is empty"},
		"white":                    {" \n", "Request cannot be deserialized, details: it is empty"},
		"not JSON":                 {`hello`, "Request cannot be deserialized, details: invalid character 'h' looking for beginning of value at byte 1"},
		"half":                     {ping[:20], "Request cannot be deserialized, details: unexpected end of JSON input at byte 20"},
		"two":                      {ping + ping, "Request cannot be deserialized, details: invalid character '{' after top-level value at byte 102"},
		"array":                    {`["canary"]`, "Request cannot be deserialized, details: it must be an object, got an array"},
		"string":                   {`"canary"`, "Request cannot be deserialized, details: it must be an object, got a string"},
		"null":                     {`null`, "Request cannot be deserialized, details: it must be an object, got null"},
		"too deep":                 {strings.Repeat("[", 20000), "Request cannot be deserialized, details: invalid character '[' exceeded max depth at byte 10001"},
		"no method":                {`{"arguments":[],` + context + `}`, "Method must be a String, got: nothing"},
		"method a number":          {`{"method":5,"arguments":[],` + context + `}`, "Method must be a String, got: a number"},
		"method an object":         {`{"method":{"canary":1},"arguments":[],` + context + `}`, "Method must be a String, got: an object"},
		"method null":              {`{"method":null,"arguments":[],` + context + `}`, "Method must be a String, got: null"},
		"method in capitals":       {`{"Method":"ping","arguments":[],` + context + `}`, "Method must be a String, got: nothing"},
		"no arguments":             {`{"method":"ping",` + context + `}`, "Arguments must be an Array, got: nothing"},
		"arguments null":           {`{"method":"ping","arguments":null,` + context + `}`, "Arguments must be an Array, got: null"},
		"arguments an object":      {`{"method":"ping","arguments":{"canary":1},` + context + `}`, "Arguments must be an Array, got: an object"},
		"version a string":         {`{"method":"ping","arguments":[],"api_version":"canary",` + context + `}`, "CPI api_version requested must be an Integer, got: a string"},
		"version null":             {`{"method":"ping","arguments":[],"api_version":null,` + context + `}`, "CPI api_version requested must be an Integer, got: null"},
		"version 1.5":              {`{"method":"ping","arguments":[],"api_version":1.5,` + context + `}`, "CPI api_version requested must be an Integer, got: a number"},
		"version true":             {`{"method":"ping","arguments":[],"api_version":true,` + context + `}`, "CPI api_version requested must be an Integer, got: a boolean"},
		"version 0":                {`{"method":"ping","arguments":[],"api_version":0,` + context + `}`, "CPI api_version 0 is not supported, 1 to 3 are"},
		"version 4":                {`{"method":"ping","arguments":[],"api_version":4,` + context + `}`, "CPI api_version 4 is not supported, 1 to 3 are"},
		"no context":               {`{"method":"ping","arguments":[]}`, "Request should include context with director uuid, got: nothing"},
		"context null":             {`{"method":"ping","arguments":[],"context":null}`, "Request should include context with director uuid, got: null"},
		"context a string":         {`{"method":"ping","arguments":[],"context":"canary"}`, "Request should include context with director uuid, got: a string"},
		"no director":              {`{"method":"ping","arguments":[],"context":{}}`, "Request should include context with director uuid, director_uuid is nothing"},
		"director a number":        {`{"method":"ping","arguments":[],"context":{"director_uuid":5}}`, "Request should include context with director uuid, director_uuid is a number"},
		"vm a string":              {`{"method":"ping","arguments":[],"context":{"director_uuid":"d","vm":"canary"}}`, "context.vm must be an object with stemcell.api_version, got: a string before stemcell"},
		"stemcell a list":          {`{"method":"ping","arguments":[],"context":{"director_uuid":"d","vm":{"stemcell":[]}}}`, "context.vm must be an object with stemcell.api_version, got: an array before api_version"},
		"stemcell version":         {`{"method":"ping","arguments":[],"context":{"director_uuid":"d","vm":{"stemcell":{"api_version":"2"}}}}`, "context.vm.stemcell.api_version must be an Integer, got: a string"},
		"version and no context":   {`{"method":"ping","arguments":[],"api_version":"2"}`, "CPI api_version requested must be an Integer, got: a string\nRequest should include context with director uuid, got: nothing"},
		"arguments before version": {`{"method":"ping","arguments":5,"api_version":"2"}`, "Arguments must be an Array, got: a number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, returning("not reached", nil), test.input)
			require.NotNil(t, a.Error)
			assert.Equal(t, "Bosh::Clouds::CpiError", a.Error.Type)
			assert.Equal(t, test.message, a.Error.Message)
			assert.False(t, *a.Error.OKToRetry)
			assert.NotContains(t, a.raw+a.log, "canary")
		})
	}
}

// parsed returns the request as a method gets it.
func parsed(t *testing.T, input string) bosh.Request {
	t.Helper()
	var got bosh.Request
	a := serveWith(t, t.Context(), func(_ context.Context, req bosh.Request) (rpc.Methods, error) {
		got = req
		return rpc.Methods{req.Method: func(context.Context, bosh.Request) (any, error) { return nil, nil }}, nil
	}, input)
	require.Nil(t, a.Error, a.raw)
	return got
}

func TestRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		input string
		want  bosh.Request
	}{
		"version 1 without saying so": {
			`{"method":"m","arguments":[],"context":{"director_uuid":"d"}}`,
			bosh.Request{Method: "m", APIVersion: 1, Context: bosh.Context{DirectorUUID: "d", StemcellAPIVersion: 1}},
		},
		"everything": {
			`{"method":"m","arguments":[1,{"b":1,"a":2}],"context":{"director_uuid":"d","request_id":"cpi-1","vm":{"stemcell":{"api_version":3}},"region":"r","gone":null},"api_version":3}`,
			bosh.Request{
				Method: "m", APIVersion: 3, Arguments: []json.RawMessage{json.RawMessage("1"), json.RawMessage(`{"b":1,"a":2}`)},
				Context: bosh.Context{
					DirectorUUID: "d", RequestID: "cpi-1", StemcellAPIVersion: 3,
					Overrides: map[string]json.RawMessage{"region": json.RawMessage(`"r"`), "gone": json.RawMessage("null")},
				},
			},
		},
		"create-env without a stemcell version": {
			`{"method":"m","arguments":[],"context":{"director_uuid":"d","vm":{"stemcell":{}}},"api_version":2}`,
			bosh.Request{Method: "m", APIVersion: 2, Context: bosh.Context{DirectorUUID: "d", StemcellAPIVersion: 1}},
		},
		"nulls": {
			`{"method":"m","arguments":[],"context":{"director_uuid":"d","request_id":null,"vm":{"stemcell":null}},"more":1}`,
			bosh.Request{Method: "m", APIVersion: 1, Context: bosh.Context{DirectorUUID: "d", StemcellAPIVersion: 1}},
		},
		"request_id of another type": {
			`{"method":"m","arguments":[],"context":{"director_uuid":"","request_id":5,"vm":null}}`,
			bosh.Request{Method: "m", APIVersion: 1, Context: bosh.Context{StemcellAPIVersion: 1}},
		},
	} {
		got := parsed(t, test.input)
		if len(got.Arguments) == 0 {
			got.Arguments = nil
		}
		if len(got.Context.Overrides) == 0 {
			got.Context.Overrides = nil
		}
		assert.Equal(t, test.want, got, name)
	}
}

// TestInfoIsAlwaysAnswered checks that info is answered for any version and
// context: callers use it to learn the versions.
func TestInfoIsAlwaysAnswered(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{
		``, `,"api_version":1`, `,"api_version":99`, `,"api_version":null`, `,"api_version":"2"`,
		`,"context":null`, `,"context":[]`, `,"context":{}`, `,"context":{"vm":5}`,
		`,"context":{"director_uuid":"d","vm":{"stemcell":{"api_version":"x"}}},"api_version":3`,
	} {
		req := parsed(t, `{"method":"info","arguments":[]`+rest+`}`)
		assert.Equal(t, "info", req.Method)
		assert.Contains(t, []int{1, 3}, req.APIVersion)
		assert.Equal(t, 1, req.Context.StemcellAPIVersion)
	}
}
