package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// volume is a disk. size is in GiB.
type volume struct {
	identity
	userID            string
	name, description *string
	status            string
	size              int
	zone              string
	kind              volumeType
	snapshotID        *string
	sourceID          *string
	metadata          map[string]string
	bootable          bool
	image             *image // what the volume was filled with, nil for none
	imageData         object // properties of that image at the time
	multiattach       bool
	attachments       []attachment
	created, updated  time.Time
}

// title is the name for people.
func (v *volume) title() string { return deref(v.name) }

type newVolume struct {
	Volume *struct {
		Name             *string         `json:"name"`
		Description      *string         `json:"description"`
		Size             json.RawMessage `json:"size"`
		VolumeType       *string         `json:"volume_type"`
		AvailabilityZone *string         `json:"availability_zone"`
		Metadata         json.RawMessage `json:"metadata"`
		SnapshotID       *string         `json:"snapshot_id"`
		SourceVolID      *string         `json:"source_volid"`
		ImageRef         *string         `json:"imageRef"`
		Multiattach      bool            `json:"multiattach"`
	} `json:"volume"`
}

func (d *cinder) createVolume(c *call) (answer, error) {
	var body newVolume
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Volume == nil {
		return answer{}, required("", "volume", nil)
	}
	v, err := d.planVolume(c, body)
	if err != nil {
		return answer{}, err
	}
	if err := d.overQuota(d.tooManyVolumes(v.project, v.size)); err != nil {
		return answer{}, err
	}
	d.start(v)
	document := d.volumeDocument(c, v)
	document["created_at"] = microseconds(v.created)
	delete(document, "os-vol-tenant-attr:tenant_id")
	return reply(http.StatusAccepted, object{"volume": document})
}

// planVolume checks a request in the order of the real service.
func (d *cinder) planVolume(c *call, body newVolume) (*volume, error) {
	want := body.Volume
	v := &volume{
		identity: identity{d.newID(), c.Project}, userID: c.UserID, status: "creating", name: want.Name, description: want.Description,
		multiattach: want.Multiattach, snapshotID: want.SnapshotID, sourceID: want.SourceVolID,
	}
	if err := d.checkNames(v); err != nil {
		return nil, err
	}
	metadata, err := d.metadata(c, want.Metadata)
	if err != nil {
		return nil, err
	}
	v.metadata = metadata
	if len(want.Size) > 0 && string(want.Size) != "null" {
		if v.size, err = positiveInteger("size", want.Size); err != nil {
			return nil, err
		}
	}
	if v.kind, err = d.chooseType(want.VolumeType); err != nil {
		return nil, err
	}
	if err := d.chooseSource(v); err != nil {
		return nil, err
	}
	if v.size == 0 {
		return nil, refuse(http.StatusBadRequest, "The server could not comply with the request since it is either malformed or otherwise incorrect.")
	}
	if err := d.chooseImage(c, v, want.ImageRef); err != nil {
		return nil, err
	}
	return v, d.chooseZone(v, want.AvailabilityZone)
}

func (d *cinder) checkNames(v *volume) error {
	for field, text := range map[string]string{"name": deref(v.name), "description": deref(v.description)} {
		if n := utf8.RuneCountInString(text); n > 255 {
			message := fmt.Sprintf("Invalid input received: %s has %d characters, more than 255.", field, n)
			return refuse(http.StatusBadRequest, message)
		}
	}
	return nil
}

// chooseType finds a type by name or id; none is the default type.
func (d *cinder) chooseType(name *string) (volumeType, error) {
	kind, known := d.typeNamed(deref(name))
	if !known {
		return kind, refuse(http.StatusNotFound, "Volume type with name "+*name+" could not be found.")
	}
	return kind, nil
}

// typeNamed finds a type by name or id; "" is the default type.
func (d *cinder) typeNamed(name string) (kind volumeType, known bool) {
	if name == "" {
		return d.types[0], true
	}
	i := slices.IndexFunc(d.types, func(t volumeType) bool { return t.name == name || t.id == name })
	if i < 0 {
		return volumeType{}, false
	}
	return d.types[i], true
}

func (d *cinder) chooseZone(v *volume, zone *string) error {
	v.zone = deref(zone)
	if v.zone == "" {
		v.zone = d.options.VolumeZones[0]
	}
	if !slices.Contains(d.options.VolumeZones, v.zone) {
		return refuse(http.StatusBadRequest, "Availability zone '"+v.zone+"' is invalid.")
	}
	return nil
}

// chooseSource takes the size from the snapshot or the volume that the new volume copies.
func (d *cinder) chooseSource(v *volume) error {
	smaller := func(what string, size int) error {
		if v.size == 0 {
			v.size = size
		}
		if v.size >= size {
			return nil
		}
		return refuse(http.StatusBadRequest, "Invalid input received: Volume size '"+strconv.Itoa(v.size)+"'GB cannot be smaller than"+
			fmt.Sprintf(what, size))
	}
	switch {
	case v.snapshotID != nil:
		source := d.findSnapshot(v.project, *v.snapshotID)
		if source == nil {
			return refuse(http.StatusNotFound, "Snapshot "+*v.snapshotID+" could not be found.")
		}
		return smaller(" the snapshot size %dGB. They must be >= original snapshot size.", source.size)
	case v.sourceID != nil:
		source := d.find(v.project, *v.sourceID)
		if source == nil {
			return refuse(http.StatusNotFound, "Volume "+*v.sourceID+" could not be found.")
		}
		v.bootable = source.bootable
		return smaller(" original volume size  %dGB. They must be >= original volume size.", source.size)
	}
	return nil
}

