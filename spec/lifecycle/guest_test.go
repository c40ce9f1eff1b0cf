package lifecycle_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// guestTimeout is the time that a guest may need to boot: half a minute without
// KVM, several minutes on a busy machine.
const guestTimeout = 10 * time.Minute

// guestImage is the name of the image whose VMs report their configuration on
// the console (scripts/openstack.d/qemu/guest).
const guestImage = "guest"

// TestGuest inspects VMs that boot.
func TestGuest(t *testing.T) {
	image := suite.target.Environment(t).Fixtures.Images[guestImage]
	if image == "" {
		require.NotEqual(t, "qemu", os.Getenv("CPI_COMPUTE"), "CPI_FIXTURES has no image called "+guestImage)
		t.Skip("needs VMs that boot and report: the cloud has no image called " + guestImage)
	}
	for name, scenario := range map[string]func(*guest){
		"stemcell, address, metadata service": (*guest).networkAndMetadata,
		"config drive":                        (*guest).configDrive,
		"floating IP, security group":         (*guest).floatingIPAndSecurityGroup,
		"NIC groups":                          (*guest).nicGroups,
		"reboot":                              (*guest).reboot,
		"delete while booting":                (*guest).deleteWhileBooting,
		"disk keeps its data":                 (*guest).diskKeepsData,
		"attach after detach":                 (*guest).attachAfterDetach,
		"disk hints stay valid":               (*guest).hintsStayValid,
		"disks beside a boot volume":          (*guest).disksBesideBootVolume,
		"disks beside a flavor's disks":       (*guest).disksBesideFlavorDisks,
		"disks beside a config drive":         (*guest).disksBesideConfigDrive,
		"disks on SCSI":                       (*guest).disksOnSCSI,
	} {
		t.Run(name, func(t *testing.T) {
			g := &guest{scenario: newScenario(t)}
			g.timeout = guestTimeout
			g.configure(nil)
			scenario(g)
		})
	}
}

// guest is a scenario with VMs that report their configuration.
type guest struct{ *scenario }

// boot creates a VM from the given stemcell, by default the guest image, and
// waits for its complete report.
func (g *guest) boot(vm vmArguments) (createdVM, report) {
	g.Helper()
	started := time.Now()
	created := g.start(vm)
	active := time.Since(started)
	reported := g.ready(created, "")
	g.Logf("create_vm took %.0f s, the guest was ready %.0f s later, %s", active.Seconds(), (time.Since(started) - active).Seconds(), reported.values("ready")[0])
	return created, reported
}

func (g *guest) start(vm vmArguments) createdVM {
	g.Helper()
	if vm.stemcell == "" {
		vm.stemcell = g.fixtures.Images[guestImage] + " light"
	}
	return g.createVM(vm)
}

// ready waits for the complete report of a boot whose id is not before.
func (g *guest) ready(vm createdVM, before string) report {
	g.Helper()
	return g.await(vm, "ready", func(r report) bool { return r.boot != before && len(r.values("ready")) > 0 })
}

// await polls the console until a report satisfies the condition.
func (g *guest) await(vm createdVM, what string, done func(report) bool) (found report) {
	g.Helper()
	for started := time.Now(); time.Since(started) < guestTimeout; <-time.After(time.Second) {
		if found = g.console(vm.cid); done(found) {
			return found
		}
	}
	require.Fail(g, "timeout waiting for the guest's report: "+what, strings.Join(found.lines, "\n"))
	return found
}

// report contains the lines of a guest since its last boot.
type report struct {
	boot  string // the kernel's id of this boot
	lines []string
}

// console reads the VM's report.
func (g *guest) console(cid string) (found report) {
	g.Helper()
	var console struct{ Output string }
	require.NoError(g, g.cloud.Send(g.Context(), http.MethodPost, "compute", "/servers/"+cid+"/action", object{"os-getConsoleOutput": object{}}, &console))
	// The last line may be incomplete.
	lines := strings.Split(strings.ReplaceAll(console.Output, "\r", ""), "\n")
	for _, line := range lines[:len(lines)-1] {
		reported, ok := strings.CutPrefix(line, "GUEST ")
		if boot, first := strings.CutPrefix(reported, "boot "); ok && first {
			found = report{boot: boot}
		}
		if ok {
			found.lines = append(found.lines, reported)
		}
	}
	return found
}

// values returns the remainder of all lines that begin with these words.
func (r report) values(words string) (found []string) {
	for _, line := range r.lines {
		if rest, ok := strings.CutPrefix(line, words+" "); ok {
			found = append(found, rest)
		}
	}
	return found
}

