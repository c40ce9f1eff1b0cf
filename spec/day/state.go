package day

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// state is what the cloud must contain, according to the calls and their answers.
type state struct {
	vms       map[string]*vm
	disks     map[string]*disk
	snapshots map[string]string // volumes by snapshot
	images    map[string]bool
	networks  map[string]bool
	// floating are the VMs that have a floating IP, by address.
	floating map[string]string
	// cids are those of all objects, also of deleted ones.
	cids []string
}

// vm is a VM that create_vm has created.
type vm struct {
	zone, flavor, image string
	bootVolume          int // GiB, 0 without one
	nics                []*nic
	metadata            map[string]string
	stopped             bool
	lost                bool // another client has deleted it
}

// nic is an interface of a VM.
type nic struct {
	network   string
	mac       string
	gateway   bool
	addresses []string // nil: Neutron chooses them
	pairs     []string
	groups    []string
}

// disk is a persistent disk.
type disk struct {
	mib        int
	kind, zone string
	vm         string // that it is attached to, or ""
	hint       string // of the last attach_disk
	metadata   map[string]string
}

func newState() *state {
	return &state{
		vms: map[string]*vm{}, disks: map[string]*disk{}, snapshots: map[string]string{},
		images: map[string]bool{}, networks: map[string]bool{}, floating: map[string]string{},
	}
}

// decode decodes the first arguments of a call.
func decode(arguments []json.RawMessage, into ...any) error {
	if len(arguments) < len(into) {
		return fmt.Errorf("%d arguments, expected %d", len(arguments), len(into))
	}
	for i, target := range into {
		if err := json.Unmarshal(arguments[i], target); err != nil {
			return fmt.Errorf("argument %d, %s: %w", i+1, arguments[i], err)
		}
	}
	return nil
}

// effect changes the state as a successful call does.
type effect func(s *state, arguments []json.RawMessage, result json.RawMessage) error

// effects returns the effects of the methods that change something.
func effects() map[string]effect {
	return map[string]effect{
		"create_stemcell":   created(func(s *state, cid string) { s.images[cid] = true }),
		"delete_stemcell":   deleted(func(s *state, cid string) { delete(s.images, cid) }),
		"delete_network":    deleted(func(s *state, cid string) { delete(s.networks, cid) }),
		"delete_snapshot":   deleted(func(s *state, cid string) { delete(s.snapshots, cid) }),
		"delete_disk":       deleted(func(s *state, cid string) { delete(s.disks, cid) }),
		"delete_vm":         deleted((*state).deleteVM),
		"reboot_vm":         deleted(func(s *state, cid string) { s.vms[cid].stopped = false }),
		"create_network":    (*state).createNetwork,
		"create_vm":         (*state).createVM,
		"create_disk":       (*state).createDisk,
		"attach_disk":       (*state).attachDisk,
		"detach_disk":       (*state).detachDisk,
		"resize_disk":       (*state).updateDisk,
		"update_disk":       (*state).updateDisk,
		"snapshot_disk":     (*state).snapshotDisk,
		"set_vm_metadata":   (*state).setVMMetadata,
		"set_disk_metadata": (*state).setDiskMetadata,
	}
}

// created is the effect of a call that returns the CID of a new object.
func created(add func(s *state, cid string)) effect {
	return func(s *state, _ []json.RawMessage, result json.RawMessage) error {
		var cid string
		if err := json.Unmarshal(result, &cid); err != nil {
			return err
		}
		s.cids = append(s.cids, cid)
		add(s, cid)
		return nil
	}
}

// deleted is the effect of a call for one object.
func deleted(change func(s *state, cid string)) effect {
	return func(s *state, arguments []json.RawMessage, _ json.RawMessage) error {
		var cid string
		if err := decode(arguments, &cid); err != nil {
			return err
		}
		change(s, cid)
		return nil
	}
}

// deleteVM deletes a VM. Its disks remain.
func (s *state) deleteVM(cid string) {
	delete(s.vms, cid)
	s.releaseDisks(cid)
	maps.DeleteFunc(s.floating, func(_, owner string) bool { return owner == cid })
}

func (s *state) releaseDisks(vm string) {
	for _, disk := range s.disks {
		if disk.vm == vm {
			disk.vm = ""
		}
	}
}

func (s *state) createNetwork(_ []json.RawMessage, result json.RawMessage) error {
	var cid string
	var parts []json.RawMessage
	if err := json.Unmarshal(result, &parts); err != nil {
		return err
	}
	if err := decode(parts, &cid); err != nil {
		return err
	}
	s.networks[cid] = true
	s.cids = append(s.cids, cid)
	return nil
}

// vmProperties are the cloud properties of a VM.
type vmProperties struct {
	Zone     string `json:"availability_zone"`
	Flavor   string `json:"instance_type"`
	FromDisk bool   `json:"boot_from_volume"`
	RootDisk struct {
		Size int `json:"size"`
	} `json:"root_disk"`
}

