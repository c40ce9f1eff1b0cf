package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// installation is a configured CPI on a simulated cloud. Every secret in its
// configuration and its requests contains the word "canary".
type installation struct {
	*testing.T
	cloud    *simulator.Simulator
	registry *registry
	config   string
	// stderr is the log of all calls.
	stderr bytes.Buffer
	api    any
	// stemcell is the API version of the VMs' stemcell.
	stemcell int
	// metadata is the response of the metadata service.
	metadata string
	// extra is added to the context of requests.
	extra map[string]any
	// echo is the header of requests whose value the compute service quotes in
	// an error; empty for none.
	echo string
	// delay is how long every request takes.
	delay time.Duration
	// stdin is what commands read.
	stdin string
	// overNetwork is whether requests are sent over the network.
	overNetwork bool
}

func installed(t *testing.T, options simulator.Options, test func(i *installation)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		options.Password = "canary-password"
		i := &installation{T: t, cloud: simulator.New(options), registry: &registry{settings: map[string]string{}}, api: 2, stemcell: 3, extra: map[string]any{}}
		i.configure(map[string]any{"log_level": "debug"})
		test(i)
		assert.Empty(t, i.cloud.Violations())
		assert.NotContains(t, i.stderr.String(), "canary")
	})
}

// configure writes a cpi.json with the given properties.
func (i *installation) configure(properties map[string]any) {
	i.Helper()
	var document map[string]map[string]map[string]map[string]any
	var loose map[string]any
	require.NoError(i, json.Unmarshal(i.cloud.CPIConfig("http://cloud"), &loose))
	delete(loose["cloud"].(map[string]any), "plugin")
	data, err := json.Marshal(loose)
	require.NoError(i, err)
	require.NoError(i, json.Unmarshal(data, &document))
	all := document["cloud"]["properties"]
	maps.Copy(all["openstack"], properties)
	all["agent"] = map[string]any{"mbus": "nats://nats:canary-mbus@127.0.0.1:4222", "ntp": []string{"10.0.0.1"}}
	all["registry"] = map[string]any{"endpoint": "http://registry:25777", "user": "admin", "password": "canary-registry"}
	data, err = json.Marshal(document)
	require.NoError(i, err)
	i.config = filepath.Join(i.TempDir(), "cpi.json")
	require.NoError(i, os.WriteFile(i.config, data, 0o600))
}

// RoundTrip sends requests to the cloud, the registry or the metadata service.
func (i *installation) RoundTrip(request *http.Request) (*http.Response, error) {
	select {
	case <-time.After(i.delay):
	case <-request.Context().Done():
		return nil, context.Cause(request.Context())
	}
	if request.URL.Host == "169.254.169.254" {
		recorder := httptest.NewRecorder()
		_, err := recorder.WriteString(i.metadata)
		return recorder.Result(), err
	}
	if request.URL.Host == "registry:25777" {
		recorder := httptest.NewRecorder()
		i.registry.ServeHTTP(recorder, request)
		return recorder.Result(), nil
	}
	if i.echo != "" && request.Header.Get(i.echo) != "" {
		recorder := httptest.NewRecorder()
		recorder.WriteHeader(http.StatusForbidden)
		_, err := recorder.WriteString("the token is " + request.Header.Get(i.echo))
		return recorder.Result(), err
	}
	return i.cloud.Transport().RoundTrip(request)
}

// answer is the answer on stdout.
type answer struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Type      string `json:"type"`
		Message   string `json:"message"`
		OKToRetry bool   `json:"ok_to_retry"`
	} `json:"error"`
	Log *string `json:"log"`
}

// send serves one request.
func (i *installation) send(request string) answer {
	i.Helper()
	var stdout bytes.Buffer
	require.Equal(i, 0, i.serve(&stdout, request))
	var a answer
	require.NoError(i, json.Unmarshal(stdout.Bytes(), &a), stdout.String())
	require.NotNil(i, a.Log)
	assert.True(i, strings.HasPrefix(stdout.String(), `{"result":`), stdout.String())
	if a.Error != nil {
		assert.NotContains(i, a.Error.Message, "canary")
	}
	return a
}

// serve serves one request and returns the exit code.
func (i *installation) serve(stdout io.Writer, request string) int {
	c := &call{configFile: i.config, transport: i}
	if i.overNetwork {
		c.transport = nil
	}
	return c.serve(i.Context(), strings.NewReader(request), stdout, &i.stderr)
}

// call calls a method as the director does.
func (i *installation) call(method string, arguments ...any) answer {
	i.Helper()
	return i.send(i.request(method, arguments...))
}

// request returns the text of a request.
func (i *installation) request(method string, arguments ...any) string {
	i.Helper()
	if arguments == nil {
		arguments = []any{}
	}
	context := map[string]any{"director_uuid": "d-uuid", "request_id": "cpi-123456", "vm": map[string]any{"stemcell": map[string]any{"api_version": i.stemcell}}}
	maps.Copy(context, i.extra)
	data, err := json.Marshal(map[string]any{"method": method, "arguments": arguments, "context": context, "api_version": i.api})
	require.NoError(i, err)
	return string(data)
}

