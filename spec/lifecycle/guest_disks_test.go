package lifecycle_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// newDisk matches a guest's line about a new disk: its name, serial number and
// the beginning of its content.
var newDisk = regexp.MustCompile(`^(\w+) (\S*) content='(.*?) *'$`)

// attach attaches a disk and asserts that the guest has it at the path of the
// hint. It returns the hint and the beginning of the disk's content.
func (g *guest) attach(vm createdVM, disk string) (hint, content string) {
	g.Helper()
	before := len(g.console(vm.cid).values("new-disk"))
	g.call(&hint, "attach_disk", vm.cid, disk)
	g.Cleanup(func() { // runs before the disk is deleted
		if g.has("has_vm", vm.cid) {
			g.call(nil, "detach_disk", vm.cid, disk)
		}
	})
	reported := g.await(vm, "a new disk, "+hint, func(r report) bool { return len(r.values("new-disk")) > before })
	found := newDisk.FindStringSubmatch(reported.values("new-disk")[before])
	require.NotNil(g, found, reported.values("new-disk"))
	name, serial := found[1], found[2]
	g.Logf("hint %s, Nova's device %s, guest's device %s", hint, g.volume(disk).Attachments[0].Device, name)
	assert.Contains(g, paths(name, serial), hint, "the hint is not a path of the disk in the guest")
	assert.GreaterOrEqual(g, len(serial), 20)
	assert.True(g, strings.HasPrefix(disk, serial), "the serial number is a prefix of the volume's id")
	assert.Contains(g, reported.disks(), fmt.Sprintf("%s:%dK", name, g.volume(disk).SizeGiB<<20))
	return hint, found[3]
}

// paths returns a disk's paths in a guest with udev, as in stemcells.
func paths(name, serial string) []string {
	if strings.HasPrefix(name, "vd") {
		return []string{"/dev/" + name, "/dev/disk/by-id/virtio-" + serial}
	}
	return []string{"/dev/" + name}
}

// assertDiskAtHint asserts that the hint of an earlier attachment is a path of
// the disk.
func (g *guest) assertDiskAtHint(reported report, disk, hint string) {
	g.Helper()
	for _, one := range reported.values("disk") {
		name, serial, _ := strings.Cut(one, " ")
		if serial != "" && strings.HasPrefix(disk, serial) {
			assert.Contains(g, paths(name, serial), hint, "the hint is no longer a path of the disk in the guest")
			return
		}
	}
	assert.Fail(g, "the guest does not have the disk", "%q", reported.values("disk"))
}

// disks returns the current disks of the guest as name:size.
func (r report) disks() []string {
	lists := r.values("disks")
	return strings.Fields(lists[len(lists)-1])
}

// detach detaches a disk and waits until the guest no longer has it.
func (g *guest) detach(vm createdVM, disk string) {
	g.Helper()
	before := len(g.console(vm.cid).disks())
	g.call(nil, "detach_disk", vm.cid, disk)
	g.await(vm, "a disk is removed", func(r report) bool { return len(r.disks()) < before })
}

// marker returns the text that a guest writes to new disks.
func marker(reported report) string { return "seen-by " + reported.values("metadata instance-id")[0] }

func (g *guest) diskKeepsData() {
	first, reported := g.boot(vmArguments{networks: networks{g.manual("private")}})
	disk := g.createDisk(2048, object{}, first.cid)
	_, content := g.attach(first, disk)
	assert.Empty(g, content)
	g.detach(first, disk)
	_, content = g.attach(first, disk)
	assert.Equal(g, marker(reported), content)
	g.detach(first, disk)
	g.call(nil, "resize_disk", disk, 3072)

	second, secondReport := g.boot(vmArguments{networks: networks{g.manual("private")}, disks: []string{disk}})
	_, content = g.attach(second, disk)
	assert.Equal(g, marker(reported), content)
	g.call(nil, "delete_vm", second.cid)
	_, content = g.attach(first, disk)
	assert.Equal(g, marker(secondReport), content)
}

// hintsStayValid replaces a disk twice, as a director does to resize it, and
// reboots in between. At boot the guest assigns new device names without the
// gap of the detached disk, while Nova keeps the old ones.
func (g *guest) hintsStayValid() {
	vm, before := g.boot(vmArguments{networks: networks{g.manual("private")}})
	disks := []string{g.createDisk(1024, object{}, vm.cid), g.createDisk(2048, object{}, vm.cid), g.createDisk(3072, object{}, vm.cid)}
	g.attach(vm, disks[0])
	hint, _ := g.attach(vm, disks[1])
	g.detach(vm, disks[0])

	g.call(nil, "reboot_vm", vm.cid)
	after := g.ready(vm, before.boot)
	g.Logf("after the reboot: Nova's device %s, guest's disks %q", g.volume(disks[1]).Attachments[0].Device, after.values("disk"))
	g.assertDiskAtHint(after, disks[1], hint)
	var again string
	g.call(&again, "attach_disk", vm.cid, disks[1])
	assert.Equal(g, hint, again)
	g.attach(vm, disks[2])
	g.detach(vm, disks[1])
}

// attachAfterDetach attaches a disk after another one was detached.
func (g *guest) attachAfterDetach() {
	vm, _ := g.boot(vmArguments{networks: networks{g.manual("private")}})
	disks := []string{g.createDisk(1024, object{}, vm.cid), g.createDisk(2048, object{}, vm.cid), g.createDisk(3072, object{}, vm.cid)}
	g.attach(vm, disks[0])
	g.attach(vm, disks[1])
	g.detach(vm, disks[0])
	g.attach(vm, disks[2])
}

func (g *guest) disksBesideBootVolume() {
	vm, _ := g.boot(vmArguments{networks: networks{g.manual("private")}, properties: object{
		"boot_from_volume": true, "root_disk": object{"size": 2}, "instance_type": g.disklessFlavor(),
	}})
	g.attach(vm, g.createDisk(1024, object{}, vm.cid))
}

func (g *guest) disksBesideFlavorDisks() {
	flavor := g.fixtures.SmallestFlavor(func(v fixtures.Flavor) bool { return v.Disk > 0 && v.Ephemeral > 0 && v.Swap > 0 })
	g.needs(flavor != "", "a flavor with an ephemeral disk and swap")
	for _, bootVolume := range []bool{false, true} {
		vm, reported := g.boot(vmArguments{networks: networks{g.manual("private")}, properties: object{
			"instance_type": flavor, "boot_from_volume": bootVolume,
		}})
		ephemeral := fmt.Sprintf("vdb:%dK", g.fixtures.Flavors[flavor].Ephemeral<<20)
		assert.Contains(g, reported.disks(), ephemeral, "the agent's settings say that /dev/sdb is its ephemeral disk")
		g.attach(vm, g.createDisk(2048, object{}, vm.cid))
	}
}

func (g *guest) disksBesideConfigDrive() {
	g.configure(object{"config_drive": "disk"})
	vm, _ := g.boot(vmArguments{networks: networks{g.manual("private")}})
	g.attach(vm, g.createDisk(1024, object{}, vm.cid))
}

func (g *guest) disksOnSCSI() {
	vm, reported := g.boot(vmArguments{
		networks: networks{g.manual("private")}, stemcell: g.stemcell(object{"hw_disk_bus": "scsi", "hw_scsi_model": "virtio-scsi"}),
	})
	assert.True(g, strings.HasPrefix(reported.disks()[0], "sda"), reported.disks())
	g.attach(vm, g.createDisk(1024, object{}, vm.cid))
}
