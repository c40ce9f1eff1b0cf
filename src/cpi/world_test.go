package cpi

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
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

// world is a simulated cloud with a director in front of it. Time is virtual.
type world struct {
	*testing.T
	cloud *simulator.Simulator
	// overrides replace properties of the configuration file.
	overrides map[string]any
	// between, if set, stands between the CPI and the cloud.
	between func(http.RoundTripper) http.RoundTripper
	// api and stemcell are the versions of the caller and of the stemcell.
	api, stemcell int
	log           *bytes.Buffer
}

// inCloud runs a test in a cloud of its own, and fails it if the cloud was asked
// something that a real one would not understand.
func inCloud(t *testing.T, options simulator.Options, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, cloud: simulator.New(options), overrides: map[string]any{"connection_options": map[string]any{"connect_timeout": 5}}, api: 2, stemcell: 3, log: &bytes.Buffer{}}
		test(w)
		assert.Empty(t, w.cloud.Violations(), "requests that OpenStack does not know")
	})
}

// cpi returns a CPI as a new process has it: not yet logged in.
func (w *world) cpi() *CPI {
	w.Helper()
	cfg, session, log := w.session()
	request := bosh.Request{APIVersion: w.api, Context: bosh.Context{DirectorUUID: directorUUID, StemcellAPIVersion: w.stemcell}}
	return New(request, cfg, session, &http.Client{Transport: w.cloud.Transport()}, log)
}

// session returns a session that is not yet logged in.
func (w *world) session() (config.Config, *openstack.Session, *slog.Logger) {
	w.Helper()
	overrides := map[string]json.RawMessage{}
	for key, value := range w.overrides {
		overrides[key] = bosh.JSON(value)
	}
	cfg, err := config.Load(w.cloud.CPIConfig("http://cloud"), overrides)
	require.NoError(w, err)
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	transport := w.cloud.Transport()
	if w.between != nil {
		transport = w.between(transport)
	}
	session, err := openstack.NewSession(cfg.OpenStack, log, openstack.WithTransport(transport))
	require.NoError(w, err)
	return cfg, session, log
}

// neutron returns a client for what the CPI does not do in Neutron.
func (w *world) neutron() *gophercloud.ServiceClient {
	w.Helper()
	_, session, _ := w.session()
	client, err := session.Network(w.Context())
	require.NoError(w, err)
	return client
}

// networks decodes a create_vm argument; %s are Neutron network ids.
func (w *world) networks(document string, ids ...any) (n bosh.Networks) {
	w.Helper()
	require.NoError(w, json.Unmarshal(fmt.Appendf(nil, document, ids...), &n))
	return n
}

// manual is one network with a fixed address.
func (w *world) manual(ip string) bosh.Networks {
	return w.networks(`{"private":{"type":"manual","ip":%q,"netmask":"255.255.255.0","gateway":"10.0.0.1","dns":["10.0.0.2"],
		"default":["dns","gateway"],"cloud_properties":{"net_id":%q}}}`, ip, w.cloud.Fixtures().Networks["private"])
}

// dynamic is one network with an address of Neutron's choice.
func (w *world) dynamic() bosh.Networks {
	return w.networks(`{"private":{"type":"dynamic","cloud_properties":{"net_id":%q}}}`, w.cloud.Fixtures().Networks["private"])
}

// newVM returns the arguments of create_vm for a VM on the networks.
func (w *world) newVM(networks bosh.Networks, cloudProperties string) bosh.CreateVM {
	return bosh.CreateVM{
		AgentID: "agent-1", Stemcell: bosh.StemcellCID(w.image()), Networks: networks,
		CloudProperties: json.RawMessage(cloudProperties),
		Env:             json.RawMessage(`{"bosh":{"group":"d-cf-router","groups":["d","cf","router","d-cf","cf-router","d-cf-router"],"tags":{"team":"blue"}}}`),
	}
}

const smallVM = `{"instance_type":"m1.small"}`

func (w *world) image() string {
	for _, id := range w.cloud.Fixtures().Images {
		return id
	}
	w.Fatal("the cloud has no image")
	return ""
}

// vm makes a VM and returns its CID.
func (w *world) vm(ip string) bosh.VMCID {
	w.Helper()
	created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual(ip), smallVM))
	require.NoError(w, err)
	return created.CID
}

// disk makes a disk of 1 GiB and returns its CID.
func (w *world) disk() bosh.DiskCID {
	w.Helper()
	disk, err := w.cpi().CreateDisk(w.Context(), bosh.CreateDisk{SizeMiB: 1024})
	require.NoError(w, err)
	return disk
}

// stemcellArchive writes a stemcell with a disk image of the given size.
func (w *world) stemcellArchive(size int) string {
	w.Helper()
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(compressed)
	require.NoError(w, archive.WriteHeader(&tar.Header{Name: "root.img", Mode: 0o600, Size: int64(size), Typeflag: tar.TypeReg}))
	_, err := archive.Write(bytes.Repeat([]byte{0xb0}, size))
	require.NoError(w, err)
	require.NoError(w, archive.Close())
	require.NoError(w, compressed.Close())
	name := filepath.Join(w.TempDir(), "image")
	require.NoError(w, os.WriteFile(name, buffer.Bytes(), 0o600))
	return name
}

const stemcellProperties = `{"name":"bosh-openstack-kvm-ubuntu-jammy","version":"1.234","infrastructure":"openstack","hypervisor":"kvm",
	"disk":3072,"disk_format":"qcow2","container_format":"bare","os_type":"linux","os_distro":"ubuntu","architecture":"x86_64","auto_disk_config":true}`

// kind asserts that err is of a kind and returns its text.
func (w *world) kind(err error, kind bosh.Kind) string {
	w.Helper()
	require.Error(w, err)
	assert.Equal(w, kind, bosh.AsError(err).Kind, err.Error())
	return err.Error()
}
