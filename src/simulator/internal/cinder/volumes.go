package cinder

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/glance"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// volume is a volume. size is in GiB.
type volume struct {
	api.Identity
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
	image             *glance.Image // source of the data, nil for none
	imageData         api.Object    // properties of that image at the time
	multiattach       bool
	attachments       []attachment
	created, updated  time.Time
}

// title returns the display name.
func (v *volume) title() string { return api.Deref(v.name) }

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

func (d *Service) createVolume(c *api.Call) (api.Answer, error) {
	var body newVolume
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Volume == nil {
		return api.Answer{}, api.Required("", "volume", nil)
	}
	v, err := d.planVolume(c, body)
	if err != nil {
		return api.Answer{}, err
	}
	if err := d.overQuota(d.tooManyVolumes(v.Project, v.size)); err != nil {
		return api.Answer{}, err
	}
	d.start(v)
	document := d.volumeDocument(c, v)
	document["created_at"] = world.Microseconds(v.created)
	delete(document, "os-vol-tenant-attr:tenant_id")
	return api.Reply(http.StatusAccepted, api.Object{"volume": document})
}

// planVolume checks a request in the order of the real service.
func (d *Service) planVolume(c *api.Call, body newVolume) (*volume, error) {
	want := body.Volume
	v := &volume{
		Identity: api.Identity{ID: d.world.NewID(), Project: c.Project}, userID: c.UserID, status: "creating", name: want.Name, description: want.Description,
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
		if v.size, err = api.PositiveInteger("size", want.Size); err != nil {
			return nil, err
		}
	}
	if v.kind, err = d.chooseType(want.VolumeType); err != nil {
		return nil, err
	}
	v.multiattach = v.multiattach || v.kind.multiattach
	if err := d.chooseSource(v); err != nil {
		return nil, err
	}
	if v.size == 0 {
		return nil, api.Refuse(http.StatusBadRequest, "The server could not comply with the request since it is either malformed or otherwise incorrect.")
	}
	if err := d.chooseImage(c, v, want.ImageRef); err != nil {
		return nil, err
	}
	return v, d.chooseZone(v, want.AvailabilityZone)
}

func (d *Service) checkNames(v *volume) error {
	for field, text := range map[string]string{"name": api.Deref(v.name), "description": api.Deref(v.description)} {
		if n := utf8.RuneCountInString(text); n > 255 {
			message := fmt.Sprintf("Invalid input received: %s has %d characters, more than 255.", field, n)
			return api.Refuse(http.StatusBadRequest, message)
		}
	}
	return nil
}

// chooseType returns the type with a name or an id, the default type for none.
func (d *Service) chooseType(name *string) (volumeType, error) {
	kind, known := d.typeNamed(api.Deref(name))
	if !known {
		return kind, api.Refuse(http.StatusNotFound, "Volume type with name "+*name+" could not be found.")
	}
	return kind, nil
}

// typeNamed returns the type with a name or an id; "" is the default type.
func (d *Service) typeNamed(name string) (kind volumeType, known bool) {
	if name == "" {
		return d.types[0], true
	}
	i := slices.IndexFunc(d.types, func(t volumeType) bool { return t.name == name || t.id == name })
	if i < 0 {
		return volumeType{}, false
	}
	return d.types[i], true
}

func (d *Service) chooseZone(v *volume, zone *string) error {
	v.zone = api.Deref(zone)
	if v.zone == "" {
		v.zone = d.world.Options.VolumeZones[0]
	}
	if !slices.Contains(d.world.Options.VolumeZones, v.zone) {
		return api.Refuse(http.StatusBadRequest, "Availability zone '"+v.zone+"' is invalid.")
	}
	return nil
}

// chooseSource sets the size from the snapshot or the volume that is copied.
func (d *Service) chooseSource(v *volume) error {
	smaller := func(what string, size int) error {
		if v.size == 0 {
			v.size = size
		}
		if v.size >= size {
			return nil
		}
		return api.Refuse(http.StatusBadRequest, "Invalid input received: Volume size '"+strconv.Itoa(v.size)+"'GB cannot be smaller than"+
			fmt.Sprintf(what, size))
	}
	switch {
	case v.snapshotID != nil:
		source := d.findSnapshot(v.Project, *v.snapshotID)
		if source == nil {
			return api.Refuse(http.StatusNotFound, "Snapshot "+*v.snapshotID+" could not be found.")
		}
		return smaller(" the snapshot size %dGB. They must be >= original snapshot size.", source.size)
	case v.sourceID != nil:
		source := d.find(v.Project, *v.sourceID)
		if source == nil {
			return api.Refuse(http.StatusNotFound, "Volume "+*v.sourceID+" could not be found.")
		}
		v.bootable = source.bootable
		return smaller(" original volume size  %dGB. They must be >= original volume size.", source.size)
	}
	return nil
}

