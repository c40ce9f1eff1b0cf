// Package volume is what the CPI needs of Cinder: volumes and their snapshots.
//
// Calls that take time only begin the work; the waiting is separate, so that the caller can note what it has to undo in
// between. Deletions do wait.
package volume

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is Cinder, as seen by one session.
type Service struct {
	session *openstack.Session
}

// New returns the session's Cinder. Nothing is asked of the cloud yet.
func New(session *openstack.Session) *Service { return &Service{session} }

func (s *Service) client(ctx context.Context) (*gophercloud.ServiceClient, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach Cinder: %w", err)
	}
	return client, nil
}

// Volume returns the volume; openstack.IsNotFound tells that there is none.
func (s *Service) Volume(ctx context.Context, id string) (volumes.Volume, error) {
	client, err := s.client(ctx)
	if err != nil {
		return volumes.Volume{}, err
	}
	found, err := openstack.Value(volumes.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get volume %s", id)
}

// CreateVolume is an empty volume to make. Empty fields are not sent.
type CreateVolume struct {
	// Name must be one that no other volume has: a volume whose creation was not answered is found again by it.
	Name             string
	Description      string
	SizeGiB          int
	VolumeType       string // name or id; empty: Cinder's default
	AvailabilityZone string
	Metadata         map[string]string
}

// CreateVolume makes the volume, and only one, also if Cinder's answer is lost; it is taken over then. It is not ready
// yet, see WaitAvailable.
func (s *Service) CreateVolume(ctx context.Context, opts CreateVolume) (volumes.Volume, error) {
	client, err := s.client(ctx)
	if err != nil {
		return volumes.Volume{}, err
	}
	request := volumes.CreateOpts{
		Name: opts.Name, Description: opts.Description, Size: opts.SizeGiB, VolumeType: opts.VolumeType,
		AvailabilityZone: opts.AvailabilityZone, Metadata: opts.Metadata,
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (volumes.Volume, error) {
		return openstack.Value(volumes.Create(ctx, client, request, nil).Extract())
	}, func(ctx context.Context) (volumes.Volume, bool, error) {
		named, err := s.named(ctx, opts.Name)
		if err != nil || len(named) == 0 {
			return volumes.Volume{}, false, err
		}
		return named[0], true, nil
	})
	return created, openstack.Wrap(err, "create volume %s of %d GiB", opts.Name, opts.SizeGiB)
}

// named returns the volumes with exactly the name.
func (s *Service) named(ctx context.Context, name string) ([]volumes.Volume, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, volumes.List(client, volumes.ListOpts{Name: name}), volumes.ExtractVolumes)
	return slices.DeleteFunc(all, func(v volumes.Volume) bool { return v.Name != name }), openstack.Wrap(err, "list volumes named %s", name)
}

// WaitAvailable waits until nothing is being done with the volume and nobody uses it.
func (s *Service) WaitAvailable(ctx context.Context, id string) (volumes.Volume, error) {
	return s.wait(id, "available").Run(ctx, s.session)
}

// attachBegins is how long a volume may look available after Nova has accepted to attach it. Nova reserves the volume
// before it answers, so that one which is available later is available again: the attachment has failed.
const attachBegins = 5 * time.Second

// WaitInUse waits until the volume is attached.
func (s *Service) WaitInUse(ctx context.Context, id string) (volumes.Volume, error) {
	wait, begin := s.wait(id, "in-use"), time.Now()
	wait.Failed = func(v volumes.Volume) (string, bool) {
		if v.Status == "available" && time.Since(begin) >= attachBegins {
			return "the compute host has given up attaching it", true
		}
		return "", isError(v.Status)
	}
	return wait.Run(ctx, s.session)
}

func (s *Service) wait(id string, target ...string) openstack.Wait[volumes.Volume] {
	return openstack.Wait[volumes.Volume]{
		Kind: "Volume", ID: id, Target: target,
		Get:   func(ctx context.Context) (volumes.Volume, error) { return s.Volume(ctx, id) },
		State: func(v volumes.Volume) string { return v.Status },
	}
}

func isError(status string) bool { return status == "error" || strings.HasPrefix(status, "error_") }

// DeleteVolume deletes the volume and waits until it is gone. One that is gone already is a success.
func (s *Service) DeleteVolume(ctx context.Context, id string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = openstack.Wrap(volumes.Delete(ctx, client, id, nil).ExtractErr(), "delete volume %s", id)
	if openstack.IsBadRequest(err) && s.beingDeleted(ctx, id) {
		err = nil // a first answer was lost, and the repeated request refused
	}
	if openstack.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	wait := s.wait(id, "deleted")
	wait.GoneOK = true
	_, err = wait.Run(ctx, s.session)
	return openstack.Wrap(err, "delete volume %s", id)
}

func (s *Service) beingDeleted(ctx context.Context, id string) bool {
	found, err := s.Volume(ctx, id)
	return openstack.IsNotFound(err) || err == nil && found.Status == "deleting"
}

// DeleteVolumeNamed deletes all volumes with the name; none is a success.
func (s *Service) DeleteVolumeNamed(ctx context.Context, name string) error {
	named, err := s.named(ctx, name)
	if err != nil {
		return err
	}
	for _, v := range named {
		if err := s.DeleteVolume(ctx, v.ID); err != nil {
			return err
		}
	}
	return nil
}
