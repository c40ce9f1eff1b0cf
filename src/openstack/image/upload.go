package image

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// maxUploads is how often the data of an image are sent. A failed upload may
// have taken minutes.
const maxUploads = 4

// Upload sends the image's data, of exactly size bytes. It never retries,
// because a stream can be read only once.
func (s *Service) Upload(ctx context.Context, id string, data io.Reader, size int64) error {
	client, err := s.session.Image(ctx)
	if err != nil {
		return err
	}
	err = s.session.Stream(ctx, client, client.ServiceURL("images", id, "file"), data, size)
	return openstack.Wrap(err, "upload %d bytes to image %s", size, id)
}

// UploadFrom is Upload with data that can be opened again. After a failure that
// can be temporary it repeats the upload from the beginning, if Glance has taken
// the image back to queued. An image that got its data although the response
// was lost counts as uploaded. IsLost holds for the error if Glance accepts no
// data for the image any more.
func (s *Service) UploadFrom(ctx context.Context, id string, open func() (io.Reader, error), size int64) error {
	for try := 1; ; try++ {
		err := s.uploadOnce(ctx, id, open, size)
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case isRejected(err):
			return &lostError{err}
		case try == maxUploads || !isTemporary(err):
			return err
		}
		if pauseErr := openstack.Sleep(ctx, time.Second<<(try-1)); pauseErr != nil {
			return err
		}
		switch settled, waitErr := s.waitSettled(ctx, id); {
		case isFailedState(waitErr) || openstack.IsTimeout(waitErr):
			return &lostError{err}
		case waitErr != nil:
			return err
		case settled.Status == images.ImageStatusActive && settled.SizeBytes == size:
			return nil
		case settled.Status == images.ImageStatusActive:
			return &lostError{err}
		}
		s.session.Log().WarnContext(ctx, "repeating the upload of an image", "image", id, "try", try+1, "error", err)
	}
}

// lostError reports an upload or an import after which only another image can be
// used.
type lostError struct{ error }

// Unwrap returns the error of the upload or the import.
func (e *lostError) Unwrap() error { return e.error }

// Lost returns the error as one for which IsLost holds.
func Lost(err error) error { return &lostError{err} }

// IsLost reports whether the error means that the image will never be active,
// for a reason that does not apply to another image.
func IsLost(err error) bool {
	_, lost := errors.AsType[*lostError](err)
	return lost || isFailedState(err)
}

// isFailedState reports whether Glance has killed or deleted the image.
func isFailedState(err error) bool {
	failed, found := errors.AsType[*openstack.WaitError](err)
	return found && !failed.TimedOut
}

// isRejected reports whether Glance does not accept data for the image: it was
// deleted (404, or 410 if that happened during the upload), or is in a state that
// does not allow it.
func isRejected(err error) bool {
	return openstack.IsNotFound(err) || openstack.IsConflict(err) || openstack.StatusOf(err) == http.StatusGone
}

func (s *Service) uploadOnce(ctx context.Context, id string, open func() (io.Reader, error), size int64) error {
	data, err := open()
	if err != nil {
		return err
	}
	return s.Upload(ctx, id, data, size)
}

// isTemporary reports whether an upload failed for a reason that can pass: the
// service was overloaded or restarted, or the connection was lost. The token was
// valid before, so it can be renewed.
func isTemporary(err error) bool {
	switch status := openstack.StatusOf(err); status {
	case 0:
		return openstack.IsConnectionLost(err) || openstack.IsTimeout(err)
	case http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// waitSettled waits until Glance has noticed the end of an upload: the image is
// queued again or active. The reads also renew a token that is no longer valid.
func (s *Service) waitSettled(ctx context.Context, id string) (images.Image, error) {
	return openstack.Wait[images.Image]{
		Kind: "Image", ID: id, Target: []string{"queued", "active"}, Pending: []string{"saving"}, Now: true,
		Get:   func(ctx context.Context) (images.Image, error) { return s.Image(ctx, id) },
		State: func(image images.Image) string { return string(image.Status) },
	}.Run(ctx, s.session)
}
