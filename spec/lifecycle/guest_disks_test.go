package lifecycle_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// newDisk is a guest's line about a disk that came: its name, its serial number, and how its content begins.
var newDisk = regexp.MustCompile(`^(\w+) (\S*) content='(.*?) *'$`)

// attach attaches a disk that the VM does not have, and asserts that the guest finds it where the hint says. It returns the
// hint, and what was written on the disk.
func (g *guest) attach(vm createdVM, disk string) (hint, content string) {
	g.Helper()
	before := len(g.console(vm.cid).about("new-disk"))
	g.call(&hint, "attach_disk", vm.cid, disk)
	g.Cleanup(func() { // disks are deleted before their VM
		if g.has("has_vm", vm.cid) {
			g.call(nil, "detach_disk", vm.cid, disk)
		}
	})
	told := g.await(vm, "a new disk, "+hint, func(r report) bool { return len(r.about("new-disk")) > before })
	found := newDisk.FindStringSubmatch(told.about("new-disk")[before])
	require.NotNil(g, found, told.about("new-disk"))
	name, serial := found[1], found[2]
	g.Logf("the hint is %s, Nova says %s, the guest sees %s", hint, g.volume(disk).Attachments[0].Device, name)
	assert.Contains(g, paths(name, serial), hint, "the guest does not find the disk under the hint")
	assert.GreaterOrEqual(g, len(serial), 20)
	assert.True(g, strings.HasPrefix(disk, serial), "the serial number begins the volume's id")
	assert.Contains(g, told.disks(), fmt.Sprintf("%s:%dK", name, g.volume(disk).SizeGiB<<20))
	return hint, found[3]
}

// paths are those under which a guest with udev, as stemcells have it, finds a disk.
func paths(name, serial string) []string {
	if strings.HasPrefix(name, "vd") {
		return []string{"/dev/" + name, "/dev/disk/by-id/virtio-" + serial}
	}
	return []string{"/dev/" + name}
}

// finds asserts that a guest that has just booted finds a disk under the hint it was once given.
func (g *guest) finds(told report, disk, hint string) {
	g.Helper()
	for _, one := range told.about("disk") {
		name, serial, _ := strings.Cut(one, " ")
		if serial != "" && strings.HasPrefix(disk, serial) {
			assert.Contains(g, paths(name, serial), hint, "the guest does not find the disk under its hint any more")
			return
		}
	}
	assert.Fail(g, "the guest does not have the disk", "%q", told.about("disk"))
}

// disks are those that the guest has now, as name:size.
func (r report) disks() []string {
	lists := r.about("disks")
	return strings.Fields(lists[len(lists)-1])
}

// detach detaches a disk and waits until the guest does not see it any more.
func (g *guest) detach(vm createdVM, disk string) {
	g.Helper()
	before := len(g.console(vm.cid).disks())
	g.call(nil, "detach_disk", vm.cid, disk)
	g.await(vm, "a disk is gone", func(r report) bool { return len(r.disks()) < before })
}

// marked is what a guest writes on the disks it sees coming.
func marked(told report) string { return "seen-by " + told.about("metadata instance-id")[0] }

func (g *guest) findsItsData() {
	first, told := g.boot(newVM{networks: networks{g.manual("private")}})
	disk := g.createDisk(2048, object{}, first.cid)
	_, content := g.attach(first, disk)
	assert.Empty(g, content)
	g.detach(first, disk)
	_, content = g.attach(first, disk)
	assert.Equal(g, marked(told), content)
	g.detach(first, disk)
	g.call(nil, "resize_disk", disk, 3072)

	second, toldBySecond := g.boot(newVM{networks: networks{g.manual("private")}, disks: []string{disk}})
	_, content = g.attach(second, disk)
	assert.Equal(g, marked(told), content)
	g.call(nil, "delete_vm", second.cid)
	_, content = g.attach(first, disk)
	assert.Equal(g, marked(toldBySecond), content)
}

// keepsItsHints replaces a disk as a director does that resizes it, twice, and reboots in between. The guest names its
// disks anew when it boots, without the gap that the first disk has left; Nova goes on with the old names.
func (g *guest) keepsItsHints() {
	vm, before := g.boot(newVM{networks: networks{g.manual("private")}})
	disks := []string{g.createDisk(1024, object{}, vm.cid), g.createDisk(2048, object{}, vm.cid), g.createDisk(3072, object{}, vm.cid)}
	g.attach(vm, disks[0])
	hint, _ := g.attach(vm, disks[1])
	g.detach(vm, disks[0])

	g.call(nil, "reboot_vm", vm.cid)
	after := g.ready(vm, before.boot)
	g.Logf("after the reboot Nova says %s, the guest sees %q", g.volume(disks[1]).Attachments[0].Device, after.about("disk"))
	g.finds(after, disks[1], hint)
	var again string
	g.call(&again, "attach_disk", vm.cid, disks[1])
	assert.Equal(g, hint, again)
	g.attach(vm, disks[2])
	g.detach(vm, disks[1])
}

// hasRoom attaches a disk after one that went.
func (g *guest) hasRoom() {
	vm, _ := g.boot(newVM{networks: networks{g.manual("private")}})
	disks := []string{g.createDisk(1024, object{}, vm.cid), g.createDisk(2048, object{}, vm.cid), g.createDisk(3072, object{}, vm.cid)}
	g.attach(vm, disks[0])
	g.attach(vm, disks[1])
	g.detach(vm, disks[0])
	g.attach(vm, disks[2])
}

func (g *guest) besideBootVolume() {
	vm, _ := g.boot(newVM{networks: networks{g.manual("private")}, properties: object{
		"boot_from_volume": true, "root_disk": object{"size": 2}, "instance_type": g.disklessFlavor(),
	}})
	g.attach(vm, g.createDisk(1024, object{}, vm.cid))
}

func (g *guest) besideFlavor() {
	flavor := g.fixtures.SmallestFlavor(func(v fixtures.Flavor) bool { return v.Disk > 0 && v.Ephemeral > 0 && v.Swap > 0 })
	g.needs(flavor != "", "a flavor with an ephemeral disk and swap")
	for _, bootVolume := range []bool{false, true} {
		vm, told := g.boot(newVM{networks: networks{g.manual("private")}, properties: object{
			"instance_type": flavor, "boot_from_volume": bootVolume,
		}})
		ephemeral := fmt.Sprintf("vdb:%dK", g.fixtures.Flavors[flavor].Ephemeral<<20)
		assert.Contains(g, told.disks(), ephemeral, "the agent is told that /dev/sdb is its ephemeral disk")
		g.attach(vm, g.createDisk(2048, object{}, vm.cid))
	}
}

func (g *guest) besideConfigDrive() {
	g.configure(object{"config_drive": "disk"})
	vm, _ := g.boot(newVM{networks: networks{g.manual("private")}})
	g.attach(vm, g.createDisk(1024, object{}, vm.cid))
}

func (g *guest) onSCSI() {
	vm, told := g.boot(newVM{
		networks: networks{g.manual("private")}, stemcell: g.stemcell(object{"hw_disk_bus": "scsi", "hw_scsi_model": "virtio-scsi"}),
	})
	assert.True(g, strings.HasPrefix(told.disks()[0], "sda"), told.disks())
	g.attach(vm, g.createDisk(1024, object{}, vm.cid))
}
