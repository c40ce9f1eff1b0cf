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

// hostile are settings of an operator's shell that must not matter to how packages are compiled.
func hostile(home string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "BOSH_NON_INTERACTIVE=true",
		"GOFLAGS=-mod=mod -tags=none", "GOOS=plan9", "GOARCH=mips", "GOROOT=/nowhere", "GOPROXY=http://127.0.0.1:1", "GOTOOLCHAIN=go1.5",
		"GOWORK=/nowhere", "GOCACHE=/proc/nowhere", "GOPATH=/proc/nowhere", "GOMODCACHE=/proc/nowhere", "CGO_ENABLED=1", "CC=false",
		"GOEXPERIMENT=none",
	}
}

// machines are a director's VMs, as they are seen from where bosh runs.
type machines interface {
	// about is what the manifest says of them.
	about() about
	// read reads a JSON file that the agent of the newest one has written below /var/vcap.
	read(name string, into any)
	// check checks that the newest one has its address and its persistent disk.
	check(address netip.Addr, disk string)
	// logs returns the end of what the newest agent logged.
	logs() string
}

// about is what a manifest says of machines.
type about struct {
	stemcell   string         // its path
	flavor     string         // its name
	bosh       netip.AddrPort // where bosh finds the agent
	agent      netip.AddrPort // where the agent listens
	vip        string         // a floating IP, or ""
	blobs      string         // the directory of the agent's blobs
	keys       []string       // public keys for ssh
	properties object         // of the job, beside those of the target
}

// environmentOf is what an operator who runs create-env has.
type environmentOf struct {
	target   target
	machines machines
	bosh     string
	home     string // of the operator
	manifest string
}

// createEnv runs bosh create-env with the CPI from the release's tarball, where agents on this machine play the VMs.
func createEnv(t *testing.T, release string) (executable string) {
	t.Helper()
	target := openTarget(t)
	return install(t, release, target, newPlayedMachines(t, build(t, "spec/agent/go.mod", "github.com/cloudfoundry/bosh-agent/v2/main"), target.flavor))
}

// install installs a director, up to an agent that answers and has its disk. Then the VM is replaced, and delete-env leaves
// nothing behind. It returns the checksum of the executable that bosh has called as the CPI.
func install(t *testing.T, release string, target target, machines machines) (executable string) {
	t.Helper()
	env := environmentOf{target: target, machines: machines, bosh: boshCLI(t), home: t.TempDir()}
	env.manifest = filepath.Join(env.home, "bosh.json")
	env.writeManifest(t, release)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(withoutSecrets(env.machines.logs()))
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
		marks = []string{target.place.Address.String(), first.VM, second.VM, first.Disk}
	}
	assert.Empty(t, after.Leftovers(target.before, marks))
	return executable
}

