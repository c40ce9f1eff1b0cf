package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// try runs the command call on the installation.
func (i *installation) try(terminal bool, args ...string) (code int, stdout, stderr string) {
	i.Helper()
	var out, logs bytes.Buffer
	s := streams{strings.NewReader(""), &out, &logs}
	chosen, _, found := find([]string{"call"})
	require.True(i, found)
	chosen.create = func(s streams) tool {
		c := newCallCommand(s)
		c.transport, c.resultOnTerminal, c.messagesOnTerminal = i, terminal, terminal
		return c
	}
	code = chosen.execute(i.Context(), append([]string{"-config", i.config}, args...), s)
	assert.NotContains(i, out.String()+logs.String(), "canary")
	return code, out.String(), logs.String()
}

func TestMethodIsCalledByHand(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		code, stdout, stderr := i.try(false, "create_disk", "1024", "{}")
		assert.Equal(t, 0, code, stderr)
		var disk string
		require.NoError(t, json.Unmarshal([]byte(stdout), &disk))
		assert.Contains(t, stderr, "call started method=create_disk global_request_id=req-")
		assert.Contains(t, stderr, "call finished")

		code, stdout, stderr = i.try(true, "has_disk", disk)
		assert.Equal(t, 0, code, stderr)
		assert.Equal(t, "true\n", stdout)
		assert.NotContains(t, stderr, "INFO", "a terminal shows the progress instead")

		code, stdout, stderr = i.try(true, "create_disk", "1024", "{}", "-dry-run", "-director", "d")
		assert.Equal(t, 0, code, stderr)
		assert.Contains(t, stdout, `"director_uuid": "d"`)

		code, stdout, stderr = i.try(true, "info")
		assert.Equal(t, 0, code, stderr)
		assert.Contains(t, stdout, "{\n  \"api_version\": 3,")
	})
}

func TestMethodThatFailsByHand(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		code, stdout, stderr := i.try(true, "attach_disk", "5a2c9d1e-0000-4000-8000-000000000000", "5a2c9d1e-0000-4000-8000-000000000001")
		assert.Equal(t, 1, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, "openstack_cpi call: VMNotFound: ")
	})
}

func TestWrongUseOfCall(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		damaged := i.file("damaged.json", "{")
		for words, args := range map[string][]string{
			"METHOD is missing":                  {},
			`unknown method "has_disc"; methods`: {"has_disc", "x"},
			"open /absent":                       {"has_vm", "@/absent"},
			"damaged.json is not JSON":           {"has_vm", "@" + damaged},
			"-context is not a JSON object":      {"-context", "[]", "has_vm", "x"},
			"there is no option -fly":            {"has_vm", "x", "-fly"},
		} {
			code, stdout, stderr := i.try(false, args...)
			assert.Equal(t, 2, code, words)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, words)
			assert.Contains(t, stderr, "See openstack_cpi call -help.")
		}
		i.config = ""
		_, _, stderr := i.try(false, "has_vm", "x", "-config", "")
		assert.Contains(t, stderr, "-config is missing")
		assert.Empty(t, i.cloud.Journal())
	})
}

func TestTraceOfACall(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		networks, err := json.Marshal(i.network("10.0.0.10"))
		require.NoError(t, err)
		secrets, err := json.Marshal(env)
		require.NoError(t, err)
		i.cloud.Inject(simulator.Fault{On: "GET /flavors/detail", Status: http.StatusServiceUnavailable})
		code, stdout, stderr := i.try(false, "-trace", "-request-id", "cpi-123456", "-director", "d-uuid",
			"create_vm", "agent", i.image(), `{"instance_type":"m1.small"}`, "@"+i.file("networks.json", string(networks)), "[]", string(secrets))
		assert.Equal(t, 0, code, stderr)
		assert.Contains(t, stdout, `["`)
		for _, part := range []string{
			"> POST http://cloud/identity/v3/auth/tokens (at 0.000 s)", `"password": "<redacted>"`, "> X-Openstack-Request-Id: req-d91818ee-a365-8149-a05f-1f203668311f",
			"< 503 Service Unavailable after 0.000 s", `"user_data": "<redacted>"`, `"adminPass": "<redacted>"`, "< 202 Accepted after 0.000 s, request req-",
		} {
			assert.Contains(t, stderr, part)
		}
		_, stderr, _ = strings.Cut(stderr, "POST http://cloud/compute/v2.1/servers ")
		assert.Contains(t, stderr, `"adminPass": "<redacted>"`)
	})
}

// dryRun is the output of a dry run that is not shown on a terminal.
type dryRun struct {
	Method, URL, Creates string
	Body                 json.RawMessage
	Stream               bool
	Returns              json.RawMessage
	EndsBefore           *struct{ Method, URL string } `json:"ends_before"`
}

