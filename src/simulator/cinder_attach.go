package simulator

import (
	"slices"
	"time"
)

// attachment connects a volume with a server.
type attachment struct {
	id, serverID, device string
	at                   time.Time
}

// reserve begins the attachment of a volume to a server; false when the volume is not available.
func (d *cinder) reserve(v *volume) bool {
	if v.status != "available" && (v.status != "in-use" || !v.multiattach) {
		return false
	}
	d.set(v, "reserved")
	return true
}

// unreserve ends an attachment that did not come about.
func (d *cinder) unreserve(v *volume) { d.settleStatus(v) }

// attach ends the attachment of a volume to a server.
func (d *cinder) attach(v *volume, serverID, device string) {
	v.attachments = append(v.attachments, attachment{id: d.newID(), serverID: serverID, device: device, at: d.now})
	d.set(v, "in-use")
}

// beginDetach begins to take a volume from a server; false when the volume is not in use.
func (d *cinder) beginDetach(v *volume) bool {
	if v.status != "in-use" {
		return false
	}
	d.set(v, "detaching")
	return true
}

// cancelDetach leaves the volume with its server.
func (d *cinder) cancelDetach(v *volume) { d.settleStatus(v) }

// detach takes a volume from a server at once, whatever the status.
func (d *cinder) detach(v *volume, serverID string) {
	v.attachments = slices.DeleteFunc(v.attachments, func(a attachment) bool { return a.serverID == serverID })
	d.settleStatus(v)
}

// settleStatus sets the status that the attachments of a volume call for.
func (d *cinder) settleStatus(v *volume) {
	if len(v.attachments) > 0 {
		d.set(v, "in-use")
		return
	}
	d.set(v, "available")
}

// bootVolume is what Nova asks Cinder for when a server boots from a volume that does not exist yet.
type bootVolume struct {
	userID, project, zone string
	size                  int    // GiB
	volumeType            string // name or id, "" for the default type
	image                 *image // nil for an empty volume
	snapshotID            string // "" for none
}

// createForServer makes a volume for a server. refused is the reason of Cinder when it does not, for example the text of a quota;
// the volume is available after Latencies.VolumeCreate.
func (d *cinder) createForServer(want bootVolume) (v *volume, refused string) {
	kind, known := d.typeNamed(want.volumeType)
	if !known {
		return nil, "Volume type with name " + want.volumeType + " could not be found."
	}
	if want.image != nil {
		if problem := want.image.unfitFor(want.size); problem != "" {
			return nil, "Invalid input received: " + problem
		}
	}
	if problem := d.tooManyVolumes(want.project, want.size); problem != "" {
		return nil, problem
	}
	empty := ""
	v = &volume{
		identity: identity{d.newID(), want.project}, userID: want.userID, status: "creating", name: &empty, description: &empty, size: want.size,
		zone: want.zone, kind: kind, metadata: map[string]string{}, image: want.image,
	}
	if want.snapshotID != "" {
		v.snapshotID = &want.snapshotID
	}
	if !slices.Contains(d.options.AvailabilityZones, v.zone) {
		v.zone = d.options.AvailabilityZones[0]
	}
	d.start(v)
	return v, ""
}
