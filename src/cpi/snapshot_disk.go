package cpi

import (
	"context"
	"log/slog"
	"maps"
	"path"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// SnapshotDisk creates a snapshot of the volume, attached or not. A failed call
// leaves no snapshot.
func (c *CPI) SnapshotDisk(ctx context.Context, args bosh.SnapshotDiskArgs) (cid bosh.SnapshotCID, err error) {
	found, err := c.volume.Volume(ctx, string(args.Disk))
	if err != nil {
		return "", diskNotFound(err, args.Disk)
	}
	name := newName("snapshot-")
	owner := c.owner()
	owner.AgentID = args.Metadata.Text("agent_id")
	metadata := c.tags(snapshotMetadata(args.Metadata), refusedByCinder, slog.String("volume", found.ID))
	maps.Copy(metadata, owner.Metadata())

	undo := c.newUndoStack()
	defer undo.onError(ctx, &err)
	// Cinder refuses to delete a snapshot that is being created; only
	// DeleteSnapshotNamed waits for it.
	deleteByID := func(ctx context.Context, _ string) error { return c.volume.DeleteSnapshotNamed(ctx, name) }
	creation := undo.pushCreation("snapshot", name, deleteByID, c.volume.DeleteSnapshotNamed)
	created, err := c.volume.CreateSnapshot(ctx, volume.SnapshotCreateOpts{
		VolumeID: found.ID, Name: name, Description: snapshotDescription(args.Metadata, found), Metadata: metadata,
	})
	creation.answered(created.ID, err)
	if err != nil {
		return "", err
	}

	if _, err := c.volume.WaitSnapshotAvailable(ctx, created.ID); err != nil {
		return "", err
	}
	return bosh.SnapshotCID(created.ID), nil
}

// snapshotDescription returns a description such as "cf/router/0/vdc".
func snapshotDescription(metadata bosh.Metadata, of volumes.Volume) string {
	parts := []string{metadata.Text("deployment"), metadata.Text("job"), metadata.Text("index")}
	if len(of.Attachments) > 0 && of.Attachments[0].Device != "" {
		parts = append(parts, path.Base(of.Attachments[0].Device))
	}
	return strings.Join(parts, "/")
}

// snapshotMetadata renames the director's keys to those that earlier OpenStack
// CPIs used. Keys that the director did not send are left out, and those of the
// owner.
func snapshotMetadata(metadata bosh.Metadata) bosh.Metadata {
	named := maps.Clone(metadata)
	if named == nil {
		named = bosh.Metadata{}
	}
	for _, key := range []string{"director_name", "index", "job", "agent_id", "director_uuid"} {
		delete(named, key)
	}
	if director := metadata.Text("director_name"); director != "" {
		named["director"] = director
	}
	if index := metadata.Text("index"); index != "" {
		named["instance_index"] = index
	}
	if job, id := metadata.Text("job"), metadata.Text("instance_id"); job != "" && id != "" {
		named["instance_name"] = job + "/" + id
	}
	return named
}
