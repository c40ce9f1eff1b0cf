package cinder

import (
	"net/http"
	"slices"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/glance"
)

// attachment is the connection of a volume with a server.
type attachment struct {
	id, serverID, device string
	at                   time.Time
}

// Volume describes a volume to other services.
type Volume struct {
	ID, Project, Zone, Status string
	Multiattach               bool
	Attachments               []Attachment
}

// Attachment describes an attachment to other services.
type Attachment struct{ ID, ServerID string }

// Volume returns a volume of any project.
func (d *Service) Volume(id string) (info Volume, found bool) {
	v := api.ByID(d.volumes, id)
	if v == nil {
		return Volume{}, false
	}
	info = Volume{ID: v.ID, Project: v.Project, Zone: v.zone, Status: v.status, Multiattach: v.multiattach}
	for _, a := range v.attachments {
		info.Attachments = append(info.Attachments, Attachment{a.id, a.serverID})
	}
	return info, true
}

// SnapshotSize returns the size of a project's snapshot in GiB.
func (d *Service) SnapshotSize(project, id string) (gib int, found bool) {
	snap := d.findSnapshot(project, id)
	if snap == nil {
		return 0, false
	}
	return snap.size, true
}

// HasType reports whether there is a volume type with a name or an id.
func (d *Service) HasType(nameOrID string) bool {
	_, known := d.typeNamed(nameOrID)
	return known
}

// ReserveVolume begins the attachment of a volume to a server. It returns false
// when the volume is not available.
func (d *Service) ReserveVolume(id string) bool {
	v := api.ByID(d.volumes, id)
	if v == nil || v.status != "available" && (v.status != "in-use" || !v.multiattach) {
		return false
	}
	d.set(v, "reserved")
	return true
}

// UnreserveVolume cancels an attachment that ReserveVolume began.
func (d *Service) UnreserveVolume(id string) {
	if v := api.ByID(d.volumes, id); v != nil {
		d.settleStatus(v)
	}
}

// AttachVolume completes the attachment of a volume to a server.
func (d *Service) AttachVolume(id, serverID, device string) {
	if v := api.ByID(d.volumes, id); v != nil {
		v.attachments = append(v.attachments, attachment{id: d.world.NewID(), serverID: serverID, device: device, at: d.world.Now()})
		d.set(v, "in-use")
	}
}

// BeginDetach begins the detachment of a volume. It returns false when the
// volume is not in use.
func (d *Service) BeginDetach(id string) bool {
	v := api.ByID(d.volumes, id)
	if v == nil || v.status != "in-use" {
		return false
	}
	d.set(v, "detaching")
	return true
}

// CancelDetach cancels a detachment that BeginDetach began.
func (d *Service) CancelDetach(id string) {
	if v := api.ByID(d.volumes, id); v != nil {
		d.settleStatus(v)
	}
}

// DetachVolume detaches a volume from a server at once, whatever its status.
func (d *Service) DetachVolume(id, serverID string) {
	if v := api.ByID(d.volumes, id); v != nil {
		v.attachments = slices.DeleteFunc(v.attachments, func(a attachment) bool { return a.serverID == serverID })
		d.settleStatus(v)
	}
}

// settleStatus sets the status that follows from the attachments of a volume.
func (d *Service) settleStatus(v *volume) {
	if len(v.attachments) > 0 {
		d.set(v, "in-use")
		return
	}
	d.set(v, "available")
}

// DeleteVolume deletes a volume, whatever its status.
func (d *Service) DeleteVolume(id string) {
	if v := api.ByID(d.volumes, id); v != nil {
		d.remove(v)
	}
}

// VolumeSpec describes a volume that Nova creates for a server.
type VolumeSpec struct {
	UserID, Project, Zone string
	Name                  string
	Size                  int           // GiB
	Type                  string        // name or id, "" for the default type
	Image                 *glance.Image // nil for an empty volume
	SnapshotID            string        // "" for none
}

// CreateVolume creates a volume for a server. It is available after
// Latencies.VolumeCreate. The error has the text that Nova shows.
func (d *Service) CreateVolume(spec VolumeSpec) (id string, err error) {
	kind, known := d.typeNamed(spec.Type)
	if !known {
		return "", api.Refuse(http.StatusNotFound, "Volume type with name "+spec.Type+" could not be found.")
	}
	if spec.Image != nil {
		if problem := spec.Image.UnfitFor(spec.Size); problem != "" {
			return "", api.Refuse(http.StatusBadRequest, "Invalid input received: "+problem)
		}
	}
	if problem := d.tooManyVolumes(spec.Project, spec.Size); problem != "" {
		return "", api.Refuse(http.StatusRequestEntityTooLarge, problem)
	}
	empty := ""
	v := &volume{
		Identity: api.Identity{ID: d.world.NewID(), Project: spec.Project}, userID: spec.UserID, status: "creating", name: &spec.Name, description: &empty,
		size: spec.Size, zone: spec.Zone, kind: kind, metadata: map[string]string{}, image: spec.Image,
	}
	if spec.SnapshotID != "" {
		v.snapshotID = &spec.SnapshotID
	}
	if !slices.Contains(d.world.Options.VolumeZones, v.zone) {
		v.zone = d.world.Options.VolumeZones[0]
	}
	d.start(v)
	return v.ID, nil
}

// Fail puts a volume into the status error. Changes that are scheduled for it
// find another volume and have no effect.
func (d *Service) Fail(id string) {
	i := slices.IndexFunc(d.volumes, func(v *volume) bool { return v.ID == id })
	if i < 0 {
		return
	}
	failed := *d.volumes[i]
	d.volumes[i] = &failed
	d.set(&failed, "error")
}