func (s *state) createVM(arguments []json.RawMessage, result json.RawMessage) error {
	var image, cid string
	var properties vmProperties
	if err := decode(arguments[1:], &image, &properties); err != nil {
		return err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(result, &parts); err != nil {
		return err
	}
	if err := decode(parts, &cid); err != nil {
		return err
	}
	asked, err := readNetworks(arguments[3])
	if err != nil {
		return err
	}
	answered, err := readNetworks(parts[1])
	if err != nil {
		return err
	}
	made := &vm{zone: properties.Zone, flavor: properties.Flavor, image: image, nics: nicsOf(asked, answered), metadata: map[string]string{}}
	if properties.FromDisk {
		made.image, made.bootVolume = "", properties.RootDisk.Size
	}
	s.vms[cid] = made
	s.cids = append(s.cids, cid)
	for _, n := range asked {
		if n.Type == "vip" {
			s.floating[n.IP] = cid
		}
	}
	return nil
}

func (s *state) createDisk(arguments []json.RawMessage, result json.RawMessage) error {
	var made disk
	var cid, vm string
	var properties struct{ Type, Name string }
	if err := decode(arguments, &made.mib, &properties, &vm); err != nil {
		return err
	}
	if err := json.Unmarshal(result, &cid); err != nil {
		return err
	}
	made.kind, made.metadata = properties.Type, map[string]string{}
	if properties.Name != "" {
		made.metadata["disk_name"] = properties.Name
	}
	if owner := s.vms[vm]; owner != nil {
		made.zone = owner.zone
	}
	s.disks[cid] = &made
	s.cids = append(s.cids, cid)
	return nil
}

func (s *state) attachDisk(arguments []json.RawMessage, result json.RawMessage) error {
	var vm, cid string
	if err := decode(arguments, &vm, &cid); err != nil {
		return err
	}
	s.disks[cid].vm = vm
	return json.Unmarshal(result, &s.disks[cid].hint)
}

func (s *state) detachDisk(arguments []json.RawMessage, _ json.RawMessage) error {
	var vm, cid string
	if err := decode(arguments, &vm, &cid); err != nil {
		return err
	}
	if disk := s.disks[cid]; disk != nil {
		disk.vm = ""
	}
	return nil
}

// updateDisk has the effect of resize_disk and update_disk.
func (s *state) updateDisk(arguments []json.RawMessage, result json.RawMessage) error {
	var cid, replacement string
	var mib int
	var properties struct{ Type string }
	if err := decode(arguments[:2], &cid, &mib); err != nil {
		return err
	}
	if len(arguments) > 2 {
		if err := decode(arguments[2:], &properties); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(result, &replacement); err != nil {
		return err
	}
	changed := s.disks[cid]
	changed.mib = mib
	if properties.Type != "" {
		changed.kind = properties.Type
	}
	if replacement != "" && replacement != cid {
		delete(s.disks, cid)
		s.disks[replacement] = changed
		s.cids = append(s.cids, replacement)
	}
	return nil
}

func (s *state) snapshotDisk(arguments []json.RawMessage, result json.RawMessage) error {
	var disk, cid string
	if err := decode(arguments, &disk); err != nil {
		return err
	}
	if err := json.Unmarshal(result, &cid); err != nil {
		return err
	}
	s.snapshots[cid] = disk
	s.cids = append(s.cids, cid)
	return nil
}

func (s *state) setVMMetadata(arguments []json.RawMessage, _ json.RawMessage) error {
	var cid string
	var metadata map[string]string
	if err := decode(arguments, &cid, &metadata); err != nil {
		return err
	}
	maps.Copy(s.vms[cid].metadata, metadata)
	return nil
}

func (s *state) setDiskMetadata(arguments []json.RawMessage, _ json.RawMessage) error {
	var cid string
	var metadata map[string]string
	if err := decode(arguments, &cid, &metadata); err != nil {
		return err
	}
	maps.Copy(s.disks[cid].metadata, metadata)
	return nil
}

// changedOutside records what another client has done.
func (s *state) changedOutside(what, cid, disk string) {
	switch what {
	case "delete_server":
		s.vms[cid].lost = true
		s.releaseDisks(cid)
	case "stop_server":
		s.vms[cid].stopped = true
	case "detach_volume":
		s.disks[disk].vm = ""
	case "delete_volume":
		delete(s.disks, cid)
	case "delete_image":
		delete(s.images, cid)
	}
}

// network is a network of create_vm.
type network struct {
	Name     string   `json:"-"`
	Type     string   `json:"type"`
	IP       string   `json:"ip"`
	Prefix   string   `json:"prefix"`
	MAC      string   `json:"mac"`
	Group    string   `json:"nic_group"`
	Defaults []string `json:"default"`
	Cloud    struct {
		ID     string   `json:"net_id"`
		Groups []string `json:"security_groups"`
	} `json:"cloud_properties"`
}

// readNetworks reads networks in their order.
func readNetworks(document json.RawMessage) (found []network, err error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		one := network{Name: fmt.Sprint(name)}
		if err := decoder.Decode(&one); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// nicsOf returns the interfaces for the networks that were asked for. Networks of
// one nic_group, or of one Neutron network, share an interface. Every interface has
// the security groups of all networks.
func nicsOf(asked, answered []network) (nics []*nic) {
	byKey := map[string]*nic{}
	var groups []string
	for i, n := range asked {
		if n.Type == "vip" {
			continue
		}
		groups = append(groups, n.Cloud.Groups...)
		key := n.Group + " " + n.Cloud.ID
		one := byKey[key]
		if one == nil {
			one = &nic{network: n.Cloud.ID}
			byKey[key], nics = one, append(nics, one)
		}
		one.gateway = one.gateway || slices.Contains(n.Defaults, "gateway")
		if answered[i].MAC != "" {
			one.mac = answered[i].MAC
		}
		if n.Type == "manual" {
			one.add(n)
		}
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	for _, one := range nics {
		one.groups = groups
		one.gateway = one.gateway || len(nics) == 1
		slices.Sort(one.addresses)
	}
	return nics
}

// add adds the address or the prefix of a network.
func (n *nic) add(of network) {
	bits, err := strconv.Atoi(of.Prefix)
	if err == nil && bits < 32 {
		n.pairs = append(n.pairs, of.IP+"/"+of.Prefix)
	}
	n.addresses = append(n.addresses, of.IP)
}
