// Package image is what the CPI needs of Glance.
package image

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is Glance, as seen by one session.
type Service struct {
	session *openstack.Session
}

// New returns the session's Glance. Nothing is asked of the cloud yet.
func New(session *openstack.Session) *Service { return &Service{session} }

func (s *Service) client(ctx context.Context) (*gophercloud.ServiceClient, error) {
	client, err := s.session.Image(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach Glance: %w", err)
	}
	return client, nil
}

// Image returns the image; openstack.IsNotFound tells that there is none, or none that the project may see.
func (s *Service) Image(ctx context.Context, id string) (images.Image, error) {
	client, err := s.client(ctx)
	if err != nil {
		return images.Image{}, err
	}
	found, err := openstack.Value(images.Get(ctx, client, url.PathEscape(id)).Extract())
	return found, openstack.Wrap(err, "get image %s", id)
}

// FindImages returns the visible images, in whatever state, that have the name and all of the properties. An empty name
// matches every image.
func (s *Service) FindImages(ctx context.Context, name string, properties map[string]string) ([]images.Image, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, images.List(client, imageFilter{name, properties}), images.ExtractImages)
	all = slices.DeleteFunc(all, func(image images.Image) bool {
		for key, value := range properties {
			if image.Properties[key] != value {
				return true
			}
		}
		return name != "" && image.Name != name
	})
	return all, openstack.Wrap(err, "list images named %q with properties %v", name, properties)
}

// imageFilter is the query of a listing. Glance filters by every property, gophercloud's options know the standard ones
// only.
type imageFilter struct {
	name       string
	properties map[string]string
}

// ToImageListQuery implements images.ListOptsBuilder.
func (f imageFilter) ToImageListQuery() (string, error) {
	query := url.Values{}
	if f.name != "" {
		query.Set("name", f.name)
	}
	for key, value := range f.properties {
		query.Set(key, value)
	}
	return "?" + query.Encode(), nil
}

// CreateImage is an image to make, without data yet.
type CreateImage struct {
	Name            string
	DiskFormat      string // raw, qcow2, vmdk, …
	ContainerFormat string
	Public          bool // visible to all projects; needs a right that users commonly lack
	Properties      map[string]string
	// Unique names the property whose value no other image has: an image whose creation was not answered is found
	// again by it. Image names are not unique.
	Unique string
}

// CreateImage makes the record of an image, in state queued, and only one, also if Glance's answer is lost; it is taken
// over then.
func (s *Service) CreateImage(ctx context.Context, opts CreateImage) (images.Image, error) {
	client, err := s.client(ctx)
	if err != nil {
		return images.Image{}, err
	}
	visibility := images.ImageVisibilityPrivate
	if opts.Public {
		visibility = images.ImageVisibilityPublic
	}
	request := images.CreateOpts{
		Name: opts.Name, DiskFormat: opts.DiskFormat, ContainerFormat: opts.ContainerFormat,
		Visibility: &visibility, Properties: opts.Properties,
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (images.Image, error) {
		return openstack.Value(images.Create(ctx, client, request).Extract())
	}, func(ctx context.Context) (images.Image, bool, error) {
		found, err := s.FindImages(ctx, opts.Name, map[string]string{opts.Unique: opts.Properties[opts.Unique]})
		if err != nil || len(found) == 0 {
			return images.Image{}, false, err
		}
		return found[0], true, nil
	})
	return created, openstack.Wrap(err, "create image %s", opts.Name)
}

// Upload sends the image's data, of exactly size bytes. They are sent once: a failed upload leaves the image without
// data, or with part of them, and has to be begun again with a new image. Afterwards the caller should compare the
// image's size and checksum with its own.
func (s *Service) Upload(ctx context.Context, id string, data io.Reader, size int64) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = s.session.Stream(ctx, client, client.ServiceURL("images", id, "file"), data, size)
	return openstack.Wrap(err, "upload %d bytes to image %s", size, id)
}

// WaitActive waits until the image can be used.
func (s *Service) WaitActive(ctx context.Context, id string) (images.Image, error) {
	wait := openstack.Wait[images.Image]{
		Kind: "Image", ID: id, Target: []string{"active"}, Now: true,
		Get:     func(ctx context.Context) (images.Image, error) { return s.Image(ctx, id) },
		State:   func(image images.Image) string { return string(image.Status) },
		Pending: []string{"queued", "saving", "importing", "uploading"},
	}
	return wait.Run(ctx, s.session)
}

// DeleteImage deletes the image. One that is gone already is a success.
func (s *Service) DeleteImage(ctx context.Context, id string) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = openstack.Wrap(images.Delete(ctx, client, id).ExtractErr(), "delete image %s", id)
	if openstack.IsNotFound(err) {
		return nil
	}
	return err
}
