package jobs_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// installation is the rendered job with its compiled package, as BOSH installs
// it.
type installation struct {
	jobs, packages string
}

// install renders the job and installs an executable or another program as the
// CPI.
func install(t *testing.T, r renderer, executable string, properties map[string]any) installation {
	t.Helper()
	dir := t.TempDir()
	i := installation{jobs: filepath.Join(dir, "jobs"), packages: filepath.Join(dir, "packages")}
	for template, name := range r.spec.Templates {
		mode := os.FileMode(0o640)
		if strings.HasPrefix(name, "bin/") {
			mode = 0o750
		}
		file := filepath.Join(i.jobs, job, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
		require.NoError(t, os.WriteFile(file, []byte(r.rendered(t, template, properties)), mode))
	}
	i.addExecutable(t, "bin", executable)
	return i
}

func (i installation) addExecutable(t *testing.T, directory, executable string) {
	t.Helper()
	bin := filepath.Join(i.packages, job, directory)
	require.NoError(t, os.MkdirAll(bin, 0o750))
	require.NoError(t, os.Symlink(executable, filepath.Join(bin, "openstack_cpi")))
}

// run starts bin/cpi as BOSH does, without arguments and with a minimal
// environment, without HOME.
func (i installation) run(t *testing.T, request string, environment ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(i.jobs, job, "bin/cpi"))
	command.Env = append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "BOSH_JOBS_DIR=" + i.jobs, "BOSH_PACKAGES_DIR=" + i.packages}, environment...)
	command.Stdin = strings.NewReader(request)
	var message strings.Builder
	command.Stderr = &message
	output, err := command.Output()
	require.NoError(t, err, message.String())
	return string(output)
}

// call sends a request that needs the cloud, and returns the error of the
// response.
func (i installation) call(t *testing.T, context map[string]any) string {
	t.Helper()
	context["director_uuid"], context["request_id"] = "d", "cpi-1"
	request, err := json.Marshal(map[string]any{"method": "has_vm", "arguments": []any{"5a2c9d1e-0000-4000-8000-000000000000"}, "context": context, "api_version": 2})
	require.NoError(t, err)
	_, failure := director.ReadResponse([]byte(i.run(t, string(request))))
	require.Error(t, failure)
	return failure.Error()
}

// program writes a shell script that replaces the executable.
func program(t *testing.T, script string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(name, []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	return name
}

// keystone rejects every login and records it. An executable that logs in has
// accepted its configuration, and the request shows how it interprets it.
type keystone struct {
	mu     sync.Mutex
	logins []string
}

func (k *keystone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = []byte(err.Error())
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.logins = append(k.logins, r.URL.Path+" "+string(body))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnauthorized)
	w.Write([]byte(`{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`))
}

// login returns path and body of the login of the last call.
func (k *keystone) login(t *testing.T) string {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	require.NotEmpty(t, k.logins, "there was no login")
	return k.logins[len(k.logins)-1]
}

// newKeystone starts one and returns its URL.
func newKeystone(t *testing.T) (*keystone, string) {
	t.Helper()
	k := &keystone{}
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	return k, server.URL
}
