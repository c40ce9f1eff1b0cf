package day

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// auditor compares the cloud with a state.
type auditor struct {
	cloud    *cloud.Cloud
	before   cloud.Inventory
	alone    bool // the project has no other user
	director string
	patience time.Duration // until what a service does in the background has ended
	flavors  map[string]string
	groups   map[string]string // names by id
	floating []fixtures.FloatingIP
}

// audit returns the differences between the cloud and the state, in both
// directions, that remain for longer than the auditor's patience.
func (a *auditor) audit(ctx context.Context, want *state) ([]string, error) {
	for began := time.Now(); ; <-time.After(250 * time.Millisecond) {
		differences, err := a.compare(ctx, want)
		if err != nil || len(differences) == 0 || time.Since(began) > a.patience {
			return differences, err
		}
	}
}

func (a *auditor) compare(ctx context.Context, want *state) ([]string, error) {
	marks := append([]string{a.director}, want.cids...)
	if a.alone {
		marks = nil
	}
	found, err := read(ctx, a.cloud, a.before, marks)
	if err != nil {
		return nil, err
	}
	d := &differences{want: want, found: found, groups: a.groups, flavors: a.flavors}
	d.compareVMs()
	d.comparePorts()
	d.compareDisks()
	d.compareKeys("snapshot", slices.Collect(maps.Keys(want.snapshots)), slices.Collect(maps.Keys(found.snapshots)))
	d.compareKeys("image", slices.Collect(maps.Keys(want.images)), slices.Collect(maps.Keys(found.images)))
	d.compareKeys("network", slices.Collect(maps.Keys(want.networks)), slices.Collect(maps.Keys(found.networks)))
	d.compareKeys("object", nil, found.others)
	for id, snapshot := range found.snapshots {
		d.equal("volume of snapshot "+id, want.snapshots[id], snapshot.Volume)
		d.equal("status of snapshot "+id, "available", snapshot.Status)
	}
	for id, image := range found.images {
		d.equal("status of image "+id, "active", image.Status)
	}
	if err := a.compareFloatingIPs(ctx, d); err != nil {
		return nil, err
	}
	slices.Sort(d.list)
	return d.list, nil
}

// differences compares the objects in the cloud with a state.
type differences struct {
	want    *state
	found   objects
	flavors map[string]string
	groups  map[string]string
	boot    map[string]string // servers by their boot volume
	list    []string
}

func (d *differences) add(format string, arguments ...any) {
	d.list = append(d.list, fmt.Sprintf(format, arguments...))
}

// equal compares one property.
func (d *differences) equal(what string, want, found any) {
	if !reflect.DeepEqual(want, found) {
		d.add("%s is %v, expected %v", what, found, want)
	}
}

// compareKeys compares which objects exist.
func (d *differences) compareKeys(kind string, want, found []string) {
	for _, id := range want {
		if !slices.Contains(found, id) {
			d.add("%s %s does not exist", kind, id)
		}
	}
	for _, id := range found {
		if !slices.Contains(want, id) {
			d.add("%s %s exists", kind, id)
		}
	}
}

// compareVMs compares the servers, and what Nova has attached to them.
func (d *differences) compareVMs() {
	d.boot = map[string]string{}
	var existing []string
	for cid, vm := range d.want.vms {
		if !vm.lost {
			existing = append(existing, cid)
		}
	}
	d.compareKeys("server", existing, slices.Collect(maps.Keys(d.found.servers)))
	for _, cid := range existing {
		if found, exists := d.found.servers[cid]; exists {
			d.compareVM(cid, d.want.vms[cid], found)
		}
	}
}

func (d *differences) compareVM(cid string, want *vm, found server) {
	status := "ACTIVE"
	if want.stopped {
		status = "SHUTOFF"
	}
	of := " of server " + cid
	d.equal("status"+of, status, found.Status)
	d.equal("zone"+of, want.zone, found.Zone)
	d.equal("flavor"+of, want.flavor, d.flavors[found.Flavor.ID])
	if !strings.Contains(string(found.Image), want.image) || want.image == "" && string(found.Image) != `""` {
		d.add("image%s is %s, expected %q", of, found.Image, want.image)
	}
	for key, value := range want.metadata {
		d.equal("metadata "+key+of, value, found.Metadata[key])
	}
	if name := want.metadata["name"]; name != "" {
		d.equal("name"+of, name, found.Name)
	}
	var disks, attached []string
	for id, disk := range d.want.disks {
		if disk.vm == cid {
			disks = append(disks, id)
		}
	}
	for _, volume := range found.Volumes {
		if _, persistent := d.want.disks[volume.ID]; !persistent && want.bootVolume > 0 && d.found.volumes[volume.ID].Bootable == "true" {
			d.boot[volume.ID] = cid
			d.equal("GiB of boot volume "+volume.ID, want.bootVolume, d.found.volumes[volume.ID].GiB)
			continue
		}
		attached = append(attached, volume.ID)
	}
	d.compareKeys("attachment to server "+cid+" of volume", disks, attached)
	if want.bootVolume > 0 && !slices.Contains(slices.Collect(maps.Values(d.boot)), cid) {
		d.add("server %s has no boot volume", cid)
	}
}

