package release_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// How an agent tells where its settings are from.
const (
	fromMetadata    = "Sending GET request to endpoint 'http://169.254.169.254/latest/user-data'"
	fromConfigDrive = "Successfully loaded file 'ec2/latest/user-data' from config drive"
)

// telling are the lines of an agent's log that tell how it got its settings, its network and its disks.
const telling = "Running on stemcell|Successfully loaded file|Sending GET request|Using (dhcp|static) networking|Running async action" +
	"|Running command .(/var/vcap|systemctl|growpart|resize2fs|parted .* mkpart|mkswap|swapon /|mke2fs|mount /dev)"

// leastRAM is what a stemcell boots with, in MiB.
const leastRAM = 256

// A director's VM boots from a stemcell, and the agent in it does all that it is told. CPI_STEMCELL is a stemcell that
// scripts/stemcell has built, CPI_TARBALL a release; the cloud must be one that runs VMs. docs/booting.md tells more.
func TestBoot(t *testing.T) {
	stemcell, release := os.Getenv("CPI_STEMCELL"), os.Getenv("CPI_TARBALL")
	if stemcell == "" {
		t.Skip("needs a cloud that runs VMs: set CPI_STEMCELL to what scripts/stemcell has built")
	}
	require.FileExists(t, release, "CPI_TARBALL")
	release, err := filepath.Abs(release)
	require.NoError(t, err)
	stemcell, err = filepath.Abs(stemcell)
	require.NoError(t, err)
	for _, way := range []struct {
		name       string
		properties object
		logged     []string // by the agent
	}{
		{"metadata service", object{}, []string{fromMetadata, "Using dhcp networking"}},
		{"config drive", object{"config_drive": "cdrom", "use_dhcp": false}, []string{fromConfigDrive, "Using static networking"}},
		{"boot volume", object{"boot_from_volume": true}, []string{fromMetadata, "Using dhcp networking"}},
	} {
		t.Run(way.name, func(t *testing.T) {
			target := openTarget(t)
			install(t, release, target, newBootedMachines(t, target, stemcell, way.properties, way.logged))
		})
	}
}

// bootedMachines are real. Bosh reaches them by a floating IP, and this test looks into them with ssh.
type bootedMachines struct {
	t        *testing.T
	target   target
	key      string   // the private key's file
	logged   []string // what its agent must have logged
	manifest about
	looks    int
}

func newBootedMachines(t *testing.T, target target, stemcell string, properties object, logged []string) *bootedMachines {
	t.Helper()
	given, err := fixtures.Read(os.Getenv("CPI_FIXTURES"))
	require.NoError(t, err, "CPI_FIXTURES")
	flavor := given.SmallestFlavor(func(f fixtures.Flavor) bool { return f.RAM >= leastRAM && f.Disk > 0 && f.Ephemeral > 0 })
	require.NotEmpty(t, flavor, "CPI_FIXTURES has no flavor with %d MiB, a root disk and an ephemeral disk", leastRAM)
	vip := freeFloatingIP(t, target, given)
	// Not the key pair of the cloud: agents whose first source of settings is a file never look at it.
	key := filepath.Join(t.TempDir(), "key")
	run(t, root, nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "spec", "-f", key)
	public, err := os.ReadFile(key + ".pub")
	require.NoError(t, err)
	return &bootedMachines{t: t, target: target, key: key, logged: logged, manifest: about{
		stemcell: stemcell, flavor: flavor, vip: vip.String(), bosh: netip.AddrPortFrom(vip, 6868),
		agent: netip.MustParseAddrPort("0.0.0.0:6868"), blobs: "/var/vcap/micro_bosh/data/cache", properties: properties,
		keys: []string{strings.TrimSpace(string(public))},
	}}
}

// freeFloatingIP is one that no port has. Other tests take the first, so this takes the last.
func freeFloatingIP(t *testing.T, target target, given fixtures.Fixtures) netip.Addr {
	t.Helper()
	var list struct {
		FloatingIPs []struct {
			ID      string
			Address netip.Addr `json:"floating_ip_address"`
			PortID  string     `json:"port_id"`
		}
	}
	require.NoError(t, target.cloud.Get(t.Context(), "network", "/floatingips", &list))
	for _, wanted := range slices.Backward(given.FloatingIPs) {
		for _, ip := range list.FloatingIPs {
			if ip.ID == wanted.ID && ip.PortID == "" {
				return ip.Address
			}
		}
	}
	require.Fail(t, "no floating IP of CPI_FIXTURES is free")
	return netip.Addr{}
}

