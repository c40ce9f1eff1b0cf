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

// guestPatience is how long a guest may take: without KVM it boots in half a minute, on a busy machine in several.
const guestPatience = 10 * time.Minute

// guestImage is the name of the image whose VMs report on their console what they see (scripts/openstack.d/qemu/guest).
const guestImage = "guest"

// TestGuest looks into VMs.
func TestGuest(t *testing.T) {
	image := suite.target.enter(t).fixtures.Images[guestImage]
	if image == "" {
		require.NotEqual(t, "qemu", os.Getenv("CPI_COMPUTE"), "CPI_FIXTURES has no image called "+guestImage)
		t.Skip("VMs do not boot here, or do not tell what they see: the cloud has no image called " + guestImage)
	}
	for name, scenario := range map[string]func(*guest){
		"uploaded, address, metadata service": (*guest).findsItsNetwork,
		"config drive":                        (*guest).findsItsConfigDrive,
		"floating IP, security group":         (*guest).answersFromOutside,
		"reboot":                              (*guest).bootsAgain,
		"deleted while it boots":              (*guest).deletedWhileItBoots,
		"a disk and its data":                 (*guest).findsItsData,
		"a disk after one that went":          (*guest).hasRoom,
		"disks are replaced":                  (*guest).keepsItsHints,
		"disks beside a boot volume":          (*guest).besideBootVolume,
		"disks beside those of a flavor":      (*guest).besideFlavor,
		"disks beside a config drive":         (*guest).besideConfigDrive,
		"disks on SCSI":                       (*guest).onSCSI,
	} {
		t.Run(name, func(t *testing.T) {
			g := &guest{scenario: play(t)}
			g.patience = guestPatience
			g.configure(nil)
			scenario(g)
		})
	}
}

// guest is a scenario whose VMs report.
type guest struct{ *scenario }

// boot makes a VM of the guest's image, or of the stemcell given, and waits until it has looked around.
func (g *guest) boot(vm newVM) (createdVM, report) {
	g.Helper()
	began := time.Now()
	created := g.start(vm)
	active := time.Since(began)
	told := g.ready(created, "")
	g.Logf("create_vm took %.0f s, the guest was ready %.0f s later, %s", active.Seconds(), (time.Since(began) - active).Seconds(), told.about("ready")[0])
	return created, told
}

func (g *guest) start(vm newVM) createdVM {
	g.Helper()
	if vm.stemcell == "" {
		vm.stemcell = g.fixtures.Images[guestImage] + " light"
	}
	return g.createVM(vm)
}

// ready waits until the VM has booted, not with the boot id given, and has looked around.
func (g *guest) ready(vm createdVM, before string) report {
	g.Helper()
	return g.await(vm, "ready", func(r report) bool { return r.boot != before && len(r.about("ready")) > 0 })
}

// await looks at the console again and again.
func (g *guest) await(vm createdVM, what string, done func(report) bool) (found report) {
	g.Helper()
	for began := time.Now(); time.Since(began) < guestPatience; <-time.After(time.Second) {
		if found = g.console(vm.cid); done(found) {
			return found
		}
	}
	require.Fail(g, "the guest never told: "+what, strings.Join(found.lines, "\n"))
	return found
}

// report is what a guest told since it booted last.
type report struct {
	boot  string // the kernel's id of this boot
	lines []string
}

// console reads the VM's report.
func (g *guest) console(cid string) (found report) {
	g.Helper()
	var console struct{ Output string }
	require.NoError(g, g.cloud.Send(g.Context(), http.MethodPost, "compute", "/servers/"+cid+"/action", object{"os-getConsoleOutput": object{}}, &console))
	// The last line may be half a line.
	lines := strings.Split(strings.ReplaceAll(console.Output, "\r", ""), "\n")
	for _, line := range lines[:len(lines)-1] {
		told, ok := strings.CutPrefix(line, "GUEST ")
		if boot, first := strings.CutPrefix(told, "boot "); ok && first {
			found = report{boot: boot}
		}
		if ok {
			found.lines = append(found.lines, told)
		}
	}
	return found
}