// executable is the checksum of what bosh has installed as the CPI.
func (e environmentOf) executable(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(e.home, ".bosh/installations/*/packages/openstack_cpi/bin/openstack_cpi"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return checksum(t, found[0])
}

// do runs one command of bosh and logs how long it took.
func (e environmentOf) do(t *testing.T, command string, options ...string) {
	t.Helper()
	begun := time.Now()
	said := run(t, e.home, hostile(e.home), e.bosh, append([]string{"--tty", "--no-color", command, e.manifest}, options...)...)
	t.Logf("bosh %s %s: %.0f s\n%s", command, strings.Join(options, " "), time.Since(begun).Seconds(), said)
}

// made is what create-env remembers.
type made struct{ VM, Disk string }

// check compares what bosh remembers, what the agent knows and what the cloud has.
func (e environmentOf) check(t *testing.T) made {
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
	require.Contains(t, devices, disk)

	var settings struct {
		AgentID  string `json:"agent_id"`
		Networks map[string]struct{ IP, Type, MAC string }
	}
	e.machines.read("bosh/settings.json", &settings)
	assert.NotEmpty(t, settings.AgentID)
	assert.Equal(t, e.target.place.Address.String(), settings.Networks["private"].IP)
	assert.NotEmpty(t, settings.Networks["private"].MAC)
	var hints map[string]struct{ ID, Path string }
	e.machines.read("bosh/persistent_disk_hints.json", &hints)
	assert.Contains(t, []string{devices[disk], "/dev/disk/by-id/virtio-" + disk[:20]}, hints[disk].Path)
	e.machines.check(e.target.place.Address, disk)
	return made{VM: state.CurrentVM, Disk: disk}
}

// writeManifest writes the manifest of a director that runs nothing.
func (e environmentOf) writeManifest(t *testing.T, release string) {
	t.Helper()
	about, place := e.machines.about(), e.target.place
	ca, certificate, key := newCertificate(t, about.bosh.Addr())
	properties := maps.Clone(e.target.properties)
	maps.Copy(properties, about.properties)
	networks := []object{{"name": "private", "type": "manual", "subnets": []object{{
		"range": place.Subnet.String(), "gateway": place.Gateway, "dns": place.DNS, "cloud_properties": object{"net_id": place.NetworkID},
	}}}}
	interfaces := []object{{"name": "private", "static_ips": []string{place.Address.String()}, "default": []string{"dns", "gateway"}}}
	if about.vip != "" {
		networks = append(networks, object{"name": "public", "type": "vip"})
		interfaces = append(interfaces, object{"name": "public", "static_ips": []string{about.vip}})
	}
	manifest := object{
		"name":       "bosh",
		"releases":   []object{{"name": "bosh-openstack-cpi", "url": "file://" + release}},
		"networks":   networks,
		"disk_pools": []object{{"name": "disks", "disk_size": 1024, "cloud_properties": object{}}},
		"resource_pools": []object{{
			"name": "vms", "network": "private", "stemcell": object{"url": "file://" + about.stemcell},
			"cloud_properties": object{"instance_type": about.flavor},
			"env": object{"bosh": object{
				"mbus":            object{"cert": object{"ca": ca, "certificate": certificate, "private_key": key}},
				"authorized_keys": about.keys,
				"blobstores":      []object{{"provider": "local", "options": object{"blobstore_path": about.blobs}}},
			}},
		}},
		"instance_groups": []object{{
			"name": "bosh", "instances": 1, "jobs": []object{}, "resource_pool": "vms", "persistent_disk_pool": "disks", "networks": interfaces,
		}},
		"cloud_provider": object{
			"template": object{"name": "openstack_cpi", "release": "bosh-openstack-cpi"},
			"mbus":     mbus(about.bosh), "cert": object{"ca": ca},
			"properties": object{"openstack": properties, "agent": object{"mbus": mbus(about.agent)}, "ntp": []string{"127.0.0.1"}},
		},
	}
	content, err := json.Marshal(manifest)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(e.manifest, content, 0o600))
}

// keys are what an agent's settings hold, PEM in JSON.
var keys = regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END|$)`)

// withoutSecrets is a log that others may read: agents log their settings.
func withoutSecrets(log string) string {
	return keys.ReplaceAllString(strings.ReplaceAll(log, "mbus:canary@", "<redacted>@"), "${1}<redacted>${2}")
}

func TestLogsAreWithoutSecrets(t *testing.T) {
	t.Parallel()
	said := withoutSecrets(`{"mbus":"` + mbus(netip.MustParseAddrPort("10.0.0.1:6868")) + `","private_key":"-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\n"}`)
	assert.JSONEq(t, `{"mbus":"https://<redacted>@10.0.0.1:6868","private_key":"-----BEGIN RSA PRIVATE KEY-----<redacted>-----END RSA PRIVATE KEY-----\n"}`, said)
	assert.NotContains(t, withoutSecrets("-----BEGIN PRIVATE KEY-----\nabc"), "abc", "the log is cut")
}

// mbus is the URL of an agent.
func mbus(address netip.AddrPort) string { return "https://mbus:canary@" + address.String() }

// writeStemcell makes a stemcell whose image is noise, and returns its path.
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
