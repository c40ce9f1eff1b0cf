// Package volume makes the calls to Cinder: volumes and their snapshots.
package volume

import (
	"context"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is the Cinder of one session.
type Service struct {
	session *openstack.Session
}

// New returns the Cinder of the session. It sends no request.
func New(session *openstack.Session) *Service { return &Service{session} }

// CreateOpts describes a volume to create. Empty fields are not sent.
type CreateOpts struct {
	// Name must be unique: a volume whose creation got no response is found by
	// it.
	Name             string
	SizeGiB          int
	VolumeType       string
	AvailabilityZone string
	// ImageID is the image that is copied to the volume, which then is bootable.
	ImageID  string
	Metadata map[string]string
}

// CreateVolume starts creating the volume, once even if the response is lost;
// see WaitAvailable.
func (s *Service) CreateVolume(ctx context.Context, opts CreateOpts) (volumes.Volume, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return volumes.Volume{}, err
	}
	request := volumes.CreateOpts{
		Name: opts.Name, Size: opts.SizeGiB, VolumeType: opts.VolumeType, AvailabilityZone: opts.AvailabilityZone,
		ImageID: opts.ImageID, Metadata: opts.Metadata,
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (volumes.Volume, error) {
		return openstack.Value(volumes.Create(ctx, client, request, nil).Extract())
	}, func(ctx context.Context) ([]volumes.Volume, error) { return s.volumesNamed(ctx, opts.Name) })
	return created, openstack.Wrap(err, "create volume %s of %d GiB", opts.Name, opts.SizeGiB)
}

// Volume returns the volume.
func (s *Service) Volume(ctx context.Context, id string) (volumes.Volume, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return volumes.Volume{}, err
	}
	found, err := openstack.Value(volumes.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get volume %s", id)
}

func (s *Service) volumesNamed(ctx context.Context, name string) ([]volumes.Volume, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return nil, err
	}
	pages := volumes.List(client, volumes.ListOpts{Name: name})
	named, err := openstack.ListMatching(ctx, pages, volumes.ExtractVolumes, func(volume volumes.Volume) bool { return volume.Name == name })
	return named, openstack.Wrap(err, "list volumes named %s", name)
}

// Volumes returns all volumes of the project.
func (s *Service) Volumes(ctx context.Context) ([]volumes.Volume, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, volumes.List(client, nil), volumes.ExtractVolumes)
	return all, openstack.Wrap(err, "list volumes")
}

// WaitAvailable waits until the volume is available: ready, and attached to no
// server.
func (s *Service) WaitAvailable(ctx context.Context, id string) (volumes.Volume, error) {
	return s.wait(ctx, id, "available")
}

// WaitSettled waits until no operation on the volume is in progress: it is
// available, or attached to a server.
func (s *Service) WaitSettled(ctx context.Context, id string) (volumes.Volume, error) {
	wait := s.waitFor(id)
	wait.Target = []string{"available", "in-use"}
	return wait.Run(ctx, s.session)
}

// lagTime is how long a read may show a volume as it was before an accepted change.
const lagTime = 2 * time.Second

// WaitChanged waits until no operation on the volume is in progress and it shows a
// change that Cinder has accepted. Cinder has given up the change if the volume is
// without it for longer than lagTime; it is then returned without error.
func (s *Service) WaitChanged(ctx context.Context, id string, changed func(volumes.Volume) bool) (volumes.Volume, error) {
	for unchanged := (time.Time{}); ; {
		found, err := s.WaitSettled(ctx, id)
		if err != nil || changed(found) {
			return found, err
		}
		if unchanged.IsZero() {
			unchanged = time.Now()
		}
		if time.Since(unchanged) >= lagTime {
			return found, nil
		}
		if err := openstack.Sleep(ctx, lagTime/4); err != nil {
			return found, err
		}
	}
}

// WaitDetached waits until a volume that is being detached is available. A
// volume that falls back to in-use is a failure: the hypervisor did not detach
// it.
func (s *Service) WaitDetached(ctx context.Context, id string) (volumes.Volume, error) {
	return s.wait(ctx, id, "available", "detaching")
}

// WaitInUse waits until the volume is attached, and until nobody extends or retypes
// it afterwards. A volume that falls back to available is a failure: the hypervisor
// did not attach it.
func (s *Service) WaitInUse(ctx context.Context, id string) (volumes.Volume, error) {
	return s.wait(ctx, id, "in-use", "attaching", "reserved", "extending", "retyping")
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

// DeleteVolume deletes the volume and waits until it is gone. Not found counts
// as success.
func (s *Service) DeleteVolume(ctx context.Context, id string) error {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return err
	}
	return remove(ctx, s, s.waitFor(id), func() error { return volumes.Delete(ctx, client, id, nil).ExtractErr() })
}

// DeleteVolumeNamed deletes all volumes with the name. It waits for those that
// are still being created.
func (s *Service) DeleteVolumeNamed(ctx context.Context, name string) error {
	named, err := s.volumesNamed(ctx, name)
	if err != nil {
		return err
	}
	for _, volume := range named {
		if err := settle(ctx, s, s.waitFor(volume.ID)); err != nil {
			return err
		}
		if err := s.DeleteVolume(ctx, volume.ID); err != nil {
			return err
		}
	}
	return nil
}

// SetMetadata adds to the volume's metadata. Other keys are kept.
func (s *Service) SetMetadata(ctx context.Context, id string, metadata map[string]string) error {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return err
	}
	body := map[string]any{"metadata": metadata}
	response, err := client.Post(openstack.Repeatable(ctx), client.ServiceURL("volumes", id, "metadata"), body, nil,
		&gophercloud.RequestOpts{OkCodes: []int{200}})
	_, _, err = gophercloud.ParseResponse(response, err)
	return openstack.Wrap(err, "set metadata of volume %s", id)
}