// chooseImage checks that the image can be copied to the volume.
func (d *cinder) chooseImage(c *call, v *volume, id *string) error {
	if deref(id) == "" {
		return nil
	}
	img, found := d.images.Image(c.caller, *id)
	if !found {
		return refuse(http.StatusBadRequest, "Invalid image identifier or unable to access requested image.")
	}
	if problem := img.unfitFor(v.size); problem != "" {
		return refuse(http.StatusBadRequest, "Invalid input received: "+problem)
	}
	v.image = &img
	return nil
}

// tooManyVolumes tells why one more volume does not fit into the quotas, "" when it does.
func (d *cinder) tooManyVolumes(project string, size int) string {
	if limit := d.quota("per_volume_gigabytes"); limit >= 0 && size > limit {
		return fmt.Sprintf("VolumeSizeExceedsLimit: Requested volume size %dG is larger than maximum allowed limit %dG.", size, limit)
	}
	if problem := d.tooManyGigabytes(project, size); problem != "" {
		return problem
	}
	if d.exceeds("volumes", len(ofProject(d.volumes, project))+1) {
		return fmt.Sprintf(
			"VolumeLimitExceeded: Maximum number of volumes allowed (%d) exceeded for quota 'volumes'.", d.quota("volumes"))
	}
	return ""
}

// start lets a planned volume come into being: creating, downloading when it gets an image, available.
func (d *cinder) start(v *volume) {
	v.created = d.now
	d.volumes = append(d.volumes, v)
	usual := d.options.Latencies.VolumeCreate
	if v.image != nil {
		v.imageData = v.image.volumeMetadata()
		d.afterOrNow(usual/2, func() {
			if v.status == "creating" {
				d.set(v, "downloading")
			}
		})
	}
	d.progress("volume", "create", v.zone, usual, func() {
		v.bootable = v.bootable || v.image != nil
		d.set(v, "available")
	}, func(string) { d.set(v, "error") })
}

// set changes the status of a volume.
func (d *cinder) set(v *volume, status string) { v.status, v.updated = status, d.now }

func (d *cinder) showVolume(c *call) (answer, error) {
	v, err := d.wanted(c)
	if err != nil {
		return answer{}, err
	}
	return ok(object{"volume": d.volumeDocument(c, v)})
}

// wanted finds the volume of the path.
func (d *cinder) wanted(c *call) (*volume, error) {
	if v := d.find(c.Project, c.path["id"]); v != nil {
		return v, nil
	}
	return nil, refuse(http.StatusNotFound, "Volume "+c.path["id"]+" could not be found.")
}

func (d *cinder) updateVolume(c *call) (answer, error) {
	var body struct {
		Volume *struct {
			Name        *string         `json:"name"`
			Description *string         `json:"description"`
			Metadata    json.RawMessage `json:"metadata"`
		} `json:"volume"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Volume == nil {
		return answer{}, required("", "volume", nil)
	}
	v, err := d.wanted(c)
	if err != nil {
		return answer{}, err
	}
	if body.Volume.Name != nil {
		v.name = body.Volume.Name
	}
	if body.Volume.Description != nil {
		v.description = body.Volume.Description
	}
	if body.Volume.Metadata != nil {
		if v.metadata, err = d.metadata(c, body.Volume.Metadata); err != nil {
			return answer{}, err
		}
	}
	v.updated = d.now
	document := d.volumeDocument(c, v)
	delete(document, "os-vol-tenant-attr:tenant_id")
	return ok(object{"volume": document})
}

const cannotDeleteVolume = "Invalid volume: Volume status must be available or error or error_restoring or error_extending or " +
	"error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be " +
	"disassociated from snapshots after volume transfer."

func (d *cinder) deleteVolume(c *call) (answer, error) {
	v, err := d.wanted(c)
	if err != nil {
		return answer{}, err
	}
	deletable := slices.Contains([]string{"available", "error", "error_restoring", "error_extending", "error_managing"}, v.status)
	children := d.snapshotsOf(v)
	cascade := c.query.Get("cascade") == "true"
	if !deletable || len(v.attachments) > 0 || len(children) > 0 && !cascade {
		return answer{}, refuse(http.StatusBadRequest, cannotDeleteVolume)
	}
	for _, child := range children {
		d.dropSnapshot(child)
	}
	d.remove(v)
	return reply(http.StatusAccepted, nil)
}

// remove deletes a volume as DELETE does, without asking for its status.
func (d *cinder) remove(v *volume) {
	d.set(v, "deleting")
	d.progress("volume", "delete", v.zone, d.options.Latencies.VolumeDelete, func() {
		d.volumes = without(d.volumes, v)
	}, func(string) { d.set(v, "error_deleting") })
}

// find returns a volume of the project, nil when there is none.
func (d *cinder) find(project, id string) *volume {
	return byID(ofProject(d.volumes, project), id)
}
