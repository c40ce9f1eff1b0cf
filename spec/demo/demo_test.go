package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// fakeCloud implements the requests of the demonstration itself. The objects in
// after, by the name of their list, exist once the CPI has deleted its VM.
type fakeCloud struct {
	server *httptest.Server
	config string // path of its cpi.json
	after  map[string]string
}

func newFakeCloud(t *testing.T) *fakeCloud {
	t.Helper()
	cloud := &fakeCloud{config: filepath.Join(t.TempDir(), "cpi.json"), after: map[string]string{}}
	cloud.server = httptest.NewServer(cloud)
	t.Cleanup(cloud.server.Close)
	require.NoError(t, os.WriteFile(cloud.config, []byte(`{"cloud":{"properties":{"openstack":{
		"auth_url":"`+cloud.server.URL+`/identity/v3","username":"bosh","api_key":"secret","project":"bosh","domain":"Default"}}}}`), 0o600))
	return cloud
}

func (f *fakeCloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	base := f.server.URL
	lists := map[string]string{
		"/identity/v3/auth/tokens": `{"token":{"catalog":[
			{"type":"compute","endpoints":[{"interface":"public","region":"RegionOne","url":"` + base + `/compute/v2.1"}]},
			{"type":"network","endpoints":[{"interface":"public","region":"RegionOne","url":"` + base + `/networking"}]},
			{"type":"image","endpoints":[{"interface":"public","region":"RegionOne","url":"` + base + `/image/v2/"}]},
			{"type":"volumev3","endpoints":[{"interface":"admin","url":"` + base + `/wrong"},
				{"interface":"public","region":"RegionOne","url":"` + base + `/volume/v3/project"}]}]}}`,
		"/compute/v2.1/servers/detail":        `{"servers":[{"id":"other","name":"another"}` + f.new("servers") + `]}`,
		"/compute/v2.1/os-server-groups":      `{"server_groups":[]}`,
		"/networking/v2.0/ports":              `{"ports":[{"id":"p1","fixed_ips":[{"ip_address":"10.0.0.20"}]}` + f.new("ports") + `]}`,
		"/networking/v2.0/networks":           `{"networks":[{"id":"net-1"}]}`,
		"/networking/v2.0/routers":            `{"routers":[]}`,
		"/networking/v2.0/subnets":            `{"subnets":[{"cidr":"fd00::/64","ip_version":6},{"cidr":"10.0.0.0/24","gateway_ip":"10.0.0.21","dns_nameservers":["10.0.0.2"],"ip_version":4}]}`,
		"/volume/v3/project/volumes/detail":   `{"volumes":[]}`,
		"/volume/v3/project/snapshots/detail": `{"snapshots":[]}`,
		"/image/v2/images":                    `{"images":[]}`,
	}
	body, known := lists[r.URL.Path]
	if !known {
		http.Error(w, r.URL.Path, http.StatusNotFound)
		return
	}
	w.Header().Set("X-Subject-Token", "token")
	if r.Method != http.MethodPost && r.Header.Get("X-Auth-Token") != "token" {
		w.WriteHeader(http.StatusUnauthorized)
	}
	_, _ = w.Write([]byte(body))
}

// new returns the objects that exist once the CPI has deleted its VM.
func (f *fakeCloud) new(list string) string {
	requests, err := os.ReadFile(filepath.Join(filepath.Dir(f.config), "requests.jsonl"))
	if err != nil || f.after[list] == "" || !bytes.Contains(requests, []byte(`"method":"delete_vm"`)) {
		return ""
	}
	return "," + f.after[list]
}

func (f *fakeCloud) fail(t *testing.T, method, answer string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(f.config), "fail_"+method), []byte(answer), 0o600))
}

// requests returns the requests of the fake CPI.
func (f *fakeCloud) requests(t *testing.T) []director.Request {
	t.Helper()
	file, err := os.Open(filepath.Join(filepath.Dir(f.config), "requests.jsonl"))
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()
	var all []director.Request
	for decoder := json.NewDecoder(file); decoder.More(); {
		var one director.Request
		require.NoError(t, decoder.Decode(&one))
		all = append(all, one)
	}
	return all
}

// methods returns the methods of the requests, without info.
func (f *fakeCloud) methods(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, one := range f.requests(t) {
		if one.Method != "info" {
			names = append(names, one.Method)
		}
	}
	return names
}

func (f *fakeCloud) demonstrate(t *testing.T, extra ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	args := append([]string{
		"-cpi", "testdata/fake_cpi", "-cloud", f.config, "-stemcell-mib", "1",
		"-network", "private", "-ip", "10.0.0.20-10.0.0.30", "-flavor", "m1.small",
	}, extra...)
	err := demonstrate(t.Context(), args, &out, &out)
	return out.String(), err
}

func TestLifeCycle(t *testing.T) {
	t.Parallel()
	cloud := newFakeCloud(t)
	out, err := cloud.demonstrate(t)
	require.NoError(t, err, out)

	assert.Equal(t, []string{
		"create_stemcell", "create_vm", "set_vm_metadata", "has_vm", "create_disk", "has_disk", "attach_disk",
		"set_disk_metadata", "snapshot_disk", "delete_snapshot", "detach_disk", "resize_disk", "attach_disk", "reboot_vm",
		"delete_vm", "delete_disk", "delete_stemcell", "has_vm", "has_disk",
		"create_stemcell", "create_vm", "delete_stemcell", // for the command orphans
	}, cloud.methods(t))
	row := regexp.MustCompile(`(?m)^ create_vm +server 22222222 at 10\.0\.0\.22 +\d+ +7 +\d+\.\d$`)
	assert.Regexp(t, row, out, "the first address without a port that is not the gateway, 7 calls, time and memory")
	assert.Contains(t, out, "attach_disk        hint /dev/vdb ")
	assert.Contains(t, out, "nothing left       no server, port, volume, snapshot, image, server group")
	assert.Regexp(t, `(?m)^ total +20 calls of the CPI +\d+ +52 +\d`, out)
	assert.Contains(t, out, "as a director does: 19 times")
	assert.Contains(t, out, "  deleted server 22222222-")
	assert.Equal(t, 2, strings.Count(out, "nothing left "))
}

