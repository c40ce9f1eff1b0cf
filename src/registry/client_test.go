package registry_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/registry"
)

// server is a registry that stores settings by escaped path.
type server struct {
	mutex  sync.Mutex
	stored map[string]string
	status int    // answered to everything, if set
	body   string // with that status
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	user, password, _ := r.BasicAuth()
	path := r.URL.EscapedPath()
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil || user != "admin" || password != "canary-password":
		w.WriteHeader(http.StatusUnauthorized)
	case s.status != 0:
		w.WriteHeader(s.status)
		fmt.Fprint(w, s.body) //nolint:errcheck // the client sees what is missing
	case r.Method == http.MethodPut:
		s.stored[path] = string(body)
		w.WriteHeader(http.StatusCreated)
	case s.stored[path] == "":
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet:
		answer := map[string]string{"settings": s.stored[path], "status": "ok"}
		json.NewEncoder(w).Encode(answer) //nolint:errcheck // the client sees what is missing
	case r.Method == http.MethodDelete:
		delete(s.stored, path)
	}
}

func start(t *testing.T) (*server, config.Registry, *http.Client) {
	t.Helper()
	s := &server{stored: map[string]string{}}
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	return s, config.Registry{Endpoint: listening.URL, User: "admin", Password: "canary-password"}, listening.Client()
}

func TestSettingsRoundTrip(t *testing.T) {
	t.Parallel()
	s, cfg, plain := start(t)
	client := registry.New(cfg, plain)
	const settings = `{"agent_id":"a","disks":{"persistent":{}}}`

	require.NoError(t, client.Put(t.Context(), "vm-1", []byte(settings)))
	assert.Equal(t, map[string]string{"/instances/vm-1/settings": settings}, s.stored)

	got, err := client.Get(t.Context(), "vm-1")
	require.NoError(t, err)
	assert.JSONEq(t, settings, string(got))

	require.NoError(t, client.Delete(t.Context(), "vm-1"))
	assert.Empty(t, s.stored)
	require.NoError(t, client.Delete(t.Context(), "vm-1"), "deleting twice is fine")

	_, err = client.Get(t.Context(), "vm-1")
	require.EqualError(t, err, "Cannot read settings for 'vm-1', got HTTP 404")
}

func TestEndpointsAsOperatorsWriteThem(t *testing.T) {
	t.Parallel()
	s, cfg, plain := start(t)
	for _, change := range []func(string) string{
		func(base string) string { return base + "/" },
		func(base string) string { return strings.Replace(base, "http://", "http://agent:other@", 1) },
	} {
		changed := cfg
		changed.Endpoint = change(cfg.Endpoint)
		require.NoError(t, registry.New(changed, plain).Put(t.Context(), "vm-1", []byte("{}")))
		assert.Contains(t, s.stored, "/instances/vm-1/settings")
	}
}

func TestKeysAreEscaped(t *testing.T) {
	t.Parallel()
	s, cfg, plain := start(t)
	require.NoError(t, registry.New(cfg, plain).Put(t.Context(), "job/0 ü?x", []byte("{}")))
	assert.Contains(t, s.stored, "/instances/job%2F0%20%C3%BC%3Fx/settings")
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	s, cfg, plain := start(t)
	s.body = "canary-body"
	client := registry.New(cfg, plain)
	for status, want := range map[int]string{500: "got HTTP 500", 302: "got HTTP 302", 403: "got HTTP 403"} {
		s.status = status
		require.EqualError(t, client.Put(t.Context(), "k", []byte("canary-settings")), "Cannot update settings for 'k', "+want)
		require.EqualError(t, client.Delete(t.Context(), "k"), "Cannot delete settings for 'k', "+want)
		_, err := client.Get(t.Context(), "k")
		require.EqualError(t, err, "Cannot read settings for 'k', "+want)
	}
	s.status = http.StatusOK
	for _, body := range []string{"canary", "{}", `{"settings":null}`, `{"settings":{"a":"canary"}}`, ""} {
		s.body = body
		_, err := client.Get(t.Context(), "k")
		require.EqualError(t, err, `Cannot read settings for 'k', the response has no string "settings"`)
	}

	for _, endpoint := range []string{"http://admin:canary-password@127.0.0.1:1", "http://canary\x7f", "canary://admin:canary-password@h"} {
		broken := registry.New(config.Registry{Endpoint: endpoint, User: "admin", Password: "canary-password"}, plain)
		err := broken.Put(t.Context(), "k", []byte("canary-settings"))
		require.ErrorContains(t, err, "Cannot update settings for 'k', ")
		assert.NotContains(t, err.Error(), "canary-")
		assert.NotContains(t, err.Error(), "canary\x7f")
	}
}
