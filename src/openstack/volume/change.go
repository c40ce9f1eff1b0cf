package volume

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// extendInUseVersion is the microversion (Pike) since which attached volumes can
// be extended.
const extendInUseVersion = "3.42"

// Extend starts extending a volume to a size; see WaitSettled. If the volume is
// attached, that needs a microversion that an older Cinder refuses. Cinder also
// refuses to extend a volume that has the size or is being extended. After a lost
// response that counts as success.
//
// If no back end has the capacity, the volume has its old size afterwards.
func (s *Service) Extend(ctx context.Context, id string, sizeGiB int, attached bool) error {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return err
	}
	if attached {
		later := *client
		later.Microversion = extendInUseVersion
		client = &later
	}
	err = volumes.ExtendSize(openstack.Repeatable(ctx), client, id, volumes.ExtendSizeOpts{NewSize: sizeGiB}).ExtractErr()
	return s.unlessDone(ctx, id, openstack.Wrap(err, "extend volume %s to %d GiB", id, sizeGiB),
		func(found volumes.Volume) bool { return found.Status == "extending" || found.Size == sizeGiB })
}

// Retype starts changing the type of a volume, which is given by name or id; see
// WaitSettled. Unless migrate is set, Cinder changes it only if the data can
// remain in its place. If the type cannot be changed, the volume has its old type
// afterwards.
func (s *Service) Retype(ctx context.Context, id, volumeType string, migrate bool) error {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return err
	}
	opts := volumes.ChangeTypeOpts{NewType: volumeType, MigrationPolicy: volumes.MigrationPolicyNever}
	if migrate {
		opts.MigrationPolicy = volumes.MigrationPolicyOnDemand
	}
	err = volumes.ChangeType(openstack.Repeatable(ctx), client, id, opts).ExtractErr()
	return s.unlessDone(ctx, id, openstack.Wrap(err, "change the type of volume %s to %s", id, volumeType),
		func(found volumes.Volume) bool { return found.Status == "retyping" || found.VolumeType == volumeType })
}

// unlessDone returns the error of a change, or nil if an earlier request for the
// same change took effect and only its response was lost.
func (s *Service) unlessDone(ctx context.Context, id string, err error, done func(volumes.Volume) bool) error {
	if openstack.IsBadRequest(err) || openstack.IsAmbiguous(err) {
		if found, getErr := s.Volume(ctx, id); getErr == nil && done(found) {
			return nil
		}
	}
	return err
}

// TypeName returns the name of the volume type with an id.
func (s *Service) TypeName(ctx context.Context, id string) (string, error) {
	client, err := s.session.Volume(ctx)
	if err != nil {
		return "", err
	}
	type volumeType struct {
		Name string `json:"name"`
	}
	var found struct {
		Type volumeType `json:"volume_type"`
	}
	_, err = client.Get(ctx, client.ServiceURL("types", id), &found, nil)
	kind, err := openstack.Value(&found.Type, err)
	return kind.Name, openstack.Wrap(err, "get volume type %s", id)
}
