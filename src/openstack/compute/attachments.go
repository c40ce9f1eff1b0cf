package compute

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Attachments returns the volumes attached to the server, its boot volume included.
func (s *Service) Attachments(ctx context.Context, serverID string) ([]volumeattach.VolumeAttachment, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, volumeattach.List(client, serverID), volumeattach.ExtractVolumeAttachments)
	return all, openstack.Wrap(err, "list volumes attached to server %s", serverID)
}

// Attach begins to attach the volume; the volume is in use when that is done. The device in the answer is the one Nova
// has chosen; libvirt ignores requests for one.
func (s *Service) Attach(ctx context.Context, serverID, volumeID string) (volumeattach.VolumeAttachment, error) {
	client, err := s.client(ctx)
	if err != nil {
		return volumeattach.VolumeAttachment{}, err
	}
	attached, err := openstack.CreateOnce(ctx, func(ctx context.Context) (volumeattach.VolumeAttachment, error) {
		return openstack.Value(volumeattach.Create(ctx, client, serverID, volumeattach.CreateOpts{VolumeID: volumeID}).Extract())
	}, func(ctx context.Context) (volumeattach.VolumeAttachment, bool, error) {
		return s.attachment(ctx, serverID, volumeID)
	})
	if openstack.StatusOf(err) == http.StatusAccepted {
		// From microversion 2.101 on Nova answers with nothing, before it has chosen the device.
		attached, err = s.listed(ctx, serverID, volumeID)
	}
	return attached, openstack.Wrap(err, "attach volume %s to server %s", volumeID, serverID)
}

// listed waits until Nova shows the attachment, which reserves the volume.
func (s *Service) listed(ctx context.Context, serverID, volumeID string) (volumeattach.VolumeAttachment, error) {
	return openstack.Wait[volumeattach.VolumeAttachment]{
		Kind: "Attachment", ID: volumeID, Target: []string{"listed"},
		Get: func(ctx context.Context) (volumeattach.VolumeAttachment, error) {
			found, _, err := s.attachment(ctx, serverID, volumeID)
			return found, err
		},
		State: func(found volumeattach.VolumeAttachment) string {
			if found.Device == "" {
				return "accepted"
			}
			return "listed"
		},
	}.Run(ctx, s.session)
}

func (s *Service) attachment(ctx context.Context, serverID, volumeID string) (volumeattach.VolumeAttachment, bool, error) {
	all, err := s.Attachments(ctx, serverID)
	i := slices.IndexFunc(all, func(a volumeattach.VolumeAttachment) bool { return a.VolumeID == volumeID })
	if err != nil || i < 0 {
		return volumeattach.VolumeAttachment{}, false, err
	}
	return all[i], true, nil
}

// Detach begins to detach the volume; WaitDetached tells when Nova is done. A volume that is being detached is a success: a
// first answer may have been lost. openstack.IsNotFound tells that the volume is not attached, or that there is no server.
func (s *Service) Detach(ctx context.Context, serverID, volumeID string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = openstack.Wrap(volumeattach.Delete(ctx, client, serverID, volumeID).ExtractErr(), "detach volume %s from server %s", volumeID, serverID)
	if openstack.IsBadRequest(err) && strings.Contains(openstack.MessageOf(err), "must be 'in-use'") {
		return nil // the wait for the volume tells when it is over, or what else it is at
	}
	return err
}

// WaitDetached waits until Nova does not list the volume with the server any more. That is some moments after Cinder calls
// the volume available, and before it Nova refuses to attach the volume to any server.
func (s *Service) WaitDetached(ctx context.Context, serverID, volumeID string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	_, err = openstack.Wait[volumeattach.VolumeAttachment]{
		Kind: "Volume", ID: volumeID, Target: []string{"detached"}, GoneOK: true, Now: true,
		Get: func(ctx context.Context) (volumeattach.VolumeAttachment, error) {
			attached, err := openstack.Value(volumeattach.Get(ctx, client, serverID, volumeID).Extract())
			return attached, openstack.Wrap(err, "get attachment of volume %s to server %s", volumeID, serverID)
		},
		State: func(volumeattach.VolumeAttachment) string { return "attached to server " + serverID },
	}.Run(ctx, s.session)
	return err
}