// dryRuns runs a method with -dry-run, checks that nothing changed, and returns
// "POST /ports" for each write, and how the run ended.
func (i *installation) dryRuns(method string, arguments ...any) (writes []string, end dryRun) {
	i.Helper()
	before := i.cloud.Inventory()
	i.cloud.ResetJournal()
	words := []string{"-dry-run", "-director", "d-uuid", method}
	for _, argument := range arguments {
		word, err := json.Marshal(argument)
		require.NoError(i, err)
		words = append(words, string(word))
	}
	code, stdout, stderr := i.try(false, words...)
	require.Equal(i, 0, code, stderr)
	for _, exchange := range i.cloud.Journal() {
		assert.False(i, exchange.Write, "%s was sent", exchange.Call())
	}
	<-time.After(10 * time.Minute) // what was abandoned ends
	assert.Empty(i, i.cloud.Inventory().Diff(before))
	assert.NotContains(i, stderr, "left behind")
	for line := range strings.Lines(stdout) {
		end = dryRun{}
		require.NoError(i, json.Unmarshal([]byte(line), &end), line)
		if end.Method != "" {
			path := strings.TrimPrefix(end.URL, "http://cloud/")
			writes = append(writes, end.Method+" "+path)
		}
	}
	return writes, end
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		var created []json.RawMessage
		var vm, disk, snapshot, cid string
		archive := stemcellArchive(t)
		stemcell := map[string]any{"name": "s", "version": "1", "disk_format": "qcow2", "container_format": "bare"}
		arguments := []any{"agent", i.image(), map[string]any{"instance_type": "m1.small"}, i.network("10.0.0.11"), []string{}, env}
		i.must(&cid, "create_stemcell", archive, stemcell)
		i.must(&created, "create_vm", "agent", cid, map[string]any{"instance_type": "m1.small"}, i.network("10.0.0.10"), []string{}, env)
		require.NoError(t, json.Unmarshal(created[0], &vm))
		i.must(&disk, "create_disk", 1024, map[string]any{}, vm)
		i.must(&snapshot, "snapshot_disk", disk, map[string]any{})
		server, volume := "compute/v2.1/servers/"+vm, "volume/v3/"+i.cloud.Fixtures().ProjectID+"/volumes"
		for _, test := range []struct {
			method    string
			arguments []any
			writes    []string // of a port, its id is replaced
			end       string   // path of the read that ends the dry run
		}{
			{
				"create_stemcell",
				[]any{archive, map[string]any{"name": "s", "version": "2", "disk_format": "qcow2", "container_format": "bare"}},
				[]string{"POST image/v2/images", "PUT image/v2/images/" + madeUp + "1/file"},
				"",
			},
			{"delete_stemcell", []any{cid}, []string{"DELETE image/v2/images/" + cid}, ""},
			{"create_vm", arguments, []string{"POST networking/v2.0/ports", "POST compute/v2.1/servers"}, ""},
			{"set_vm_metadata", []any{vm, map[string]any{"name": "job/0"}}, []string{"POST " + server + "/metadata", "PUT " + server}, ""},
			{"reboot_vm", []any{vm}, []string{"POST " + server + "/action"}, server},
			{"create_disk", []any{1024, map[string]any{}, vm}, []string{"POST " + volume}, ""},
			{"attach_disk", []any{vm, disk}, []string{"POST " + server + "/os-volume_attachments"}, volume + "/" + disk},
			{"set_disk_metadata", []any{disk, map[string]any{"deployment": "cf"}}, []string{"POST " + volume + "/" + disk + "/metadata"}, ""},
			{"resize_disk", []any{disk, 2048}, []string{"POST " + volume + "/" + disk + "/action"}, volume + "/" + disk},
			{"snapshot_disk", []any{disk, map[string]any{}}, []string{"POST " + strings.Replace(volume, "volumes", "snapshots", 1)}, ""},
			{"delete_snapshot", []any{snapshot}, []string{"DELETE " + strings.Replace(volume, "volumes", "snapshots", 1) + "/" + snapshot}, ""},
			{"delete_disk", []any{disk}, []string{"DELETE " + volume + "/" + disk}, ""},
			{"delete_vm", []any{vm}, []string{"DELETE " + server, "DELETE networking/v2.0/ports/" + i.portOf(vm)}, ""},
			{"has_vm", []any{vm}, nil, ""},
		} {
			writes, end := i.dryRuns(test.method, test.arguments...)
			assert.Equal(t, test.writes, writes, test.method)
			if test.end == "" {
				require.Nil(t, end.EndsBefore, test.method)
				assert.NotEmpty(t, end.Returns, test.method)
				continue
			}
			require.NotNil(t, end.EndsBefore, test.method)
			assert.Equal(t, "http://cloud/"+test.end, end.EndsBefore.URL, test.method)
		}
	})
}

const madeUp = "00000000-0000-4000-8000-00000000000"

// portOf returns the id of the only port of a server.
func (i *installation) portOf(server string) string {
	i.Helper()
	ports := []string{}
	for key, object := range i.cloud.Inventory() {
		if id, isPort := strings.CutPrefix(key, "port "); isPort && strings.Contains(fmt.Sprint(object), server) {
			ports = append(ports, id)
		}
	}
	require.Len(i, ports, 1)
	return ports[0]
}

func TestDryRunOnATerminal(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		networks, err := json.Marshal(i.network("10.0.0.10"))
		require.NoError(t, err)
		secrets, err := json.Marshal(env)
		require.NoError(t, err)
		i.delay = 100 * time.Millisecond
		code, stdout, stderr := i.try(true, "-dry-run", "create_vm", "agent", i.image(), `{"instance_type":"m1.small"}`, string(networks), "[]", string(secrets))
		assert.Equal(t, 0, code, stderr)
		for _, part := range []string{
			"POST http://cloud/networking/v2.0/ports\n{\n  \"port\": {\n", "  creates " + madeUp + "1\n", `"user_data": "<redacted>"`,
			`"port": "` + madeUp + `1"`, "The method would return [\"" + madeUp + "2\"",
		} {
			assert.Contains(t, stdout, part)
		}
		assert.Contains(t, stderr, "create_vm 0.", "the progress")
		assert.True(t, strings.HasSuffix(stderr, clearLine), "the progress is erased")
	})
}