// userData asserts that a document is the agent's settings.
func (g *guest) userData(vm createdVM, document []string) {
	g.Helper()
	require.Len(g, document, 1)
	var settings struct {
		AgentID  string `json:"agent_id"`
		VM       struct{ Name string }
		Networks networks
		Disks    object
		Mbus     string
		Env      object
	}
	require.NoError(g, json.Unmarshal([]byte(document[0]), &settings), document[0])
	assert.Equal(g, "agent-of-"+g.director.UUID, settings.AgentID)
	assert.Equal(g, g.server(vm.cid).Name, settings.VM.Name)
	assert.Equal(g, vm.networks, settings.Networks)
	assert.Equal(g, "nats://nats:canary-mbus@127.0.0.1:4222", settings.Mbus)
	assert.Contains(g, settings.Env, "bosh")
	assert.Equal(g, "/dev/sda", settings.Disks["system"])
}

// stemcell uploads the guest image as a stemcell.
func (g *guest) stemcell(properties object) (cid string) {
	g.Helper()
	var image []byte
	require.NoError(g, g.cloud.Get(g.Context(), "image", "/images/"+g.fixtures.Images[guestImage]+"/file", &image))
	archive := filepath.Join(g.TempDir(), "guest")
	require.NoError(g, director.PackStemcell(archive, image))
	all := object{"name": "guest", "version": g.director.UUID, "infrastructure": "openstack", "disk_format": "qcow2", "container_format": "bare"}
	maps.Copy(all, properties)
	g.call(&cid, "create_stemcell", archive, all)
	g.Cleanup(func() { g.call(nil, "delete_stemcell", cid) })
	return cid
}

func (g *guest) networkAndMetadata() {
	nic := g.chooseNIC("private")
	vm, reported := g.boot(vmArguments{stemcell: g.stemcell(nil), networks: networks{manualAt("private", nic)}})
	assert.Equal(g, []string{fmt.Sprintf("eth0 %s/%d", nic.Address, nic.Subnet.Bits())}, reported.values("address"))
	assert.Equal(g, []string{fmt.Sprint("eth0 ", vm.networks.mac("private"))}, reported.values("nic"))
	assert.Contains(g, reported.values("dhcp")[0], "router="+nic.Gateway)
	assert.Regexp(g, `^i-[0-9a-f]{8}$`, reported.values("metadata instance-id")[0])
	g.userData(vm, reported.values("metadata user-data"))
	assert.Empty(g, reported.values("config-drive"))
}

func (g *guest) configDrive() {
	g.configure(object{"config_drive": "cdrom"})
	vm, reported := g.boot(vmArguments{networks: networks{g.manual("private")}})
	require.Len(g, reported.values("config-drive /dev/sr0"), 1)
	assert.Contains(g, reported.values("config-drive /dev/sr0")[0], vm.cid)
	g.userData(vm, reported.values("config-drive user-data"))
	assert.Equal(g, reported.values("metadata user-data"), reported.values("config-drive user-data"))
}

// floatingIPAndSecurityGroup sends a request to the guest's floating IP, which
// only the security group of the VM permits.
func (g *guest) floatingIPAndSecurityGroup() {
	id, address := g.lockFloatingIP()
	group := g.webGroup()
	vm, reported := g.boot(vmArguments{networks: networks{g.manual("private"), vip(address)}, properties: object{"security_groups": []string{group}}})
	assert.Equal(g, g.portOf(vm.cid).ID, g.floatingIP(id).PortID)
	assert.Contains(g, g.httpGet("http://"+address+"/"), "metadata instance-id "+reported.values("metadata instance-id")[0])
	g.userData(vm, reported.values("metadata user-data"))
}

func (g *guest) reboot() {
	vm, before := g.boot(vmArguments{networks: networks{g.manual("private")}})
	started := time.Now()
	g.call(nil, "reboot_vm", vm.cid)
	called := time.Since(started)
	after := g.ready(vm, before.boot)
	g.Logf("reboot_vm took %.0f s, the guest was ready %.0f s later", called.Seconds(), (time.Since(started) - called).Seconds())
	for _, same := range []string{"address", "nic", "metadata instance-id", "metadata user-data"} {
		require.NotEmpty(g, before.values(same), same)
		assert.Equal(g, before.values(same), after.values(same))
	}
}

func (g *guest) deleteWhileBooting() {
	vm := g.start(vmArguments{networks: networks{g.manual("private")}})
	assert.Empty(g, g.console(vm.cid).values("ready"))
	g.call(nil, "delete_vm", vm.cid)
	assert.False(g, g.has("has_vm", vm.cid))
	assert.Empty(g, g.ports("device_id="+vm.cid))
}

// httpGet returns a page as soon as its server is reachable.
func (g *guest) httpGet(url string) (page string) {
	g.Helper()
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: nil}}
	g.waitUntil(url+" is reachable", func() bool {
		request, err := http.NewRequestWithContext(g.Context(), http.MethodGet, url, http.NoBody)
		require.NoError(g, err)
		answer, err := client.Do(request)
		if err != nil {
			return false
		}
		content, err := io.ReadAll(answer.Body)
		page = string(content)
		return errors.Join(err, answer.Body.Close()) == nil && answer.StatusCode == http.StatusOK
	})
	return page
}
