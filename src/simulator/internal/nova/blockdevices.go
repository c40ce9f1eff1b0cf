package nova

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/cinder"
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

// plannedDisk is a volume of a new server: an existing one, or one that Nova
// creates.
type plannedDisk struct {
	existing            string // id, "" for a new volume
	make                cinder.VolumeSpec
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
	return api.Refuse(http.StatusBadRequest, "Block Device Mapping is Invalid: "+problem)
}

// planDisk checks one mapping. local is true for the root disk on the host,
// which is not a volume.
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
		if plan.deleteOnTermination, err = api.BooleanWord("delete_on_termination", device.DeleteOnTermination, serverFlags); err != nil {
			return plan, false, err
		}
	}
	size := 0
	if len(device.VolumeSize) > 0 {
		if size, err = api.PositiveInteger("volume_size", device.VolumeSize); err != nil {
			return plan, false, err
		}
	}
	if device.DestinationType == "local" {
		return plan, true, nil
	}
	if device.SourceType == "volume" {
		return r.planExisting(plan, api.Deref(device.UUID))
	}
	plan.make = cinder.VolumeSpec{
		UserID: r.c.UserID, Project: r.c.Project, Zone: r.server.zone, Size: size, Type: api.Deref(device.VolumeType),
	}
	if device.SourceType == "blank" {
		plan.make.Name = r.server.ID + "-blank-vol"
	}
	return plan, false, r.planSource(&plan, device)
}

// planExisting plans to attach an existing volume.
func (r *creation) planExisting(plan plannedDisk, id string) (plannedDisk, bool, error) {
	v, found := r.volumeOf(r.c.Project, id)
	if !found {
		return plan, false, r.invalidMapping("failed to get volume " + id + ".")
	}
	plan.existing = id
	return plan, false, r.attachable(r.c, v)
}

// planSource looks up the source of the new volume.
func (r *creation) planSource(plan *plannedDisk, device *blockDevice) error {
	id := api.Deref(device.UUID)
	switch device.SourceType {
	case "image":
		img, found := r.images.Image(r.c.Caller, id)
		if !found {
			return r.invalidMapping("failed to get image " + id + ".")
		}
		plan.make.Image = &img
		if plan.make.Size == 0 {
			return api.Refuse(http.StatusBadRequest, "Images with destination_type 'volume' need to have a non-zero size specified")
		}
		if small := img.MinDisk; small > plan.make.Size {
			return api.Refuse(http.StatusBadRequest, fmt.Sprintf("Volume is smaller than the minimum size specified in image metadata. "+
				"Volume size is %d bytes, minimum size is %d bytes.", plan.make.Size<<30, small<<30))
		}
	case "snapshot":
		size, found := r.volumes.SnapshotSize(r.c.Project, id)
		if !found {
			return r.invalidMapping("failed to get snapshot " + id + ".")
		}
		plan.make.SnapshotID, plan.make.Size = id, max(plan.make.Size, size)
	}
	if name := plan.make.Type; !r.volumes.HasType(name) {
		return api.Refuse(http.StatusBadRequest, "Volume type "+name+" could not be found.")
	}
	return nil
}

// checkDevice checks the words of a mapping.
func (r *creation) checkDevice(i int, device *blockDevice) error {
	raw := api.ValueAt(r.raw, "block_device_mapping_v2")
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return r.c.WrongBody(err)
	}
	if err := since(r.c, bootVolumeType, device.VolumeType != nil, strconv.Itoa(i), "volume_type", items[i]); err != nil {
		return err
	}
	if err := since(r.c, tagsAtCreation, device.Tag != nil, strconv.Itoa(i), "tag", items[i]); err != nil {
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
			return api.InvalidField(field.name, api.Marshal(field.value), api.PythonString(field.value)+" is not one of "+
				api.PythonRepr(api.Marshal(field.words)))
		}
	}
	return nil
}

// makeDisk creates or reserves a volume of a new server.
func (n *Service) makeDisk(s *server, plan plannedDisk) error {
	id := plan.existing
	if id == "" {
		plan.make.Zone = s.zone
		var err error
		if id, err = n.volumes.CreateVolume(plan.make); err != nil {
			return err
		}
	} else if !n.volumes.ReserveVolume(id) {
		v, _ := n.volumes.Volume(id)
		return api.Refuse(http.StatusBadRequest, "Invalid volume: status must be available, but is "+v.Status+".")
	}
	n.addDisk(s, id, plan.root, plan.deleteOnTermination)
	return nil
}

// releaseDisks detaches the volumes of a server, and deletes those that the
// server was created to delete.
func (n *Service) releaseDisks(s *server) {
	for _, d := range s.disks {
		n.volumes.DetachVolume(d.volumeID, s.ID)
		if d.deleteOnTermination {
			n.volumes.DeleteVolume(d.volumeID)
		}
	}
	s.disks = nil
}

// volumeOf returns a volume of a project.
func (n *Service) volumeOf(project, id string) (v cinder.Volume, found bool) {
	v, found = n.volumes.Volume(id)
	return v, found && v.Project == project
}
