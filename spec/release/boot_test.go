package release_test

import (
	"context"
	"encoding/json"
	"maps"
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
	"github.com/piston/openstack-bosh-cpi/spec/settings"
)

// Lines of an agent's log that show the source of its settings.
const (
	fromMetadata    = "Sending GET request to endpoint 'http://169.254.169.254/latest/user-data'"
	fromConfigDrive = "Successfully loaded file 'ec2/latest/user-data' from config drive"
)

// agentActions matches the lines of an agent's log about its settings, its
// network and its disks.
const agentActions = "Running on stemcell|Successfully loaded file|Sending GET request|Using (dhcp|static) networking|Running async action" +
	"|Running command .(/var/vcap|systemctl|growpart|resize2fs|parted .* mkpart|mkswap|swapon /|mke2fs|mount /dev)"

// minRAM is the memory that a stemcell needs to boot, in MiB.
const minRAM = 256

// bosh create-env installs a director whose VM boots from a stemcell with the
// BOSH agent. CPI_STEMCELL is a stemcell of scripts/stemcell, CPI_TARBALL a
// release. The cloud must run VMs. See docs/booting.md.
func TestBoot(t *testing.T) {
	stemcell, release := settings.Path("CPI_STEMCELL"), settings.Path("CPI_TARBALL")
	if stemcell == "" {
		t.Skip("needs a cloud that runs VMs: set CPI_STEMCELL to what scripts/stemcell has built")
	}
	require.FileExists(t, stemcell, "CPI_STEMCELL")
	require.FileExists(t, release, "CPI_TARBALL")
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
			install(t, release, target, newBootedVMs(t, target, stemcell, way.properties, way.logged))
		})
	}
}

// bootedVMs are VMs that boot. bosh connects to them by a floating IP, and this
// test by ssh.
type bootedVMs struct {
	t        *testing.T
	target   target
	key      string   // path of the private key
	logged   []string // expected in the agent's log
	settings vmManifest
	visits   int
}

func newBootedVMs(t *testing.T, target target, stemcell string, properties object, logged []string) *bootedVMs {
	t.Helper()
	given, err := fixtures.Read(settings.Path("CPI_FIXTURES"))
	require.NoError(t, err, "CPI_FIXTURES")
	flavor := given.SmallestFlavor(func(f fixtures.Flavor) bool { return f.RAM >= minRAM && f.Disk > 0 && f.Ephemeral > 0 })
	require.NotEmpty(t, flavor, "CPI_FIXTURES has no flavor with %d MiB, a root disk and an ephemeral disk", minRAM)
	vip := freeFloatingIP(t, target, given)
	// The cloud's key pair is not used: agents whose first source of settings
	// is a file do not install it.
	key := filepath.Join(t.TempDir(), "key")
	run(t, root, nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "spec", "-f", key)
	public, err := os.ReadFile(key + ".pub")
	require.NoError(t, err)
	properties = maps.Clone(properties)
	properties["default_security_groups"] = []string{connectionsFromBosh(t, target)}
	return &bootedVMs{t: t, target: target, key: key, logged: logged, settings: vmManifest{
		stemcell: stemcell, flavor: flavor, vip: vip.String(), bosh: netip.AddrPortFrom(vip, 6868),
		agent: netip.MustParseAddrPort("0.0.0.0:6868"), blobs: "/var/vcap/micro_bosh/data/cache", properties: properties,
		keys: []string{strings.TrimSpace(string(public))},
	}}
}

// connectionsFromBosh creates a security group that permits connections to the agent
// and by ssh, and returns its id.
func connectionsFromBosh(t *testing.T, target target) (id string) {
	t.Helper()
	var created struct {
		Group struct{ ID string } `json:"security_group"`
	}
	group := object{"name": "spec-release", "description": "connections from bosh create-env"}
	require.NoError(t, target.cloud.Send(t.Context(), http.MethodPost, "network", "/security-groups", object{"security_group": group}, &created))
	t.Cleanup(func() {
		assert.NoError(t, target.cloud.Delete(context.WithoutCancel(t.Context()), "network", "/security-groups/"+created.Group.ID))
	})
	for _, port := range []int{22, 6868} {
		rule := object{"security_group_id": created.Group.ID, "direction": "ingress", "protocol": "tcp", "port_range_min": port, "port_range_max": port}
		require.NoError(t, target.cloud.Send(t.Context(), http.MethodPost, "network", "/security-group-rules", object{"security_group_rule": rule}, nil))
	}
	return created.Group.ID
}

