package day

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deployment is what the audit is tested on.
const deployment = `
{"at":0,"ms":1,"method":"create_stemcell","arguments":["$archive-1.1",{"name":"test","version":"1","disk_format":"raw","container_format":"bare"},{"tags":{}}],"result":"$stemcell-1"}
{"at":10,"ms":1,"method":"create_vm","arguments":["$agent-1","$stemcell-1",{"availability_zone":"$z1","instance_type":"$m1.small"},{"private":{"type":"manual","ip":"$private+0","netmask":"$private.netmask","gateway":"$private.gateway","cloud_properties":{"net_id":"$private","security_groups":["$default"]},"default":["dns","gateway"]},"public":{"type":"vip","ip":"$floating-1","cloud_properties":{}}},[],{}],"result":"$vm-1"}
{"at":10,"ms":1,"method":"create_vm","arguments":["$agent-2","$stemcell-1",{"availability_zone":"$z1","instance_type":"$m1.bfv","boot_from_volume":true,"root_disk":{"size":10}},{"dynamic":{"type":"dynamic","cloud_properties":{"net_id":"$private"}}},[],{}],"result":"$vm-2"}
{"at":20,"ms":1,"method":"set_vm_metadata","arguments":["$vm-1",{"job":"web","name":"web/instance-1"}]}
{"at":20,"ms":1,"method":"create_disk","arguments":[1024,{"type":"$ssd"},"$vm-1"],"result":"$disk-1"}
{"at":20,"ms":1,"method":"create_disk","arguments":[1024,{"type":"$ssd"},"$vm-1"],"result":"$disk-2"}
{"at":30,"ms":1,"method":"attach_disk","arguments":["$vm-1","$disk-1"]}
{"at":40,"ms":1,"method":"set_disk_metadata","arguments":["$disk-1",{"instance_group":"web"}]}
{"at":50,"ms":1,"method":"snapshot_disk","arguments":["$disk-1",{}],"result":"$snapshot-1"}
`

// clone returns a deep copy.
func (s *state) clone() *state {
	copied := *s
	copied.vms, copied.disks = map[string]*vm{}, map[string]*disk{}
	copied.snapshots, copied.images = maps.Clone(s.snapshots), maps.Clone(s.images)
	copied.networks, copied.floating = maps.Clone(s.networks), maps.Clone(s.floating)
	for cid, original := range s.vms {
		vm := *original
		vm.metadata, vm.nics = maps.Clone(vm.metadata), nil
		for _, original := range original.nics {
			nic := *original
			nic.addresses, nic.groups = slices.Clone(nic.addresses), slices.Clone(nic.groups)
			vm.nics = append(vm.nics, &nic)
		}
		copied.vms[cid] = &vm
	}
	for cid, original := range s.disks {
		disk := *original
		disk.metadata = maps.Clone(disk.metadata)
		copied.disks[cid] = &disk
	}
	return &copied
}

