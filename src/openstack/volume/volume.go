// Package volume is what the CPI needs of Cinder: volumes and their snapshots.
package volume

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// CreateOpts describes a volume to create. Empty fields are not sent.
type CreateOpts struct {
	// Name must be one that no other volume has: a volume whose creation was not answered is found again by it.
	Name             string
	SizeGiB          int
	VolumeType       string
	AvailabilityZone string
	Metadata         map[string]string
}

// CreateVolume begins to make the volume, and only one, also if Cinder's answer is lost; WaitAvailable tells when it can
// be used.
func (s *Service) CreateVolume(ctx context.Context, opts CreateOpts) (volumes.Volume, error) {
	client, err := s.client(ctx)
	if err != nil {
		return volumes.Volume{}, err
	}
	request := volumes.CreateOpts{
		Name: opts.Name, Size: opts.SizeGiB, VolumeType: opts.VolumeType, AvailabilityZone: opts.AvailabilityZone, Metadata: opts.Metadata,
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (volumes.Volume, error) {
		return openstack.Value(volumes.Create(ctx, client, request, nil).Extract())
	}, func(ctx context.Context) (volumes.Volume, bool, error) {
		named, err := s.volumesNamed(ctx, opts.Name)
		if err != nil || len(named) == 0 {
			return volumes.Volume{}, false, err
		}
		return named[0], true, nil
	})
	return created, openstack.Wrap(err, "create volume %s of %d GiB", opts.Name, opts.SizeGiB)
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

func (s *Service) volumesNamed(ctx context.Context, name string) ([]volumes.Volume, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, volumes.List(client, volumes.ListOpts{Name: name}), volumes.ExtractVolumes)
	all = slices.DeleteFunc(all, func(volume volumes.Volume) bool { return volume.Name != name })
	return all, openstack.Wrap(err, "list volumes named %s", name)
}

// WaitAvailable waits until the volume is ready and attached to nothing.
func (s *Service) WaitAvailable(ctx context.Context, id string) (volumes.Volume, error) {
	return s.wait(ctx, id, "available")
}

// WaitDetached waits until a volume that is being detached is available. One that falls back to in-use was not let go by
// the hypervisor.
func (s *Service) WaitDetached(ctx context.Context, id string) (volumes.Volume, error) {
	return s.wait(ctx, id, "available", "detaching")
}

// WaitInUse waits until the volume is attached. A volume that falls back to available was refused by the hypervisor.
func (s *Service) WaitInUse(ctx context.Context, id string) (volumes.Volume, error) {
	return s.wait(ctx, id, "in-use", "attaching", "reserved")
}

func (s *Service) wait(ctx context.Context, id, target string, pending ...string) (volumes.Volume, error) {
	wait := s.waitFor(id)
	wait.Target, wait.Pending = []string{target}, pending
	return wait.Run(ctx, s.session)
}

func (s *Service) waitFor(id string) openstack.Wait[volumes.Volume] {
	return openstack.Wait[volumes.Volume]{
		Kind: "Volume", ID: id,
		Get:   func(ctx context.Context) (volumes.Volume, error) { return s.Volume(ctx, id) },
		State: func(volume volumes.Volume) string { return volume.Status },
	}
}

// DeleteVolume deletes the volume and waits until it is gone. One that is gone already is a success.
func (s *Service) DeleteVolume(ctx context.Context, id string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = openstack.Wrap(volumes.Delete(ctx, client, id, nil).ExtractErr(), "delete volume %s", id)
	if openstack.IsNotFound(err) {
		return nil
	}
	if openstack.IsBadRequest(err) && s.deleting(ctx, id) {
		err = nil
	}
	if err != nil {
		return err
	}
	wait := s.waitFor(id)
	wait.Target, wait.GoneOK = []string{"deleted"}, true
	wait.Failed = func(volume volumes.Volume) (string, bool) { return "", strings.HasPrefix(volume.Status, "error_") }
	_, err = wait.Run(ctx, s.session)
	return openstack.Wrap(err, "delete volume %s", id)
}

// deleting tells that Cinder is at it already: it refuses to be asked twice, which happens when its first answer was lost.
func (s *Service) deleting(ctx context.Context, id string) bool {
	found, err := s.Volume(ctx, id)
	return openstack.IsNotFound(err) || err == nil && found.Status == "deleting"
}

// DeleteVolumeNamed deletes all volumes with the name; none is a success. A volume that is still being made is waited
// for: Cinder does not delete it before.
func (s *Service) DeleteVolumeNamed(ctx context.Context, name string) error {
	named, err := s.volumesNamed(ctx, name)
	if err != nil {
		return err
	}
	for _, volume := range named {
		settled := s.waitFor(volume.ID)
		settled.Target, settled.Now, settled.GoneOK = []string{"available", "error"}, true, true
		if _, err := settled.Run(ctx, s.session); err != nil {
			return err
		}
		if err := s.DeleteVolume(ctx, volume.ID); err != nil {
			return err
		}
	}
	return nil
}

// Extend begins to grow the volume to a size; it is available again when that is done. Cinder refuses to grow a volume
// that has the size, or is growing; after a lost answer this is what was asked for.
func (s *Service) Extend(ctx context.Context, id string, sizeGiB int) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = volumes.ExtendSize(openstack.Repeatable(ctx), client, id, volumes.ExtendSizeOpts{NewSize: sizeGiB}).ExtractErr()
	err = openstack.Wrap(err, "extend volume %s to %d GiB", id, sizeGiB)
	if openstack.IsBadRequest(err) || openstack.IsAmbiguous(err) {
		if found, lookErr := s.Volume(ctx, id); lookErr == nil && (found.Status == "extending" || found.Size == sizeGiB) {
			return nil
		}
	}
	return err
}

// SetMetadata adds to the volume's metadata. Keys that are not given stay.
func (s *Service) SetMetadata(ctx context.Context, id string, metadata map[string]string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	body := map[string]any{"metadata": metadata}
	response, err := client.Post(openstack.Repeatable(ctx), client.ServiceURL("volumes", id, "metadata"), body, nil,
		&gophercloud.RequestOpts{OkCodes: []int{200}})
	_, _, err = gophercloud.ParseResponse(response, err)
	return openstack.Wrap(err, "set metadata of volume %s", id)
}