// freeFloatingIP returns the last floating IP without a port. Other tests use
// the first.
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

func (m *bootedVMs) manifest() vmManifest { return m.settings }

// run runs a command as root on the VM.
func (m *bootedVMs) run(command ...string) string {
	m.t.Helper()
	output, err := m.try(command...)
	require.NoError(m.t, err, output)
	return output
}

// try runs a command that may fail.
func (m *bootedVMs) try(command ...string) (string, error) {
	output, err := try(m.t, root, nil, "ssh", append([]string{
		"-i", m.key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
		"-o", "ConnectTimeout=10", "vcap@" + m.settings.vip, "sudo",
	}, command...)...)
	return strings.TrimSpace(output), err
}

func (m *bootedVMs) read(name string, into any) {
	m.t.Helper()
	require.NoError(m.t, json.Unmarshal([]byte(m.run("cat", "/var/vcap/"+name)), into), name)
}

// check inspects the VM. The first VM is rebooted and inspected again: the
// agent must mount the disk with its stored hint.
func (m *bootedVMs) check(address netip.Addr, disk string) {
	m.t.Helper()
	m.inspect(address, disk)
	log := m.run("journalctl", "--no-hostname", "--unit=bosh-agent", "--output=short-monotonic", "--grep="+quoted(agentActions))
	m.t.Log(log)
	for _, wanted := range m.logged {
		assert.Contains(m.t, log, wanted)
	}
	if m.visits == 1 {
		m.reboot()
		m.inspect(address, disk)
	}
}

// inspect checks the address and the mounted disk, and appends to a file on the
// disk, which must contain the data of all earlier inspections.
func (m *bootedVMs) inspect(address netip.Addr, disk string) {
	m.t.Helper()
	assert.Contains(m.t, m.run("ip", "-brief", "address", "show", "dev", "eth0"), " "+address.String()+"/")
	source, kind, _ := strings.Cut(m.run("findmnt", "--noheadings", "--output", "SOURCE,FSTYPE", "/var/vcap/store"), " ")
	assert.Equal(m.t, "ext4", strings.TrimSpace(kind))
	assert.Equal(m.t, disk[:20], m.run("cat", "/sys/class/block/"+strings.TrimSuffix(filepath.Base(source), "1")+"/serial"))
	m.visits++
	assert.Equal(m.t, strings.Repeat("x", m.visits), m.run("sh", "-c", quoted("printf x >>/var/vcap/store/visits; cat /var/vcap/store/visits")))
}

// reboot restarts the VM and waits until the agent has mounted the disk.
func (m *bootedVMs) reboot() {
	m.t.Helper()
	started, before := time.Now(), m.run("cat", "/proc/sys/kernel/random/boot_id")
	m.try("systemctl", "reboot") //nolint:errcheck // the connection may end before the command does
	require.Eventually(m.t, func() bool {
		output, err := m.try("sh", "-c", quoted("cat /proc/sys/kernel/random/boot_id; findmnt --noheadings --output SOURCE /var/vcap/store"))
		return err == nil && !strings.HasPrefix(output, before) && strings.Contains(output, "/dev/")
	}, 10*time.Minute, 3*time.Second, "the agent does not mount the disk again")
	m.t.Logf("rebooted in %.0f s, mounted %s", time.Since(started).Seconds(), m.run("findmnt", "--noheadings", "/var/vcap/store"))
}

// quoted quotes text for the shell on the VM.
func quoted(text string) string { return "'" + text + "'" }

// logs returns the end of the console, to which the agent of this stemcell
// logs.
func (m *bootedVMs) logs() string {
	ctx := context.WithoutCancel(m.t.Context()) // cancelled during clean-up
	var ports struct {
		Ports []struct {
			DeviceID string `json:"device_id"`
		}
	}
	cloud := m.target.cloud
	if err := cloud.Get(ctx, "network", "/ports?fixed_ips=ip_address%3D"+m.target.nic.Address.String(), &ports); err != nil || len(ports.Ports) != 1 {
		return "no VM has the address"
	}
	var console struct{ Output string }
	request := object{"os-getConsoleOutput": object{"length": 100}}
	if err := cloud.Send(ctx, http.MethodPost, "compute", "/servers/"+ports.Ports[0].DeviceID+"/action", request, &console); err != nil {
		return err.Error()
	}
	return console.Output
}
