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

// Whatever arrives, one answer goes out, and the process ends well: create-env takes any other end for a missing answer.
func TestWrongInput(t *testing.T) {
	s := play(t)
	const context = `"context":{"director_uuid":"d"}`
	for name, test := range map[string]struct{ input, kind, words string }{
		"nothing":                 {``, "CpiError", "deserialized"},
		"spaces":                  {"\n \n", "CpiError", "deserialized"},
		"half a JSON":             {`{"method":"has_vm","argum`, "CpiError", "deserialized"},
		"two documents":           {`{"method":"ping","arguments":[],` + context + `}{}`, "CpiError", "deserialized"},
		"an array":                {`[]`, "CpiError", "object"},
		"null":                    {`null`, "CpiError", "object"},
		"text":                    {`"has_vm"`, "CpiError", "object"},
		"no method":               {`{"arguments":[],` + context + `}`, "CpiError", "Method must be a String"},
		"a number for a method":   {`{"method":5,"arguments":[],` + context + `}`, "CpiError", "Method must be a String"},
		"an unknown method":       {`{"method":"fly","arguments":[],` + context + `}`, "NotImplemented", "Method is not known, got: 'fly'"},
		"no arguments":            {`{"method":"has_vm",` + context + `}`, "CpiError", "Arguments must be an Array"},
		"an object of arguments":  {`{"method":"has_vm","arguments":{},` + context + `}`, "CpiError", "Arguments must be an Array"},
		"too few arguments":       {`{"method":"attach_disk","arguments":["a"],` + context + `}`, "CpiError", "disk_cid"},
		"too many arguments":      {`{"method":"has_vm","arguments":["a","b"],` + context + `}`, "CpiError", "at most 1"},
		"text for a size":         {`{"method":"create_disk","arguments":["big",{}],` + context + `}`, "CpiError", "size"},
		"a list of networks":      {`{"method":"create_vm","arguments":["a","s",{},[]],` + context + `}`, "CpiError", "networks"},
		"no context":              {`{"method":"has_vm","arguments":["a"]}`, "CpiError", "context"},
		"a context of nobody":     {`{"method":"has_vm","arguments":["a"],"context":{}}`, "CpiError", "director uuid"},
		"a version of text":       {`{"method":"has_vm","arguments":["a"],` + context + `,"api_version":"2"}`, "CpiError", "api_version"},
		"a version of the future": {`{"method":"has_vm","arguments":["a"],` + context + `,"api_version":4}`, "CpiError", "api_version 4"},
		"an identifier of a list": {`{"method":"has_vm","arguments":[["a"]],` + context + `}`, "CpiError", "vm_cid"},
		"letters that are none":   {"{\"method\":\"\xff\xfe\",\"arguments\":[]," + context + "}", "NotImplemented", "Method is not known"},
		"very much of nothing":    {strings.Repeat(" ", 1<<20), "CpiError", "deserialized"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, err := s.director.CPI.Run(t.Context(), []byte(test.input))
			require.NoError(t, err)
			_, err = director.ReadAnswer(run.Stdout)
			failure, ok := errors.AsType[*director.Error](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, "Bosh::Clouds::"+test.kind, failure.Type)
			assert.Contains(t, failure.Message, test.words)
			assert.False(t, failure.OKToRetry)
			assert.True(t, strings.HasPrefix(string(run.Stdout), `{"result":null,"error":{"type":`), "%s", run.Stdout)
			assert.NotContains(t, string(run.Stdout)+run.Stderr, "goroutine", "no stack for people")
		})
	}
}

// A machine that shuts down asks its processes to end. The call still answers, and what it had begun is gone: whether the
// cloud was about to make the port or the server, or was building the server.
func TestCallThatIsAskedToEnd(t *testing.T) {
	for name, later := range map[string]time.Duration{
		"with its first port": 0, "a little later": 100 * time.Millisecond, "later": 250 * time.Millisecond, "much later": 600 * time.Millisecond,
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t)
			if s.simulator != nil {
				s.simulator.Afflict(slowServer())
			}
			private := s.manual("private")
			running, err := s.director.CPI.Start(t.Context(), s.document("create_vm", s.arguments(newVM{networks: networks{private}})...))
			require.NoError(t, err)
			s.until("create_vm has made its port", func() bool {
				return len(s.ports("network_id="+s.network("private").ID+"&fixed_ips=ip_address="+fmt.Sprint(private.Spec["ip"]))) > 0
			})
			<-time.After(later)
			require.NoError(t, running.Terminate())
			run, err := running.Wait()
			require.NoError(t, err, run.Stderr)
			s.keepsSecrets(run.Stderr)
			_, err = director.ReadAnswer(run.Stdout)
			failure, ok := errors.AsType[*director.Error](err)
			require.True(t, ok, "%v", err)
			t.Log(failure)
			assert.NotContains(t, failure.Message, "left behind")
		})
	}
}
