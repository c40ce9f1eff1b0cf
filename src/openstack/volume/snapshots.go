package volume

import (
	"context"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// SnapshotCreateOpts describes a snapshot to create.
type SnapshotCreateOpts struct {
	VolumeID string
	// Name must be one that no other snapshot has: a snapshot whose creation was not answered is found again by it.
	Name        string
	Description string
	Metadata    map[string]string
}

// CreateSnapshot begins to make the snapshot, also of a volume in use, and only one, also if Cinder's answer is lost.
func (s *Service) CreateSnapshot(ctx context.Context, opts SnapshotCreateOpts) (snapshots.Snapshot, error) {
	client, err := s.client(ctx)
	if err != nil {
		return snapshots.Snapshot{}, err
	}
	request := snapshots.CreateOpts{VolumeID: opts.VolumeID, Name: opts.Name, Description: opts.Description, Metadata: opts.Metadata, Force: true}
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

// Snapshot returns the snapshot; openstack.IsNotFound tells that there is none.
func (s *Service) Snapshot(ctx context.Context, id string) (snapshots.Snapshot, error) {
	client, err := s.client(ctx)
	if err != nil {
		return snapshots.Snapshot{}, err
	}
	found, err := openstack.Value(snapshots.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get snapshot %s", id)
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

// WaitSnapshotAvailable waits until the snapshot is complete.
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

// DeleteSnapshot deletes the snapshot and waits until it is gone. One that is gone already is a success.
func (s *Service) DeleteSnapshot(ctx context.Context, id string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = openstack.Wrap(snapshots.Delete(ctx, client, id).ExtractErr(), "delete snapshot %s", id)
	if openstack.IsNotFound(err) {
		return nil
	}
	if openstack.IsBadRequest(err) {
		// Cinder refuses to be asked twice, which happens when its first answer was lost.
		if found, lookErr := s.Snapshot(ctx, id); openstack.IsNotFound(lookErr) || lookErr == nil && found.Status == "deleting" {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	wait := s.waitForSnapshot(id)
	wait.Target, wait.GoneOK = []string{"deleted"}, true
	wait.Failed = func(snapshot snapshots.Snapshot) (string, bool) {
		return "", strings.HasPrefix(snapshot.Status, "error_")
	}
	_, err = wait.Run(ctx, s.session)
	return openstack.Wrap(err, "delete snapshot %s", id)
}

// DeleteSnapshotNamed deletes all snapshots with the name; none is a success. One that is still being made is waited for.
func (s *Service) DeleteSnapshotNamed(ctx context.Context, name string) error {
	named, err := s.snapshotsNamed(ctx, name)
	if err != nil {
		return err
	}
	for _, snapshot := range named {
		settled := s.waitForSnapshot(snapshot.ID)
		settled.Target, settled.Now, settled.GoneOK = []string{"available", "error"}, true, true
		if _, err := settled.Run(ctx, s.session); err != nil {
			return err
		}
		if err := s.DeleteSnapshot(ctx, snapshot.ID); err != nil {
			return err
		}
	}
	return nil
}
