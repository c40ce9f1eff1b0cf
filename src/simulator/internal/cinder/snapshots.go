package cinder

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// snapshot is a copy of a volume at one point in time.
type snapshot struct {
	api.Identity
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

// snapshotForce are the values of the flag "force".
var snapshotForce = api.BooleanWords{
	Yes: []string{"true", `"True"`, `"TRUE"`, `"true"`, `"1"`, `"ON"`, `"On"`, `"on"`, `"YES"`, `"Yes"`, `"yes"`, `"y"`, `"t"`},
	No:  []string{"false", `"False"`, `"FALSE"`, `"false"`, `"0"`, `"OFF"`, `"Off"`, `"off"`, `"NO"`, `"No"`, `"no"`, `"n"`, `"f"`},
}

const forceIsGone = "Since microversion 3.66 the 'force' flag is invalid for this request.  For backward compatability, however, when the " +
	"'force' flag is passed with a value evaluating to True, it is silently ignored."

func (d *Service) createSnapshot(c *api.Call) (api.Answer, error) {
	var body newSnapshot
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	want := body.Snapshot
	switch {
	case want == nil:
		return api.Answer{}, api.Required("", "snapshot", nil)
	case want.VolumeID == nil:
		return api.Answer{}, api.Required("snapshot", "volume_id", json.RawMessage("{}"))
	case !world.IsUUID(*want.VolumeID):
		problem := api.PythonString(*want.VolumeID) + " is not valid under any of the given schemas"
		return api.Answer{}, api.InvalidField("volume_id", api.Marshal(*want.VolumeID), problem)
	}
	force, err := d.force(c, want.Force)
	if err != nil {
		return api.Answer{}, err
	}
	metadata, err := d.metadata(c, want.Metadata)
	if err != nil {
		return api.Answer{}, err
	}
	v := d.find(c.Project, *want.VolumeID)
	if err := d.canBeCopied(v, *want.VolumeID, force); err != nil {
		return api.Answer{}, err
	}
	snap := &snapshot{
		Identity: api.Identity{ID: d.world.NewID(), Project: c.Project}, userID: c.UserID, name: want.Name, description: want.Description,
		volumeID: v.ID, status: "creating", size: v.size, metadata: metadata, created: d.world.Now(),
	}
	d.snapshots = append(d.snapshots, snap)
	d.world.Progress("snapshot", "create", v.zone, d.world.Options.Latencies.SnapshotCreate,
		func() { snap.set(d.world.Now(), "available") }, func(string) { snap.set(d.world.Now(), "error") })
	document := d.snapshotSummary(c, snap)
	document["created_at"] = world.Microseconds(snap.created)
	return api.Reply(http.StatusAccepted, api.Object{"snapshot": document})
}

// force reads the flag that allows a snapshot of a volume in use. Since 3.66 it
// is always allowed.
func (d *Service) force(c *api.Call, value json.RawMessage) (bool, error) {
	always := c.Microversion >= snapshotWithoutForce
	if len(value) == 0 {
		return always, nil
	}
	force, err := api.BooleanWord("force", value, snapshotForce)
	if err == nil && always && !force {
		err = api.Refuse(http.StatusBadRequest, forceIsGone)
	}
	return force, err
}

func (d *Service) canBeCopied(v *volume, id string, force bool) error {
	if v == nil {
		return api.Refuse(http.StatusNotFound, "Volume "+id+" could not be found.")
	}
	if v.status != "available" && (v.status != "in-use" || !force) {
		return api.Refuse(http.StatusBadRequest, fmt.Sprintf(
			"Invalid volume: Volume %s status must be available, but current status is: %s.", v.ID, v.status))
	}
	if d.world.Exceeds("snapshots", len(api.OfProject(d.snapshots, v.Project))+1) {
		return d.overQuota(fmt.Sprintf(
			"SnapshotLimitExceeded: Maximum number of snapshots allowed (%d) exceeded", d.world.Quota("snapshots")))
	}
	return d.overQuota(d.tooManyGigabytes(v.Project, v.size))
}

func (snap *snapshot) set(now time.Time, status string) { snap.status, snap.updated = status, now }

func (d *Service) showSnapshot(c *api.Call) (api.Answer, error) {
	snap, err := d.wantedSnapshot(c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.OK(api.Object{"snapshot": d.snapshotDocument(c, snap)})
}

func (d *Service) wantedSnapshot(c *api.Call) (*snapshot, error) {
	if snap := d.findSnapshot(c.Project, c.Path["id"]); snap != nil {
		return snap, nil
	}
	return nil, api.Refuse(http.StatusNotFound, "Snapshot "+c.Path["id"]+" could not be found.")
}

func (d *Service) deleteSnapshot(c *api.Call) (api.Answer, error) {
	snap, err := d.wantedSnapshot(c)
	if err != nil {
		return api.Answer{}, err
	}
	if snap.status != "available" && snap.status != "error" {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.")
	}
	snap.set(d.world.Now(), "deleting")
	d.world.Progress("snapshot", "delete", "", d.world.Options.Latencies.SnapshotDelete,
		func() { d.dropSnapshot(snap) }, func(string) { snap.set(d.world.Now(), "error_deleting") })
	return api.Reply(http.StatusAccepted, nil)
}

func (d *Service) dropSnapshot(snap *snapshot) {
	d.snapshots = api.Without(d.snapshots, snap)
}

// findSnapshot returns a snapshot of the project, nil for none.
func (d *Service) findSnapshot(project, id string) *snapshot {
	return api.ByID(api.OfProject(d.snapshots, project), id)
}

func (d *Service) snapshotsOf(v *volume) []*snapshot {
	var found []*snapshot
	for _, snap := range d.snapshots {
		if snap.volumeID == v.ID {
			found = append(found, snap)
		}
	}
	return found
}

// snapshotSummary returns a snapshot as the short list shows it.
func (d *Service) snapshotSummary(c *api.Call, snap *snapshot) api.Object {
	document := api.Object{
		"id": snap.ID, "created_at": changed(snap.created), "updated_at": changed(snap.updated), "name": snap.name,
		"description": snap.description, "volume_id": snap.volumeID, "status": snap.status, "size": snap.size, "metadata": snap.metadata,
	}
	if c.Microversion >= 14 {
		document["group_snapshot_id"] = nil
	}
	if c.Microversion >= snapshotUser {
		document["user_id"] = snap.userID
	}
	if c.Microversion >= consumesQuota {
		document["consumes_quota"] = true
	}
	return document
}

// snapshotDocument returns a snapshot as the API shows it.
func (d *Service) snapshotDocument(c *api.Call, snap *snapshot) api.Object {
	document := d.snapshotSummary(c, snap)
	document["os-extended-snapshot-attributes:project_id"] = snap.Project
	document["os-extended-snapshot-attributes:progress"] = "100%"
	if snap.status == "creating" {
		document["os-extended-snapshot-attributes:progress"] = "0%"
	}
	return document
}
