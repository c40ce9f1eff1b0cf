package rpc_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/rpc"
)

// callersRequests returns the requests of testdata by file name: those of
// director 283 and of create-env in bosh 7.9.
func callersRequests(tb testing.TB) map[string]string {
	tb.Helper()
	files, err := filepath.Glob("testdata/*/*.json")
	require.NoError(tb, err)
	require.NotEmpty(tb, files)
	requests := map[string]string{}
	for _, name := range files {
		content, err := os.ReadFile(name)
		require.NoError(tb, err)
		requests[name] = string(content)
	}
	return requests
}

func TestCallersRequestsAreUnderstood(t *testing.T) {
	t.Parallel()
	for name, input := range callersRequests(t) {
		a := serve(t, echoes(), input)
		assert.Nil(t, a.Error, "%s: %s", name, a.raw)
	}
}

func TestCreateVMOfADirector(t *testing.T) {
	t.Parallel()
	input := callersRequests(t)["testdata/director/create_vm.json"]
	var got bosh.CreateVMArgs
	serve(t, rpc.Methods{"create_vm": rpc.Handle(func(_ context.Context, args bosh.CreateVMArgs) (any, error) {
		got = args
		return nil, nil
	})}, input)

	names := []string{}
	for _, network := range got.Networks {
		names = append(names, network.Name)
	}
	assert.Equal(t, []string{"zeta", "alpha", "public"}, names, "the order of the document is the order of the interfaces")
	assert.Empty(t, got.Disks)
	assert.Contains(t, input, string(got.Env), "the agent gets env byte by byte")
}

func TestContextOfASecondCloud(t *testing.T) {
	t.Parallel()
	req := parsed(t, callersRequests(t)["testdata/director/create_vm.secondary_cloud.json"])
	assert.Equal(t, 3, req.APIVersion)
	assert.Equal(t, 2, req.Context.StemcellAPIVersion)
	keys := []string{}
	for key := range req.Context.Overrides {
		keys = append(keys, key)
	}
	assert.ElementsMatch(t, []string{"auth_url", "username", "api_key", "project", "domain", "connection_options"}, keys)
}

// TestNoSecretOfARequestIsShown damages every request in many ways and checks
// that answer and log hold no secret.
func TestNoSecretOfARequestIsShown(t *testing.T) {
	t.Parallel()
	methods := func(req bosh.Request) (rpc.Methods, error) {
		table := echoes()
		method, ok := table[req.Method]
		if !ok {
			return table, nil
		}
		return rpc.Methods{req.Method: func(ctx context.Context, req bosh.Request) (any, error) {
			if _, err := method(ctx, req); err != nil {
				return nil, err
			}
			return nil, nil // an echo would tell everything
		}}, nil
	}
	for name, input := range callersRequests(t) {
		for _, damaged := range damage(t, input) {
			a := serveWith(t, t.Context(), func(_ context.Context, req bosh.Request) (rpc.Methods, error) { return methods(req) }, damaged)
			assert.NotContains(t, a.raw+a.log, "canary", "%s damaged to %s", name, damaged)
		}
	}
}

// damage returns the request truncated at several places, and with a secret of
// a wrong type in each of its values.
func damage(t *testing.T, input string) []string {
	t.Helper()
	damaged := []string{input + input, "canary" + input, input + "canary"}
	for i := 1; i < len(input); i += max(1, len(input)/40) {
		damaged = append(damaged, input[:i])
	}
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(input), &fields))
	put := func(key, value string) {
		changed := maps.Clone(fields)
		changed[key] = json.RawMessage(value)
		encoded, err := json.Marshal(changed)
		require.NoError(t, err)
		damaged = append(damaged, string(encoded))
	}
	var arguments []json.RawMessage
	require.NoError(t, json.Unmarshal(fields["arguments"], &arguments))
	for _, secret := range []string{`"canary"`, `["canary"]`, `{"key":"canary"}`, `{"tags":["canary"],"cpu":"canary","zeta":"canary"}`} {
		put("arguments", secret)
		put("context", secret)
		put("api_version", secret)
		longer, err := json.Marshal(append([]json.RawMessage{json.RawMessage(secret)}, arguments...))
		require.NoError(t, err)
		put("arguments", string(longer))
		for i := range arguments {
			changed := slices.Clone(arguments)
			changed[i] = json.RawMessage(secret)
			encoded, err := json.Marshal(changed)
			require.NoError(t, err)
			put("arguments", string(encoded))
		}
	}
	return damaged
}
