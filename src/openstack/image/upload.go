package image

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

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
// was lost counts as uploaded.
func (s *Service) UploadFrom(ctx context.Context, id string, open func() (io.ReadCloser, error), size int64) error {
	for try := 1; ; try++ {
		err := s.uploadOnce(ctx, id, open, size)
		if err == nil || try == maxUploads || !isTemporary(err) || ctx.Err() != nil {
			return err
		}
		if pauseErr := openstack.Sleep(ctx, time.Second<<(try-1)); pauseErr != nil {
			return err
		}
		switch status, stored := s.settled(ctx, id); {
		case status == "active" && stored == size:
			return nil
		case status != "queued":
			return err
		}
		s.session.Log().WarnContext(ctx, "repeating the upload of an image", "image", id, "try", try+1, "error", err)
	}
}

func (s *Service) uploadOnce(ctx context.Context, id string, open func() (io.ReadCloser, error), size int64) error {
	data, err := open()
	if err != nil {
		return err
	}
	return errors.Join(s.Upload(ctx, id, data, size), data.Close())
}

// isTemporary reports whether an upload failed for a reason that can pass: the
// service was overloaded or restarted, or the connection was lost. The token was
// valid before, so it can be renewed. A timeout has taken minutes already.
func isTemporary(err error) bool {
	switch status := openstack.StatusOf(err); status {
	case 0:
		return openstack.IsConnectionLost(err)
	case http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable:
		return true
	}
	return false
}

// settled returns the state and the size of the image when Glance has noticed
// the end of the upload, "" if it does not notice or cannot be asked. The read
// also renews a token that is no longer valid.
func (s *Service) settled(ctx context.Context, id string) (status string, size int64) {
	for _, pause := range []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second} {
		if openstack.Sleep(ctx, pause) != nil {
			return "", 0
		}
		found, err := s.Image(ctx, id)
		if err != nil {
			return "", 0
		}
		if status = strings.ToLower(string(found.Status)); status != "saving" {
			return status, found.SizeBytes
		}
	}
	return "", 0
}
