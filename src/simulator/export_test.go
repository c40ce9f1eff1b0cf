package simulator

// locked does something with Cinder as Nova does, between two requests.
func (s *Simulator) locked(do func(d *cinder)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	do(s.cloud.cinder)
}

// GrowImage gives an image a size in bytes that nobody wants to upload.
func (s *Simulator) GrowImage(id string, size int64) {
	s.locked(func(*cinder) {
		for _, img := range s.cloud.glance.images {
			if img.id == id {
				img.size = size
			}
		}
	})
}

// ReserveVolume is the first half of an attachment.
func (s *Simulator) ReserveVolume(id string) (done bool) {
	s.locked(func(d *cinder) { done = d.ReserveVolume(id) })
	return done
}

// UnreserveVolume gives the attachment up.
func (s *Simulator) UnreserveVolume(id string) {
	s.locked(func(d *cinder) { d.UnreserveVolume(id) })
}

// AttachVolume is the second half of an attachment.
func (s *Simulator) AttachVolume(id, serverID, device string) {
	s.locked(func(d *cinder) { d.AttachVolume(id, serverID, device) })
}

// BeginDetach is the first half of a detachment.
func (s *Simulator) BeginDetach(id string) (done bool) {
	s.locked(func(d *cinder) { done = d.BeginDetach(id) })
	return done
}

// CancelDetach gives the detachment up.
func (s *Simulator) CancelDetach(id string) {
	s.locked(func(d *cinder) { d.CancelDetach(id) })
}

// DetachVolume is the second half of a detachment.
func (s *Simulator) DetachVolume(id, serverID string) {
	s.locked(func(d *cinder) { d.DetachVolume(id, serverID) })
}

// BootVolume makes a volume from the public image for a server.
func (s *Simulator) BootVolume(size int, volumeType string) (id, refused string) {
	s.locked(func(d *cinder) {
		var err error
		if id, err = d.CreateVolume(volumeSpec{
			UserID: s.fixtures.UserID, Project: s.fixtures.ProjectID, Zone: "nova", Size: size, Type: volumeType,
			Image: s.cloud.glance.images[0],
		}); err != nil {
			refused = err.Error()
		}
	})
	return id, refused
}

// RemoveVolume deletes a volume with its server.
func (s *Simulator) RemoveVolume(id string) {
	s.locked(func(d *cinder) { d.DeleteVolume(id) })
}