// must calls a method that has to succeed, and decodes its result.
func (i *installation) must(into any, method string, arguments ...any) {
	i.Helper()
	a := i.call(method, arguments...)
	require.Nil(i, a.Error, "%s: %+v", method, a.Error)
	if into != nil {
		require.NoError(i, json.Unmarshal(a.Result, into), string(a.Result))
	}
}

func (i *installation) network(ip string) map[string]any {
	return map[string]any{"private": map[string]any{
		"type": "manual", "ip": ip, "netmask": "255.255.255.0", "gateway": "10.0.0.1",
		"default": []string{"dns", "gateway"}, "cloud_properties": map[string]any{"net_id": i.cloud.Fixtures().Networks["private"]},
	}}
}

func (i *installation) image() string {
	for _, id := range i.cloud.Fixtures().Images {
		return id
	}
	return ""
}

var env = map[string]any{"bosh": map[string]any{
	"password": "canary-vcap", "mbus": map[string]any{"cert": map[string]any{
		"ca": "ca", "certificate": "cert", "private_key": "-----BEGIN RSA PRIVATE KEY-----canary-----END RSA PRIVATE KEY-----",
	}},
	"blobstores": []any{map[string]any{"provider": "dav", "options": map[string]any{"password": "canary-blobstore"}}},
}}

// registry is the legacy agent registry.
type registry struct {
	mutex    sync.Mutex
	settings map[string]string
}

func (r *registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	user, password, _ := request.BasicAuth()
	if user != "admin" || password != "canary-registry" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch request.Method {
	case http.MethodPut:
		body, err := io.ReadAll(request.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.settings[request.URL.Path] = string(body)
		w.WriteHeader(http.StatusCreated)
	case http.MethodGet:
		stored, ok := r.settings[request.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if err := json.NewEncoder(w).Encode(map[string]string{"settings": stored, "status": "ok"}); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	case http.MethodDelete:
		delete(r.settings, request.URL.Path)
	}
}

// lifecycle calls the methods in the order of the life of a VM and its disk.
func (i *installation) lifecycle(stemcell string) {
	i.Helper()
	var created json.RawMessage
	var vm, disk, snapshot, cid string
	i.must(&cid, "create_stemcell", stemcell, map[string]any{"name": "s", "version": "1", "disk_format": "qcow2", "container_format": "bare"})
	i.must(&created, "create_vm", "agent", cid, map[string]any{"instance_type": "m1.small"}, i.network("10.0.0.10"), []string{}, env)
	if created[0] == '[' {
		var pair []json.RawMessage
		require.NoError(i, json.Unmarshal(created, &pair))
		require.Len(i, pair, 2)
		created = pair[0]
	}
	require.NoError(i, json.Unmarshal(created, &vm))
	i.must(nil, "set_vm_metadata", vm, map[string]any{"name": "job/0", "index": 0})
	var has bool
	i.must(&has, "has_vm", vm)
	assert.True(i, has)
	i.must(&disk, "create_disk", 1024, map[string]any{}, vm)
	var hint any
	i.must(&hint, "attach_disk", vm, disk)
	if i.api != 1 {
		assert.NotEmpty(i, hint)
	} else {
		assert.Nil(i, hint)
	}
	i.must(nil, "set_disk_metadata", disk, map[string]any{"deployment": "cf"})
	var disks []string
	i.must(&disks, "get_disks", vm)
	assert.Equal(i, []string{disk}, disks)
	i.must(&snapshot, "snapshot_disk", disk, map[string]any{})
	i.must(nil, "delete_snapshot", snapshot)
	i.must(nil, "detach_disk", vm, disk)
	i.must(nil, "resize_disk", disk, 2048)
	i.must(nil, "attach_disk", vm, disk)
	i.must(nil, "reboot_vm", vm)
	i.must(nil, "calculate_vm_cloud_properties", map[string]any{"cpu": 1, "ram": 512, "ephemeral_disk_size": 1024})
	i.must(nil, "delete_vm", vm)
	i.must(nil, "delete_disk", disk)
	i.must(nil, "delete_stemcell", cid)
	i.must(&has, "has_vm", vm)
	assert.False(i, has)
	i.must(&has, "has_disk", disk)
	assert.False(i, has)
}

func TestLifecycleInEveryVersion(t *testing.T) {
	t.Parallel()
	for _, api := range []int{1, 2, 3} {
		t.Run(fmt.Sprint("api_version ", api), func(t *testing.T) {
			t.Parallel()
			installed(t, simulator.Options{}, func(i *installation) {
				i.api = api
				before := i.cloud.Inventory()
				i.lifecycle(stemcellArchive(t))
				assert.Empty(t, i.cloud.Inventory().Diff(before))
				assert.Empty(t, i.registry.settings)
			})
		})
	}
}