// about are the rests of all lines that begin with these words.
func (r report) about(words string) (found []string) {
	for _, line := range r.lines {
		if rest, ok := strings.CutPrefix(line, words+" "); ok {
			found = append(found, rest)
		}
	}
	return found
}

// userData asserts that what the guest read is the agent's settings, as create_vm tells them.
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

// stemcell uploads the guest's image as a director uploads a stemcell.
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

func (g *guest) findsItsNetwork() {
	place := g.place("private")
	vm, told := g.boot(newVM{stemcell: g.stemcell(nil), networks: networks{manualAt("private", place)}})
	assert.Equal(g, []string{fmt.Sprintf("eth0 %s/%d", place.Address, place.Subnet.Bits())}, told.about("address"))
	assert.Equal(g, []string{fmt.Sprint("eth0 ", vm.networks.mac("private"))}, told.about("nic"))
	assert.Contains(g, told.about("dhcp")[0], "router="+place.Gateway)
	assert.Regexp(g, `^i-[0-9a-f]{8}$`, told.about("metadata instance-id")[0])
	g.userData(vm, told.about("metadata user-data"))
	assert.Empty(g, told.about("config-drive"))
}

func (g *guest) findsItsConfigDrive() {
	g.configure(object{"config_drive": "cdrom"})
	vm, told := g.boot(newVM{networks: networks{g.manual("private")}})
	require.Len(g, told.about("config-drive /dev/sr0"), 1)
	assert.Contains(g, told.about("config-drive /dev/sr0")[0], vm.cid)
	g.userData(vm, told.about("config-drive user-data"))
	assert.Equal(g, told.about("metadata user-data"), told.about("config-drive user-data"))
}

// answersFromOutside asks the guest from outside. Only a security group lets that pass.
func (g *guest) answersFromOutside() {
	id, address := g.lendFloatingIP()
	group := g.neighbour("network", "/security-groups", "security_group", object{"name": g.director.UUID})
	g.neighbour("network", "/security-group-rules", "security_group_rule", object{
		"security_group_id": group, "direction": "ingress", "protocol": "tcp", "port_range_min": 80, "port_range_max": 80,
	})
	vm, told := g.boot(newVM{networks: networks{g.manual("private"), vip(address)}, properties: object{"security_groups": []string{group}}})
	assert.Equal(g, g.portOf(vm.cid).ID, g.floatingIP(id).PortID)
	assert.Contains(g, g.page("http://"+address+"/"), "metadata instance-id "+told.about("metadata instance-id")[0])
	g.userData(vm, told.about("metadata user-data"))
}

func (g *guest) bootsAgain() {
	vm, before := g.boot(newVM{networks: networks{g.manual("private")}})
	began := time.Now()
	g.call(nil, "reboot_vm", vm.cid)
	called := time.Since(began)
	after := g.ready(vm, before.boot)
	g.Logf("reboot_vm took %.0f s, the guest was ready %.0f s later", called.Seconds(), (time.Since(began) - called).Seconds())
	for _, same := range []string{"address", "nic", "metadata instance-id", "metadata user-data"} {
		assert.Equal(g, before.about(same), after.about(same))
	}
}

func (g *guest) deletedWhileItBoots() {
	vm := g.start(newVM{networks: networks{g.manual("private")}})
	assert.Empty(g, g.console(vm.cid).about("ready"))
	g.call(nil, "delete_vm", vm.cid)
	assert.False(g, g.has("has_vm", vm.cid))
	assert.Empty(g, g.ports("device_id="+vm.cid))
}

// page is what an HTTP server answers, which may first have to become reachable.
func (g *guest) page(url string) (page string) {
	g.Helper()
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: nil}}
	g.until(url+" answers", func() bool {
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
