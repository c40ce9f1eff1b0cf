package release_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// playedMachines play the VMs of a cloud that boots none: for the server that the CPI creates, the real BOSH agent runs here. It
// reads the server's user data from the metadata service, as on a VM, but keeps its hands off this machine.
//
// They see what the CPI does by being its proxy.
type playedMachines struct {
	t       *testing.T
	agent   string // the executable
	flavor  string
	address netip.AddrPort

	mu       sync.Mutex
	userData []byte
	running  *exec.Cmd
	dirs     []string // of all agents so far
}

func newPlayedMachines(t *testing.T, agent, flavor string) *playedMachines {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address, err := netip.ParseAddrPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	m := &playedMachines{t: t, agent: agent, flavor: flavor, address: address}
	t.Cleanup(m.stop)
	return m
}

func (m *playedMachines) about() about {
	return about{
		stemcell: writeStemcell(m.t), flavor: m.flavor, bosh: m.address, agent: m.address, blobs: m.t.TempDir(),
		properties: object{"connection_options": object{"proxy": m.proxy()}},
	}
}

// proxy starts a forward proxy and returns its URL.
func (m *playedMachines) proxy() string {
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Transport:      &http.Transport{Proxy: nil},
		Rewrite:        func(r *httputil.ProxyRequest) { m.keepUserData(r.Out) },
		ModifyResponse: m.follow,
		// A CPI that has its answer may hang up on the rest.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	m.t.Cleanup(proxy.Close)
	return proxy.URL
}

var serverPath = regexp.MustCompile(`/servers/[0-9a-f-]{36}$`)

// keepUserData reads what a request to create a server holds.
func (m *playedMachines) keepUserData(r *http.Request) {
	if r.Method != http.MethodPost || filepath.Base(r.URL.Path) != "servers" {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var request struct {
		Server struct {
			UserData string `json:"user_data"`
		}
	}
	if json.Unmarshal(body, &request) == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.userData, _ = base64.StdEncoding.DecodeString(request.Server.UserData) //nolint:errcheck // then the agent finds none
	}
}

// follow starts and stops agents as the cloud does with servers.
func (m *playedMachines) follow(response *http.Response) error {
	r := response.Request
	switch {
	case r.Method == http.MethodPost && filepath.Base(r.URL.Path) == "servers" && response.StatusCode == http.StatusAccepted:
		return m.start()
	case r.Method == http.MethodDelete && serverPath.MatchString(r.URL.Path) && response.StatusCode == http.StatusNoContent:
		m.stop()
	}
	return nil
}

// start boots a new machine: an agent in an empty directory, with a metadata service of its own.
func (m *playedMachines) start() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	userData := m.userData
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/latest/user-data" {
			http.NotFound(w, r)
			return
		}
		w.Write(userData)
	}))
	m.t.Cleanup(metadata.Close)
	dir := filepath.Join(m.t.TempDir(), "vcap")
	m.dirs = append(m.dirs, dir)
	config := filepath.Join(filepath.Dir(dir), "agent.json")
	settings := fmt.Sprintf(`{"Infrastructure": {"Settings": {"Sources": [
		{"Type": "HTTP", "URI": %q, "UserDataPath": "/latest/user-data", "SSHKeysPath": "/latest/meta-data/public-keys/0/openssh-key"}
	]}}}`, metadata.URL)
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "bosh"), 0o750); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(filepath.Dir(dir), "agent.log"))
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the agent writes to it
	// The agent outlives this request, and stop ends it.
	agent := exec.Command(m.agent, "-P", "dummy", "-M", "dummy", "-C", config, "-b", dir)
	agent.Stdout, agent.Stderr = log, log
	agent.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	m.running = agent
	return agent.Start()
}

// stop ends the machine that runs, if any does.
func (m *playedMachines) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running == nil {
		return
	}
	if m.running.Process.Kill() == nil {
		m.running.Wait() //nolint:errcheck // it was killed
	}
	m.running = nil
}

func (m *playedMachines) read(name string, into any) {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	require.NotEmpty(m.t, m.dirs)
	content, err := os.ReadFile(filepath.Join(m.dirs[len(m.dirs)-1], name))
	require.NoError(m.t, err)
	require.NoError(m.t, json.Unmarshal(content, into), "%s", content)
}

// check believes the agent, which only pretends to mount.
func (m *playedMachines) check(_ netip.Addr, disk string) {
	m.t.Helper()
	var mounts []struct{ DiskCid string }
	m.read("bosh/mounts.json", &mounts)
	require.Len(m.t, mounts, 1)
	assert.Equal(m.t, disk, mounts[0].DiskCid)
}

func (m *playedMachines) logs() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.dirs) == 0 {
		return "no server was created"
	}
	content, err := os.ReadFile(filepath.Join(filepath.Dir(m.dirs[len(m.dirs)-1]), "agent.log"))
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-4000):])
}
