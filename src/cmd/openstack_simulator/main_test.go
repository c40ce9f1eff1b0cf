package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// executable is the built command.
var executable string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "openstack-simulator-")
	if err != nil {
		panic(err)
	}
	executable = filepath.Join(dir, "openstack-simulator")
	if message, err := exec.Command("go", "build", "-buildvcs=false", "-o", executable, ".").CombinedOutput(); err != nil {
		panic(string(message))
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// process is a running openstack-simulator.
type process struct {
	t     *testing.T
	url   string
	out   *bufio.Reader
	token string
}

// start starts the command. It ends with the test, and its exit code must be 0.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	command := exec.Command(executable, args...)
	command.Stderr = t.Output()
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		assert.NoError(t, command.Process.Signal(syscall.SIGTERM))
		assert.NoError(t, command.Wait())
	})
	p := &process{t: t, out: bufio.NewReader(stdout)}
	line, err := p.out.ReadString('\n')
	require.NoError(t, err)
	p.url = strings.TrimSpace(line)
	return p
}

// fails runs the command and returns what it prints when it refuses to start.
func fails(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(executable, args...).CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, string(out))
	assert.Equal(t, 1, exit.ExitCode())
	return string(out)
}

func (p *process) send(method, path, body string) (status int, text string, header http.Header) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	require.NoError(p.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Auth-Token", p.token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(p.t, err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return resp.StatusCode, string(content), resp.Header
}

func (p *process) login(user, password string) int {
	p.t.Helper()
	status, _, header := p.send(http.MethodPost, "/identity/v3/auth/tokens", `{"auth":{"identity":{"methods":["password"],
		"password":{"user":{"name":"`+user+`","password":"`+password+`","domain":{"name":"Default"}}}}}}`)
	p.token = header.Get("X-Subject-Token")
	return status
}

// get decodes the JSON of a path.
func (p *process) get(path string, target any) {
	p.t.Helper()
	status, text, _ := p.send(http.MethodGet, path, "")
	require.Equal(p.t, http.StatusOK, status, text)
	require.NoError(p.t, json.Unmarshal([]byte(text), target), text)
}

func (p *process) volumes() string {
	var fixtures struct {
		ProjectID string `json:"project_id"`
	}
	p.get("/simulator/fixtures", &fixtures)
	return "/volume/v3/" + fixtures.ProjectID + "/volumes"
}

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.json")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

type config struct {
	Cloud struct {
		Properties struct {
			OpenStack map[string]any `json:"openstack"`
		} `json:"properties"`
	} `json:"cloud"`
}

func TestPrintsItsConfiguration(t *testing.T) {
	t.Parallel()
	p := start(t, "--user", "alice", "--password", "secret", "--region", "north", "--region", "south")
	var printed config
	require.NoError(t, json.NewDecoder(p.out).Decode(&printed))
	openstack := printed.Cloud.Properties.OpenStack
	assert.Equal(t, p.url+"/identity/v3", openstack["auth_url"])
	assert.Equal(t, "alice", openstack["username"])
	assert.Equal(t, "north", openstack["region"])
	assert.Equal(t, http.StatusCreated, p.login("alice", "secret"))
	assert.Equal(t, http.StatusUnauthorized, p.login("alice", "x"))
}

func TestWritesItsConfiguration(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "cpi.json")
	p := start(t, "--write-config", name, "--listen", "127.0.0.1:0")
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	var written config
	require.NoError(t, json.Unmarshal(content, &written))
	assert.Equal(t, p.url+"/identity/v3", written.Cloud.Properties.OpenStack["auth_url"])
}

func TestRefusesWrongFlags(t *testing.T) {
	t.Parallel()
	message := fails(t, "--quota", "cors=1", "--latency", "server-bild=1s", "--latency-scale=-1", "--nova-microversion", "3.1")
	for _, problem := range []string{
		"--quota: there is no quota cors; the names are instances, cores,", "--latency: there is no latency server-bild; the names are",
		"--latency-scale: the factor must not be negative", "--nova-microversion: 3.1 is not a microversion such as 2.60",
	} {
		assert.Contains(t, message, problem)
	}
	assert.Contains(t, fails(t, "--listen", "192.0.2.1:80"), "192.0.2.1:80 is not a loopback address")
	assert.Contains(t, fails(t, "--servers", "2", "--quota", "instances=1"), "Quota exceeded for instances")
}

