package volume

import (
	"context"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Snapshot returns the snapshot; openstack.IsNotFound tells that there is none.
func (s *Service) Snapshot(ctx context.Context, id string) (snapshots.Snapshot, error) {
	client, err := s.client(ctx)
	if err != nil {
		return snapshots.Snapshot{}, err
	}
	found, err := openstack.Value(snapshots.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get snapshot %s", id)
}

// CreateSnapshot is a snapshot to make. Empty fields are not sent.
type CreateSnapshot struct {
	VolumeID string
	// Name must be one that no other snapshot has: a snapshot whose creation was not answered is found again by it.
	Name        string
	Description string
	Metadata    map[string]string
}

// CreateSnapshot makes the snapshot of a volume, attached or not, and only one, also if Cinder's answer is lost; it is
// taken over then. It is not ready yet, see WaitSnapshotAvailable.
func (s *Service) CreateSnapshot(ctx context.Context, opts CreateSnapshot) (snapshots.Snapshot, error) {
	client, err := s.client(ctx)
	if err != nil {
		return snapshots.Snapshot{}, err
	}
	request := snapshots.CreateOpts{
		VolumeID: opts.VolumeID, Name: opts.Name, Description: opts.Description, Metadata: opts.Metadata,
		Force: true, // without, Cinder refuses attached volumes
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (snapshots.Snapshot, error) {
		return openstack.Value(snapshots.Create(ctx, client, request).Extract())
	}, func(ctx context.Context) (snapshots.Snapshot, bool, error) {
		named, err := s.snapshotsNamed(ctx, opts.Name)
		if err != nil || len(named) == 0 {
			return snapshots.Snapshot{}, false, err
		}
		return named[0], true, nil
	})
	return created, openstack.Wrap(err, "create snapshot %s of volume %s", opts.Name, opts.VolumeID)
}

func (s *Service) snapshotsNamed(ctx context.Context, name string) ([]snapshots.Snapshot, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, snapshots.List(client, snapshots.ListOpts{Name: name}), snapshots.ExtractSnapshots)
	all = slices.DeleteFunc(all, func(snapshot snapshots.Snapshot) bool { return snapshot.Name != name })
	return all, openstack.Wrap(err, "list snapshots named %s", name)
}

// WaitSnapshotAvailable waits until the snapshot is made.
func (s *Service) WaitSnapshotAvailable(ctx context.Context, id string) (snapshots.Snapshot, error) {
	return s.waitSnapshot(id, "available").Run(ctx, s.session)
}

func (s *Service) waitSnapshot(id string, target ...string) openstack.Wait[snapshots.Snapshot] {
	return openstack.Wait[snapshots.Snapshot]{
		Kind: "Snapshot", ID: id, Target: target,
		Get:   func(ctx context.Context) (snapshots.Snapshot, error) { return s.Snapshot(ctx, id) },
		State: func(snapshot snapshots.Snapshot) string { return snapshot.Status },
	}
}

// DeleteSnapshot deletes the snapshot and waits until it is gone. One that is gone already is a success.
func (s *Service) DeleteSnapshot(ctx context.Context, id string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = openstack.Wrap(snapshots.Delete(ctx, client, id).ExtractErr(), "delete snapshot %s", id)
	if openstack.IsBadRequest(err) && s.snapshotBeingDeleted(ctx, id) {
		err = nil // a first answer was lost, and the repeated request refused
	}
	if openstack.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	wait := s.waitSnapshot(id, "deleted")
	wait.GoneOK = true
	_, err = wait.Run(ctx, s.session)
	return openstack.Wrap(err, "delete snapshot %s", id)
}

func (s *Service) snapshotBeingDeleted(ctx context.Context, id string) bool {
	found, err := s.Snapshot(ctx, id)
	return openstack.IsNotFound(err) || err == nil && found.Status == "deleting"
}

// DeleteSnapshotNamed deletes all snapshots with the name; none is a success.
func (s *Service) DeleteSnapshotNamed(ctx context.Context, name string) error {
	named, err := s.snapshotsNamed(ctx, name)
	if err != nil {
		return err
	}
	for _, snapshot := range named {
		if err := s.DeleteSnapshot(ctx, snapshot.ID); err != nil {
			return err
		}
	}
	return nil
}
