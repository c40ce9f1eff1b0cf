package rpc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/rpc"
)

// FuzzRequest checks that any input gets one well-formed answer, without a
// panic.
func FuzzRequest(f *testing.F) {
	for _, input := range callersRequests(f) {
		f.Add([]byte(input))
	}
	f.Add([]byte(``))
	f.Add([]byte("{\"method\":\"\xff\",\"arguments\":[]}"))
	f.Fuzz(func(t *testing.T, input []byte) { wellFormed(t, input) })
}

// FuzzArguments checks the same for the arguments of each method.
func FuzzArguments(f *testing.F) {
	methods := slices.Sorted(maps.Keys(echoes()))
	for i := range methods {
		f.Add(uint8(i), []byte(`["a","b",{},{"n":{"type":"manual","dns":["1"]}},["d"],{"tags":{"a":null}}]`))
		f.Add(uint8(i), []byte(`[1,null,{"cpu":1}]`))
	}
	f.Fuzz(func(t *testing.T, method uint8, arguments []byte) {
		if !json.Valid(arguments) {
			return
		}
		wellFormed(t, []byte(request(methods[int(method)%len(methods)], string(arguments), 2)))
	})
}

func wellFormed(t *testing.T, input []byte) {
	t.Helper()
	var out bytes.Buffer
	table := func(context.Context, bosh.Request) (rpc.Methods, error) { return echoes(), nil }
	require.NoError(t, rpc.Serve(t.Context(), bytes.NewReader(input), &out, table, unmasked, slog.New(slog.DiscardHandler)))
	var a struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Type, Message string
			OKToRetry     *bool `json:"ok_to_retry"`
		} `json:"error"`
		Log *string `json:"log"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &a))
	assert.True(t, utf8.Valid(out.Bytes()))
	assert.NotNil(t, a.Result)
	require.NotNil(t, a.Log)
	assert.Empty(t, *a.Log)
	if a.Error != nil {
		assert.True(t, strings.HasPrefix(a.Error.Type, "Bosh::Clouds::"))
		assert.NotNil(t, a.Error.OKToRetry)
		assert.NotContains(t, a.Error.Message, "internal error")
	}
}
