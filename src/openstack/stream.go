package openstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// tokenReserve is how long a token must remain valid at the start of an upload:
// Glance checks it more than once.
const tokenReserve = 30 * time.Minute

// Stream sends body, of exactly size bytes, in one PUT. It never retries: a
// stream can be read only once, so a second request would send less, and Glance
// would take it for the whole image. The caller can open the data again. A token
// that expires soon is renewed first. The time does not count for WithLimit.
func (s *Session) Stream(ctx context.Context, service *gophercloud.ServiceClient, resource string, body io.Reader, size int64) error {
	login, err := s.authenticate(ctx)
	if err != nil {
		return err
	}
	if !login.expires.IsZero() && time.Until(login.expires) < tokenReserve {
		if err := service.Reauthenticate(ctx, ""); err != nil {
			return s.explainLogin(err)
		}
	}
	defer pauseLimit(ctx)()
	data := &source{reader: body}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, resource, data)
	if err != nil {
		return fmt.Errorf("create the upload request: %w", err)
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Accept", "application/json")
	for name, value := range service.AuthenticatedHeaders() {
		req.Header.Set(name, value)
	}
	resp, err := s.http.Do(req)
	if failed := data.failed.Load(); failed != nil {
		// The response to an incomplete stream does not matter.
		err = fmt.Errorf("read the data to upload: %w", *failed)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent {
		return nil
	}
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read the response to the upload: %w", err)
	}
	return gophercloud.ErrUnexpectedResponseCode{
		URL: resource, Method: http.MethodPut, Expected: []int{http.StatusNoContent},
		Actual: resp.StatusCode, Body: content, ResponseHeader: resp.Header,
	}
}

// source keeps the error of a failed read. It also hides the type of its reader
// from net/http, which copies the data of some types for a retry.
type source struct {
	reader io.Reader
	failed atomic.Pointer[error] // net/http may read after it has returned
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed.Store(&err)
	}
	return n, err
}
