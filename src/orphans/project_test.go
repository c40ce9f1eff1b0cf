package orphans_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/cpi"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/orphans"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// The directors of the tests.
const (
	ours   = "0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11"
	theirs = "99999999-1f0c-4c9f-8f46-3a1b8d9b7c11"
)

// project is a simulated cloud in virtual time.
type project struct {
	*testing.T

	cloud *simulator.Simulator
	// director is the one that the CPI works for.
	director string
}

func inProject(t *testing.T, options simulator.Options, test func(p *project)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &project{T: t, cloud: simulator.New(options), director: ours}
		test(p)
		assert.Empty(t, p.cloud.Violations(), "requests that OpenStack does not know")
	})
}

func (p *project) session(transport http.RoundTripper) (config.Config, *openstack.Session) {
	p.Helper()
	cfg, err := config.Load(p.cloud.CPIConfig("http://cloud"), nil)
	require.NoError(p, err)
	cfg.OpenStack.Connection.ConnectTimeout = 5 * time.Second
	session, err := openstack.NewSession(cfg.OpenStack, slog.New(slog.DiscardHandler), openstack.WithTransport(transport))
	require.NoError(p, err)
	return cfg, session
}

// orphans returns the search of a new process.
func (p *project) orphans() *orphans.Cloud {
	p.Helper()
	_, session := p.session(p.cloud.Transport())
	return orphans.New(session)
}

// cpi returns the CPI of a new process.
func (p *project) cpi(transport http.RoundTripper) *cpi.CPI {
	p.Helper()
	cfg, session := p.session(transport)
	request := bosh.Request{APIVersion: 2, Context: bosh.Context{DirectorUUID: p.director, StemcellAPIVersion: 3}}
	return cpi.New(request, cfg, session, &http.Client{Transport: transport}, slog.New(slog.DiscardHandler))
}

// living returns a CPI that works to its end.
func (p *project) living() *cpi.CPI { return p.cpi(p.cloud.Transport()) }

// killed returns a CPI that is killed when a request is answered, for example
// "POST /servers": no further request reaches the cloud, not even those that
// would undo the call.
func (p *project) killed(after string) *cpi.CPI {
	method, last, _ := strings.Cut(after, " ")
	return p.cpi(&killer{cloud: p.cloud.Transport(), method: method, last: path.Base(last)})
}

type killer struct {
	cloud        http.RoundTripper
	method, last string
	nth          int // the last request, 0 for the first one with method and last

	mutex sync.Mutex
	count int
	dead  bool
}

// RoundTrip implements http.RoundTripper.
func (k *killer) RoundTrip(request *http.Request) (*http.Response, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.dead {
		return nil, syscall.ECONNREFUSED
	}
	response, err := k.cloud.RoundTrip(request)
	k.count++
	k.dead = k.count == k.nth || request.Method == k.method && path.Base(request.URL.Path) == k.last
	return response, err
}

// passes lets the cloud go on for a while.
func (p *project) passes(d time.Duration) { <-time.After(d) }

// first returns the first of the names.
func first(ids map[string]string) string { return slices.Sorted(maps.Keys(ids))[0] }

// newVM returns the arguments of create_vm: a VM with everything that a VM can
// have. Its floating IP is the one with the number.
func (p *project) newVM(ip string, vip int) bosh.CreateVMArgs {
	p.Helper()
	fixtures := p.cloud.Fixtures()
	var networks bosh.Networks
	require.NoError(p, json.Unmarshal(fmt.Appendf(nil, `{
		"private":{"type":"manual","ip":%q,"netmask":"255.255.255.0","gateway":"10.0.0.1","default":["dns","gateway"],"cloud_properties":{"net_id":%q}},
		"public":{"type":"vip","ip":%q,"cloud_properties":{}}}`, ip, fixtures.Networks["private"], slices.Sorted(maps.Keys(fixtures.FloatingIPs))[vip]), &networks))
	return bosh.CreateVMArgs{
		AgentID: "agent-1", Stemcell: bosh.StemcellCID(fixtures.Images[first(fixtures.Images)]), Networks: networks,
		CloudProperties: fmt.Appendf(nil, `{"instance_type":"m1.small","boot_from_volume":true,"loadbalancer_pools":[{"name":%q,"port":443}]}`, first(fixtures.Pools)),
		Env:             json.RawMessage(`{"bosh":{"group":"d-cf-router","groups":["d","cf","router"]}}`),
	}
}

// stemcell writes a stemcell archive and returns the arguments of
// create_stemcell.
func (p *project) stemcell(disk string) bosh.CreateStemcellArgs {
	p.Helper()
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(compressed)
	require.NoError(p, archive.WriteHeader(&tar.Header{Name: "root.img", Mode: 0o600, Size: int64(len(disk)), Typeflag: tar.TypeReg}))
	_, err := io.WriteString(archive, disk)
	require.NoError(p, err)
	require.NoError(p, archive.Close())
	require.NoError(p, compressed.Close())
	name := filepath.Join(p.TempDir(), "image")
	require.NoError(p, os.WriteFile(name, buffer.Bytes(), 0o600))
	return bosh.CreateStemcellArgs{ImagePath: name, CloudProperties: json.RawMessage(`{"name":"jammy","version":"1.1","disk_format":"raw"}`)}
}