// TestAuditFindsEveryDifference compares a deployment of VMs, a boot volume, disks, a
// snapshot and a floating IP with states that differ from it.
func TestAuditFindsEveryDifference(t *testing.T) {
	t.Parallel()
	environment := suite.target.Environment(t)
	if environment.Simulator == nil {
		t.Skip("the audit is tested on the simulator")
	}
	steps, err := readSteps(fstest.MapFS{"deployment": {Data: []byte(deployment)}}, "deployment")
	require.NoError(t, err)
	r, a := newReplay(t, environment)
	require.NoError(t, r.run(t.Context(), Operation{Steps: steps}))
	differences, err := a.audit(t.Context(), r.state)
	require.NoError(t, err)
	require.Empty(t, differences)

	found := func(name string) string { return r.names.text(name) }
	vmOf := func(s *state, name string) *vm { return s.vms[found(name)] }
	diskOf := func(s *state, name string) *disk { return s.disks[found(name)] }
	for want, change := range map[string]func(s *state){
		"server VM exists":                            func(s *state) { delete(s.vms, found("$vm-1")) },
		"server another does not exist":               func(s *state) { s.vms["another"] = &vm{} },
		"status of server VM is ACTIVE":               func(s *state) { vmOf(s, "$vm-1").stopped = true },
		"zone of server VM is z1, expected z2":        func(s *state) { vmOf(s, "$vm-1").zone = "z2" },
		"flavor of server VM is m1.small":             func(s *state) { vmOf(s, "$vm-1").flavor = "m1.tiny" },
		"image of server VM is":                       func(s *state) { vmOf(s, "$vm-1").image = "another" },
		"metadata job of server VM is web":            func(s *state) { vmOf(s, "$vm-1").metadata["job"] = "another" },
		"name of server VM is web/instance-1":         func(s *state) { vmOf(s, "$vm-1").metadata["name"] = "another" },
		"attachment to server VM of volume DISK ex":   func(s *state) { diskOf(s, "$disk-1").vm = "" },
		"attachment to server VM of volume FREE does": func(s *state) { diskOf(s, "$disk-2").vm = found("$vm-1") },
		"GiB of boot volume":                          func(s *state) { vmOf(s, "$vm-2").bootVolume = 11 },
		"server VM has no boot volume":                func(s *state) { vmOf(s, "$vm-1").bootVolume = 10 },
		"number of ports of server VM is 1, expe":     func(s *state) { vmOf(s, "$vm-1").nics = nil },
		"server VM has no port for":                   func(s *state) { vmOf(s, "$vm-1").nics[0].addresses = []string{"10.0.0.99"} },
		"MAC of port":                                 func(s *state) { vmOf(s, "$vm-1").nics[0].mac = "fa:16:3e:00:00:00" },
		"address pairs of port":                       func(s *state) { vmOf(s, "$vm-1").nics[0].pairs = []string{"10.0.0.16/28"} },
		"security groups of port":                     func(s *state) { vmOf(s, "$vm-1").nics[0].groups = []string{"another"} },
		"floating IP 172.24.4":                        func(s *state) { clear(s.floating) },
		"volume DISK exists":                          func(s *state) { delete(s.disks, found("$disk-1")) },
		"volume another does not exist":               func(s *state) { s.disks["another"] = &disk{} },
		"GiB of volume DISK is 1, expected 2":         func(s *state) { diskOf(s, "$disk-1").mib++ },
		"type of volume DISK is ssd, expected hdd":    func(s *state) { diskOf(s, "$disk-1").kind = "hdd" },
		"zone of volume DISK is z1":                   func(s *state) { diskOf(s, "$disk-1").zone = "z2" },
		"metadata instance_group of volume DISK":      func(s *state) { diskOf(s, "$disk-1").metadata["instance_group"] = "" },
		"status of volume FREE is available":          func(s *state) { diskOf(s, "$disk-2").vm = found("$vm-1") },
		"servers of volume DISK is [VM], expected":    func(s *state) { diskOf(s, "$disk-1").vm = found("$vm-2") },
		"hint of volume DISK is":                      func(s *state) { diskOf(s, "$disk-1").hint = "/dev/vdb" },
		"snapshot SNAPSHOT exists":                    func(s *state) { clear(s.snapshots) },
		"volume of snapshot SNAPSHOT is DISK":         func(s *state) { s.snapshots[found("$snapshot-1")] = "another" },
		"snapshot another does not exist":             func(s *state) { s.snapshots["another"] = "" },
		"image IMAGE exists":                          func(s *state) { clear(s.images) },
		"image another does not exist":                func(s *state) { s.images["another"] = true },
		"network another does not exist":              func(s *state) { s.networks["another"] = true },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			changed := r.state.clone()
			change(changed)
			differences, err := a.compare(t.Context(), changed)
			require.NoError(t, err)
			names := strings.NewReplacer(found("$vm-1"), "VM", found("$disk-1"), "DISK", found("$disk-2"), "FREE", found("$snapshot-1"), "SNAPSHOT", found("$stemcell-1"), "IMAGE")
			assert.Contains(t, names.Replace(strings.Join(differences, "\n")), want)
		})
	}
}
