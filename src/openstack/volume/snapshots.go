package volume

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// SnapshotCreateOpts describes a snapshot to create.
type SnapshotCreateOpts struct {
	VolumeID string
	// Name must be unique: a snapshot whose creation got no response is found
	// by it.
	Name        string
	Description string
	Metadata    map[string]string
}

// CreateSnapshot starts creating the snapshot, also of a volume in use, once
// even if the response is lost.
func (s *Service) CreateSnapshot(ctx context.Context, opts SnapshotCreateOpts) (snapshots.Snapshot, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return snapshots.Snapshot{}, err
	}
	request := snapshots.CreateOpts{VolumeID: opts.VolumeID, Name: opts.Name, Description: opts.Description, Metadata: opts.Metadata, Force: true}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (snapshots.Snapshot, error) {
		return openstack.Value(snapshots.Create(ctx, client, request).Extract())
	}, func(ctx context.Context) ([]snapshots.Snapshot, error) { return s.snapshotsNamed(ctx, opts.Name) })
	return created, openstack.Wrap(err, "create snapshot %s of volume %s", opts.Name, opts.VolumeID)
}

// Snapshot returns the snapshot.
func (s *Service) Snapshot(ctx context.Context, id string) (snapshots.Snapshot, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return snapshots.Snapshot{}, err
	}
	found, err := openstack.Value(snapshots.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get snapshot %s", id)
}

func (s *Service) snapshotsNamed(ctx context.Context, name string) ([]snapshots.Snapshot, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return nil, err
	}
	pages := snapshots.List(client, snapshots.ListOpts{Name: name})
	named, err := openstack.ListMatching(ctx, pages, snapshots.ExtractSnapshots, func(snapshot snapshots.Snapshot) bool { return snapshot.Name == name })
	return named, openstack.Wrap(err, "list snapshots named %s", name)
}

// Snapshots returns all volume snapshots of the project.
func (s *Service) Snapshots(ctx context.Context) ([]snapshots.Snapshot, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, snapshots.List(client, nil), snapshots.ExtractSnapshots)
	return all, openstack.Wrap(err, "list snapshots")
}

// WaitSnapshotAvailable waits until the snapshot is available.
func (s *Service) WaitSnapshotAvailable(ctx context.Context, id string) (snapshots.Snapshot, error) {
	wait := s.waitForSnapshot(id)
	wait.Target = []string{"available"}
	return wait.Run(ctx, s.session)
}

func (s *Service) waitForSnapshot(id string) openstack.Wait[snapshots.Snapshot] {
	return openstack.Wait[snapshots.Snapshot]{
		Kind: "Snapshot", ID: id,
		Get:   func(ctx context.Context) (snapshots.Snapshot, error) { return s.Snapshot(ctx, id) },
		State: func(snapshot snapshots.Snapshot) string { return snapshot.Status },
	}
}

// DeleteSnapshot deletes the snapshot and waits until it is gone. Not found
// counts as success.
func (s *Service) DeleteSnapshot(ctx context.Context, id string) error {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return err
	}
	return remove(ctx, s, s.waitForSnapshot(id), func() error { return snapshots.Delete(ctx, client, id).ExtractErr() })
}

// DeleteSnapshotNamed deletes all snapshots with the name. It waits for those
// that are still being created.
func (s *Service) DeleteSnapshotNamed(ctx context.Context, name string) error {
	named, err := s.snapshotsNamed(ctx, name)
	if err != nil {
		return err
	}
	for _, snapshot := range named {
		if err := settle(ctx, s, s.waitForSnapshot(snapshot.ID)); err != nil {
			return err
		}
		if err := s.DeleteSnapshot(ctx, snapshot.ID); err != nil {
			return err
		}
	}
	return nil
}