// chooseImage checks that the image can be copied to the volume.
func (d *Service) chooseImage(c *api.Call, v *volume, id *string) error {
	if api.Deref(id) == "" {
		return nil
	}
	img, found := d.images.Image(c.Caller, *id)
	if !found {
		return api.Refuse(http.StatusBadRequest, "Invalid image identifier or unable to access requested image.")
	}
	if problem := img.UnfitFor(v.size); problem != "" {
		return api.Refuse(http.StatusBadRequest, "Invalid input received: "+problem)
	}
	v.image = &img
	return nil
}

// tooManyVolumes returns the reason why another volume exceeds the quotas, ""
// when it does not.
func (d *Service) tooManyVolumes(project string, size int) string {
	if limit := d.world.Quota("per_volume_gigabytes"); limit >= 0 && size > limit {
		return fmt.Sprintf("VolumeSizeExceedsLimit: Requested volume size %dG is larger than maximum allowed limit %dG.", size, limit)
	}
	if problem := d.tooManyGigabytes(project, size); problem != "" {
		return problem
	}
	if d.world.Exceeds("volumes", len(api.OfProject(d.volumes, project))+1) {
		return fmt.Sprintf(
			"VolumeLimitExceeded: Maximum number of volumes allowed (%d) exceeded for quota 'volumes'.", d.world.Quota("volumes"))
	}
	return ""
}

// start creates a planned volume: creating, downloading when it has an image,
// available.
func (d *Service) start(v *volume) {
	v.created = d.world.Now()
	d.volumes = append(d.volumes, v)
	usual := d.world.Options.Latencies.VolumeCreate
	if v.image != nil {
		v.imageData = v.image.VolumeMetadata()
		d.world.AfterOrNow(usual/2, func() {
			if v.status == "creating" {
				d.set(v, "downloading")
			}
		})
	}
	fail := func(string) { d.set(v, "error") }
	d.world.Progress("volume", "create", v.zone, usual, func() {
		if v.kind.backend != "" {
			fail(world.NoValidBackend)
			return
		}
		v.bootable = v.bootable || v.image != nil
		d.set(v, "available")
	}, fail)
}

// set changes the status of a volume.
func (d *Service) set(v *volume, status string) { v.status, v.updated = status, d.world.Now() }

func (d *Service) showVolume(c *api.Call) (api.Answer, error) {
	v, err := d.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.OK(api.Object{"volume": d.volumeDocument(c, v)})
}

// wanted returns the volume of the path.
func (d *Service) wanted(c *api.Call) (*volume, error) {
	if v := d.find(c.Project, c.Path["id"]); v != nil {
		return v, nil
	}
	return nil, api.Refuse(http.StatusNotFound, "Volume "+c.Path["id"]+" could not be found.")
}

func (d *Service) updateVolume(c *api.Call) (api.Answer, error) {
	var body struct {
		Volume *struct {
			Name        *string         `json:"name"`
			Description *string         `json:"description"`
			Metadata    json.RawMessage `json:"metadata"`
		} `json:"volume"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Volume == nil {
		return api.Answer{}, api.Required("", "volume", nil)
	}
	v, err := d.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	if body.Volume.Name != nil {
		v.name = body.Volume.Name
	}
	if body.Volume.Description != nil {
		v.description = body.Volume.Description
	}
	if body.Volume.Metadata != nil {
		if v.metadata, err = d.metadata(c, body.Volume.Metadata); err != nil {
			return api.Answer{}, err
		}
	}
	v.updated = d.world.Now()
	document := d.volumeDocument(c, v)
	delete(document, "os-vol-tenant-attr:tenant_id")
	return api.OK(api.Object{"volume": document})
}

const cannotDeleteVolume = "Invalid volume: Volume status must be available or error or error_restoring or error_extending or " +
	"error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be " +
	"disassociated from snapshots after volume transfer."

func (d *Service) deleteVolume(c *api.Call) (api.Answer, error) {
	v, err := d.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	deletable := slices.Contains([]string{"available", "error", "error_restoring", "error_extending", "error_managing"}, v.status)
	children := d.snapshotsOf(v)
	cascade := c.Query.Get("cascade") == "true"
	if !deletable || len(v.attachments) > 0 || len(children) > 0 && !cascade {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, cannotDeleteVolume)
	}
	for _, child := range children {
		d.dropSnapshot(child)
	}
	d.remove(v)
	return api.Reply(http.StatusAccepted, nil)
}

// remove deletes a volume as DELETE does, whatever its status.
func (d *Service) remove(v *volume) {
	d.set(v, "deleting")
	d.world.Progress("volume", "delete", v.zone, d.world.Options.Latencies.VolumeDelete, func() {
		d.volumes = api.Without(d.volumes, v)
	}, func(string) { d.set(v, "error_deleting") })
}

// find returns a volume of the project, nil for none.
func (d *Service) find(project, id string) *volume {
	return api.ByID(api.OfProject(d.volumes, project), id)
}
