package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// snapshot is a copy of a volume at one moment.
type snapshot struct {
	identity
	userID            string
	name, description *string
	volumeID          string
	status            string
	size              int
	metadata          map[string]string
	created, updated  time.Time
}

type newSnapshot struct {
	Snapshot *struct {
		VolumeID    *string         `json:"volume_id"`
		Name        *string         `json:"name"`
		Description *string         `json:"description"`
		Force       json.RawMessage `json:"force"`
		Metadata    json.RawMessage `json:"metadata"`
	} `json:"snapshot"`
}

// snapshotForce are the words of the flag "force".
var snapshotForce = booleanWords{
	yes: []string{"true", `"True"`, `"TRUE"`, `"true"`, `"1"`, `"ON"`, `"On"`, `"on"`, `"YES"`, `"Yes"`, `"yes"`, `"y"`, `"t"`},
	no:  []string{"false", `"False"`, `"FALSE"`, `"false"`, `"0"`, `"OFF"`, `"Off"`, `"off"`, `"NO"`, `"No"`, `"no"`, `"n"`, `"f"`},
}

const forceIsGone = "Since microversion 3.66 the 'force' flag is invalid for this request.  For backward compatability, however, when the " +
	"'force' flag is passed with a value evaluating to True, it is silently ignored."

func (d *cinder) createSnapshot(c *call) (answer, error) {
	var body newSnapshot
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	want := body.Snapshot
	switch {
	case want == nil:
		return answer{}, required("", "snapshot", nil)
	case want.VolumeID == nil:
		return answer{}, required("snapshot", "volume_id", json.RawMessage("{}"))
	case !isUUID(*want.VolumeID):
		problem := pythonString(*want.VolumeID) + " is not valid under any of the given schemas"
		return answer{}, invalidField("volume_id", marshal(*want.VolumeID), problem)
	}
	force, err := d.force(c, want.Force)
	if err != nil {
		return answer{}, err
	}
	metadata, err := d.metadata(c, want.Metadata)
	if err != nil {
		return answer{}, err
	}
	v := d.find(c.Project, *want.VolumeID)
	if err := d.canBeCopied(v, *want.VolumeID, force); err != nil {
		return answer{}, err
	}
	snap := &snapshot{
		identity: identity{d.newID(), c.Project}, userID: c.UserID, name: want.Name, description: want.Description,
		volumeID: v.id, status: "creating", size: v.size, metadata: metadata, created: d.now,
	}
	d.snapshots = append(d.snapshots, snap)
	d.progress("snapshot", "create", v.zone, d.options.Latencies.SnapshotCreate,
		func() { snap.set(d.now, "available") }, func(string) { snap.set(d.now, "error") })
	document := d.snapshotSummary(c, snap)
	document["created_at"] = microseconds(snap.created)
	return reply(http.StatusAccepted, object{"snapshot": document})
}

// force reads the flag that lets a volume in use be copied; from 3.66 on it is always so.
func (d *cinder) force(c *call, value json.RawMessage) (bool, error) {
	always := c.microversion >= snapshotWithoutForce
	if len(value) == 0 {
		return always, nil
	}
	force, err := booleanWord("force", value, snapshotForce)
	if err == nil && always && !force {
		err = refuse(http.StatusBadRequest, forceIsGone)
	}
	return force, err
}

func (d *cinder) canBeCopied(v *volume, id string, force bool) error {
	if v == nil {
		return refuse(http.StatusNotFound, "Volume "+id+" could not be found.")
	}
	if v.status != "available" && (v.status != "in-use" || !force) {
		return refuse(http.StatusBadRequest, fmt.Sprintf(
			"Invalid volume: Volume %s status must be available, but current status is: %s.", v.id, v.status))
	}
	if d.exceeds("snapshots", len(ofProject(d.snapshots, v.project))+1) {
		return d.overQuota(fmt.Sprintf(
			"SnapshotLimitExceeded: Maximum number of snapshots allowed (%d) exceeded", d.quota("snapshots")))
	}
	return d.overQuota(d.tooManyGigabytes(v.project, v.size))
}

func (snap *snapshot) set(now time.Time, status string) { snap.status, snap.updated = status, now }

func (d *cinder) showSnapshot(c *call) (answer, error) {
	snap, err := d.wantedSnapshot(c)
	if err != nil {
		return answer{}, err
	}
	return ok(object{"snapshot": d.snapshotDocument(c, snap)})
}

func (d *cinder) wantedSnapshot(c *call) (*snapshot, error) {
	if snap := d.findSnapshot(c.Project, c.path["id"]); snap != nil {
		return snap, nil
	}
	return nil, refuse(http.StatusNotFound, "Snapshot "+c.path["id"]+" could not be found.")
}

func (d *cinder) deleteSnapshot(c *call) (answer, error) {
	snap, err := d.wantedSnapshot(c)
	if err != nil {
		return answer{}, err
	}
	if snap.status != "available" && snap.status != "error" {
		return answer{}, refuse(http.StatusBadRequest, "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.")
	}
	snap.set(d.now, "deleting")
	d.progress("snapshot", "delete", "", d.options.Latencies.SnapshotDelete,
		func() { d.dropSnapshot(snap) }, func(string) { snap.set(d.now, "error_deleting") })
	return reply(http.StatusAccepted, nil)
}

func (d *cinder) dropSnapshot(snap *snapshot) {
	d.snapshots = without(d.snapshots, snap)
}

// findSnapshot returns a snapshot of the project, nil when there is none.
func (d *cinder) findSnapshot(project, id string) *snapshot {
	return byID(ofProject(d.snapshots, project), id)
}

func (d *cinder) snapshotsOf(v *volume) []*snapshot {
	var found []*snapshot
	for _, snap := range d.snapshots {
		if snap.volumeID == v.id {
			found = append(found, snap)
		}
	}
	return found
}

// snapshotSummary is a snapshot as the short list shows it.
func (d *cinder) snapshotSummary(c *call, snap *snapshot) object {
	document := object{
		"id": snap.id, "created_at": changed(snap.created), "updated_at": changed(snap.updated), "name": snap.name,
		"description": snap.description, "volume_id": snap.volumeID, "status": snap.status, "size": snap.size, "metadata": snap.metadata,
	}
	if c.microversion >= 14 {
		document["group_snapshot_id"] = nil
	}
	if c.microversion >= snapshotUser {
		document["user_id"] = snap.userID
	}
	if c.microversion >= consumesQuota {
		document["consumes_quota"] = true
	}
	return document
}

// snapshotDocument is a snapshot as the API shows it.
func (d *cinder) snapshotDocument(c *call, snap *snapshot) object {
	document := d.snapshotSummary(c, snap)
	document["os-extended-snapshot-attributes:project_id"] = snap.project
	document["os-extended-snapshot-attributes:progress"] = "100%"
	if snap.status == "creating" {
		document["os-extended-snapshot-attributes:progress"] = "0%"
	}
	return document
}