// comparePorts compares the ports of all VMs.
func (d *differences) comparePorts() {
	byVM := map[string][]port{}
	for id, port := range d.found.ports {
		if vm := d.want.vms[port.Device]; vm == nil || vm.lost {
			d.add("port %s exists, of device %q with addresses %v", id, port.Device, port.addresses())
		}
		byVM[port.Device] = append(byVM[port.Device], port)
	}
	for cid, vm := range d.want.vms {
		if !vm.lost {
			d.compareNICs(cid, vm.nics, byVM[cid])
		}
	}
}

func (d *differences) compareNICs(cid string, want []*nic, found []port) {
	d.equal("number of ports of server "+cid, len(want), len(found))
	for _, nic := range want {
		i := slices.IndexFunc(found, func(port port) bool {
			return port.Network == nic.network && (nic.addresses == nil || slices.Equal(port.addresses(), nic.addresses))
		})
		if i < 0 {
			d.add("server %s has no port for %+v", cid, *nic)
			continue
		}
		d.compareNIC(nic, found[i])
	}
}

func (d *differences) compareNIC(want *nic, found port) {
	of := " of port " + found.MAC
	if want.mac != "" {
		d.equal("MAC"+of, want.mac, found.MAC)
	}
	d.equal("address pairs"+of, want.pairs, found.pairs())
	if len(want.groups) > 0 {
		var groups []string
		for _, id := range found.Groups {
			groups = append(groups, d.groups[id])
		}
		slices.Sort(groups)
		d.equal("security groups"+of, want.groups, groups)
	}
}

// compareDisks compares the volumes that are disks, and finds others than those and
// boot volumes.
func (d *differences) compareDisks() {
	expected := slices.Concat(slices.Collect(maps.Keys(d.want.disks)), slices.Collect(maps.Keys(d.boot)))
	d.compareKeys("volume", expected, slices.Collect(maps.Keys(d.found.volumes)))
	for id, disk := range d.want.disks {
		if found, exists := d.found.volumes[id]; exists {
			d.compareDisk(id, disk, found)
		}
	}
}

func (d *differences) compareDisk(id string, want *disk, found volume) {
	of := " of volume " + id
	status, servers := "available", []string(nil)
	if want.vm != "" {
		status, servers = "in-use", []string{want.vm}
	}
	d.equal("status"+of, status, found.Status)
	d.equal("GiB"+of, (want.mib+1023)/1024, found.GiB)
	d.equal("type"+of, want.kind, found.Type)
	d.equal("zone"+of, want.zone, found.Zone)
	for key, value := range want.metadata {
		d.equal("metadata "+key+of, value, found.Metadata[key])
	}
	var attached []string
	for _, attachment := range found.Attachments {
		attached = append(attached, attachment.Server)
		if strings.HasPrefix(attachment.Device, "/dev/vd") {
			d.equal("hint"+of, "/dev/disk/by-id/virtio-"+id[:20], want.hint)
		}
	}
	d.equal("servers"+of, servers, attached)
}

// compareFloatingIPs compares what the floating IPs of the project lead to.
func (a *auditor) compareFloatingIPs(ctx context.Context, d *differences) error {
	for _, one := range a.floating {
		var found struct {
			FloatingIP struct {
				Port    string `json:"port_id"`
				Address string `json:"fixed_ip_address"`
			}
		}
		if err := a.cloud.Get(ctx, "network", "/floatingips/"+one.ID, &found); err != nil {
			return err
		}
		d.compareFloatingIP(one.Address, found.FloatingIP.Address, found.FloatingIP.Port)
	}
	return nil
}

// compareFloatingIP compares the VM and the address that a floating IP leads to.
func (d *differences) compareFloatingIP(floating, fixed, portID string) {
	port, ours := d.found.ports[portID]
	cid := d.want.floating[floating]
	vm := d.want.vms[cid]
	if vm == nil {
		if ours {
			d.add("floating IP %s leads to port %s", floating, portID)
		}
		return
	}
	d.equal("server of floating IP "+floating, cid, port.Device)
	for _, nic := range vm.nics {
		if nic.gateway && nic.addresses != nil && !slices.Contains(nic.addresses, fixed) {
			d.add("floating IP %s leads to %s, expected one of %v", floating, fixed, nic.addresses)
		}
	}
}
