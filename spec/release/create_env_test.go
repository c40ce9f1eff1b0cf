package release_test

import (
	"encoding/json"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// operatorEnvironment returns an environment with settings that must not affect
// the compilation of packages.
func operatorEnvironment(home string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "BOSH_NON_INTERACTIVE=true",
		"GOFLAGS=-mod=mod -tags=none", "GOOS=plan9", "GOARCH=mips", "GOROOT=/nowhere", "GOPROXY=http://127.0.0.1:1", "GOTOOLCHAIN=go1.5",
		"GOWORK=/nowhere", "GOCACHE=/proc/nowhere", "GOPATH=/proc/nowhere", "GOMODCACHE=/proc/nowhere", "CGO_ENABLED=1", "CC=false",
		"GOEXPERIMENT=none",
	}
}

// vms are the VMs of a director.
type vms interface {
	// manifest returns their settings in the manifest.
	manifest() vmManifest
	// read reads a JSON file below /var/vcap that the newest VM's agent has
	// written.
	read(name string, into any)
	// check checks that the newest VM has its address and its persistent disk.
	check(address netip.Addr, disk string)
	// logs returns the end of the newest agent's log.
	logs() string
}

// vmManifest contains settings of the manifest.
type vmManifest struct {
	stemcell   string         // path
	flavor     string         // name
	bosh       netip.AddrPort // address for bosh to connect to the agent
	agent      netip.AddrPort // address on which the agent listens
	vip        string         // a floating IP, or ""
	blobs      string         // the directory of the agent's blobs
	keys       []string       // public keys for ssh
	properties object         // of the job, in addition to those of the target
	// callCPI sends a request to the CPI among the jobs of the newest VM, as a
	// director there does, and returns the response. Nil: the VM has no jobs.
	callCPI func(t *testing.T, request object) string
}

// installation is a director that create-env installs.
type installation struct {
	target   target
	vms      vms
	settings vmManifest
	bosh     string
	home     string // HOME of the operator
	manifest string
}

// createEnv installs a director with the CPI of a release, with agents on this
// machine in place of VMs.
func createEnv(t *testing.T, release string) (executable string) {
	t.Helper()
	target := openTarget(t)
	return install(t, release, target, newAgentVMs(t, build(t, "spec/agent/go.mod", "github.com/cloudfoundry/bosh-agent/v2/main"), target.flavor))
}

// install installs a director, recreates its VM, deletes it and checks for
// leaked objects. It returns the checksum of the CPI's executable that bosh has
// used.
func install(t *testing.T, release string, target target, vms vms) (executable string) {
	t.Helper()
	env := installation{target: target, vms: vms, settings: vms.manifest(), bosh: boshCLI(t), home: t.TempDir()}
	env.manifest = filepath.Join(env.home, "bosh.json")
	env.writeManifest(t, release)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(withoutSecrets(env.vms.logs()))
		}
	})

	env.do(t, "create-env")
	first := env.check(t)
	executable = env.executable(t)
	env.do(t, "create-env", "--recreate")
	second := env.check(t)
	assert.NotEqual(t, first.VM, second.VM)
	assert.Equal(t, first.Disk, second.Disk)
	env.do(t, "delete-env")

	after, err := target.cloud.Inventory(t.Context())
	require.NoError(t, err)
	var marks []string
	if target.shared {
		marks = []string{target.nic.Address.String(), first.VM, second.VM, first.Disk}
	}
	assert.Empty(t, after.Leftovers(target.before, marks))
	return executable
}

