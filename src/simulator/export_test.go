package simulator

import (
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/cinder"
)

// GrowImage gives an image a size in bytes that takes too long to upload.
func (s *Simulator) GrowImage(id string, size int64) {
	s.locked(func() { s.glance.SetSize(id, size) })
}

// ReserveVolume is the first half of an attachment.
func (s *Simulator) ReserveVolume(id string) (done bool) {
	s.locked(func() { done = s.cinder.ReserveVolume(id) })
	return done
}

// UnreserveVolume cancels the attachment.
func (s *Simulator) UnreserveVolume(id string) {
	s.locked(func() { s.cinder.UnreserveVolume(id) })
}

// AttachVolume is the second half of an attachment.
func (s *Simulator) AttachVolume(id, serverID, device string) {
	s.locked(func() { s.cinder.AttachVolume(id, serverID, device) })
}

// BeginDetach is the first half of a detachment.
func (s *Simulator) BeginDetach(id string) (done bool) {
	s.locked(func() { done = s.cinder.BeginDetach(id) })
	return done
}

// CancelDetach cancels the detachment.
func (s *Simulator) CancelDetach(id string) {
	s.locked(func() { s.cinder.CancelDetach(id) })
}

// DetachVolume is the second half of a detachment.
func (s *Simulator) DetachVolume(id, serverID string) {
	s.locked(func() { s.cinder.DetachVolume(id, serverID) })
}

// BootVolume creates a volume from the public image for a server.
func (s *Simulator) BootVolume(size int, volumeType string) (id, refused string) {
	s.locked(func() {
		img, _ := s.glance.Image(api.Caller{}, s.world.Fixtures.Images["tiny-public"])
		var err error
		if id, err = s.cinder.CreateVolume(cinder.VolumeSpec{
			UserID: s.world.Fixtures.UserID, Project: s.world.Fixtures.ProjectID, Zone: "nova", Size: size, Type: volumeType,
			Image: &img,
		}); err != nil {
			refused = err.Error()
		}
	})
	return id, refused
}

// RemoveVolume deletes a volume, as the deletion of its server does.
func (s *Simulator) RemoveVolume(id string) {
	s.locked(func() { s.cinder.DeleteVolume(id) })
}
