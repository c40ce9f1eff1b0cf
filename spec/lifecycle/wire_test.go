package lifecycle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// Any input produces one response and exit status 0: create-env ignores the
// response of a process with another status.
func TestWrongInput(t *testing.T) {
	s := newScenario(t)
	const context = `"context":{"director_uuid":"d"}`
	for name, test := range map[string]struct{ input, kind, words string }{
		"nothing":                    {``, "CpiError", "deserialized"},
		"spaces":                     {"\n \n", "CpiError", "deserialized"},
		"truncated JSON":             {`{"method":"has_vm","argum`, "CpiError", "deserialized"},
		"two documents":              {`{"method":"ping","arguments":[],` + context + `}{}`, "CpiError", "deserialized"},
		"an array":                   {`[]`, "CpiError", "object"},
		"null":                       {`null`, "CpiError", "object"},
		"text":                       {`"has_vm"`, "CpiError", "object"},
		"no method":                  {`{"arguments":[],` + context + `}`, "CpiError", "Method must be a String"},
		"a number as method":         {`{"method":5,"arguments":[],` + context + `}`, "CpiError", "Method must be a String"},
		"an unknown method":          {`{"method":"fly","arguments":[],` + context + `}`, "NotImplemented", "Method is not known, got: 'fly'"},
		"no arguments":               {`{"method":"has_vm",` + context + `}`, "CpiError", "Arguments must be an Array"},
		"an object as arguments":     {`{"method":"has_vm","arguments":{},` + context + `}`, "CpiError", "Arguments must be an Array"},
		"too few arguments":          {`{"method":"attach_disk","arguments":["a"],` + context + `}`, "CpiError", "disk_cid"},
		"too many arguments":         {`{"method":"has_vm","arguments":["a","b"],` + context + `}`, "CpiError", "at most 1"},
		"text as size":               {`{"method":"create_disk","arguments":["big",{}],` + context + `}`, "CpiError", "size"},
		"a list as networks":         {`{"method":"create_vm","arguments":["a","s",{},[]],` + context + `}`, "CpiError", "networks"},
		"no context":                 {`{"method":"has_vm","arguments":["a"]}`, "CpiError", "context"},
		"a context without director": {`{"method":"has_vm","arguments":["a"],"context":{}}`, "CpiError", "director uuid"},
		"a version as text":          {`{"method":"has_vm","arguments":["a"],` + context + `,"api_version":"2"}`, "CpiError", "api_version"},
		"an unsupported version":     {`{"method":"has_vm","arguments":["a"],` + context + `,"api_version":4}`, "CpiError", "api_version 4"},
		"a list as identifier":       {`{"method":"has_vm","arguments":[["a"]],` + context + `}`, "CpiError", "vm_cid"},
		"invalid UTF-8":              {"{\"method\":\"\xff\xfe\",\"arguments\":[]," + context + "}", "NotImplemented", "Method is not known"},
		"many spaces":                {strings.Repeat(" ", 1<<20), "CpiError", "deserialized"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, err := s.director.CPI.Run(t.Context(), []byte(test.input))
			require.NoError(t, err)
			_, err = director.ReadResponse(run.Stdout)
			failure, ok := errors.AsType[*director.Error](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, "Bosh::Clouds::"+test.kind, failure.Type)
			assert.Contains(t, failure.Message, test.words)
			assert.False(t, failure.OKToRetry)
			assert.True(t, strings.HasPrefix(string(run.Stdout), `{"result":null,"error":{"type":`), "%s", run.Stdout)
			assert.NotContains(t, string(run.Stdout)+run.Stderr, "goroutine", "no stack trace")
		})
	}
}

// A machine that shuts down sends SIGTERM to its processes. The call still
// returns a response and undoes what it has created, whether it was creating
// the port or the server, or waiting for the server.
func TestTerminatedCall(t *testing.T) {
	for name, later := range map[string]time.Duration{
		"after the port": 0, "100 ms later": 100 * time.Millisecond, "250 ms later": 250 * time.Millisecond, "600 ms later": 600 * time.Millisecond,
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			if s.simulator != nil {
				s.simulator.InjectStateFault(slowServer())
			}
			private := s.manual("private")
			running, err := s.director.CPI.Start(t.Context(), s.document("create_vm", s.arguments(vmArguments{networks: networks{private}})...))
			require.NoError(t, err)
			s.waitUntil("create_vm has created its port", func() bool {
				return len(s.ports("network_id="+s.network("private").ID+"&fixed_ips=ip_address="+fmt.Sprint(private.Spec["ip"]))) > 0
			})
			<-time.After(later)
			require.NoError(t, running.Terminate())
			run, err := running.Wait()
			require.NoError(t, err, run.Stderr)
			s.assertNoSecrets(run.Stderr)
			_, err = director.ReadResponse(run.Stdout)
			failure, ok := errors.AsType[*director.Error](err)
			require.True(t, ok, "%v", err)
			t.Log(failure)
			assert.NotContains(t, failure.Message, "left behind")
		})
	}
}