func TestRequestsOfADirector(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2", "3"} {
		t.Run("api_version "+version, func(t *testing.T) {
			t.Parallel()
			cloud := newFakeCloud(t)
			out, err := cloud.demonstrate(t, "-api-version", version, "-az", "z1", "-volume-type", "ssd")
			require.NoError(t, err, out)
			requests := cloud.requests(t)

			assert.Equal(t, "info", requests[0].Method)
			assert.Zero(t, requests[0].APIVersion, "the version is negotiated by info")
			for i, one := range requests[1:] {
				assert.Equal(t, i%2 == 0, one.Method == "info", "info comes before %s", one.Method)
				assert.NotEmpty(t, one.Context["director_uuid"])
				assert.Regexp(t, `^cpi-\d{6}$`, one.Context["request_id"])
			}
			byMethod := map[string]director.Request{}
			for _, one := range requests {
				byMethod[one.Method] = one
			}
			assert.EqualValues(t, version[0]-'0', byMethod["create_vm"].APIVersion)
			assert.Contains(t, byMethod["attach_disk"].Context, "vm")
			assert.NotContains(t, byMethod["has_vm"].Context, "vm")
			assert.Len(t, byMethod["create_stemcell"].Arguments, int(version[0]-'0'), "tags come with version 3")
			assert.Equal(t, map[string]any{"instance_type": "m1.small", "availability_zone": "z1"}, byMethod["create_vm"].Arguments[2])
			assert.Equal(t, map[string]any{"type": "ssd"}, byMethod["create_disk"].Arguments[1])
		})
	}
}

func TestFailedStep(t *testing.T) {
	t.Parallel()
	cloud := newFakeCloud(t)
	cloud.fail(t, "snapshot_disk", `{"result":null,"error":{"type":"Bosh::Clouds::CloudError","message":"quota is used up","ok_to_retry":false},"log":""}`)
	out, err := cloud.demonstrate(t)

	require.ErrorIs(t, err, errFailed)
	assert.Contains(t, out, "snapshot_disk      FAILED")
	assert.Contains(t, out, "Bosh::Clouds::CloudError: quota is used up")
	assert.Contains(t, out, "call finished method=snapshot_disk", "the end of the CPI's log")
	methods := cloud.methods(t)
	assert.Equal(t, []string{"snapshot_disk", "delete_vm", "delete_disk", "delete_stemcell"}, methods[len(methods)-4:])
	assert.Contains(t, out, "cleaned up 22222222")
	assert.Contains(t, out, "nothing left ")
}

func TestFailedCleanUp(t *testing.T) {
	t.Parallel()
	cloud := newFakeCloud(t)
	cloud.fail(t, "delete_vm", `no JSON`)
	out, err := cloud.demonstrate(t)

	require.ErrorIs(t, err, errFailed)
	assert.Equal(t, 2, strings.Count(out, "delete_vm          FAILED"), out)
	assert.Contains(t, out, "stdout is not one JSON object")
	methods := cloud.methods(t)
	assert.Equal(t, []string{"delete_vm", "delete_vm", "delete_disk", "delete_stemcell"}, methods[len(methods)-4:])
}

func TestLeakedObjectsFailTheRun(t *testing.T) {
	t.Parallel()
	cloud := newFakeCloud(t)
	cloud.after["ports"] = `{"id":"p2","name":"vm-1","device_id":"22222222-0000-4000-8000-000000000000"}`
	cloud.after["servers"] = `{"id":"s2","name":"another new server"}`
	out, err := cloud.demonstrate(t)

	require.ErrorIs(t, err, errFailed)
	assert.Contains(t, out, "leaked: port p2 vm-1\n", "but not objects of others")
}

func TestAllMissingOptionsAreReported(t *testing.T) {
	t.Parallel()
	_, err := parseOptions([]string{"-cloud", "cpi.json", "-api-version", "1"}, &bytes.Buffer{})
	for _, name := range []string{"--cpi", "--network", "--ip", "--flavor", "--fixtures", "--api-version"} {
		assert.ErrorContains(t, err, name)
	}
}

func TestFlagsOverrideTheFixturesFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "fixtures.json")
	require.NoError(t, os.WriteFile(file, []byte(`{
		"networks":{"private":{"id":"n","subnets":[{"ip_version":4,"static_first":"10.0.0.5","static_last":"10.0.0.9"}]}},
		"flavors":{"small":{"ram":2048,"disk":20},"diskless":{"ram":512}}, "availability_zones":{"compute":["z1","z2"]},
		"volume_types":{"ssd":"an id"}, "release":"unknown keys are ignored"}`), 0o600))
	opts, err := parseOptions([]string{"-cpi", "x", "-cloud", "y", "-fixtures", file, "-flavor", "large"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.Equal(t, vmOptions{
		Network: "n", StaticIPs: "10.0.0.5-10.0.0.9", Flavor: "large", AvailabilityZone: "z1", VolumeType: "ssd",
	}, opts.vm)
	assert.False(t, opts.simulated())
}