func (m *bootedMachines) about() about { return m.manifest }

// run runs a command as root on the VM.
func (m *bootedMachines) run(command ...string) string {
	m.t.Helper()
	said, err := m.try(command...)
	require.NoError(m.t, err, said)
	return said
}

// try is run for a command that may fail.
func (m *bootedMachines) try(command ...string) (string, error) {
	said, err := try(m.t, root, nil, "ssh", append([]string{
		"-i", m.key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
		"-o", "ConnectTimeout=10", "vcap@" + m.manifest.vip, "sudo",
	}, command...)...)
	return strings.TrimSpace(said), err
}

func (m *bootedMachines) read(name string, into any) {
	m.t.Helper()
	require.NoError(m.t, json.Unmarshal([]byte(m.run("cat", "/var/vcap/"+name)), into), name)
}

// check looks at the VM, and at the first one a second time after it has booted again: then the agent has to find the disk
// by the hint that it has kept.
func (m *bootedMachines) check(address netip.Addr, disk string) {
	m.t.Helper()
	m.look(address, disk)
	log := m.run("journalctl", "--no-hostname", "--unit=bosh-agent", "--output=short-monotonic", "--grep="+quoted(telling))
	m.t.Log(log)
	for _, wanted := range m.logged {
		assert.Contains(m.t, log, wanted)
	}
	if m.looks == 1 {
		m.reboot()
		m.look(address, disk)
	}
}

// look counts its visits on the disk, which must survive the VM.
func (m *bootedMachines) look(address netip.Addr, disk string) {
	m.t.Helper()
	assert.Contains(m.t, m.run("ip", "-brief", "address", "show", "dev", "eth0"), " "+address.String()+"/")
	source, kind, _ := strings.Cut(m.run("findmnt", "--noheadings", "--output", "SOURCE,FSTYPE", "/var/vcap/store"), " ")
	assert.Equal(m.t, "ext4", strings.TrimSpace(kind))
	assert.Equal(m.t, disk[:20], m.run("cat", "/sys/class/block/"+strings.TrimSuffix(filepath.Base(source), "1")+"/serial"))
	m.looks++
	assert.Equal(m.t, strings.Repeat("x", m.looks), m.run("sh", "-c", quoted("printf x >>/var/vcap/store/visits; cat /var/vcap/store/visits")))
}

// reboot restarts the VM and waits until the agent has mounted the disk.
func (m *bootedMachines) reboot() {
	m.t.Helper()
	begun, before := time.Now(), m.run("cat", "/proc/sys/kernel/random/boot_id")
	m.try("systemctl", "reboot") //nolint:errcheck // the connection may end before the command does
	require.Eventually(m.t, func() bool {
		said, err := m.try("sh", "-c", quoted("cat /proc/sys/kernel/random/boot_id; findmnt --noheadings --output SOURCE /var/vcap/store"))
		return err == nil && !strings.HasPrefix(said, before) && strings.Contains(said, "/dev/")
	}, 10*time.Minute, 3*time.Second, "the agent does not mount the disk again")
	m.t.Logf("after %.0f s it has booted again and mounted %s", time.Since(begun).Seconds(), m.run("findmnt", "--noheadings", "/var/vcap/store"))
}

// quoted is text that the shell on the VM leaves alone.
func quoted(text string) string { return "'" + text + "'" }

// logs is the end of the console, where the agent of this stemcell logs.
func (m *bootedMachines) logs() string {
	ctx := context.WithoutCancel(m.t.Context()) // which is over when tests clean up
	var ports struct {
		Ports []struct {
			DeviceID string `json:"device_id"`
		}
	}
	cloud := m.target.cloud
	if err := cloud.Get(ctx, "network", "/ports?fixed_ips=ip_address%3D"+m.target.place.Address.String(), &ports); err != nil || len(ports.Ports) != 1 {
		return "no VM has the address"
	}
	var console struct{ Output string }
	request := object{"os-getConsoleOutput": object{"length": 100}}
	if err := cloud.Send(ctx, http.MethodPost, "compute", "/servers/"+ports.Ports[0].DeviceID+"/action", request, &console); err != nil {
		return err.Error()
	}
	return console.Output
}