func TestRefusesWrongFaults(t *testing.T) {
	t.Parallel()
	message := fails(t, "--faults", file(t, `{"faults": [{"on": "POST /servers", "status": 503, "tims": 2}, {"on": "GET /nothing", "kind": "lost"}],
		"state_faults": [{"resource": "disk", "phase": "create", "slow": "1"}], "more": 1}`))
	for _, problem := range []string{
		"faults[0].tims: unknown key", "faults[1].on: no service has GET /nothing",
		"faults[1].kind: lost is not one of: answered, lost answer, unanswered, dropped, refused, delayed, altered",
		`state_faults[0].resource: "disk" is not one of: server, volume`, `state_faults[0].slow: 1 is not a duration such as "1.5s"`,
		"more: unknown key",
	} {
		assert.Contains(t, message, problem)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	p := start(t, "--faults", file(t, `{"faults": [{"on": "GET /flavors", "status": 503, "header": {"Retry-After": "5"}}]}`))
	require.Equal(t, http.StatusCreated, p.login("bosh", "simulator"))
	status, _, header := p.send(http.MethodGet, "/compute/v2.1/flavors", "")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Equal(t, "5", header.Get("Retry-After"))
	status, _, _ = p.send(http.MethodGet, "/compute/v2.1/flavors", "")
	assert.Equal(t, http.StatusOK, status)

	status, text, _ := p.send(http.MethodPost, "/simulator/faults", `{"faults": [{"write": true, "status": 500, "times": -1}]}`)
	require.Equal(t, http.StatusNoContent, status, text)
	volume := `{"volume":{"name":"v","size":1}}`
	status, _, _ = p.send(http.MethodPost, p.volumes(), volume)
	assert.Equal(t, http.StatusInternalServerError, status)
	status, _, _ = p.send(http.MethodDelete, "/simulator/faults", "")
	require.Equal(t, http.StatusNoContent, status)
	status, _, _ = p.send(http.MethodPost, p.volumes(), volume)
	assert.Equal(t, http.StatusAccepted, status)

	status, text, _ = p.send(http.MethodPost, "/simulator/faults", `{"fault": []}`)
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Equal(t, "fault: unknown key\n", text)
}

func TestCanBeExaminedAndChanged(t *testing.T) {
	t.Parallel()
	p := start(t, "--latency-scale", "0", "--servers", "3", "--ports", "2", "--volumes", "4", "--flavors", "5", "--networks", "2",
		"--security-groups", "2", "--floating-ips", "1", "--key-pairs", "1", "--server-groups", "1", "--snapshots", "2", "--images", "1")
	require.Equal(t, http.StatusCreated, p.login("bosh", "simulator"))
	var lines []string
	p.get("/simulator/leaks", &lines)
	assert.Empty(t, lines, "the population is part of the baseline")
	var inventory map[string]struct {
		Name   string            `json:"name"`
		Fields map[string]string `json:"fields"`
	}
	p.get("/simulator/inventory", &inventory)
	found := map[string]string{}
	for _, object := range inventory {
		found[object.Name] = object.Fields["status"]
	}
	assert.Equal(t, "active", found["server-3"])
	assert.Equal(t, "available", found["volume-4"])
	assert.Equal(t, "available", found["snapshot-2"])
	assert.Equal(t, "active", found["image-1"])
	for _, name := range []string{"port-2", "network-2", "group-2", "key-1", "server-group-1"} {
		assert.Contains(t, found, name)
	}

	status, _, _ := p.send(http.MethodPost, p.volumes(), `{"volume":{"name":"new","size":1}}`)
	require.Equal(t, http.StatusAccepted, status)
	p.get("/simulator/leaks", &lines)
	require.Len(t, lines, 1)
	assert.Regexp(t, `^volume \S+ \(new\)$`, lines[0])
	status, _, _ = p.send(http.MethodPut, "/simulator/baseline", "")
	require.Equal(t, http.StatusNoContent, status)
	p.get("/simulator/changes", &lines)
	assert.Empty(t, lines)

	var journal []struct {
		Seq    int    `json:"seq"`
		Method string `json:"method"`
		Route  string `json:"route"`
	}
	p.get("/simulator/journal?after=1", &journal)
	require.Len(t, journal, 1)
	assert.Equal(t, "POST /volumes", journal[0].Method+" "+journal[0].Route)

	status, _, _ = p.send(http.MethodPut, "/simulator/quotas/volumes", "5")
	require.Equal(t, http.StatusNoContent, status)
	status, text, _ := p.send(http.MethodPost, p.volumes(), `{"volume":{"name":"over","size":1}}`)
	assert.Equal(t, http.StatusRequestEntityTooLarge, status, text)
	p.get("/simulator/violations", &lines)
	assert.Empty(t, lines)

	status, _, _ = p.send(http.MethodPost, "/simulator/revoke-tokens", "")
	require.Equal(t, http.StatusNoContent, status)
	status, _, _ = p.send(http.MethodGet, "/compute/v2.1/flavors", "")
	assert.Equal(t, http.StatusUnauthorized, status)
	status, _, _ = p.send(http.MethodGet, "/simulator/nothing", "")
	assert.Equal(t, http.StatusNotFound, status)
}

func TestHelpHasExamples(t *testing.T) {
	t.Parallel()
	help, err := exec.Command(executable, "--help").Output()
	require.NoError(t, err)
	assert.True(t, bytes.Contains(help, []byte("openstack-simulator --faults faults.json")), string(help))
}
