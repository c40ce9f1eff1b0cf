package openstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// tokenReserve is the validity that a token must have left for an upload, whose service looks at it more than once.
const tokenReserve = 30 * time.Minute

// Stream sends body, of exactly size bytes, with one PUT to a resource of the service. A stream can be read only once:
// when the token is refused or the service breaks down, nothing is repeated, because a second request would be shorter
// and Glance would take it for the whole image. So the token is renewed beforehand if it is old.
func (s *Session) Stream(ctx context.Context, service *gophercloud.ServiceClient, resource string, body io.Reader, size int64) error {
	login, err := s.authenticate(ctx)
	if err != nil {
		return err
	}
	if !login.expires.IsZero() && time.Until(login.expires) < tokenReserve {
		if err := service.Reauthenticate(ctx, ""); err != nil {
			return s.explain(err)
		}
	}
	data := &source{from: body}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, resource, data)
	if err != nil {
		return fmt.Errorf("make the upload request: %w", err)
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Accept", "application/json")
	for name, value := range service.AuthenticatedHeaders() {
		req.Header.Set(name, value)
	}
	resp, err := s.http.Do(req)
	if data.failed != nil {
		// What the service makes of half a stream is of no interest.
		err = fmt.Errorf("read the data to upload: %w", data.failed)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent {
		return nil
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read the answer to the upload: %w", err)
	}
	return gophercloud.ErrUnexpectedResponseCode{
		URL: resource, Method: http.MethodPut, Expected: []int{http.StatusNoContent},
		Actual: resp.StatusCode, Body: answer, ResponseHeader: resp.Header,
	}
}

// source remembers why reading from it failed. It also hides from net/http what kind of reader it holds: of some it
// would make copies for a second try.
type source struct {
	from   io.Reader
	failed error
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return n, err
}
