package image

import (
	"context"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DiskFormats returns the formats of disks that Glance accepts.
func (s *Service) DiskFormats(ctx context.Context) (formats []string, err error) {
	client, err := s.session.Image(ctx)
	if err != nil {
		return nil, err
	}
	var schema struct {
		Properties struct {
			DiskFormat struct {
				Enum []*string `json:"enum"`
			} `json:"disk_format"`
		} `json:"properties"`
	}
	response, err := client.Get(ctx, client.ServiceURL("schemas", "image"), &schema, nil) //nolint:bodyclose // gophercloud has read and closed it
	if _, _, err = gophercloud.ParseResponse(response, err); err != nil {
		return nil, openstack.Wrap(err, "get the schema of images")
	}
	for _, format := range schema.Properties.DiskFormat.Enum {
		if format != nil {
			formats = append(formats, *format)
		}
	}
	return formats, nil
}
