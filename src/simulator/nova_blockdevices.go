package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// blockDevice is one element of "block_device_mapping_v2".
type blockDevice struct {
	UUID                *string         `json:"uuid"`
	SourceType          string          `json:"source_type"`
	DestinationType     string          `json:"destination_type"`
	VolumeSize          json.RawMessage `json:"volume_size"`
	BootIndex           json.RawMessage `json:"boot_index"`
	DeleteOnTermination json.RawMessage `json:"delete_on_termination"`
	DeviceName          *string         `json:"device_name"`
	VolumeType          *string         `json:"volume_type"`
	Tag                 *string         `json:"tag"`
	DeviceType          *string         `json:"device_type"`
	DiskBus             *string         `json:"disk_bus"`
	GuestFormat         *string         `json:"guest_format"`
}

// plannedDisk is a volume that a server will have from the beginning: one that exists, or one that Nova makes.
type plannedDisk struct {
	existing            *volume
	make                bootVolume
	root                bool
	deleteOnTermination bool
}

func (r *creation) readBlockDevices() error {
	devices := r.want.Server.BlockDevices
	if len(devices) == 0 {
		return nil
	}
	rootFound := r.server.imageID != ""
	for i := range devices {
		plan, local, err := r.planDisk(i, &devices[i])
		if err != nil {
			return err
		}
		rootFound = rootFound || plan.root
		if !local {
			r.plans = append(r.plans, plan)
		}
	}
	if !rootFound {
		return r.invalidMapping("Boot sequence for the instance and image/block device mapping combination is not valid.")
	}
	slices.SortStableFunc(r.plans, func(a, b plannedDisk) int {
		if a.root == b.root {
			return 0
		}
		if a.root {
			return -1
		}
		return 1
	})
	return nil
}

func (r *creation) invalidMapping(problem string) error {
	return r.c.refuse(http.StatusBadRequest, "", "Block Device Mapping is Invalid: "+problem)
}

// planDisk checks one mapping. local is true for the root disk on the host, which is no volume.
func (r *creation) planDisk(i int, device *blockDevice) (plan plannedDisk, local bool, err error) {
	index := json.RawMessage("null")
	if err := r.checkDevice(i, device); err != nil {
		return plan, false, err
	}
	if len(device.BootIndex) > 0 {
		index = device.BootIndex
	}
	plan.root = string(index) == "0" || string(index) == `"0"`
	if len(device.DeleteOnTermination) > 0 {
		if plan.deleteOnTermination, err = r.c.booleanWord("delete_on_termination", device.DeleteOnTermination, serverFlags); err != nil {
			return plan, false, err
		}
	}
	size := 0
	if len(device.VolumeSize) > 0 {
		if size, err = r.c.positiveInteger("volume_size", device.VolumeSize); err != nil {
			return plan, false, err
		}
	}
	if device.DestinationType == "local" {
		return plan, true, nil
	}
	if device.SourceType == "volume" {
		return r.planExisting(plan, deref(device.UUID))
	}
	plan.make = bootVolume{
		userID: r.c.token.user.id, project: r.c.project(), zone: r.server.zone, size: size, volumeType: deref(device.VolumeType),
	}
	return plan, false, r.planSource(&plan, device)
}

// planExisting takes a volume that is there already.
func (r *creation) planExisting(plan plannedDisk, id string) (plannedDisk, bool, error) {
	plan.existing = r.cloud.cinder.find(r.c.project(), id)
	if plan.existing == nil {
		return plan, false, r.invalidMapping("failed to get volume " + id + ".")
	}
	return plan, false, r.attachable(r.c, plan.existing)
}

// planSource looks up what the new volume will be filled with.
func (r *creation) planSource(plan *plannedDisk, device *blockDevice) error {
	id := deref(device.UUID)
	switch device.SourceType {
	case "image":
		if plan.make.image = r.cloud.glance.find(r.c, id); plan.make.image == nil {
			return r.invalidMapping("failed to get image " + id + ".")
		}
		if plan.make.size == 0 {
			return r.c.refuse(http.StatusBadRequest, "", "Images with destination_type 'volume' need to have a non-zero size specified")
		}
		if small := plan.make.image.minDisk; small > plan.make.size {
			return r.c.refuse(http.StatusBadRequest, "", fmt.Sprintf("Volume is smaller than the minimum size specified in image metadata. "+
				"Volume size is %d bytes, minimum size is %d bytes.", plan.make.size<<30, small<<30))
		}
	case "snapshot":
		snap := r.cloud.cinder.findSnapshot(r.c.project(), id)
		if snap == nil {
			return r.invalidMapping("failed to get snapshot " + id + ".")
		}
		plan.make.snapshotID, plan.make.size = id, max(plan.make.size, snap.size)
	}
	if name := plan.make.volumeType; name != "" && !r.knowsVolumeType(name) {
		return r.c.refuse(http.StatusBadRequest, "", "Volume type "+name+" could not be found.")
	}
	return nil
}

// checkDevice looks at the words of a mapping.
func (r *creation) checkDevice(i int, device *blockDevice) error {
	raw := valueAt(r.raw, "block_device_mapping_v2")
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return r.c.wrongBody(err)
	}
	if err := r.c.since(bootVolumeType, device.VolumeType != nil, strconv.Itoa(i), "volume_type", items[i]); err != nil {
		return err
	}
	if err := r.c.since(tagsAtCreation, device.Tag != nil, strconv.Itoa(i), "tag", items[i]); err != nil {
		return err
	}
	for _, field := range []struct {
		name, value string
		words       []string
	}{
		{"source_type", device.SourceType, []string{"volume", "image", "snapshot", "blank"}},
		{"destination_type", device.DestinationType, []string{"local", "volume", ""}},
	} {
		if !slices.Contains(field.words, field.value) {
			return r.c.invalidField(field.name, marshal(field.value), pythonString(field.value)+" is not one of "+
				pythonRepr(marshal(field.words)))
		}
	}
	return nil
}

// makeDisk gives a server a volume. The result is why it cannot, "" when it can.
func (n *nova) makeDisk(s *server, plan plannedDisk) string {
	v := plan.existing
	if v == nil {
		plan.make.zone = s.zone
		var refused string
		if v, refused = n.cloud.cinder.createForServer(plan.make); v == nil {
			return refused
		}
	} else if !n.cloud.cinder.reserve(v) {
		return "Invalid volume: status must be available, but is " + v.status + "."
	}
	n.addDisk(s, v, plan.root, plan.deleteOnTermination)
	return ""
}

// releaseDisks gives the volumes of a server back, or deletes them where the server was asked to.
func (n *nova) releaseDisks(s *server) {
	for _, d := range s.disks {
		n.cloud.cinder.detach(d.volume, s.id)
		if d.deleteOnTermination && n.cloud.cinder.find(s.project, d.volume.id) != nil {
			n.cloud.cinder.remove(d.volume)
		}
	}
	s.disks = nil
}

// knowsVolumeType tells whether Cinder has a type with this name or id.
func (n *nova) knowsVolumeType(name string) bool {
	return slices.ContainsFunc(n.cloud.cinder.types, func(t volumeType) bool { return t.name == name || t.id == name })
}
