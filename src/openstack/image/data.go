package image

import (
	"context"
	"io"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// HasData reports whether Glance can deliver the data of the image. An image
// stays active when its data are lost in the store. Only the first byte is
// requested; a Glance that does not support that begins to send all.
func (s *Service) HasData(ctx context.Context, id string) (bool, error) {
	client, err := s.session.Image(ctx)
	if err != nil {
		return false, err
	}
	response, err := client.Get(ctx, client.ServiceURL("images", id, "file"), nil, &gophercloud.RequestOpts{
		MoreHeaders:      map[string]string{"Range": "bytes=0-0", "Accept": "application/octet-stream"},
		OkCodes:          []int{http.StatusOK, http.StatusPartialContent, http.StatusNoContent, http.StatusNotFound, http.StatusGone},
		KeepResponseBody: true,
	})
	if err != nil {
		return false, openstack.Wrap(err, "read image %s", id)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusPartialContent {
		return false, nil
	}
	n, err := io.ReadFull(response.Body, make([]byte, 1))
	if n == 0 {
		return false, nil
	}
	return true, openstack.Wrap(err, "read image %s", id)
}
