package compute

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Attachments returns the attachments of the server, including that of its boot
// volume.
func (s *Service) Attachments(ctx context.Context, serverID string) ([]volumeattach.VolumeAttachment, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, volumeattach.List(client, serverID), extractAttachments)
	return all, openstack.Wrap(err, "list volumes attached to server %s", serverID)
}

// extractAttachments returns the attachments of a page with ids.
func extractAttachments(page pagination.Page) ([]volumeattach.VolumeAttachment, error) {
	all, err := volumeattach.ExtractVolumeAttachments(page)
	for i := range all {
		withID(&all[i])
	}
	return all, err
}

// withID gives an attachment the id of its volume, if it has none: Nova does so
// until microversion 2.88.
func withID(attachment *volumeattach.VolumeAttachment) *volumeattach.VolumeAttachment {
	if attachment != nil && attachment.ID == "" {
		attachment.ID = attachment.VolumeID
	}
	return attachment
}

// multiattachVersion is the microversion (Queens) since which volumes that allow
// several attachments can be attached.
const multiattachVersion = "2.60"

// NeedsMultiattach reports whether Nova has refused to attach a volume because it
// allows several attachments. AttachShared attaches it.
func NeedsMultiattach(err error) bool {
	return openstack.IsBadRequest(err) && strings.Contains(openstack.MessageOf(err), "Multiattach volumes are only supported starting with compute API")
}

// IsStillListed reports whether Nova has refused to attach a volume because it
// lists an attachment. Shortly after a detachment, Cinder shows none any more.
func IsStillListed(err error) bool {
	return openstack.IsBadRequest(err) && strings.Contains(openstack.MessageOf(err), "already attached")
}

// terminationVersion is the microversion (Liberty) from which on a server has the
// field delete_on_termination of its volumes.
const terminationVersion = "2.3"

// KeptVolumes returns the ids of the attached volumes that Nova does not delete
// with the server. Those that it has created for the server are not among them.
func (s *Service) KeptVolumes(ctx context.Context, serverID string) ([]string, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	later := *client
	later.Microversion = terminationVersion
	var server struct {
		ID      string `json:"id"`
		Volumes []struct {
			ID      string `json:"id"`
			Deleted bool   `json:"delete_on_termination"`
		} `json:"os-extended-volumes:volumes_attached"`
	}
	err = servers.Get(ctx, &later, serverID).ExtractInto(&server)
	if _, err = openstack.Value(&server, err); err != nil {
		return nil, openstack.Wrap(err, "get server %s", serverID)
	}
	var kept []string
	for _, volume := range server.Volumes {
		if !volume.Deleted {
			kept = append(kept, volume.ID)
		}
	}
	return kept, nil
}

// Attach starts attaching the volume; once it is attached, the volume is
// in-use. The device in the result is chosen by Nova; libvirt ignores requests
// for one.
func (s *Service) Attach(ctx context.Context, serverID, volumeID string) (volumeattach.VolumeAttachment, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return volumeattach.VolumeAttachment{}, err
	}
	return s.attach(ctx, client, serverID, volumeID)
}

// AttachShared is Attach for a volume that allows several attachments.
func (s *Service) AttachShared(ctx context.Context, serverID, volumeID string) (volumeattach.VolumeAttachment, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return volumeattach.VolumeAttachment{}, err
	}
	later := *client
	later.Microversion = multiattachVersion
	return s.attach(ctx, &later, serverID, volumeID)
}

func (s *Service) attach(ctx context.Context, client *gophercloud.ServiceClient, serverID, volumeID string) (volumeattach.VolumeAttachment, error) {
	attached, err := openstack.CreateOnce(ctx, func(ctx context.Context) (volumeattach.VolumeAttachment, error) {
		return openstack.Value(volumeattach.Create(ctx, client, serverID, volumeattach.CreateOpts{VolumeID: volumeID}).Extract())
	}, func(ctx context.Context) ([]volumeattach.VolumeAttachment, error) {
		return s.attachmentsOf(ctx, serverID, volumeID)
	})
	if openstack.StatusOf(err) == http.StatusAccepted {
		// Since microversion 2.101 the response is empty and comes before the
		// device is chosen.
		attached, err = s.waitListed(ctx, serverID, volumeID)
	}
	return attached, openstack.Wrap(err, "attach volume %s to server %s", volumeID, serverID)
}

// waitListed waits until Nova lists the attachment with its device.
func (s *Service) waitListed(ctx context.Context, serverID, volumeID string) (volumeattach.VolumeAttachment, error) {
	return openstack.Wait[volumeattach.VolumeAttachment]{
		Kind: "Attachment", ID: volumeID, Target: []string{"listed"},
		Get: func(ctx context.Context) (volumeattach.VolumeAttachment, error) {
			found, err := s.attachmentsOf(ctx, serverID, volumeID)
			if err != nil || len(found) == 0 {
				return volumeattach.VolumeAttachment{}, err
			}
			return found[0], nil
		},
		State: func(found volumeattach.VolumeAttachment) string {
			if found.Device == "" {
				return "accepted"
			}
			return "listed"
		},
	}.Run(ctx, s.session)
}

// attachmentsOf returns the attachment of the volume to the server, or none.
func (s *Service) attachmentsOf(ctx context.Context, serverID, volumeID string) ([]volumeattach.VolumeAttachment, error) {
	all, err := s.Attachments(ctx, serverID)
	return slices.DeleteFunc(all, func(a volumeattach.VolumeAttachment) bool { return a.VolumeID != volumeID }), err
}

// Detach starts detaching the volume, which ends when the volume is available. A
// volume that is already being detached counts as success. Not found means that
// the volume is not attached, or that the server does not exist.
func (s *Service) Detach(ctx context.Context, serverID, volumeID string) error {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return err
	}
	err = openstack.Wrap(volumeattach.Delete(ctx, client, serverID, volumeID).ExtractErr(), "detach volume %s from server %s", volumeID, serverID)
	if openstack.IsBadRequest(err) && strings.Contains(openstack.MessageOf(err), "must be 'in-use'") {
		return nil // it is being detached: the caller waits for the end of that
	}
	return err
}
