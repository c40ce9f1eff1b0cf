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

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// agentVMs runs the BOSH agent on this machine in place of VMs. For each server
// that the CPI creates, an agent reads the server's user data from a metadata
// service, as on a VM. Its dummy platform does not change this machine.
//
// A proxy between the CPI and the cloud detects the creation and deletion of
// servers.
type agentVMs struct {
	t       *testing.T
	agent   string // the executable
	flavor  string
	address netip.AddrPort

	mu       sync.Mutex
	userData []byte
	running  *exec.Cmd
	dirs     []string // of all agents
}

func newAgentVMs(t *testing.T, agent, flavor string) *agentVMs {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address, err := netip.ParseAddrPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	m := &agentVMs{t: t, agent: agent, flavor: flavor, address: address}
	t.Cleanup(m.stop)
	return m
}

func (m *agentVMs) manifest() vmManifest {
	return vmManifest{
		stemcell: writeStemcell(m.t), flavor: m.flavor, bosh: m.address, agent: m.address, blobs: m.t.TempDir(),
		properties: object{"connection_options": object{"proxy": m.proxy()}}, callCPI: m.callCPI,
	}
}

// callCPI runs the job in the directory of the newest agent.
func (m *agentVMs) callCPI(t *testing.T, request object) string {
	t.Helper()
	input, err := json.Marshal(request)
	require.NoError(t, err)
	dir := m.newest()
	command := exec.CommandContext(t.Context(), filepath.Join(dir, "jobs/openstack_cpi/bin/cpi"))
	command.Env = append(director.WipedEnvironment(), "BOSH_JOBS_DIR="+filepath.Join(dir, "jobs"), "BOSH_PACKAGES_DIR="+filepath.Join(dir, "packages"))
	command.Stdin = bytes.NewReader(input)
	output, err := command.Output()
	require.NoError(t, err, "%s", output)
	return string(output)
}

// newest returns the directory of the newest agent.
func (m *agentVMs) newest() string {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	require.NotEmpty(m.t, m.dirs)
	return m.dirs[len(m.dirs)-1]
}

// proxy starts a forward proxy and returns its URL.
func (m *agentVMs) proxy() string {
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Transport:      &http.Transport{Proxy: nil},
		Rewrite:        func(r *httputil.ProxyRequest) { m.keepUserData(r.Out) },
		ModifyResponse: m.controlAgent,
		// The CPI may close a connection before the end of a response.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	m.t.Cleanup(proxy.Close)
	return proxy.URL
}

var serverPath = regexp.MustCompile(`/servers/[0-9a-f-]{36}$`)

// keepUserData stores the user data of a request to create a server.
func (m *agentVMs) keepUserData(r *http.Request) {
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
		m.userData, _ = base64.StdEncoding.DecodeString(request.Server.UserData) //nolint:errcheck // the agent then reads empty user data
	}
}

// controlAgent starts an agent when a server is created and stops it when the
// server is deleted.
func (m *agentVMs) controlAgent(response *http.Response) error {
	r := response.Request
	switch {
	case r.Method == http.MethodPost && filepath.Base(r.URL.Path) == "servers" && response.StatusCode == http.StatusAccepted:
		return m.start()
	case r.Method == http.MethodDelete && serverPath.MatchString(r.URL.Path) && response.StatusCode == http.StatusNoContent:
		m.stop()
	}
	return nil
}

// start starts an agent in an empty directory, with its own metadata service.
func (m *agentVMs) start() error {
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
	// The agent is not bound to the request's context; stop ends it.
	agent := exec.Command(m.agent, "-P", "dummy", "-M", "dummy", "-C", config, "-b", dir)
	agent.Stdout, agent.Stderr = log, log
	// Packages of this VM are compiled with those of this VM.
	agent.Env = append(os.Environ(), "BOSH_PACKAGES_DIR="+filepath.Join(dir, "packages"))
	agent.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	m.running = agent
	return agent.Start()
}

// stop ends the running agent, if there is one.
func (m *agentVMs) stop() {
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

func (m *agentVMs) read(name string, into any) {
	m.t.Helper()
	content, err := os.ReadFile(filepath.Join(m.newest(), name))
	require.NoError(m.t, err)
	require.NoError(m.t, json.Unmarshal(content, into), "%s", content)
}

// check reads the agent's record of mounted disks; the dummy platform mounts
// none.
func (m *agentVMs) check(_ netip.Addr, disk string) {
	m.t.Helper()
	var mounts []struct{ DiskCid string }
	m.read("bosh/mounts.json", &mounts)
	require.Len(m.t, mounts, 1)
	assert.Equal(m.t, disk, mounts[0].DiskCid)
}

func (m *agentVMs) logs() string {
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
