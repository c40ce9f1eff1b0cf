package cpi

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const directorUUID = "0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11"

// env is the environment of a test: a simulated cloud, in virtual time, and the
// configuration of the CPI that uses it.
type env struct {
	*testing.T
	cloud *simulator.Simulator
	// overrides replace properties of the configuration file.
	overrides map[string]any
	// wrapTransport wraps the transport to the cloud; nil leaves it unchanged.
	wrapTransport func(http.RoundTripper) http.RoundTripper
	// cache is the directory of the cache that all CPIs share. It is empty unless
	// a test sets it: most tests have no cache.
	cache string
	// agentID is the agent of newVM.
	agentID string
	// api and stemcell are the versions of the caller and of the stemcell.
	api, stemcell int
	log           *logBuffer
	// served are the data that Glance can download, by URL.
	served map[string][]byte
}

// logBuffer collects the log lines of all CPIs of an env, which may run at the
// same time.
type logBuffer struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.String()
}

// inCloud runs a test in a cloud of its own. The test fails if the cloud received
// a request that OpenStack does not define.
func inCloud(t *testing.T, options simulator.Options, test func(e *env)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := &env{T: t, overrides: map[string]any{"connection_options": map[string]any{"connect_timeout": 5}}, agentID: "agent-1", api: 2, stemcell: 3, log: &logBuffer{}, served: map[string][]byte{}}
		options.Download = e.download
		e.cloud = simulator.New(options)
		test(e)
		assert.Empty(t, e.cloud.Violations(), "requests that OpenStack does not define")
	})
}

// download returns the data at a URL to the cloud.
func (e *env) download(url string) (io.ReadCloser, error) {
	data, found := e.served[url]
	if !found {
		return nil, fmt.Errorf("%s returned 404 Not Found", url)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// cpi returns a new CPI without a token, as in a new process.
func (e *env) cpi() *CPI {
	e.Helper()
	cfg, session, log := e.sessionOver(guarded{e, e.cloud.Transport()})
	request := bosh.Request{APIVersion: e.api, Context: bosh.Context{DirectorUUID: directorUUID, StemcellAPIVersion: e.stemcell}}
	return New(request, cfg, session, &http.Client{Transport: e.cloud.Transport()}, log)
}

// session returns a configuration, and a session without a token.
func (e *env) session() (config.Config, *openstack.Session, *slog.Logger) {
	e.Helper()
	return e.sessionOver(e.cloud.Transport())
}

// sessionOver returns a session like session, over a transport to the cloud.
func (e *env) sessionOver(transport http.RoundTripper) (config.Config, *openstack.Session, *slog.Logger) {
	e.Helper()
	overrides := map[string]json.RawMessage{}
	for key, value := range e.overrides {
		overrides[key] = bosh.JSON(value)
	}
	cfg, err := config.Load(e.cloud.CPIConfig("http://cloud"), overrides)
	require.NoError(e, err)
	log := slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if e.wrapTransport != nil {
		transport = e.wrapTransport(transport)
	}
	session, err := openstack.NewSession(cfg.OpenStack, log, openstack.WithTransport(transport), openstack.WithCache(e.cache))
	require.NoError(e, err)
	return cfg, session, log
}

// neutron returns a client for preparing networks.
func (e *env) neutron() *gophercloud.ServiceClient {
	e.Helper()
	_, session, _ := e.session()
	client, err := session.Network(e.Context())
	require.NoError(e, err)
	return client
}

// networks decodes the networks of create_vm after formatting the document.
func (e *env) networks(document string, ids ...any) (n bosh.Networks) {
	e.Helper()
	require.NoError(e, json.Unmarshal(fmt.Appendf(nil, document, ids...), &n))
	return n
}

// manual returns one network with a fixed address.
func (e *env) manual(ip string) bosh.Networks {
	return e.networks(`{"private":{"type":"manual","ip":%q,"netmask":"255.255.255.0","gateway":"10.0.0.1","dns":["10.0.0.2"],
		"default":["dns","gateway"],"cloud_properties":{"net_id":%q}}}`, ip, e.cloud.Fixtures().Networks["private"])
}

// dynamic returns one network with an address that Neutron chooses.
func (e *env) dynamic() bosh.Networks {
	return e.networks(`{"private":{"type":"dynamic","cloud_properties":{"net_id":%q}}}`, e.cloud.Fixtures().Networks["private"])
}

// newVM returns arguments of create_vm.
func (e *env) newVM(networks bosh.Networks, cloudProperties string) bosh.CreateVMArgs {
	return bosh.CreateVMArgs{
		AgentID: e.agentID, Stemcell: bosh.StemcellCID(e.image()), Networks: networks,
		CloudProperties: json.RawMessage(cloudProperties),
		Env:             json.RawMessage(`{"bosh":{"group":"d-cf-router","groups":["d","cf","router","d-cf","cf-router","d-cf-router"],"tags":{"team":"blue"}}}`),
	}
}

const smallVM = `{"instance_type":"m1.small"}`

func (e *env) image() string { return e.cloud.Fixtures().Images["tiny-public"] }

// vm creates a VM and returns its CID.
func (e *env) vm(ip string) bosh.VMCID {
	e.Helper()
	created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual(ip), smallVM))
	require.NoError(e, err)
	return created.CID
}

// disk creates a disk of 1 GiB and returns its CID.
func (e *env) disk() bosh.DiskCID {
	e.Helper()
	disk, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
	require.NoError(e, err)
	return disk
}

// stemcellArchive writes a stemcell with a disk image of the given size.
func (e *env) stemcellArchive(size int) string {
	e.Helper()
	return e.archiveOf(bytes.Repeat([]byte{0xb0}, size))
}

// randomArchive writes a stemcell whose disk image cannot be compressed.
func (e *env) randomArchive(size int) string {
	e.Helper()
	image := make([]byte, size)
	_, err := rand.Read(image)
	require.NoError(e, err)
	return e.archiveOf(image)
}

func (e *env) archiveOf(image []byte) string {
	e.Helper()
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(compressed)
	require.NoError(e, archive.WriteHeader(&tar.Header{Name: "root.img", Mode: 0o600, Size: int64(len(image)), Typeflag: tar.TypeReg}))
	_, err := archive.Write(image)
	require.NoError(e, err)
	require.NoError(e, archive.Close())
	require.NoError(e, compressed.Close())
	name := filepath.Join(e.TempDir(), "image")
	require.NoError(e, os.WriteFile(name, buffer.Bytes(), 0o600))
	return name
}

const stemcellProperties = `{"name":"bosh-openstack-kvm-ubuntu-jammy","version":"1.234","infrastructure":"openstack","hypervisor":"kvm",
	"disk":3072,"disk_format":"qcow2","container_format":"bare","os_type":"linux","os_distro":"ubuntu","architecture":"x86_64","auto_disk_config":true}`

// requireKind fails the test if err is not of the kind. It returns its text.
func (e *env) requireKind(err error, kind bosh.Kind) string {
	e.Helper()
	require.Error(e, err)
	assert.Equal(e, kind, bosh.AsError(err).Kind, err.Error())
	return err.Error()
}