// deployment is what a director has made and knows.
type deployment struct {
	vm       bosh.VMCID
	disk     bosh.DiskCID
	snapshot bosh.SnapshotCID
	stemcell bosh.StemcellCID
}

// deploys makes a deployment as a director does.
func (p *project) deploys(ip string, vip int) (d deployment) {
	p.Helper()
	var err error
	d.stemcell, err = p.living().CreateStemcell(p.Context(), p.stemcell("jammy"))
	require.NoError(p, err)
	created, err := p.living().CreateVM(p.Context(), p.newVM(ip, vip))
	require.NoError(p, err)
	d.vm = created.CID
	_, err = p.living().SetVMMetadata(p.Context(), bosh.SetVMMetadataArgs{VM: d.vm, Metadata: bosh.Metadata{
		"director": "acceptance", "deployment": "cf", "id": "i", "job": "router", "index": "0", "name": "router/i", "created_at": "2026-11-21T13:22:15Z",
	}})
	require.NoError(p, err)
	d.disk, err = p.living().CreateDisk(p.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
	require.NoError(p, err)
	_, err = p.living().AttachDisk(p.Context(), bosh.VMDiskArgs{VM: d.vm, Disk: d.disk})
	require.NoError(p, err)
	_, err = p.living().SetDiskMetadata(p.Context(), bosh.SetDiskMetadataArgs{Disk: d.disk, Metadata: bosh.Metadata{"director": "acceptance", "instance_id": "i"}})
	require.NoError(p, err)
	d.snapshot, err = p.living().SnapshotDisk(p.Context(), bosh.SnapshotDiskArgs{Disk: d.disk, Metadata: bosh.Metadata{"deployment": "cf", "job": "router", "index": 0}})
	require.NoError(p, err)
	return d
}

// table is the output of a bosh command.
func table(content string, columns []string, rows ...[]string) []byte {
	header, lines := map[string]string{}, []map[string]string{}
	for _, column := range columns {
		header[column] = column
	}
	for _, row := range rows {
		line := map[string]string{}
		for i, cell := range row {
			line[columns[i]] = cell
		}
		lines = append(lines, line)
	}
	return bosh.JSON(map[string]any{"Tables": []any{map[string]any{"Content": content, "Header": header, "Rows": lines, "Notes": nil}}, "Blocks": nil, "Lines": []string{"Succeeded"}})
}

// knows returns what a director lists that has the deployments.
func (p *project) knows(deployments ...deployment) *orphans.Known {
	p.Helper()
	instances, images, snapshots := [][]string{}, [][]string{}, [][]string{}
	for _, d := range deployments {
		instances = append(instances, []string{string(d.vm), string(d.disk)})
		images = append(images, []string{string(d.stemcell)})
		snapshots = append(snapshots, []string{string(d.snapshot)})
	}
	known := &orphans.Known{}
	require.NoError(p, known.Add("instances", table("instances", []string{"vm_cid", "disk_cids"}, instances...)))
	require.NoError(p, known.Add("disks", table("disks", []string{"disk_cid"})))
	require.NoError(p, known.Add("stemcells", table("stemcells", []string{"cid"}, images...)))
	require.NoError(p, known.Add("snapshots", table("snapshots", []string{"cid"}, snapshots...)))
	return known
}

// judges searches the project and judges what it finds.
func (p *project) judges(rules orphans.Rules) (orphans.Found, []orphans.Judged) {
	p.Helper()
	found, err := p.orphans().Find(p.Context())
	require.NoError(p, err)
	rules.Now = time.Now()
	if rules.Known == nil {
		rules.Known = &orphans.Known{}
	}
	return found, rules.Judge(found)
}

// verdicts returns "kind: verdict" of the objects, in their order.
func verdicts(judged []orphans.Judged) []string {
	lines := []string{}
	for _, j := range judged {
		lines = append(lines, string(j.Kind)+": "+string(j.Verdict))
	}
	return lines
}

// deletes removes what is deletable and returns the errors.
func (p *project) deletes(found orphans.Found, judged []orphans.Judged, includeGuarded bool) []string {
	p.Helper()
	failed := []string{}
	p.orphans().Delete(p.Context(), found, orphans.Confirmed(judged, judged, includeGuarded), func(j orphans.Judged, err error) {
		if err != nil {
			failed = append(failed, string(j.Kind)+": "+err.Error())
		}
	})
	return failed
}

// object is a JSON object.
type object = map[string]any

// makes creates an object with a plain POST and returns its id.
func (p *project) makes(of func(context.Context) (*gophercloud.ServiceClient, error), path string, body object) (id string) {
	p.Helper()
	client, err := of(p.Context())
	require.NoError(p, err)
	codes := &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusCreated, http.StatusAccepted}}
	var answer map[string]any
	response, err := client.Post(p.Context(), client.ServiceURL(path), body, &answer, codes)
	_, _, err = gophercloud.ParseResponse(response, err)
	require.NoError(p, err)
	for _, made := range answer {
		if made, ok := made.(object); ok {
			id, _ = made["id"].(string)
		}
	}
	return id
}

// poolPath is the path of the members of the pool that VMs join.
func (p *project) poolPath() string {
	pools := p.cloud.Fixtures().Pools
	return "lbaas/pools/" + pools[first(pools)] + "/members"
}