// executable returns the checksum of the CPI that bosh has installed.
func (e installation) executable(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(e.home, ".bosh/installations/*/packages/openstack_cpi/bin/openstack_cpi"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return checksum(t, found[0])
}

// do runs a bosh command and logs its duration.
func (e installation) do(t *testing.T, command string, options ...string) {
	t.Helper()
	started := time.Now()
	output := run(t, e.home, operatorEnvironment(e.home), e.bosh, append([]string{"--tty", "--no-color", command, e.manifest}, options...)...)
	t.Logf("bosh %s %s: %.0f s\n%s", command, strings.Join(options, " "), time.Since(started).Seconds(), output)
}

// deployed contains the CIDs in the state file of create-env.
type deployed struct{ VM, Disk string }

// check compares the state file, the agent's settings and the cloud.
func (e installation) check(t *testing.T) deployed {
	t.Helper()
	var state struct {
		CurrentVM string `json:"current_vm_cid"`
		Disks     []struct{ CID string }
	}
	content, err := os.ReadFile(filepath.Join(e.home, "bosh-state.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &state))
	require.Len(t, state.Disks, 1)
	disk := state.Disks[0].CID

	var server struct {
		Server struct {
			Status, Name string
			Metadata     map[string]string
		}
	}
	require.NoError(t, e.target.cloud.Get(t.Context(), "compute", "/servers/"+state.CurrentVM, &server))
	assert.Equal(t, "ACTIVE", server.Server.Status)
	assert.Equal(t, "bosh-init", server.Server.Metadata["director"])
	var attachments struct {
		VolumeAttachments []struct{ VolumeID, Device string }
	}
	require.NoError(t, e.target.cloud.Get(t.Context(), "compute", "/servers/"+state.CurrentVM+"/os-volume_attachments", &attachments))
	devices := map[string]string{}
	for _, attachment := range attachments.VolumeAttachments {
		devices[attachment.VolumeID] = attachment.Device
	}
	require.NotEmpty(t, devices[disk], "the disk is not attached")

	var settings struct {
		AgentID  string `json:"agent_id"`
		Networks map[string]struct{ IP, Type, MAC string }
	}
	e.vms.read("bosh/settings.json", &settings)
	assert.NotEmpty(t, settings.AgentID)
	assert.Equal(t, e.target.nic.Address.String(), settings.Networks["private"].IP)
	assert.NotEmpty(t, settings.Networks["private"].MAC)
	var hints map[string]struct{ ID, Path string }
	e.vms.read("bosh/persistent_disk_hints.json", &hints)
	assert.Contains(t, []string{devices[disk], "/dev/disk/by-id/virtio-" + disk[:20]}, hints[disk].Path)
	e.vms.check(e.target.nic.Address, disk)
	if e.settings.callCPI != nil {
		e.checkJob(t, state.CurrentVM)
	}
	return deployed{VM: state.CurrentVM, Disk: disk}
}

// checkJob checks that the VM carries the CPI as one of its own jobs, with which
// a director there finds the VM.
func (e installation) checkJob(t *testing.T, vm string) {
	t.Helper()
	response := e.settings.callCPI(t, object{"method": "has_vm", "arguments": []string{vm}, "context": object{"director_uuid": "of-the-vm"}})
	var answer struct {
		Result bool
		Error  *struct{ Message string }
	}
	require.NoError(t, json.Unmarshal([]byte(response), &answer), response)
	assert.Nil(t, answer.Error, response)
	assert.True(t, answer.Result, response)
}

// writeManifest writes the manifest of a director's VM. As in bosh-deployment, the
// CPI is one of its jobs, and cloud_provider names it for create-env.
func (e installation) writeManifest(t *testing.T, release string) {
	t.Helper()
	vm, nic := e.settings, e.target.nic
	ca, certificate, key := newCertificate(t, vm.bosh.Addr())
	properties := maps.Clone(e.target.properties)
	maps.Copy(properties, vm.properties)
	networks := []object{{"name": "private", "type": "manual", "subnets": []object{{
		"range": nic.Subnet.String(), "gateway": nic.Gateway, "dns": nic.DNS, "cloud_properties": object{"net_id": nic.NetworkID},
	}}}}
	interfaces := []object{{"name": "private", "static_ips": []string{nic.Address.String()}, "default": []string{"dns", "gateway"}}}
	if vm.vip != "" {
		networks = append(networks, object{"name": "public", "type": "vip"})
		interfaces = append(interfaces, object{"name": "public", "static_ips": []string{vm.vip}})
	}
	job, jobs := object{"name": "openstack_cpi", "release": "bosh-openstack-cpi"}, []object{}
	if vm.callCPI != nil {
		jobs = append(jobs, job)
	}
	manifest := object{
		"name":       "bosh",
		"releases":   []object{{"name": "bosh-openstack-cpi", "url": "file://" + release}},
		"networks":   networks,
		"disk_pools": []object{{"name": "disks", "disk_size": 1024, "cloud_properties": object{}}},
		"resource_pools": []object{{
			"name": "vms", "network": "private", "stemcell": object{"url": "file://" + vm.stemcell},
			"cloud_properties": object{"instance_type": vm.flavor},
			"env": object{"bosh": object{
				"mbus":            object{"cert": object{"ca": ca, "certificate": certificate, "private_key": key}},
				"authorized_keys": vm.keys,
				"blobstores":      []object{{"provider": "local", "options": object{"blobstore_path": vm.blobs}}},
			}},
		}},
		"instance_groups": []object{{
			"name": "bosh", "instances": 1, "jobs": jobs, "resource_pool": "vms", "persistent_disk_pool": "disks", "networks": interfaces,
			"properties": object{"openstack": properties, "agent": object{"mbus": "nats://nats:canary@" + nic.Address.String() + ":4222"}},
		}},
		"cloud_provider": object{
			"template": job,
			"mbus":     mbus(vm.bosh), "cert": object{"ca": ca},
			"properties": object{"openstack": properties, "agent": object{"mbus": mbus(vm.agent)}, "ntp": []string{"127.0.0.1"}},
		},
	}
	content, err := json.Marshal(manifest)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(e.manifest, content, 0o600))
}

// keys matches private keys in an agent's settings, PEM in JSON.
var keys = regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END|$)`)

// withoutSecrets removes secrets from an agent's log, which contains its
// settings.
func withoutSecrets(log string) string {
	return keys.ReplaceAllString(strings.ReplaceAll(log, "mbus:canary@", "<redacted>@"), "${1}<redacted>${2}")
}

func TestLogsAreWithoutSecrets(t *testing.T) {
	t.Parallel()
	output := withoutSecrets(`{"mbus":"` + mbus(netip.MustParseAddrPort("10.0.0.1:6868")) + `","private_key":"-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\n"}`)
	assert.JSONEq(t, `{"mbus":"https://<redacted>@10.0.0.1:6868","private_key":"-----BEGIN RSA PRIVATE KEY-----<redacted>-----END RSA PRIVATE KEY-----\n"}`, output)
	assert.NotContains(t, withoutSecrets("-----BEGIN PRIVATE KEY-----\nabc"), "abc", "truncated key")
}

// mbus returns the URL of an agent.
func mbus(address netip.AddrPort) string { return "https://mbus:canary@" + address.String() }

// writeStemcell writes a stemcell whose image cannot boot, and returns its
// path.
func writeStemcell(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, director.WriteStemcell(filepath.Join(dir, "image"), t.Name(), 4))
	manifest, err := json.Marshal(object{
		"name": "bosh-openstack-kvm-ubuntu-noble", "version": "0.1", "api_version": 3, "bosh_protocol": "1", "sha1": "", "operating_system": "ubuntu-noble",
		"stemcell_formats": []string{"openstack-raw"},
		"cloud_properties": object{
			"name": "bosh-openstack-kvm-ubuntu-noble", "version": "0.1", "infrastructure": "openstack", "hypervisor": "kvm", "disk": 3072,
			"disk_format": "raw", "container_format": "bare", "os_type": "linux", "os_distro": "ubuntu", "architecture": "x86_64", "auto_disk_config": true,
		},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stemcell.MF"), manifest, 0o600))
	run(t, dir, nil, "tar", "-czf", "stemcell.tgz", "stemcell.MF", "image")
	return filepath.Join(dir, "stemcell.tgz")
}
