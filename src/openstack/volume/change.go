package volume

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Extend begins to grow the volume to a size in GiB; it is available when that is done. One that has the size, or is
// growing already, is a success: the answer to a first request may have been lost.
func (s *Service) Extend(ctx context.Context, id string, gib int) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = volumes.ExtendSize(openstack.Repeatable(ctx), client, id, volumes.ExtendSizeOpts{NewSize: gib}).ExtractErr()
	err = openstack.Wrap(err, "extend volume %s to %d GiB", id, gib)
	if openstack.IsBadRequest(err) {
		if found, getErr := s.Volume(ctx, id); getErr == nil && (found.Size == gib || found.Status == "extending") {
			return nil
		}
	}
	return err
}

// Retype begins to change the volume's type, moving it to another backend if it has to; it is available when that is
// done. Cinder leaves a volume whose change failed as it was, so the type has to be compared afterwards.
func (s *Service) Retype(ctx context.Context, id, volumeType string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	opts := volumes.ChangeTypeOpts{NewType: volumeType, MigrationPolicy: volumes.MigrationPolicyOnDemand}
	err = openstack.Wrap(volumes.ChangeType(ctx, client, id, opts).ExtractErr(), "change the type of volume %s to %s", id, volumeType)
	if openstack.IsAmbiguous(err) {
		if found, getErr := s.Volume(ctx, id); getErr == nil && (found.VolumeType == volumeType || found.Status == "retyping") {
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
	// gophercloud has only the PUT, which replaces all metadata.
	_, err = client.Post(openstack.Repeatable(ctx), client.ServiceURL("volumes", id, "metadata"), body, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return openstack.Wrap(err, "set metadata of volume %s", id)
}
